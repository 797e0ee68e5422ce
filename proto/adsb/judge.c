#include "proto/adsb/judge.h"

#include "proto/adsb/describe.h"

#include <math.h>

/* The parity of DF 11 is combined with the interrogator's code, 0 to 79. */
enum { INTERROGATORS = 80 };

/* A code is accepted only if the reliability of each bit is at least this fraction of the mean. */
static const float code_sure = 0.5f;

/* The first five bits, the format, are never repaired: a flip there makes a different message. */
enum { FORMAT_BITS = 5 };

/* Without a trusted address: at most this many flips, with at most this summed reliability. */
enum { LONE_FLIPS = 2 };
static const float lone_cost = 0.5f;

void hz_adsb_judge_init(struct hz_adsb_judge *j, uint32_t hold)
{
    hz_adsb_trust_init(&j->trust, hold);
    hz_modes_syndromes(j->syndrome);
    j->now = 1;
}

enum hz_modes_kind hz_modes_kind(uint8_t first, int *bits)
{
    int format = first >> 3;
    *bits = format & 16 ? HZ_MODES_LONG_BITS : HZ_MODES_SHORT_BITS;
    switch (format) {
    case 11:
    case 17:
    case 18:
        return HZ_MODES_PLAIN;
    case 0:
    case 4:
    case 5:
    case 16:
    case 20:
    case 21:
    case 24: /* DF 24 is only two bits long, so 25 to 27 are DF 24 too */
    case 25:
    case 26:
    case 27:
        return HZ_MODES_OVERLAID;
    default:
        return HZ_MODES_UNKNOWN;
    }
}

static uint32_t announced(const struct hz_adsb_frame *f)
{
    return (uint32_t)f->byte[1] << 16 | (uint32_t)f->byte[2] << 8 | f->byte[3];
}

static enum hz_reason sane(const struct hz_adsb_frame *f)
{
    return hz_adsb_insane(f->byte, (size_t)f->bits / 8) ? HZ_SANITY : HZ_MESSAGE;
}

/* Accepts a sane frame if its address is trusted; otherwise it is doubted, and refused as `why`. */
static enum hz_reason trusted(const struct hz_adsb_judge *j, struct hz_adsb_frame *f,
                              enum hz_reason why)
{
    if (hz_adsb_trust_has(&j->trust, f->address, j->now))
        return sane(f);
    f->doubt = sane(f) == HZ_MESSAGE ? HZ_ADSB_UNTRUSTED : HZ_ADSB_CREDIBLE;
    return why;
}

enum hz_reason hz_adsb_judge_plain(struct hz_adsb_judge *j, struct hz_adsb_frame *f)
{
    int bits;
    f->certain = false;
    f->doubt = HZ_ADSB_CREDIBLE;
    if (hz_modes_kind(f->byte[0], &bits) != HZ_MODES_PLAIN || bits > f->bits)
        return HZ_BAD_CRC;
    if (hz_modes_residual(f->byte, (size_t)bits / 8) != 0)
        return HZ_BAD_CRC;
    f->bits = bits;
    f->corrected = 0;
    f->address = announced(f);
    if (f->address == 0 || sane(f) != HZ_MESSAGE)
        return HZ_SANITY;
    /* DF 18 may carry addresses that do not belong to aircraft. */
    f->certain = f->byte[0] >> 3 != 18;
    if (f->certain)
        hz_adsb_trust_add(&j->trust, f->address, j->now);
    return HZ_MESSAGE;
}

enum hz_reason hz_adsb_judge_overlaid(struct hz_adsb_judge *j, struct hz_adsb_frame *f)
{
    int bits;
    f->certain = false;
    f->doubt = HZ_ADSB_CREDIBLE;
    if (hz_modes_kind(f->byte[0], &bits) != HZ_MODES_OVERLAID || bits > f->bits)
        return HZ_BAD_CRC;
    f->address = hz_modes_residual(f->byte, (size_t)bits / 8);
    f->bits = bits;
    f->corrected = 0;
    return trusted(j, f, HZ_BAD_CRC);
}

static void flip(struct hz_adsb_frame *f, const struct hz_adsb_repair *r)
{
    for (int k = 0; k < r->n; k++)
        f->byte[r->bit[k] / 8] ^= (uint8_t)(0x80 >> r->bit[k] % 8);
    f->corrected = r->n;
    f->address = announced(f);
}

/* Accepts a DF 11 that answers an interrogator, whose code is combined with the parity. */
static enum hz_reason interrogated(const struct hz_adsb_judge *j, struct hz_adsb_frame *f,
                                   uint32_t residual, const float *sure, float mean)
{
    if (f->byte[0] >> 3 != 11 || residual >= INTERROGATORS)
        return HZ_BAD_CRC;
    for (int k = 0; k < HZ_MODES_SHORT_BITS; k++)
        if (fabsf(sure[k]) < code_sure * mean)
            return HZ_BAD_CRC;
    f->corrected = 0;
    f->address = announced(f);
    return trusted(j, f, HZ_SANITY);
}

enum hz_reason hz_adsb_judge_repair(struct hz_adsb_judge *j, struct hz_adsb_frame *f,
                                    const float *sure, float mean)
{
    int bits;
    f->certain = false;
    f->doubt = HZ_ADSB_CREDIBLE;
    if (hz_modes_kind(f->byte[0], &bits) != HZ_MODES_PLAIN || bits > f->bits)
        return HZ_BAD_CRC;
    struct hz_adsb_repair found;
    uint32_t residual = hz_modes_residual(f->byte, (size_t)bits / 8);
    f->bits = bits;
    if (!hz_adsb_repair_find(sure, mean, FORMAT_BITS, bits, j->syndrome + HZ_MODES_LONG_BITS - bits,
                             residual, &found))
        return interrogated(j, f, residual, sure, mean);
    flip(f, &found);
    if (f->address == 0 || sane(f) != HZ_MESSAGE)
        return HZ_SANITY;
    if (hz_adsb_trust_has(&j->trust, f->address, j->now))
        return HZ_MESSAGE;
    const bool squitter = bits == HZ_MODES_LONG_BITS;
    if (squitter && found.n <= LONE_FLIPS && found.cost < lone_cost)
        return HZ_MESSAGE;
    f->doubt = squitter ? HZ_ADSB_UNREPEATED : HZ_ADSB_UNTRUSTED;
    return HZ_SANITY;
}

/* A wrong bit in the last seven looks like a code, but these tell nothing of the aircraft. */
static enum hz_reason coded(const struct hz_adsb_judge *j, struct hz_adsb_frame *f)
{
    f->address = announced(f);
    f->corrected = 0;
    if (hz_modes_residual(f->byte, HZ_MODES_SHORT_BITS / 8) >= INTERROGATORS)
        return HZ_BAD_CRC;
    return trusted(j, f, HZ_SANITY);
}

enum hz_reason hz_adsb_judge_bits(struct hz_adsb_judge *j, struct hz_adsb_frame *f)
{
    int bits;
    enum hz_modes_kind kind = hz_modes_kind(f->byte[0], &bits);
    if (kind == HZ_MODES_UNKNOWN || bits != f->bits)
        return HZ_SANITY;
    if (kind == HZ_MODES_OVERLAID)
        return hz_adsb_judge_overlaid(j, f);
    enum hz_reason why = hz_adsb_judge_plain(j, f);
    return why == HZ_BAD_CRC && f->byte[0] >> 3 == 11 ? coded(j, f) : why;
}

#include "proto/adsb/burst.h"

#include <math.h>

/* The least sure bit of a frame that is believed for its address alone, in means. */
static const float least_sure = 0.1f;

/* Timings given a repair. */
enum { REPAIRED = 3 };

/* Moves of the timings, until the best has others on either side. */
enum { ROUNDS = 2 };

/* By how much the first half of each bit holds more energy than the second. */
static void halves(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s, int bits,
                   float *more)
{
    const uint16_t *chip = s->chip + HZ_ADSB_LEAD;
    const float *e = b->window.energy + b->step;
    for (int k = 0; k < bits; k++)
        more[k] = e[chip[2 * k]] - e[chip[2 * k + 1]];
}

/* Bits by which half holds more energy, good enough for most bursts. */
static enum hz_reason try_energy(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                                 struct hz_adsb_judge *j)
{
    float more[HZ_MODES_LONG_BITS];
    halves(b, s, HZ_MODES_LONG_BITS, more);
    hz_adsb_soft_bytes(more, HZ_MODES_LONG_BITS, b->frame.byte);
    b->frame.bits = HZ_MODES_LONG_BITS;
    return hz_adsb_judge_plain(j, &b->frame);
}

/* 112 when the second half of a long frame holds energy too. */
static int burst_bits(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s)
{
    const uint16_t *chip = s->chip + HZ_ADSB_LEAD;
    const float *e = b->window.energy + b->step;
    float half[2] = {0, 0};
    for (int k = 0; k < HZ_MODES_LONG_BITS; k++) {
        half[0] += e[chip[k]];
        half[1] += e[chip[k + HZ_MODES_LONG_BITS]];
    }
    return half[1] > 0.7f * half[0] ? HZ_MODES_LONG_BITS : HZ_MODES_SHORT_BITS;
}

/* True when the format can be none that is known, and is not in doubt. */
static bool hopeless(const float *sure, float mean)
{
    int bits;
    uint8_t first;
    hz_adsb_soft_bytes(sure, 8, &first);
    if (hz_modes_kind(first, &bits) != HZ_MODES_UNKNOWN)
        return false;
    for (int k = 0; k < 5; k++)
        if (fabsf(sure[k]) < 0.5f * mean)
            return false;
    return true;
}

/* The same by energy, before anything costly. */
static bool hopeless_energy(const struct hz_adsb_burst *b, const struct hz_adsb_shape *s)
{
    enum { SOME = 40 };
    float more[SOME], mean = 0;
    halves(b, s, SOME, more);
    for (int k = 0; k < SOME; k++)
        mean += fabsf(more[k]) / SOME;
    return hopeless(more, mean);
}

/* One timing out of several. */
struct lane {
    int step;
    float fit, mean;
    float sure[HZ_MODES_LONG_BITS];
};

static void take_lane(const struct hz_adsb_soft *s, int l, struct lane *out)
{
    *out = (struct lane){.step = s->step + l, .fit = s->fit[l], .mean = s->mean[l]};
    for (int k = 0; k < s->bits; k++)
        out->sure[k] = s->sure[k][l];
}

/* Lanes in the order of their fit. */
static void by_fit(const struct hz_adsb_soft *s, struct lane lane[HZ_ADSB_LANES])
{
    bool taken[HZ_ADSB_LANES] = {false};
    for (int k = 0; k < HZ_ADSB_LANES; k++) {
        int best = -1;
        for (int l = 0; l < HZ_ADSB_LANES; l++)
            if (!taken[l] && (best < 0 || s->fit[l] > s->fit[best]))
                best = l;
        taken[best] = true;
        take_lane(s, best, lane + k);
    }
}

/* Soft decisions at the timings around b->step, the best of them first; false: the carrier does not
 * hold. */
static bool detect(struct hz_adsb_burst *b, const struct hz_adsb_shape *s, int bits,
                   struct lane lane[HZ_ADSB_LANES])
{
    struct hz_adsb_soft soft;
    soft.bits = bits;
    if (!hz_adsb_soft_carrier(&b->window, s, b->step, soft.bits, &b->turn))
        return false;
    soft.turn = b->turn;
    soft.step = b->step - 1;
    for (int round = 0; round < ROUNDS; round++) {
        if (!hz_adsb_soft_detect(&b->window, s, &soft))
            return false;
        by_fit(&soft, lane);
        int best = lane[0].step - soft.step;
        if (best > 0 && best < HZ_ADSB_LANES - 1)
            break;
        soft.step += best == 0 ? -2 : 2;
    }
    return true;
}

static void take_bits(struct hz_adsb_burst *b, const struct lane *from, int bits)
{
    b->step = from->step;
    b->frame.bits = bits;
    hz_adsb_soft_bytes(from->sure, bits, b->frame.byte);
}

static bool all_sure(const struct lane *l, int bits)
{
    for (int k = 0; k < bits; k++)
        if (fabsf(l->sure[k]) < least_sure * l->mean)
            return false;
    return true;
}

static enum hz_reason try_soft(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                               struct hz_adsb_judge *j)
{
    struct lane lane[HZ_ADSB_LANES];
    const int bits = burst_bits(b, s);
    if (!detect(b, s, bits, lane) || hopeless(lane[0].sure, lane[0].mean))
        return HZ_NO_PREAMBLE;
    for (int k = 0; k < HZ_ADSB_LANES; k++) {
        take_bits(b, lane + k, bits);
        if (hz_adsb_judge_plain(j, &b->frame) == HZ_MESSAGE)
            return HZ_MESSAGE;
        /* Any frame names some address; one with doubtful bits might name a known one by chance. */
        if (k == 0 && all_sure(lane, bits) && hz_adsb_judge_overlaid(j, &b->frame) == HZ_MESSAGE)
            return HZ_MESSAGE;
    }
    enum hz_reason why = HZ_BAD_CRC;
    for (int k = 0; k < REPAIRED; k++) {
        take_bits(b, lane + k, bits);
        enum hz_reason now = hz_adsb_judge_repair(j, &b->frame, lane[k].sure, lane[k].mean);
        if (now == HZ_MESSAGE)
            return now;
        why = now == HZ_SANITY ? now : why;
    }
    return why;
}

enum hz_reason hz_adsb_burst_try(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                 struct hz_adsb_judge *j, const struct hz_adsb_band *b, size_t half)
{
    struct hz_adsb_window *w = &burst->window;
    burst->step = hz_adsb_window_open(w, s, b, half);
    if (hopeless_energy(burst, s))
        return HZ_NO_PREAMBLE;
    hz_adsb_window_rest(w, s, b);
    if (try_energy(burst, s, j) != HZ_MESSAGE)
        return try_soft(burst, s, j);
    if (!hz_adsb_soft_carrier(w, s, burst->step, burst->frame.bits, &burst->turn))
        burst->turn = NAN;
    return HZ_MESSAGE;
}

enum hz_reason hz_adsb_burst_headless(struct hz_adsb_burst *b, const struct hz_adsb_shape *s,
                                      struct hz_adsb_judge *j)
{
    struct lane lane[HZ_ADSB_LANES];
    const int bits = burst_bits(b, s);
    if (!detect(b, s, bits, lane))
        return HZ_NO_PREAMBLE;
    for (int k = 0; k < REPAIRED; k++) {
        take_bits(b, lane + k, bits);
        const int heard = b->frame.byte[0], format = bits == HZ_MODES_LONG_BITS ? 17 : 11;
        b->frame.byte[0] = (uint8_t)(format << 3 | (heard & 7));
        if (hz_adsb_judge_plain(j, &b->frame) == HZ_MESSAGE ||
            hz_adsb_judge_repair(j, &b->frame, lane[k].sure, lane[k].mean) == HZ_MESSAGE) {
            b->frame.fixed += __builtin_popcount((unsigned)(heard >> 3 ^ format));
            return HZ_MESSAGE;
        }
    }
    return HZ_BAD_CRC;
}

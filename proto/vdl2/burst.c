#include "proto/vdl2/burst.h"

#include "proto/vdl2/avlc.h"
#include "proto/vdl2/describe.h"

#include <math.h>
#include <string.h>

enum {
    HEAD = HZ_VDL2_PREAMBLE + HZ_VDL2_HEADER_SYMBOLS + 16, /* symbols that tell the length */
    TRIES = 150,                                           /* words of a transmission */
    A_TRY = 60,                                            /* work of one, in symbols */
};

static const double turn = 2 * 3.14159265358979323846;
/* Noise over signal behind the filter above which nothing is tried but what the code alone does:
 * phases at random have 0.06. */
static const float hopeless = 0.045f;

struct burst {
    struct hz_vdl2_detect *d;
    const float *iq;               /* the hop */
    struct hz_vdl2_start start;    /* from the hop */
    struct hz_vdl2_start in_mixed; /* the same from d->mixed */
    size_t mixed;                  /* samples in d->mixed */
    struct hz_vdl2_header header;
};

/* Takes the carrier's frequency off, up to n symbols. */
static void mix(struct burst *b, size_t n)
{
    long from = (long)floor(b->start.at) - HZ_VDL2_SPAN - 4;
    size_t end = n * HZ_VDL2_SYMBOL + n / 1000 + 2 * (HZ_VDL2_SPAN + 4);
    float *out = b->d->mixed;
    b->in_mixed = b->start;
    b->in_mixed.at -= (double)from;
    double phase = -turn * b->start.freq * ((double)b->mixed - b->in_mixed.at);
    double re = cos(phase), im = sin(phase);
    double c = cos(turn * b->start.freq), s = -sin(turn * b->start.freq);
    for (; b->mixed < end; b->mixed++) {
        float x[2];
        hz_vdl2_sample(b->iq + 2 * (from + (long)b->mixed), x);
        out[2 * b->mixed] = x[0] * (float)re - x[1] * (float)im;
        out[2 * b->mixed + 1] = x[0] * (float)im + x[1] * (float)re;
        double next = re * c - im * s;
        im = re * s + im * c;
        re = next;
    }
}

/* Whether addresses are such as are in use, and end where they must: nine bits that a check
 * sequence does not have to vouch for. */
static bool plausible(const uint8_t *frame)
{
    struct hz_vdl2_address dst, src;
    for (int i = 0; i < 8; i++)
        if ((frame[i] & 1) != (i == 7))
            return false;
    hz_vdl2_address_read(frame, &dst);
    hz_vdl2_address_read(frame + 4, &src);
    return strcmp(hz_vdl2_type_name(dst.type), "reserved") != 0 &&
           strcmp(hz_vdl2_type_name(src.type), "reserved") != 0 && src.type != HZ_VDL2_ALL;
}

static bool judge(void *ctx, const uint8_t *octets, size_t n)
{
    const struct burst *b = ctx;
    struct hz_vdl2_frames *f = &b->d->frames;
    (void)n;
    hz_vdl2_frames(octets, b->header.length, f);
    bool right = f->n > 0 && f->bad == 0;
    for (size_t i = 0; right && b->d->rows.solved > 0 && i < f->n; i++)
        right = plausible(f->octet + f->at[i]);
    return right;
}

/* Tries the length that b->header says. */
static bool decode(struct burst *b, const struct hz_vdl2_pulse *pulse)
{
    struct hz_vdl2_detect *d = b->d;
    struct hz_vdl2_layout *l = &d->rows.layout;
    size_t octets = (b->header.length + 7) / 8;
    hz_vdl2_layout(octets, l);
    size_t steps = (HZ_VDL2_HEADER_BITS + 8 * l->sent + 2) / 3;
    d->credit -= (long)(HZ_VDL2_PREAMBLE + steps);
    mix(b, HZ_VDL2_PREAMBLE + steps);
    hz_vdl2_symbols_run(&d->symbols, pulse, d->mixed, &b->in_mixed, HZ_VDL2_PREAMBLE + steps);
    hz_vdl2_bits(&d->symbols, d->white, steps, d->bit);
    unsigned tries = d->symbols.noise < hopeless ? TRIES : 0;
    bool right = hz_vdl2_rows_run(&d->rows, &d->rs, &d->symbols, d->bit + HZ_VDL2_HEADER_BITS,
                                  octets, tries, judge, b);
    d->credit -= (long)A_TRY * (long)d->rows.solved;
    return right;
}

static void report(struct burst *b, struct hz_sink *sink)
{
    struct hz_vdl2_detect *d = b->d;
    double first =
        b->start.at - HZ_VDL2_SYMBOL / 2 + (double)d->hops.next - (double)d->hops.shape.before;
    double end = first + d->symbols.end - b->in_mixed.at;
    for (size_t i = 0; i < d->frames.n; i++) {
        const struct hz_vdl2_heard heard = {
            .burst_octets = (unsigned)d->rows.layout.octets,
            .header_fixed = b->header.fixed,
            .octets_fixed = d->rows.fixed,
            .index = (unsigned)i,
            .ms = hz_sink_time(sink, first > 0 ? (uint64_t)first : 0) / 1000000,
            .join = &d->join};
        struct hz_burst burst = {.sample = first > 0 ? (uint64_t)first : 0,
                                 .end = (uint64_t)end,
                                 .rssi_dbfs = NAN, /* those of the channel */
                                 .noise_dbfs = NAN,
                                 .snr_db = NAN,
                                 .offset_hz =
                                     (float)((b->start.freq + d->symbols.freq) * HZ_VDL2_RATE_HZ),
                                 .fixed_bits = (int)d->rows.fixed_bits,
                                 .raw = d->frames.octet + d->frames.at[i],
                                 .raw_len = d->frames.len[i]};
        hz_vdl2_describe(burst.raw, burst.raw_len, &heard, hz_sink_begin(sink, &burst));
        hz_sink_end(sink);
    }
}

/* Looks for the header, and decodes by what it says. */
static bool look(struct burst *b, const struct hz_vdl2_pulse *pulse)
{
    struct hz_vdl2_detect *d = b->d;
    struct hz_vdl2_header guess[HZ_VDL2_GUESSES];
    mix(b, HEAD);
    hz_vdl2_symbols_run(&d->symbols, pulse, d->mixed, &b->in_mixed, HEAD);
    size_t n = hz_vdl2_header_guess(&d->symbols, d->white, guess);
    for (size_t i = 0; i < n && d->credit > 0; i++) {
        b->header = guess[i];
        if (decode(b, pulse))
            return true;
    }
    return false;
}

uint64_t hz_vdl2_burst(struct hz_vdl2_detect *d, const float *iq, const struct hz_vdl2_peak *peak,
                       struct hz_sink *sink)
{
    struct burst b = {.d = d, .iq = iq};
    d->credit -= HZ_VDL2_PREAMBLE * 20;
    if (d->credit <= 0) {
        hz_sink_refuse(sink, HZ_SHED);
        return d->after;
    }
    if (!hz_vdl2_sync(&d->pulse[0], iq, peak, &b.start)) {
        hz_sink_refuse(sink, HZ_NO_PREAMBLE);
        return d->after;
    }
    if (!look(&b, &d->pulse[0]) && !look(&b, &d->pulse[1])) {
        hz_sink_refuse(sink, d->credit > 0 ? HZ_BAD_CRC : HZ_SHED);
        return d->after;
    }
    report(&b, sink);
    return d->hops.next + (uint64_t)(b.start.at + d->symbols.end - b.in_mixed.at);
}

#include "proto/flex/receive.h"

#include "dsp/cpm_turns.h"
#include "proto/flex/levels.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BIT = HZ_FLEX_BIT,
    LEAD = HZ_FLEX_LEAD,
    HEAD = HZ_FLEX_HEAD_BITS,
    TIMINGS = 4, /* tried in a bit, for the clock */
    PARTS = 44   /* of a frame, over each of which its clock hardly matters */
};

static const double rate_hz = HZ_FLEX_RATE_HZ, two_pi = 6.28318530717958647692;

/* The product of a transmitter's filter and a bit; filters are wide against the bit. */
static const double shape = 2;

/* Memories of the phase that are tried, with what was learned from the one before. */
static const float memories[] = {0.7f, 0.7f, 0.7f, 0.3f};

/* Below this mean overruled fraction a frame leaves no doubts. */
static const float clear = 0.0005f;

/* Likeness of the synchronisation, which may be weaker than where it is searched for: in noise, and
 * at a wrong place, its standard deviation is 0.11. */
static const float alike = 0.4f;

/* A clock may be that far off: 0.1 %, ten times a pager transmitter's. */
static const double most_clock = 1e-3;

/* Range of transmitters: deviations of 4 to 5.2 kHz, and errors of estimation. */
static const double least_deviation_hz = 3200, most_deviation_hz = 6200;

int hz_flex_receiver_init(struct hz_flex_receiver *r, const struct hz_bch *code)
{
    r->code = code;
    r->mixed = calloc(2 * HZ_FLEX_LONGEST, sizeof(float));
    r->carrier = calloc(2 * HZ_FLEX_RUN, sizeof(float));
    r->sure = calloc(HZ_FLEX_RUN, sizeof(float));
    r->bits = calloc(HZ_FLEX_RUN, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct hz_cpm_mode mode = {.samples_per_bit = (double)BIT / (1 + i),
                                   .h = 2 * 4800.0 / (1600 * (1 + i)),
                                   .bt = shape,
                                   .states_log2 = 2};
        r->cpm[i] = hz_cpm_new(&mode, HZ_FLEX_RUN);
    }
    if (r->mixed && r->carrier && r->sure && r->bits && r->cpm[0] && r->cpm[1])
        return 0;
    hz_flex_receiver_done(r);
    return -ENOMEM;
}

void hz_flex_receiver_done(struct hz_flex_receiver *r)
{
    for (unsigned i = 0; i < 2; i++) {
        hz_cpm_free(r->cpm[i]);
        r->cpm[i] = NULL;
    }
    free(r->mixed);
    free(r->carrier);
    free(r->sure);
    free(r->bits);
    r->mixed = r->carrier = r->sure = NULL;
    r->bits = NULL;
}

/* A frame that is being read: LEAD samples of mixed[] are before its A. */
struct take {
    struct hz_flex_receiver *r;
    const float *iq; /* LEAD samples before A */
    unsigned mode;
    double start; /* sample of iq at which A begins */
    double data;  /* and the first symbol of data */
    double bit;   /* samples of a symbol of data */
    double freq_hz, deviation_hz;
    float signal;
};

static void mix(struct take *t)
{
    struct hz_cpm_offset offset = {t->freq_hz / rate_hz, 0};
    hz_cpm_mix(t->iq, HZ_FLEX_LONGEST, &offset, t->r->mixed);
}

static void put_signed(const uint8_t *bits, const float *sure, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        float x = isfinite(sure[i]) ? sure[i] : 0;
        out[i] = bits[i] ? x : -x;
    }
}

static double nominal_bit(const struct take *t)
{
    return rate_hz / hz_flex_modes[t->mode].baud;
}

/* Reads the frame information, which follows known bits. False: it is lost. */
static bool read_info(struct take *t, const struct hz_flex_start *start, float memory,
                      struct hz_flex_frame *frame)
{
    struct hz_flex_receiver *r = t->r;
    struct hz_cpm *cpm = r->cpm[0];
    float info[HZ_BCH_BITS];
    uint8_t known[HZ_FLEX_SYNC_BITS];
    enum { MORE = HZ_BCH_BITS + 2 };
    double bit = BIT * t->bit / nominal_bit(t), h = 2 * t->deviation_hz * bit / rate_hz;
    for (int k = 0; k < HZ_FLEX_SYNC_BITS; k++)
        known[k] = (hz_flex_sync_sign(start->mode, k) > 0) != start->inverted;
    hz_cpm_shape(cpm, h, bit, NULL);
    hz_cpm_adapt(cpm, h, memory, bit);
    hz_cpm_begin(cpm, r->mixed, HZ_FLEX_LONGEST, t->data - HEAD * bit);
    hz_cpm_run(cpm, known, HZ_FLEX_SYNC_BITS);
    hz_cpm_run(cpm, NULL, MORE);
    hz_cpm_trace(cpm, r->bits);
    hz_cpm_sureness(cpm, r->sure);
    put_signed(r->bits + HZ_FLEX_INFO_AT, r->sure + HZ_FLEX_INFO_AT, HZ_BCH_BITS, info);
    r->steps += HZ_FLEX_SYNC_BITS + MORE;
    return hz_flex_frame_info(r->code, info, frame);
}

/* Moves the data to where the line of the clock has them. */
static void follow(struct take *t, const struct hz_cpm_line *line)
{
    t->data += line->late * nominal_bit(t);
    t->bit = nominal_bit(t) * (1 + line->clock);
}

/* ---- two levels ------------------------------------------------------------------------- */

static struct hz_cpm *detector(struct take *t)
{
    return t->r->cpm[hz_flex_modes[t->mode].baud == 3200];
}

static void begin(struct take *t, float memory)
{
    double h = 2 * t->deviation_hz * t->bit / rate_hz;
    hz_cpm_shape(detector(t), h, t->bit, NULL);
    hz_cpm_adapt(detector(t), h, memory, t->bit);
    hz_cpm_begin(detector(t), t->r->mixed, HZ_FLEX_LONGEST, t->data);
}

static void run(struct take *t, float memory, struct hz_flex_frame *frame)
{
    size_t n = hz_flex_symbols_in(t->mode);
    struct hz_flex_receiver *r = t->r;
    mix(t);
    begin(t, memory);
    hz_cpm_run(detector(t), NULL, n + 2);
    hz_cpm_trace(detector(t), r->bits);
    hz_cpm_sureness(detector(t), r->sure);
    put_signed(r->bits, r->sure, n, r->symbols.a);
    hz_flex_frame_read(r->code, &r->symbols, &r->soft, frame);
    r->steps += (unsigned)n;
}

/* Estimates carrier, deviation, timing and clock from the bits in r->bits. */
static void estimate(struct take *t)
{
    struct hz_cpm_turns turns;
    struct hz_flex_receiver *r = t->r;
    size_t n = hz_flex_symbols_in(t->mode);
    double size[2], per_radian = rate_hz / t->bit / two_pi;
    begin(t, 0);
    hz_cpm_carrier(detector(t), r->bits, n, r->carrier);
    hz_cpm_turns_measure(&turns, r->carrier, r->bits, n - 1, PARTS, rate_hz);
    double low = hz_cpm_turns_tone(&turns, 0, &size[0]);
    double high = hz_cpm_turns_tone(&turns, 1, &size[1]);
    struct hz_cpm_late late = hz_cpm_turns_clock(&turns, (high + low) / 2, t->deviation_hz, t->bit);
    t->data += late.samples;
    t->bit *= 1 + late.clock;
    t->freq_hz += per_radian * (high + low) / 2;
    t->deviation_hz += per_radian * (high - low) / 2;
    double gain = t->bit * t->bit * (double)(turns.pairs > 0 ? turns.pairs : 1);
    t->signal = (float)((size[0] + size[1]) / gain);
    r->steps += (unsigned)n / 2;
}

static bool sane(const struct take *t)
{
    return t->deviation_hz > least_deviation_hz && t->deviation_hz < most_deviation_hz &&
           fabs(t->bit / nominal_bit(t) - 1) < most_clock;
}

/* Reads the frame, then again with what was learned from it, as long as that improves it. */
static void read_two(struct take *t, struct hz_flex_frame *best)
{
    struct hz_cpm_line line;
    size_t n = hz_flex_symbols_in(t->mode);
    mix(t);
    begin(t, 0);
    hz_cpm_line(detector(t), t->r->mixed, HZ_FLEX_LONGEST, t->data, n, TIMINGS, most_clock, &line);
    t->r->steps += TIMINGS * (unsigned)n / 2;
    follow(t, &line);
    run(t, 0, best);
    estimate(t);
    for (size_t i = 0; i < sizeof memories / sizeof *memories; i++) {
        struct hz_flex_frame frame = *best;
        if (best->overruled <= clear || !sane(t))
            return;
        run(t, memories[i], &frame);
        if (frame.overruled < best->overruled) {
            *best = frame;
            struct take again = *t;
            estimate(&again);
            if (sane(&again))
                *t = again;
        }
    }
}

/* ---- all -------------------------------------------------------------------------------- */

static void read_four(struct take *t, struct hz_flex_frame *out)
{
    struct hz_cpm_line line;
    struct hz_flex_receiver *r = t->r;
    size_t n = hz_flex_symbols_in(t->mode);
    struct hz_flex_tones tones = {t->freq_hz - t->deviation_hz, t->freq_hz + t->deviation_hz};
    hz_flex_four_line(t->iq, HZ_FLEX_LONGEST, t->data, nominal_bit(t), n, &tones, &line);
    follow(t, &line);
    t->signal = hz_flex_four(t->iq, HZ_FLEX_LONGEST, t->data, t->bit, n, &tones, r->symbols.a,
                             r->symbols.b);
    r->steps += 4 * (unsigned)n;
    hz_flex_frame_read(r->code, &r->symbols, &r->soft, out);
}

bool hz_flex_receive(struct hz_flex_receiver *r, const float *iq, uint64_t first, uint64_t hop,
                     const struct hz_flex_start *start, struct hz_flex_frame *out)
{
    double at = (double)(hop - first) + start->at;
    struct hz_flex_tones tones;
    if (hz_flex_tones_find(iq, &at, start, &tones) < alike)
        return false;
    size_t from = (size_t)at - LEAD;
    struct take t = {.r = r,
                     .iq = iq + 2 * from,
                     .mode = start->mode,
                     .start = at - (double)from,
                     .freq_hz = (tones.low_hz + tones.high_hz) / 2,
                     .deviation_hz = (tones.high_hz - tones.low_hz) / 2};
    if (t.deviation_hz < least_deviation_hz || t.deviation_hz > most_deviation_hz)
        return false;
    t.bit = nominal_bit(&t);
    t.data = t.start + HEAD * BIT;
    *out = (struct hz_flex_frame){.mode = start->mode, .inverted = start->inverted};
    if (hz_flex_modes[start->mode].levels == 2)
        read_two(&t, out);
    else
        read_four(&t, out);
    mix(&t);
    if (!read_info(&t, start, memories[0], out))
        read_info(&t, start, 0, out);
    out->at = (double)first + (double)from + t.start;
    out->end = out->at + (HEAD + 2816) * BIT;
    out->freq_hz = t.freq_hz;
    out->deviation_hz = t.deviation_hz;
    out->signal = t.signal;
    return hz_flex_frame_good(out);
}

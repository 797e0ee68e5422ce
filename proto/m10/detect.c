#include "proto/m10/detect.h"

#include <errno.h>
#include <math.h>

enum {
    HOP = HZ_HEADGATE_HOP,
    BEFORE = HZ_M10_MARGIN + HZ_HEADGATE_BEFORE,
    BEHIND = HZ_M10_LONGEST + HZ_HEADGATE_BEHIND,
    CAP = 2 * (BEFORE + HOP + BEHIND),
    TRIES = 2, /* of a hop */
    HEADER = HZ_M10_HEADER,
    HALF_BITS = HZ_M10_HALF_BITS,
    SPEEDS = 2,
};

/* Samples of a half-bit, M10 and M20. The clock is followed from there. */
static const double bit[SPEEDS] = {HZ_M10_RATE_HZ / 9615.0, HZ_M10_RATE_HZ / 9600.0};
/* Of |C|: the header is so short that noise has 0.28 forty times a second, this once in a minute.
 */
static const float least = 0.4f;

static const struct hz_headfsk_shape shape = {
    .word = {.bits = HZ_M10_HEADER_BITS, .n = HEADER, .bit = HZ_M10_RATE_HZ / 9615.0},
    .half_bits = HALF_BITS,
    .longest = HZ_M10_LONGEST,
    .margin = HZ_M10_MARGIN,
    .h = 1,
    .bt = 1.8,
    .indices = (const double[]){0.7, 0.9, 1.1, 1.3, 0}, /* deviations of 3.4 to 6.2 kHz */
    .late = 4,
    .late_step = 0.5,
};

static void begin(struct hz_m10_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->after = 0;
}

int hz_m10_detect_init(struct hz_m10_detect *d)
{
    const struct hz_hops_shape hops = {
        .width = 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = CAP};
    if (hz_hops_init(&d->hops, &hops) != 0 || hz_headfsk_init(&d->frames, &shape) != 0) {
        hz_m10_detect_done(d);
        return -ENOMEM;
    }
    return 0;
}

void hz_m10_detect_done(struct hz_m10_detect *d)
{
    hz_headfsk_done(&d->frames);
    hz_hops_done(&d->hops);
}

static void tell(const struct hz_m10_frame *f, double freq, double at, struct hz_sink *sink)
{
    double end = at + (HEADER + 16.0 * (double)f->n) * bit[0];
    struct hz_burst burst = {.sample = (uint64_t)at,
                             .end = (uint64_t)end,
                             .rssi_dbfs = NAN,
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = (float)(freq * HZ_M10_RATE_HZ),
                             .fixed_bits = (int)f->fixed,
                             .raw = f->octet,
                             .raw_len = f->n};
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_m10_describe(f, j);
    hz_sink_end(sink);
}

static void look(struct hz_m10_detect *d, const float *iq, const struct hz_headgate_peak *peak,
                 struct hz_sink *sink)
{
    enum { SURELY = HEADER + 16 * HZ_M10_SHORTEST }; /* half-bits that every frame has */
    float soft[HALF_BITS];
    struct hz_m10_frame f = {0};
    struct hz_headfsk_start s = hz_headfsk_begin(&d->frames, iq, peak);
    uint64_t index = d->hops.next + (uint64_t)peak->at;
    double at = (double)index - (double)d->hops.shape.before + s.at - HZ_M10_MARGIN;
    for (int k = 0; k < SPEEDS; k++) {
        double freq = hz_headfsk_run(&d->frames, &s, bit[k], SURELY, soft);
        if (!hz_m10_read(soft, HZ_M10_OCTETS, &f))
            continue;
        d->after = index + (uint64_t)(16 * (double)(f.n - 1) * bit[0]);
        if (hz_m10_tells(&f))
            tell(&f, freq, at < 0 ? 0 : at, sink);
        return;
    }
    hz_sink_refuse(sink, HZ_BAD_CRC);
}

static void hop(struct hz_m10_detect *d, struct hz_sink *sink)
{
    struct hz_headgate_peak peak[HZ_HEADGATE_PEAKS], *best;
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    size_t n = hz_headgate_iq(&d->frames.gate, iq, peak);
    for (int k = 0; k < TRIES; k++) {
        double from = (double)d->after - (double)d->hops.next;
        if (!(best = hz_headfsk_best(peak, n, from, least)))
            break;
        look(d, iq, best, sink);
        best->fraction = 0;
    }
    d->hops.next += HOP;
}

void hz_m10_detect_push(struct hz_m10_detect *d, const struct hz_samples *samples,
                        struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_m10_detect_flush(d, sink);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_m10_detect_flush(struct hz_m10_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + BEFORE;
    while (hz_hops_drain(&d->hops, end))
        hop(d, sink);
    d->hops.held = 0;
}

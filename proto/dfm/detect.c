#include "proto/dfm/detect.h"

#include <errno.h>
#include <math.h>

enum {
    HOP = HZ_HEADGATE_HOP,
    BEFORE = HZ_DFM_MARGIN + HZ_HEADGATE_BEFORE,
    BEHIND = HZ_DFM_LONGEST + HZ_HEADGATE_BEHIND,
    CAP = 3 * (BEFORE + HOP + BEHIND),
    TRIES = 2, /* of a hop: the data of a frame resemble its header, by up to 0.65 of |C| */
    HEADER = HZ_DFM_HEADER,
    HALF_BITS = HZ_DFM_HALF_BITS,
};

static const double bit = 9.6; /* samples of a half-bit */
/* Bits corrected in a field of 7 or 13 codewords, at most: noise has 10 and 18, +-2. */
static const unsigned most_wrong[HZ_DFM_FIELDS] = {4, 8, 8};

static const struct hz_headfsk_shape shape = {
    .word = {.bits = HZ_DFM_HEADER_BITS, .n = HEADER, .bit = 9.6},
    .half_bits = HALF_BITS,
    .longest = HZ_DFM_LONGEST,
    .margin = HZ_DFM_MARGIN,
    .h = 1.92,
    .bt = 1,
    /* deviations of 1.5 to 4.2 kHz */
    .indices = (const double[]){1.2, 1.6, 1.92, 2.3, 2.8, 3.4, 0},
    .late = 2,
    .late_step = 1,
};

static void begin(struct hz_dfm_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->after = 0;
}

int hz_dfm_detect_init(struct hz_dfm_detect *d)
{
    const struct hz_hops_shape hops = {
        .width = 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = CAP};
    if (hz_hops_init(&d->hops, &hops) != 0 || hz_headfsk_init(&d->frames, &shape) != 0) {
        hz_dfm_detect_done(d);
        return -ENOMEM;
    }
    return 0;
}

void hz_dfm_detect_done(struct hz_dfm_detect *d)
{
    hz_headfsk_done(&d->frames);
    hz_hops_done(&d->hops);
}

static void tell(struct hz_dfm_detect *d, const struct hz_dfm_frame *f,
                 const struct hz_headfsk_start *s, double at, struct hz_sink *sink)
{
    uint8_t raw[HZ_DFM_RAW];
    struct hz_burst burst = {.sample = (uint64_t)at,
                             .end = (uint64_t)(at + HALF_BITS * bit),
                             .rssi_dbfs = NAN,
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = (float)(s->freq * HZ_DFM_RATE_HZ),
                             .raw = raw,
                             .raw_len = sizeof raw};
    for (unsigned i = 0; i < HZ_DFM_FIELDS; i++)
        burst.fixed_bits += (int)f->wrong[i];
    hz_dfm_pack(f, raw);
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_dfm_describe(&d->sonde, j);
    hz_sink_end(sink);
}

/* Takes what is sure of a frame. */
static bool take(struct hz_dfm_detect *d, const struct hz_dfm_frame *f,
                 const struct hz_headfsk_start *s, double at, struct hz_sink *sink)
{
    bool any = false;
    d->sonde.inverted = s->inverted;
    if (f->wrong[0] <= most_wrong[0])
        hz_dfm_configure(&d->sonde, f->conf, at);
    for (unsigned k = 0; k < 2; k++) {
        if (f->wrong[1 + k] > most_wrong[1 + k])
            continue;
        any = true;
        if (hz_dfm_collect(&d->sonde, f->data[k], at + 1, HZ_DFM_RATE_HZ))
            tell(d, f, s, at, sink);
    }
    return any;
}

static void look(struct hz_dfm_detect *d, const float *iq, const struct hz_headgate_peak *peak,
                 struct hz_sink *sink)
{
    float soft[HALF_BITS];
    struct hz_dfm_frame f = {0};
    struct hz_headfsk_start s = hz_headfsk_begin(&d->frames, iq, peak);
    s.freq = hz_headfsk_run(&d->frames, &s, bit, HALF_BITS, soft);
    hz_dfm_read(soft, &f);
    uint64_t index = d->hops.next + (uint64_t)peak->at;
    double at = (double)index - (double)d->hops.shape.before + s.at - HZ_DFM_MARGIN;
    if (take(d, &f, &s, at < 0 ? 0 : at, sink))
        d->after = index + (uint64_t)((HALF_BITS - 8) * bit);
    else
        hz_sink_refuse(sink, HZ_BAD_CRC);
}

static void hop(struct hz_dfm_detect *d, struct hz_sink *sink)
{
    struct hz_headgate_peak peak[HZ_HEADGATE_PEAKS], *best;
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    size_t n = hz_headgate_iq(&d->frames.gate, iq, peak);
    for (int k = 0; k < TRIES; k++) {
        double from = (double)d->after - (double)d->hops.next;
        if (!(best = hz_headfsk_best(peak, n, from, 0)))
            break;
        look(d, iq, best, sink);
        best->fraction = 0;
    }
    d->hops.next += HOP;
}

void hz_dfm_detect_push(struct hz_dfm_detect *d, const struct hz_samples *samples,
                        struct hz_sink *sink)
{
    struct hz_samples in = *samples;
    if (in.n > 0 && !hz_hops_continue(&d->hops, &in)) {
        hz_dfm_detect_flush(d, sink);
        begin(d, in.first);
    }
    while (hz_hops_push(&d->hops, &in))
        hop(d, sink);
}

void hz_dfm_detect_flush(struct hz_dfm_detect *d, struct hz_sink *sink)
{
    if (d->hops.held == 0)
        return;
    uint64_t end = hz_hops_end(&d->hops) + BEFORE;
    while (hz_hops_drain(&d->hops, end))
        hop(d, sink);
    d->hops.held = 0;
}

#include "proto/m10/detect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

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
static const double indices[] = {0.7, 0.9, 1.1, 1.3}; /* deviations of 3.4 to 6.2 kHz */
static const float memory = 0.5f, most_sure = 1e6f;
/* Of |C|: the header is so short that noise has 0.28 forty times a second, this once in a minute.
 */
static const float least = 0.4f;

struct start {
    double at, h; /* at: of the header in `mixed` */
    double freq;  /* of the carrier */
    bool inverted;
};

static void begin(struct hz_m10_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->after = 0;
}

int hz_m10_detect_init(struct hz_m10_detect *d)
{
    const struct hz_hops_shape shape = {
        .width = 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = CAP};
    const struct hz_headgate_word word = {hz_m10_header, HEADER, bit[0]};
    const struct hz_cpm_mode mode = {
        .samples_per_bit = bit[0], .h = 1, .bt = 1.8, .states_log2 = 3, .memory = memory};
    d->cpm = hz_cpm_new(&mode, HALF_BITS);
    d->mixed = malloc(2 * HZ_M10_LONGEST * sizeof(float));
    if (hz_hops_init(&d->hops, &shape) != 0 || !d->cpm || !d->mixed) {
        hz_m10_detect_done(d);
        return -ENOMEM;
    }
    hz_headgate_init(&d->gate, &word);
    return 0;
}

void hz_m10_detect_done(struct hz_m10_detect *d)
{
    hz_cpm_free(d->cpm);
    hz_hops_done(&d->hops);
    free(d->mixed);
    d->cpm = NULL;
    d->mixed = NULL;
}

static void header_bits(bool inverted, uint8_t *out)
{
    for (unsigned i = 0; i < HEADER; i++)
        out[i] = (hz_m10_header >> i & 1) != inverted;
}

/* Sum of |c_k| over the header's half-bits, at one timing and deviation. */
static float match(struct hz_m10_detect *d, const struct start *s)
{
    uint8_t known[HEADER];
    float carrier[2 * HEADER], sum = 0;
    header_bits(s->inverted, known);
    hz_cpm_adapt(d->cpm, s->h, memory, bit[0]);
    hz_cpm_begin(d->cpm, d->mixed, HZ_M10_LONGEST, s->at);
    hz_cpm_carrier(d->cpm, known, HEADER, carrier);
    for (unsigned k = 0; k + 1 < HEADER; k++)
        sum += hypotf(carrier[2 * k], carrier[2 * k + 1]);
    return sum;
}

static void refine(struct hz_m10_detect *d, struct start *s)
{
    struct start t = *s;
    float best = 0;
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++)
        for (int late = -4; late <= 4; late++) {
            t.h = indices[i];
            t.at = HZ_M10_MARGIN + late * 0.5;
            float power = match(d, &t);
            if (power > best) {
                best = power;
                *s = t;
            }
        }
}

/* What is left of the carrier, from half-bit to half-bit, in cycles per sample. */
static double turning(struct hz_cpm *cpm, const uint8_t *level, unsigned n)
{
    float c[2 * HALF_BITS];
    double along = 0, across = 0;
    hz_cpm_carrier(cpm, level, n, c);
    for (unsigned k = 2; k < 2 * (n - 1); k += 2) {
        along += (double)(c[k] * c[k - 2] + c[k + 1] * c[k - 1]);
        across += (double)(c[k + 1] * c[k - 2] - c[k] * c[k - 1]);
    }
    return atan2(across, along) / (6.28318530717958647692 * bit[0]);
}

/* The half-bits behind the header, positive for a 1. Returns the carrier, corrected over the usual
 * length of a frame. */
static double run(struct hz_m10_detect *d, const struct start *s, double samples_per_bit,
                  float *soft)
{
    enum { SURELY = HEADER + 16 * HZ_M10_SHORTEST };
    uint8_t known[HEADER], level[HALF_BITS];
    float sure[HALF_BITS];
    header_bits(s->inverted, known);
    hz_cpm_adapt(d->cpm, s->h, memory, samples_per_bit);
    hz_cpm_begin(d->cpm, d->mixed, HZ_M10_LONGEST, s->at);
    hz_cpm_run(d->cpm, known, HEADER);
    hz_cpm_follow(d->cpm, &hz_cpm_usual_gains);
    hz_cpm_run(d->cpm, NULL, HALF_BITS - HEADER);
    hz_cpm_trace(d->cpm, level);
    hz_cpm_sureness(d->cpm, sure);
    for (unsigned i = HEADER; i < HALF_BITS; i++) {
        float x = fminf(sure[i], most_sure);
        *soft++ = (level[i] != 0) != s->inverted ? x : -x;
    }
    return s->freq + turning(d->cpm, level, SURELY);
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
    /* the carrier of an inverted header looks a quarter of the rate off */
    bool inverted = fabs(peak->freq) > 0.125;
    struct start s = {.freq = peak->freq, .inverted = inverted};
    float soft[HALF_BITS];
    struct hz_m10_frame f = {0};
    if (inverted)
        s.freq += peak->freq > 0 ? -0.25 : 0.25;
    struct hz_cpm_offset carrier = {s.freq, 0};
    hz_cpm_mix(iq + 2 * (peak->at - HZ_M10_MARGIN), HZ_M10_LONGEST, &carrier, d->mixed);
    refine(d, &s);
    uint64_t index = d->hops.next + (uint64_t)peak->at;
    double at = (double)index - (double)d->hops.shape.before + s.at - HZ_M10_MARGIN;
    for (int k = 0; k < SPEEDS; k++) {
        double freq = run(d, &s, bit[k], soft);
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
    struct hz_headgate_peak peak[HZ_HEADGATE_PEAKS];
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    size_t n = hz_headgate_iq(&d->gate, iq, peak);
    for (int k = 0; k < TRIES; k++) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (d->hops.next + (uint64_t)peak[i].at >= d->after && peak[i].fraction > least &&
                (best == n || peak[i].fraction > peak[best].fraction))
                best = i;
        if (best == n)
            break;
        look(d, iq, &peak[best], sink);
        peak[best].fraction = 0;
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

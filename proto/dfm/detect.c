#include "proto/dfm/detect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOP = HZ_HEADGATE_HOP,
    BEFORE = HZ_DFM_MARGIN + HZ_HEADGATE_BEFORE,
    BEHIND = HZ_DFM_LONGEST + HZ_HEADGATE_BEHIND,
    CAP = 3 * (BEFORE + HOP + BEHIND),
    TRIES = 2, /* of a hop: the data of a frame resemble its header, by up to 0.65 of |C| */
    HEADER = HZ_DFM_HEADER,
    HALF_BITS = HZ_DFM_HALF_BITS,
};

static const double bit = 9.6;                                   /* samples of a half-bit */
static const double indices[] = {1.2, 1.6, 1.92, 2.3, 2.8, 3.4}; /* deviations of 1.5 to 4.2 kHz */
static const float memory = 0.5f;
static const float most_sure = 1e6f;
/* Bits corrected in a field of 7 or 13 codewords, at most: noise has 10 and 18, +-2. */
static const unsigned most_wrong[HZ_DFM_FIELDS] = {4, 8, 8};

struct start {
    double at, h; /* at: of the header in `mixed` */
    double freq;  /* of the carrier */
    bool inverted;
};

static void begin(struct hz_dfm_detect *d, uint64_t first)
{
    hz_hops_begin(&d->hops, first);
    d->after = 0;
}

int hz_dfm_detect_init(struct hz_dfm_detect *d)
{
    const struct hz_hops_shape shape = {
        .width = 2, .hop = HOP, .before = BEFORE, .behind = BEHIND, .room = CAP};
    const struct hz_headgate_word word = {hz_dfm_header, HEADER, bit};
    const struct hz_cpm_mode mode = {
        .samples_per_bit = bit, .h = 1.92, .bt = 1, .states_log2 = 3, .memory = memory};
    d->cpm = hz_cpm_new(&mode, HALF_BITS);
    d->mixed = malloc(2 * HZ_DFM_LONGEST * sizeof(float));
    if (hz_hops_init(&d->hops, &shape) != 0 || !d->cpm || !d->mixed) {
        hz_dfm_detect_done(d);
        return -ENOMEM;
    }
    hz_headgate_init(&d->gate, &word);
    return 0;
}

void hz_dfm_detect_done(struct hz_dfm_detect *d)
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
        out[i] = (hz_dfm_header >> i & 1) != inverted;
}

/* Sum of |c_k| over the header's half-bits, at one timing and deviation. */
static float match(struct hz_dfm_detect *d, const struct start *s)
{
    uint8_t known[HEADER];
    float carrier[2 * HEADER], sum = 0;
    header_bits(s->inverted, known);
    hz_cpm_adapt(d->cpm, s->h, memory, bit);
    hz_cpm_begin(d->cpm, d->mixed, HZ_DFM_LONGEST, s->at);
    hz_cpm_carrier(d->cpm, known, HEADER, carrier);
    for (unsigned k = 0; k + 1 < HEADER; k++)
        sum += sqrtf(carrier[2 * k] * carrier[2 * k] + carrier[2 * k + 1] * carrier[2 * k + 1]);
    return sum;
}

static void refine(struct hz_dfm_detect *d, struct start *s)
{
    struct start t = *s;
    float best = 0;
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++)
        for (int late = -2; late <= 2; late++) {
            t.h = indices[i];
            t.at = HZ_DFM_MARGIN + late;
            float power = match(d, &t);
            if (power > best) {
                best = power;
                *s = t;
            }
        }
}

/* What is left of the carrier, from half-bit to half-bit, in cycles per sample. */
static double turning(struct hz_cpm *cpm, const uint8_t *level)
{
    float c[2 * HALF_BITS];
    double along = 0, across = 0;
    hz_cpm_carrier(cpm, level, HALF_BITS, c);
    for (int k = 2; k < 2 * (HALF_BITS - 1); k += 2) {
        along += (double)(c[k] * c[k - 2] + c[k + 1] * c[k - 1]);
        across += (double)(c[k + 1] * c[k - 2] - c[k] * c[k - 1]);
    }
    return atan2(across, along) / (6.28318530717958647692 * bit);
}

/* The half-bits behind the header, positive for a 1; corrects the carrier. */
static void run(struct hz_dfm_detect *d, struct start *s, float *soft)
{
    uint8_t known[HEADER], level[HALF_BITS];
    float sure[HALF_BITS];
    header_bits(s->inverted, known);
    hz_cpm_adapt(d->cpm, s->h, memory, bit);
    hz_cpm_begin(d->cpm, d->mixed, HZ_DFM_LONGEST, s->at);
    hz_cpm_run(d->cpm, known, HEADER);
    hz_cpm_follow(d->cpm, &hz_cpm_usual_gains);
    hz_cpm_run(d->cpm, NULL, HALF_BITS - HEADER);
    hz_cpm_trace(d->cpm, level);
    hz_cpm_sureness(d->cpm, sure);
    s->freq += turning(d->cpm, level);
    for (unsigned i = HEADER; i < HALF_BITS; i++) {
        float x = fminf(sure[i], most_sure);
        *soft++ = (level[i] != 0) != s->inverted ? x : -x;
    }
}

static void tell(struct hz_dfm_detect *d, const struct hz_dfm_frame *f, const struct start *s,
                 double at, struct hz_sink *sink)
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
static bool take(struct hz_dfm_detect *d, const struct hz_dfm_frame *f, const struct start *s,
                 double at, struct hz_sink *sink)
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
    /* the carrier of an inverted header looks a quarter of the rate off */
    bool inverted = fabs(peak->freq) > 0.125;
    struct start s = {.freq = peak->freq, .inverted = inverted};
    float soft[HALF_BITS];
    struct hz_dfm_frame f = {0};
    if (inverted)
        s.freq += peak->freq > 0 ? -0.25 : 0.25;
    struct hz_cpm_offset carrier = {s.freq, 0};
    hz_cpm_mix(iq + 2 * (peak->at - HZ_DFM_MARGIN), HZ_DFM_LONGEST, &carrier, d->mixed);
    refine(d, &s);
    run(d, &s, soft);
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
    struct hz_headgate_peak peak[HZ_HEADGATE_PEAKS];
    const float *iq = hz_hops_at(&d->hops, d->hops.next);
    size_t n = hz_headgate_iq(&d->gate, iq, peak);
    for (int k = 0; k < TRIES; k++) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (d->hops.next + (uint64_t)peak[i].at >= d->after && peak[i].fraction > 0 &&
                (best == n || peak[i].fraction > peak[best].fraction))
                best = i;
        if (best == n)
            break;
        look(d, iq, &peak[best], sink);
        peak[best].fraction = 0;
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

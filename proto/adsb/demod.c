#include "proto/adsb/demod.h"

#include <math.h>
#include <string.h>

/* Seconds for which an address that was heard is trusted. */
static const float trust_s = 120.0f;

/* Real bursts keep 0.74 at 5 dB; noise and fragments mostly 0.1 to 0.3. */
static const float least_coherence = 0.65f;

/* Timings given a soft decision, and those of them given a repair. */
enum { TIMINGS = 5, REPAIRED = 3 };

void hz_adsb_demod_init(struct hz_adsb_demod *d, float rate_hz,
                        const struct hz_adsb_kernels *kernels)
{
    hz_adsb_shape_init(&d->shape, rate_hz);
    hz_adsb_gate_init(&d->gate, rate_hz);
    hz_adsb_judge_init(&d->judge, (uint32_t)(trust_s * rate_hz / HZ_ADSB_BLOCK));
    hz_adsb_band_init(&d->band, kernels);
}

static float decibel(float power)
{
    return 10.0f * log10f(power > 1e-12f ? power : 1e-12f);
}

/* Tells of a frame that began at `step` of the window, and goes on behind it. */
static void accept(struct hz_adsb_demod *d, const struct hz_adsb_frame *f, int step, float turn,
                   const struct hz_adsb_listener *out)
{
    const struct hz_adsb_band *b = &d->band;
    float start = hz_adsb_window_start(&d->window, &d->shape, step);
    float us = d->shape.rate_hz * 1e-6f;
    size_t at = (size_t)ceilf(start), n = (size_t)((8.0f + (float)f->bits) * us);
    float noise = hz_adsb_band_noise_power(b);
    float signal = hz_adsb_band_power(b, at, n) - noise;
    int64_t sample = b->origin + lroundf(start);
    struct hz_burst burst = {
        .sample = sample > 0 ? (uint64_t)sample : 0,
        .rssi_dbfs = decibel(signal > 0.1f * noise ? signal : 0.1f * noise),
        .noise_dbfs = decibel(noise * 2.0f / us), /* white noise, in 2 MHz */
        .offset_hz = turn / 6.2831853e-6f,
        .fixed_bits = f->fixed,
        .raw = f->byte,
        .raw_len = (size_t)f->bits / 8,
    };
    burst.snr_db = burst.rssi_dbfs - burst.noise_dbfs;
    out->found(out->ctx, &burst, f->address);
    hz_adsb_gate_skip(&d->gate, at + n - 2);
}

/* Bits by which half of each holds more energy, good enough for most bursts; the format decides
 * whether they are worth a check. */
static enum hz_reason try_energy(struct hz_adsb_demod *d, int step, struct hz_adsb_frame *f)
{
    size_t base;
    const uint16_t *chip = hz_adsb_shape_chips(&d->shape, step, &base) + HZ_ADSB_FINE_LEAD;
    const float *e = d->window.energy + base;
    float more[HZ_MODES_LONG_BITS];
    for (int k = 0; k < HZ_MODES_LONG_BITS; k++)
        more[k] = e[chip[2 * k]] - e[chip[2 * k + 1]];
    hz_adsb_soft_bytes(more, HZ_MODES_LONG_BITS, f->byte);
    f->bits = HZ_MODES_LONG_BITS;
    return hz_adsb_judge_plain(&d->judge, f);
}

/* 112 when the second half of a long frame holds energy too. */
static int burst_bits(const struct hz_adsb_demod *d, int step)
{
    size_t base;
    const uint16_t *chip = hz_adsb_shape_chips(&d->shape, step, &base) + HZ_ADSB_FINE_LEAD;
    const float *e = d->window.energy + base;
    float half[2] = {0, 0};
    for (int k = 0; k < 2 * HZ_MODES_LONG_BITS; k++)
        half[k / HZ_MODES_LONG_BITS] += e[chip[k]];
    return half[1] > 0.7f * half[0] ? HZ_MODES_LONG_BITS : HZ_MODES_SHORT_BITS;
}

/* True when the format can be none that is known, and is not in doubt. */
static bool hopeless(const struct hz_adsb_soft *s, uint8_t first)
{
    int bits;
    if (hz_modes_kind(first, &bits) != HZ_MODES_UNKNOWN)
        return false;
    for (int k = 0; k < 5; k++)
        if (fabsf(s->sure[k]) < 0.5f * s->mean)
            return false;
    return true;
}

/* Soft decisions at several timings, then repair. Returns why it came to nothing. */
static enum hz_reason try_soft(struct hz_adsb_demod *d, const int *order, struct hz_adsb_frame *f,
                               struct hz_adsb_soft *best)
{
    struct hz_adsb_soft soft[TIMINGS];
    int n = 0;
    for (; n < TIMINGS; n++) {
        struct hz_adsb_soft *s = soft + n;
        *s = (struct hz_adsb_soft){
            .step = order[n], .bits = n ? soft->bits : burst_bits(d, order[0]), .turn = soft->turn};
        if (n == 0)
            hz_adsb_soft_carrier(&d->window, &d->shape, s);
        hz_adsb_soft_detect(&d->window, &d->shape, s);
        if (n == 0 && s->coherence < least_coherence)
            return HZ_NO_PREAMBLE;
        hz_adsb_soft_bytes(s->sure, s->bits, f->byte);
        f->bits = s->bits;
        *best = *s;
        if (hz_adsb_judge_plain(&d->judge, f) == HZ_MESSAGE ||
            (n < REPAIRED && hz_adsb_judge_overlaid(&d->judge, f) == HZ_MESSAGE))
            return HZ_MESSAGE;
        if (n == 0 && hopeless(s, f->byte[0]))
            return HZ_NO_PREAMBLE;
    }
    enum hz_reason why = HZ_BAD_CRC;
    for (int tries = 0; tries < REPAIRED; tries++) {
        struct hz_adsb_soft *s = soft;
        for (int k = 1; k < n; k++)
            if (soft[k].fit > s->fit)
                s = soft + k;
        hz_adsb_soft_bytes(s->sure, s->bits, f->byte);
        f->bits = s->bits;
        *best = *s;
        enum hz_reason now = hz_adsb_judge_repair(&d->judge, f, s->sure, s->mean);
        if (now == HZ_MESSAGE)
            return now;
        why = now == HZ_SANITY ? now : why;
        s->fit = -INFINITY;
    }
    return why;
}

static void try_candidate(struct hz_adsb_demod *d, const struct hz_adsb_candidate *c,
                          const struct hz_adsb_listener *out)
{
    int order[HZ_ADSB_FINE_TIMINGS];
    struct hz_adsb_frame f;
    int about = hz_adsb_window_open(&d->window, &d->shape, &d->band, c->at);
    hz_adsb_window_timings(&d->window, &d->shape, about, order);
    hz_adsb_window_rest(&d->window, &d->shape, &d->band);
    struct hz_adsb_soft soft = {.step = order[0]};
    enum hz_reason why = try_energy(d, order[0], &f);
    if (why == HZ_MESSAGE) {
        soft.bits = f.bits;
        hz_adsb_soft_carrier(&d->window, &d->shape, &soft);
    } else {
        why = try_soft(d, order, &f, &soft);
    }
    if (why == HZ_MESSAGE)
        accept(d, &f, soft.step, soft.turn, out);
    else
        out->refused(out->ctx, why);
}

/* Decodes bursts that begin within the block and before element `end`. */
static void work(struct hz_adsb_demod *d, size_t end, const struct hz_adsb_listener *out)
{
    struct hz_adsb_candidate c;
    hz_adsb_band_measure(&d->band);
    hz_adsb_gate_open(&d->gate, &d->band, end);
    while (hz_adsb_gate_next(&d->gate, &c))
        if (hz_adsb_gate_has_data(&d->gate, &d->band, &c))
            try_candidate(d, &c, out);
        else
            out->refused(out->ctx, HZ_NO_PREAMBLE);
}

void hz_adsb_demod_push(struct hz_adsb_demod *d, const struct hz_samples *in,
                        const struct hz_adsb_listener *out)
{
    if (!d->running && in->n > 0) {
        hz_adsb_band_restart(&d->band, in->first);
        d->gate.at = 0;
        d->running = true;
    }
    for (size_t at = 0; at < in->n;) {
        at += hz_adsb_band_append(&d->band, in, at);
        if (d->band.fill < HZ_ADSB_SIZE)
            break;
        work(d, HZ_ADSB_BEFORE + HZ_ADSB_BLOCK, out);
        hz_adsb_band_advance(&d->band);
        d->gate.at -= d->gate.at < 2 * HZ_ADSB_BLOCK ? d->gate.at : 2 * HZ_ADSB_BLOCK;
        d->judge.now++;
    }
}

void hz_adsb_demod_flush(struct hz_adsb_demod *d, const struct hz_adsb_listener *out)
{
    struct hz_adsb_band *b = &d->band;
    size_t end = b->fill;
    if (d->running && end > HZ_ADSB_BEFORE) {
        memset(b->i + end, 0, (HZ_ADSB_SIZE - end) * sizeof(*b->i));
        memset(b->q + end, 0, (HZ_ADSB_SIZE - end) * sizeof(*b->q));
        work(d, end < HZ_ADSB_BEFORE + HZ_ADSB_BLOCK ? end : HZ_ADSB_BEFORE + HZ_ADSB_BLOCK, out);
    }
    d->running = false;
}

#include "proto/adsb/demod.h"

#include <math.h>
#include <string.h>

/* Seconds for which an address that was heard is trusted. */
static const float trust_s = 120.0f;

/* Timings given a repair. */
enum { REPAIRED = 3 };

/* Moves of the timings, until the best has others on either side. */
enum { ROUNDS = 3 };

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

/* By how much the first half of each bit holds more energy than the second. */
static void halves(const struct hz_adsb_demod *d, int step, int bits, float *more)
{
    const uint16_t *chip = d->shape.chip + HZ_ADSB_LEAD;
    const float *e = d->window.energy + step;
    for (int k = 0; k < bits; k++)
        more[k] = e[chip[2 * k]] - e[chip[2 * k + 1]];
}

/* Bits by which half holds more energy, good enough for most bursts. */
static enum hz_reason try_energy(struct hz_adsb_demod *d, int step, struct hz_adsb_frame *f)
{
    float more[HZ_MODES_LONG_BITS];
    halves(d, step, HZ_MODES_LONG_BITS, more);
    hz_adsb_soft_bytes(more, HZ_MODES_LONG_BITS, f->byte);
    f->bits = HZ_MODES_LONG_BITS;
    return hz_adsb_judge_plain(&d->judge, f);
}

/* 112 when the second half of a long frame holds energy too. */
static int burst_bits(const struct hz_adsb_demod *d, int step)
{
    const uint16_t *chip = d->shape.chip + HZ_ADSB_LEAD;
    const float *e = d->window.energy + step;
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
static bool hopeless_energy(const struct hz_adsb_demod *d, int step)
{
    enum { SOME = 40 };
    float more[SOME], mean = 0;
    halves(d, step, SOME, more);
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

/* Soft decisions at several timings, then repair. Returns why it came to nothing; *step is moved to
 * the timing that it was found at. */
static enum hz_reason try_soft(struct hz_adsb_demod *d, int *step, float *turn,
                               struct hz_adsb_frame *f)
{
    struct hz_adsb_soft soft;
    struct lane lane[HZ_ADSB_LANES];
    soft.bits = burst_bits(d, *step);
    if (!hz_adsb_soft_carrier(&d->window, &d->shape, *step, soft.bits, turn))
        return HZ_NO_PREAMBLE;
    soft.turn = *turn;
    soft.step = *step - 1;
    for (int round = 0; round < ROUNDS; round++) {
        if (!hz_adsb_soft_detect(&d->window, &d->shape, &soft))
            return HZ_NO_PREAMBLE;
        by_fit(&soft, lane);
        int best = lane[0].step - soft.step;
        if (best > 0 && best < HZ_ADSB_LANES - 1)
            break;
        soft.step += best == 0 ? -2 : 2;
    }
    if (hopeless(lane[0].sure, lane[0].mean))
        return HZ_NO_PREAMBLE;
    for (int k = 0; k < HZ_ADSB_LANES; k++) {
        *step = lane[k].step;
        hz_adsb_soft_bytes(lane[k].sure, soft.bits, f->byte);
        f->bits = soft.bits;
        if (hz_adsb_judge_plain(&d->judge, f) == HZ_MESSAGE ||
            (k < REPAIRED && hz_adsb_judge_overlaid(&d->judge, f) == HZ_MESSAGE))
            return HZ_MESSAGE;
    }
    enum hz_reason why = HZ_BAD_CRC;
    for (int k = 0; k < REPAIRED; k++) {
        *step = lane[k].step;
        hz_adsb_soft_bytes(lane[k].sure, soft.bits, f->byte);
        f->bits = soft.bits;
        enum hz_reason now = hz_adsb_judge_repair(&d->judge, f, lane[k].sure, lane[k].mean);
        if (now == HZ_MESSAGE)
            return now;
        why = now == HZ_SANITY ? now : why;
    }
    return why;
}

static void try_candidate(struct hz_adsb_demod *d, const struct hz_adsb_candidate *c,
                          const struct hz_adsb_listener *out)
{
    struct hz_adsb_frame f;
    float turn;
    int step = hz_adsb_window_open(&d->window, &d->shape, &d->band, c->at);
    if (hopeless_energy(d, step)) {
        out->refused(out->ctx, HZ_NO_PREAMBLE);
        return;
    }
    hz_adsb_window_rest(&d->window, &d->shape, &d->band);
    enum hz_reason why = try_energy(d, step, &f);
    if (why == HZ_MESSAGE)
        turn = hz_adsb_soft_carrier(&d->window, &d->shape, step, f.bits, &turn) ? turn : NAN;
    else
        why = try_soft(d, &step, &turn, &f);
    if (why == HZ_MESSAGE)
        accept(d, &f, step, turn, out);
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

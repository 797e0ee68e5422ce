#include "proto/pocsag/receive.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUN = HZ_POCSAG_RUN_BITS,
    LEAD = HZ_POCSAG_LEAD,
    PARTS = 8, /* of a batch, for the clock */
    PART = HZ_POCSAG_BATCH_BITS / PARTS,
    CLOCKS = 129 /* clocks tried, over +-400 ppm of a bit rate */
};

static const double two_pi = 6.28318530717958647692;

/* Mean share overruled from which on a batch is looked at again with the phase's memory. */
static const float doubtful = 0.002f;
static const float memory = 0.4f;

/* Transmitters filter their bits little. */
static const double shape[HZ_POCSAG_BAUDS] = {3, 2, 1};

int hz_pocsag_receiver_init(struct hz_pocsag_receiver *r, const struct hz_pocsag_code *code)
{
    r->code = code;
    r->mixed = malloc(2 * HZ_POCSAG_LONGEST * sizeof(float));
    for (unsigned b = 0; b < HZ_POCSAG_BAUDS; b++) {
        struct hz_cpm_mode mode = {.samples_per_bit = hz_pocsag_bit(b),
                                   .h = 2 * 4500.0 / hz_pocsag_baud[b],
                                   .bt = shape[b],
                                   .states_log2 = 3};
        r->cpm[b] = hz_cpm_new(&mode, RUN);
        r->h[b] = mode.h;
        if (!r->cpm[b] || !r->mixed) {
            hz_pocsag_receiver_done(r);
            return -ENOMEM;
        }
    }
    return 0;
}

void hz_pocsag_receiver_done(struct hz_pocsag_receiver *r)
{
    for (unsigned b = 0; b < HZ_POCSAG_BAUDS; b++) {
        hz_cpm_free(r->cpm[b]);
        r->cpm[b] = NULL;
    }
    free(r->mixed);
    r->mixed = NULL;
}

/* A batch in memory. */
struct take {
    struct hz_pocsag_receiver *r;
    struct hz_cpm *cpm;
    const float *iq; /* LEAD samples before the batch */
    double start;    /* from there to where line.at was at first */
    double baud;
    struct hz_pocsag_line line;
    double moved; /* samples by which the batch begins later than that */
    struct hz_pocsag_batch batch;
};

static double bit_length(const struct take *t)
{
    return hz_pocsag_bit(t->line.baud) * t->line.clock;
}

/* The detector's h follows the deviation only in steps: new waveforms cost as much as a batch. */
static void begin(struct take *t, float with_memory, double shift)
{
    double *h = &t->r->h[t->line.baud], wanted = 2 * t->line.deviation_hz / t->baud;
    if (fabs(*h - wanted) > (with_memory > 0 ? 0.02 : 0.1))
        *h = nearbyint(wanted * 100) / 100;
    hz_cpm_adapt(t->cpm, *h, with_memory, bit_length(t));
    hz_cpm_begin(t->cpm, t->r->mixed, HZ_POCSAG_LONGEST, t->start + t->moved + shift);
}

static void mix(struct take *t)
{
    struct hz_cpm_tune tune = {t->line.freq_hz / HZ_POCSAG_RATE_HZ, 0};
    size_t n = 2 * LEAD + (size_t)(RUN * bit_length(t)) + 1;
    hz_cpm_mix(t->iq, n < HZ_POCSAG_LONGEST ? n : HZ_POCSAG_LONGEST, &tune, t->r->mixed);
}

/* The detector over the batch, then the words. */
static void run(struct take *t, float with_memory)
{
    struct hz_pocsag_receiver *r = t->r;
    mix(t);
    begin(t, with_memory, 0);
    hz_cpm_run(t->cpm, NULL, RUN);
    hz_cpm_trace(t->cpm, r->bits);
    hz_cpm_sureness(t->cpm, r->sure);
    r->steps += RUN;
    for (size_t i = 0; i < HZ_POCSAG_BATCH_BITS; i++) {
        r->soft.bit[i] = r->bits[i] ^ !t->line.inverted;
        r->soft.sure[i] = isfinite(r->sure[i]) ? r->sure[i] : 0;
    }
    hz_pocsag_batch_read(r->code, &r->soft, &t->batch);
}

/* Energy in the decided bits, when the batch begins `shift` samples later. */
static float energy(struct take *t, double shift)
{
    float sum = 0;
    begin(t, 0, shift);
    hz_cpm_carrier(t->cpm, t->r->bits, RUN, t->r->carrier);
    for (size_t k = 0; k < 2 * (RUN - 1); k++)
        sum += t->r->carrier[k] * t->r->carrier[k];
    return sum;
}

/* The batch's beginning from the energy early and late: its peak is a blunt triangle. */
static void align(struct take *t)
{
    double step = bit_length(t) / 10;
    float early = energy(t, -step), late = energy(t, step), middle = energy(t, 0);
    float least = early < late ? early : late;
    if (middle > least)
        t->moved +=
            fmax(-step, fmin(step, 0.5 * step * (double)((late - early) / (middle - least))));
    else
        t->moved += late > early ? step : -step;
    t->r->steps += RUN;
}

struct phasor {
    double re, im;
};

static double angle(struct phasor p)
{
    return atan2(p.im, p.re);
}

/* What the carrier does from bit to bit: within a run of equal bits (0 and 1), and where the bit
 * changes, in parts of the batch, both directions brought into one. */
struct turns {
    struct phasor same[2], change[PARTS];
    size_t pairs;
};

static void measure(const struct take *t, struct turns *turns)
{
    const float *c = t->r->carrier;
    const uint8_t *bits = t->r->bits;
    struct phasor up[PARTS] = {{0, 0}}, down[PARTS] = {{0, 0}};
    memset(turns, 0, sizeof *turns);
    for (size_t k = 0; k + 1 < HZ_POCSAG_BATCH_BITS; k++) {
        float re = c[2 * k + 2] * c[2 * k] + c[2 * k + 3] * c[2 * k + 1];
        float im = c[2 * k + 3] * c[2 * k] - c[2 * k + 2] * c[2 * k + 1];
        struct phasor *p = bits[k] == bits[k + 1] ? &turns->same[bits[k]]
                           : bits[k + 1]          ? &up[k / PART]
                                                  : &down[k / PART];
        p->re += (double)re;
        p->im += (double)im;
        turns->pairs += bits[k] == bits[k + 1];
    }
    double carrier = (angle(turns->same[0]) + angle(turns->same[1])) / 2;
    double re = cos(carrier), im = -sin(carrier);
    for (int i = 0; i < PARTS; i++) {
        turns->change[i].re = (up[i].re + down[i].re) * re - (up[i].im + down[i].im) * im;
        turns->change[i].im = (up[i].re - down[i].re) * im + (up[i].im - down[i].im) * re;
    }
}

/* A batch that begins later by d than supposed turns the carrier by -4 pi deviation d where the bit
 * goes up, and back where it goes down. The clock is what makes d grow evenly. */
static void tune_clock(struct take *t, const struct turns *turns)
{
    double per_sample = 2 * two_pi * t->line.deviation_hz / HZ_POCSAG_RATE_HZ;
    double widest = per_sample * PART * bit_length(t) * 400e-6, best = -1, slope = 0;
    struct phasor at_best = {1, 0};
    for (int i = 0; i < CLOCKS; i++) {
        double x = widest * (2.0 * i / (CLOCKS - 1) - 1);
        struct phasor sum = {0, 0};
        for (int p = 0; p < PARTS; p++) {
            double a = x * (p + 0.5), c = cos(a), s = sin(a);
            sum.re += turns->change[p].re * c - turns->change[p].im * s;
            sum.im += turns->change[p].re * s + turns->change[p].im * c;
        }
        double power = sum.re * sum.re + sum.im * sum.im;
        if (power > best) {
            best = power;
            slope = x;
            at_best = sum;
        }
    }
    t->moved -= angle(at_best) / per_sample;
    t->line.clock += slope / per_sample / (PART * hz_pocsag_bit(t->line.baud));
}

/* Carrier, deviation, beginning and clock from the decided bits. */
static void tune(struct take *t)
{
    struct turns turns;
    begin(t, 0, 0);
    hz_cpm_carrier(t->cpm, t->r->bits, RUN, t->r->carrier);
    t->r->steps += RUN / 2;
    measure(t, &turns);
    double low = angle(turns.same[0]), high = angle(turns.same[1]);
    double per_radian = t->baud / two_pi;
    tune_clock(t, &turns);
    t->line.freq_hz += per_radian * (high + low) / 2;
    t->line.deviation_hz = t->r->h[t->line.baud] * t->baud / 2 + per_radian * (high - low) / 2;
    double gain = bit_length(t) * bit_length(t) * (double)(turns.pairs > 0 ? turns.pairs : 1);
    t->line.signal = (float)((hypot(turns.same[0].re, turns.same[0].im) +
                              hypot(turns.same[1].re, turns.same[1].im)) /
                             gain);
}

static bool sane(const struct hz_pocsag_line *l)
{
    return fabs(l->freq_hz) < 3000 && l->deviation_hz > 3500 && l->deviation_hz < 5500 &&
           fabs(l->clock - 1) < 1e-3;
}

bool hz_pocsag_receive(struct hz_pocsag_receiver *r, const float *iq, uint64_t first,
                       struct hz_pocsag_line *line, struct hz_pocsag_batch *out)
{
    uint64_t from = (uint64_t)line->at - LEAD;
    struct take t = {.r = r,
                     .cpm = r->cpm[line->baud],
                     .iq = iq + 2 * (from - first),
                     .start = line->at - (double)from,
                     .baud = hz_pocsag_baud[line->baud],
                     .line = *line};
    run(&t, 0);
    *out = t.batch;
    if (!line->steady || out->overruled > doubtful)
        align(&t);
    tune(&t);
    struct take tuned = t;
    for (int i = 0; i < 2 && out->overruled > doubtful && sane(&t.line); i++) {
        run(&t, memory);
        bool better = t.batch.overruled < out->overruled;
        if (better)
            *out = t.batch;
        tune(&t);
        if (better)
            tuned = t;
    }
    if (!hz_pocsag_batch_follows(out) || !sane(&tuned.line))
        return false;
    *line = tuned.line;
    line->steady = true;
    line->at += tuned.moved + HZ_POCSAG_BATCH_BITS * bit_length(&tuned);
    return true;
}

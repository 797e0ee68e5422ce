#include "proto/pocsag/receive.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUN = HZ_POCSAG_RUN_BITS,
    LEAD = HZ_POCSAG_LEAD,
    PARTS = 8, /* of a batch, for clock and drift */
    PART = HZ_POCSAG_BATCH_BITS / PARTS,
    CLOCKS = 129,                    /* clocks tried, over +-400 ppm of a bit rate */
    DRIFTS = 81,                     /* drifts tried */
    GLANCE = HZ_POCSAG_WORD_BITS + 2 /* the sync word; the last ones are guesses */
};

/* The steepest drift. A first one is believed when the carrier's turns add up to that much more
 * with it than without: what is less the detector bears, and noise looks like it. */
static const double drift_most_hz_s = 3000;
static const double drift_plain = 1.05;

static const double two_pi = 6.28318530717958647692;

/* Mean share overruled from which on a batch is looked at again with the phase's memory. */
static const float doubtful = 0.002f;
static const float memory = 0.4f;

/* More of the sync word's sureness against it than a weak one ever has, at a place where the search
 * found it, and where it is due and might be damaged. */
static const float most_against = 0.18f, most_against_due = 0.35f;

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

static void mix(struct take *t, size_t bits)
{
    const double rate = HZ_POCSAG_RATE_HZ;
    struct hz_cpm_tune tune = {t->line.freq_hz / rate, t->line.drift_hz_s / (rate * rate)};
    size_t n = 2 * LEAD + (size_t)((double)bits * bit_length(t)) + 1;
    hz_cpm_mix(t->iq, n < HZ_POCSAG_LONGEST ? n : HZ_POCSAG_LONGEST, &tune, t->r->mixed);
}

/* The detector over the first so many bits of the batch. */
static void detect(struct take *t, float with_memory, size_t bits)
{
    struct hz_pocsag_receiver *r = t->r;
    mix(t, bits);
    begin(t, with_memory, 0);
    hz_cpm_run(t->cpm, NULL, bits);
    hz_cpm_trace(t->cpm, r->bits);
    hz_cpm_sureness(t->cpm, r->sure);
    r->steps += (unsigned)bits;
    for (size_t i = 0; i < HZ_POCSAG_BATCH_BITS && i < bits; i++) {
        r->soft.bit[i] = r->bits[i] ^ !t->line.inverted;
        r->soft.sure[i] = isfinite(r->sure[i]) ? r->sure[i] : 0;
    }
}

/* All of it, and its words. */
static void run(struct take *t, float with_memory)
{
    detect(t, with_memory, RUN);
    hz_pocsag_batch_read(t->r->code, &t->r->soft, &t->batch);
}

/* How much of the sync word's sureness speaks against it. */
static float glance(struct take *t)
{
    detect(t, 0, GLANCE);
    return hz_pocsag_batch_sync(&t->r->soft);
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

static void turn(struct phasor *p, double by)
{
    double c = cos(by), s = sin(by), re = p->re;
    p->re = re * c - p->im * s;
    p->im = re * s + p->im * c;
}

/* What the carrier does from bit to bit, in parts of the batch: within a run of equal bits (0 and
 * 1), and where the bit goes down (0) and up (1). */
struct turns {
    struct phasor same[2][PARTS], change[2][PARTS];
    size_t pairs;
};

static void measure(const struct take *t, struct turns *turns)
{
    const float *c = t->r->carrier;
    const uint8_t *bits = t->r->bits;
    memset(turns, 0, sizeof *turns);
    for (size_t k = 0; k + 1 < HZ_POCSAG_BATCH_BITS; k++) {
        float re = c[2 * k + 2] * c[2 * k] + c[2 * k + 3] * c[2 * k + 1];
        float im = c[2 * k + 3] * c[2 * k] - c[2 * k + 2] * c[2 * k + 1];
        bool same = bits[k] == bits[k + 1];
        struct phasor *p = same ? turns->same[bits[k]] : turns->change[bits[k + 1]];
        p[k / PART].re += (double)re;
        p[k / PART].im += (double)im;
        turns->pairs += same;
    }
}

/* The sum of what turns by `slope` more from part to part, from the batch's beginning on. */
static struct phasor total(const struct phasor *part, double slope)
{
    struct phasor sum = {0, 0}, w = {cos(slope / 2), -sin(slope / 2)};
    double re = w.re * w.re - w.im * w.im, im = 2 * w.re * w.im;
    for (int p = 0; p < PARTS; p++) {
        sum.re += part[p].re * w.re - part[p].im * w.im;
        sum.im += part[p].re * w.im + part[p].im * w.re;
        w = (struct phasor){w.re * re - w.im * im, w.re * im + w.im * re};
    }
    return sum;
}

static double power(struct phasor p)
{
    return p.re * p.re + p.im * p.im;
}

static double length(struct phasor p)
{
    return sqrt(power(p));
}

/* The drift that is left, as what the turns grow by from part to part; takes it out of them. */
static double tune_drift(struct take *t, struct turns *turns)
{
    double seconds = PART / t->baud, per_hz_s = two_pi * seconds / t->baud;
    double widest = fmin(drift_most_hz_s * per_hz_s, 2), slope = 0;
    double none = length(total(turns->same[0], 0)) + length(total(turns->same[1], 0));
    double best = t->line.drift_hz_s != 0 ? none : drift_plain * none;
    for (int i = 0; i < DRIFTS; i++) {
        double x = widest * (2.0 * i / (DRIFTS - 1) - 1);
        double sum = length(total(turns->same[0], x)) + length(total(turns->same[1], x));
        if (sum > best) {
            best = sum;
            slope = x;
        }
    }
    for (int p = 0; slope != 0 && p < PARTS; p++) {
        for (int b = 0; b < 2; b++) {
            turn(&turns->same[b][p], -slope * (p + 0.5));
            turn(&turns->change[b][p], -slope * (p + 0.5));
        }
    }
    return slope / per_hz_s;
}

/* A batch that begins later by d than supposed turns the carrier by -4 pi deviation d where the bit
 * goes up, and back where it goes down. The clock is what makes d grow evenly. */
static void tune_clock(struct take *t, const struct turns *turns, double carrier)
{
    struct phasor change[PARTS];
    for (int p = 0; p < PARTS; p++) {
        struct phasor down = turns->change[0][p], up = turns->change[1][p];
        turn(&down, -carrier);
        turn(&up, -carrier);
        change[p] = (struct phasor){up.re + down.re, up.im - down.im};
    }
    double per_sample = 2 * two_pi * t->line.deviation_hz / HZ_POCSAG_RATE_HZ;
    double widest = per_sample * PART * bit_length(t) * 400e-6, best = -1, slope = 0;
    struct phasor at_best = {1, 0};
    for (int i = 0; i < CLOCKS; i++) {
        double x = widest * (2.0 * i / (CLOCKS - 1) - 1);
        struct phasor sum = total(change, -x);
        if (power(sum) > best) {
            best = power(sum);
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
    t->line.drift_hz_s += tune_drift(t, &turns);
    struct phasor same[2] = {total(turns.same[0], 0), total(turns.same[1], 0)};
    double low = angle(same[0]), high = angle(same[1]);
    double per_radian = t->baud / two_pi;
    tune_clock(t, &turns, (high + low) / 2);
    t->line.freq_hz += per_radian * (high + low) / 2;
    t->line.deviation_hz = t->r->h[t->line.baud] * t->baud / 2 + per_radian * (high - low) / 2;
    double gain = bit_length(t) * bit_length(t) * (double)(turns.pairs > 0 ? turns.pairs : 1);
    t->line.signal = (float)((length(same[0]) + length(same[1])) / gain);
}

static bool sane(const struct hz_pocsag_line *l)
{
    return fabs(l->freq_hz) < 3000 && fabs(l->drift_hz_s) < drift_most_hz_s &&
           l->deviation_hz > 3500 && l->deviation_hz < 5500 && fabs(l->clock - 1) < 1e-3;
}

void hz_pocsag_line_on(struct hz_pocsag_line *line)
{
    double samples = HZ_POCSAG_BATCH_BITS * hz_pocsag_bit(line->baud) * line->clock;
    line->at += samples;
    line->freq_hz += line->drift_hz_s * samples / HZ_POCSAG_RATE_HZ;
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
    if (glance(&t) > (line->steady ? most_against_due : most_against))
        return false;
    run(&t, 0);
    *out = t.batch;
    if (!line->steady || out->overruled > doubtful)
        align(&t);
    tune(&t);
    struct take tuned = t;
    bool better = true;
    for (int i = 0; i < 2 && better && out->overruled > doubtful && sane(&t.line); i++) {
        run(&t, memory);
        better = t.batch.overruled < out->overruled;
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
    line->at += tuned.moved;
    hz_pocsag_line_on(line);
    return true;
}

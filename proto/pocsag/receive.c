#include "proto/pocsag/receive.h"

#include "dsp/cpm_line.h"
#include "dsp/cpm_turns.h"
#include "proto/pocsag/tones.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUN = HZ_POCSAG_RUN_BITS,
    LEAD = HZ_POCSAG_LEAD,
    GLANCE = HZ_BCH_BITS + 2, /* bits of the sync word, and two for its end */
    PARTS = 8,                /* of a batch, over each of which its clock hardly matters */
    TIMINGS = 4               /* timings tried in a bit, for the clock */
};

static const double rate_hz = HZ_POCSAG_RATE_HZ, two_pi = 6.28318530717958647692;

/* Mean overruled fraction from which a batch is read again with memory of the phase and in other
 * ways; and above which it is noise, unless the sync word is there. */
static const float doubtful = 0.002f, noise = 0.028f;
/* A first batch with less was read correctly; soft bits read as sharp ones may succeed for one
 * batch. */
static const float sure = 0.0002f;
static const float memory = 0.4f;

/* Fraction of the sync word's reliability against it that rules out a batch: at a place that the
 * search found, and at a place where one is expected and may be damaged. */
static const float most_against = 0.16f, most_against_due = 0.35f;
/* Unusual ways of reading, which cost ten batches, are tried only below this. */
static const float most_against_odd = 0.1f;

/* Clock error from which the clock is corrected, and overruled fraction up to which that is tried.
 * An error of 0.001 leaves the bits of a batch right; the phase across bit changes (turns.h) then
 * gives the rest. */
static const double clock_plain = 150e-6;
static const float clear = 0.012f;

/* Unusual ways of reading must leave less against the batch, and against a first batch that is not
 * plain: each way is another chance for something that is not a batch, as a preamble at another
 * rate. */
static const float odd_overruled = 0.01f, odd_sync = 0.05f;
/* In bit rates: distance from which a tone is another line of the spectrum; difference that does
 * not matter. */
static const double another_line = 0.75;
static const float as_well = 0.001f;
static const float most_against_first = 0.06f;

/* Transmitters filter their bits little; some do as much as this. */
static const double shape[HZ_POCSAG_BAUDS] = {3, 2, 1}, soft_shape = 0.42;

/* Range of transmitters, with a margin for errors of estimation: deviations of 1.5 kHz (half of
 * narrow band's) to 6.5 kHz (overdriven), a clock 0.5 % off (RC oscillator or sound card), a
 * carrier 2.5 kHz off (both ends together). */
static const double least_deviation_hz = 1200, most_deviation_hz = 7200;
static const double most_clock = 0.007, farthest_hz = 4000;

int hz_pocsag_receiver_init(struct hz_pocsag_receiver *r, const struct hz_bch *code)
{
    r->code = code;
    r->mixed = calloc(2 * HZ_POCSAG_LONGEST, sizeof(float));
    r->filtered = calloc(2 * HZ_POCSAG_LONGEST, sizeof(float));
    hz_pocsag_narrow_init(&r->narrow);
    hz_cpm_pulse_gaussian(&r->soft_pulse, soft_shape);
    for (unsigned b = 0; b < HZ_POCSAG_BAUDS; b++) {
        struct hz_cpm_mode mode = {.samples_per_bit = hz_pocsag_bit(b),
                                   .h = 2 * 4500.0 / hz_pocsag_baud[b],
                                   .bt = shape[b],
                                   .states_log2 = 3};
        r->cpm[b] = hz_cpm_new(&mode, RUN);
        r->shape[b] = (struct hz_pocsag_shape){mode.h, mode.samples_per_bit, false};
        hz_cpm_pulse_gaussian(&r->pulse[b], shape[b]);
        if (!r->cpm[b] || !r->mixed || !r->filtered) {
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
    free(r->filtered);
    r->mixed = r->filtered = NULL;
}

/* A batch in memory. */
struct take {
    struct hz_pocsag_receiver *r;
    struct hz_cpm *cpm;
    const float *iq; /* LEAD samples before the batch */
    double start;    /* distance from there to line.at as it was at first */
    double baud;
    struct hz_pocsag_line line;
    double moved; /* samples by which the batch begins later */
    struct hz_pocsag_batch batch;
};

static double bit_length(const struct take *t)
{
    return hz_pocsag_bit(t->line.baud) * t->line.clock;
}

/* Makes the detector's waveforms for a deviation and clock, in steps: new ones cost as much as a
 * batch. */
static void begin(struct take *t, float with_memory, double shift)
{
    struct hz_pocsag_shape *s = &t->r->shape[t->line.baud];
    double bit = bit_length(t), h = 2 * t->line.deviation_hz * bit / rate_hz;
    if (fabs(s->h - h) > (with_memory > 0 ? 0.02 : 0.1) || fabs(s->bit / bit - 1) > 2e-4 ||
        s->soft != t->line.soft) {
        *s = (struct hz_pocsag_shape){nearbyint(h * 100) / 100, bit, t->line.soft};
        hz_cpm_shape(t->cpm, s->h, bit, s->soft ? &t->r->soft_pulse : &t->r->pulse[t->line.baud]);
    }
    hz_cpm_adapt(t->cpm, s->h, with_memory, bit);
    hz_cpm_begin(t->cpm, t->r->mixed, HZ_POCSAG_LONGEST, t->start + t->moved + shift);
}

static void mix(struct take *t, size_t bits)
{
    struct hz_cpm_offset offset = {t->line.freq_hz / rate_hz,
                                   t->line.drift_hz_s / (rate_hz * rate_hz)};
    size_t n = 2 * LEAD + (size_t)((double)bits * bit_length(t)) + 1;
    hz_cpm_mix(t->iq, n < HZ_POCSAG_LONGEST ? n : HZ_POCSAG_LONGEST, &offset, t->r->mixed);
}

/* Runs the detector over the first so many bits of the batch. */
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

/* Runs the detector over the batch and decodes its words. */
static void run(struct take *t, float with_memory)
{
    detect(t, with_memory, RUN);
    hz_pocsag_batch_read(t->r->code, &t->r->soft, &t->batch);
}

/* Fraction of the sync word's reliability against it. */
static float glance(struct take *t)
{
    detect(t, 0, GLANCE);
    return hz_pocsag_batch_sync(&t->r->soft);
}

/* Energy in the decided bits if the batch begins `shift` samples later. */
static float energy(struct take *t, double shift)
{
    float sum = 0;
    begin(t, 0, shift);
    hz_cpm_carrier(t->cpm, t->r->bits, RUN, t->r->carrier);
    for (size_t k = 0; k < 2 * (RUN - 1); k++)
        sum += t->r->carrier[k] * t->r->carrier[k];
    return sum;
}

/* Estimates the beginning of the batch from the energy early and late: its peak is a blunt
 * triangle. */
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

/* Estimates the clock by the growth of the metric over the batch, for unknown bits. */
static struct hz_cpm_line find_line(struct take *t, bool soft)
{
    struct hz_cpm_line line;
    t->line.clock = 1;
    t->line.soft = soft;
    begin(t, 0, 0);
    hz_cpm_line(t->cpm, t->r->mixed, HZ_POCSAG_LONGEST, t->start + t->moved, HZ_POCSAG_BATCH_BITS,
                TIMINGS, most_clock, &line);
    t->r->steps += TIMINGS * HZ_POCSAG_BATCH_BITS;
    return line;
}

static void follow_line(struct take *t, const struct hz_cpm_line *line)
{
    t->line.clock = 1 + line->clock;
    t->moved += line->late * hz_pocsag_bit(t->line.baud);
}

/* Uses that clock if it is off by more than noise explains. */
static bool find_plain_clock(struct take *t)
{
    struct hz_cpm_line line = find_line(t, t->line.soft);
    bool off = fabs(line.clock) >= fmax(clock_plain, 3 * line.clock_error);
    if (off)
        follow_line(t, &line);
    return off;
}

/* Estimates carrier, deviation, beginning and clock from the decided bits. */
static void estimate(struct take *t)
{
    struct hz_cpm_turns turns;
    double size[2], bit = bit_length(t), per_radian = rate_hz / bit / two_pi;
    begin(t, 0, 0);
    hz_cpm_carrier(t->cpm, t->r->bits, RUN, t->r->carrier);
    t->r->steps += RUN / 2;
    hz_cpm_turns_measure(&turns, t->r->carrier, t->r->bits, HZ_POCSAG_BATCH_BITS, PARTS, rate_hz);
    t->line.drift_hz_s += hz_cpm_turns_drift(&turns, bit / rate_hz, t->line.drift_hz_s != 0);
    double low = hz_cpm_turns_tone(&turns, 0, &size[0]);
    double high = hz_cpm_turns_tone(&turns, 1, &size[1]);
    struct hz_cpm_late late =
        hz_cpm_turns_clock(&turns, (high + low) / 2, t->line.deviation_hz, bit);
    t->moved += late.samples;
    t->line.clock += late.clock;
    t->line.freq_hz += per_radian * (high + low) / 2;
    t->line.deviation_hz =
        t->r->shape[t->line.baud].h * rate_hz / bit / 2 + per_radian * (high - low) / 2;
    double gain = bit * bit * (double)(turns.pairs > 0 ? turns.pairs : 1);
    t->line.signal = (float)((size[0] + size[1]) / gain);
}

static bool sane(const struct hz_pocsag_line *l)
{
    return fabs(l->freq_hz) < farthest_hz && fabs(l->drift_hz_s) < HZ_CPM_DRIFT_MOST_HZ_S &&
           l->deviation_hz > least_deviation_hz && l->deviation_hz < most_deviation_hz &&
           fabs(l->clock - 1) < most_clock;
}

/* Estimates the tones from the sync word. */
static void find_tones(struct take *t)
{
    double freq = t->line.freq_hz, deviation = t->line.deviation_hz;
    struct hz_pocsag_tones tones = {.iq = t->iq,
                                    .start = t->start,
                                    .bit = bit_length(t),
                                    .inverted = t->line.inverted,
                                    .low_hz = freq - deviation,
                                    .high_hz = freq + deviation};
    if (t->line.soft)
        hz_pocsag_tones_find_soft(&tones);
    else
        hz_pocsag_tones_find(&tones);
    t->line.freq_hz = (tones.low_hz + tones.high_hz) / 2;
    t->line.deviation_hz = (tones.high_hz - tones.low_hz) / 2;
}

/* The line (dsp/cpm_line.h) gives the bit boundaries, not the first bit: the search may place soft
 * bits one bit too early or late. */
static void find_first_bit(struct take *t)
{
    float least = INFINITY;
    double moved = t->moved;
    for (int i = -1; i <= 1; i++) {
        struct take other = *t;
        other.moved += i * bit_length(t);
        float against = glance(&other);
        if (against < least) {
            least = against;
            moved = other.moved;
        }
    }
    t->moved = moved;
}

/* Overruled fraction of noise, or where the bits are lost on the way. */
static bool is_noise(const struct take *t)
{
    return !t->line.steady && t->batch.overruled > noise && t->batch.sync > most_against;
}

/* Reads the batch with the assumed parameters, then again with the estimated ones, as long as that
 * improves it. Afterwards t->line is the transmission's, t->batch the best reading. */
static void read_on(struct take *t)
{
    run(t, 0);
    if (is_noise(t))
        return;
    struct hz_pocsag_batch best = t->batch;
    if (!t->line.steady || best.overruled > doubtful)
        align(t);
    if (!t->line.steady && best.overruled < clear && find_plain_clock(t)) {
        run(t, 0);
        best = t->batch.overruled <= best.overruled ? t->batch : best;
    }
    estimate(t);
    struct take estimated = *t;
    bool better = true;
    for (int i = 0; i < 2 && better && best.overruled > doubtful && sane(&t->line); i++) {
        run(t, memory);
        better = t->batch.overruled < best.overruled;
        if (better)
            best = t->batch;
        estimate(t);
        if (better)
            estimated = *t;
    }
    *t = estimated;
    t->batch = best;
}

/* Reads the batch in another way, and keeps that if it is better. */
static void try_too(struct take *best, struct take *other)
{
    if (best->batch.overruled <= sure)
        return;
    read_on(other);
    bool plainly = other->batch.overruled < odd_overruled && other->batch.sync < odd_sync;
    if (plainly && sane(&other->line) &&
        (!sane(&best->line) || other->batch.overruled < best->batch.overruled))
        *best = *other;
}

/* Reads bits with sharp edges, at the tones of the sync word's runs: the search may have taken
 * other lines of the spectrum for tones. */
static struct take by_runs(const struct take *begun)
{
    struct take runs = *begun;
    runs.line.soft = true;
    find_tones(&runs);
    runs.line.soft = false;
    return runs;
}

/* Tries the ways of reading for unusual transmissions. */
static void read_odd(struct take *best, const struct take *begun)
{
    struct take usual = *begun, soft, runs;
    if (best->batch.overruled <= sure || best->batch.sync >= most_against_odd)
        return;
    mix(&usual, RUN);
    struct hz_cpm_line line = find_line(&usual, false);
    soft = runs = by_runs(begun);
    mix(&runs, RUN);
    struct hz_cpm_line runs_line = find_line(&runs, false);
    follow_line(&runs, &runs_line);
    soft.line.soft = true;
    mix(&soft, RUN);
    struct hz_cpm_line soft_line = find_line(&soft, true);
    bool softer = soft_line.strength > line.strength;
    follow_line(&usual, &line);
    follow_line(&soft, &soft_line);
    find_first_bit(&soft);
    try_too(best, softer ? &soft : &usual);
    try_too(best, softer ? &usual : &soft);
    try_too(best, &runs);
}

/* Soft edges make the tones look a bit rate or two closer together. A batch read that way may fit,
 * and the next one not: if the runs of the sync word say otherwise, their tones are tried, and
 * taken if they fit as well. */
static void read_runs(struct take *best, const struct take *begun)
{
    if (best->batch.sync > most_against_first)
        return;
    struct take runs = by_runs(begun);
    double apart_hz = fabs(runs.line.deviation_hz - begun->line.deviation_hz) +
                      fabs(runs.line.freq_hz - begun->line.freq_hz);
    if (apart_hz < another_line * begun->baud)
        return;
    read_on(&runs);
    if (sane(&runs.line) && runs.batch.overruled <= best->batch.overruled + as_well)
        *best = runs;
}

void hz_pocsag_line_on(struct hz_pocsag_line *line)
{
    double samples = HZ_POCSAG_BATCH_BITS * hz_pocsag_bit(line->baud) * line->clock;
    line->at += samples;
    line->freq_hz += line->drift_hz_s * samples / HZ_POCSAG_RATE_HZ;
}

/* Whether the tones stay within the narrow channel for the whole batch, with most of their power.
 */
static bool is_narrow(const struct hz_pocsag_line *l)
{
    double end_hz = l->freq_hz + l->drift_hz_s * HZ_POCSAG_BATCH_BITS / hz_pocsag_baud[l->baud];
    double lobe_hz = hz_pocsag_baud[l->baud] / 4.0;
    return fmax(fabs(l->freq_hz), fabs(end_hz)) + l->deviation_hz + lobe_hz <= HZ_POCSAG_NARROW_HZ;
}

/* Filters so many bits of the batch to the narrow channel, if its tones are within it. */
static void filter(struct take *t, const float *all, size_t bits)
{
    double bit = hz_pocsag_bit(t->line.baud) * (1 + most_clock);
    size_t n = 2 * LEAD + (size_t)((double)bits * bit) + 2;
    t->iq = all;
    if (!is_narrow(&t->line))
        return;
    hz_pocsag_narrow_run(&t->r->narrow, all, n < HZ_POCSAG_LONGEST ? n : HZ_POCSAG_LONGEST,
                         t->r->filtered);
    t->iq = t->r->filtered;
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
    const float *all = t.iq;
    filter(&t, all, GLANCE);
    if (!line->steady)
        find_tones(&t);
    if (glance(&t) > (line->steady ? most_against_due : most_against))
        return false;
    filter(&t, all, RUN);
    struct take begun = t;
    read_on(&t);
    if (!line->steady)
        read_runs(&t, &begun);
    if (!line->steady || (line->clear && t.batch.overruled > doubtful))
        read_odd(&t, &begun);
    *out = t.batch;
    if (!line->steady && !out->plain && out->sync > most_against_first)
        return false;
    if (!hz_pocsag_batch_follows(out) || !sane(&t.line))
        return false;
    t.line.clear = line->steady ? line->clear : out->overruled < doubtful;
    *line = t.line;
    line->steady = true;
    line->at += t.moved;
    hz_pocsag_line_on(line);
    return true;
}

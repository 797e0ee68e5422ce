#include "proto/sensors/engine.h"

#include "proto/sensors/compete.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Operations for one burst, 0.2 ns each: a weak one of a second, for which all classes with pulses
 * of its length are tried. */
static const uint64_t work_most = 700000000;

int hz_engine_init(struct hz_engine *e, const struct hz_classes *classes, double rate_hz,
                   size_t samples_max)
{
    *e = (struct hz_engine){.classes = classes, .rate_hz = rate_hz, .samples_max = samples_max};
    int err = hz_cells_init(&e->cells, samples_max);
    if (err == 0)
        err = hz_hear_init(&e->ear);
    e->choice = malloc((classes->n + 1) * sizeof *e->choice);
    e->clock = malloc((classes->n + 1) * sizeof *e->clock);
    e->memory.profile = malloc((samples_max / HZ_CELLS_BINS + 1) * sizeof(float));
    bool failed = err < 0 || !e->memory.profile || !e->choice || !e->clock;
    for (int i = 0; i < 2; i++) {
        e->tone[i].re = malloc((samples_max + 1) * sizeof(uint32_t));
        e->tone[i].im = malloc((samples_max + 1) * sizeof(uint32_t));
        failed |= !e->tone[i].re || !e->tone[i].im;
    }
    if (!failed)
        return 0;
    hz_engine_done(e);
    return -ENOMEM;
}

void hz_engine_done(struct hz_engine *e)
{
    hz_cells_done(&e->cells);
    hz_hear_done(&e->ear);
    free(e->memory.profile);
    free(e->choice);
    free(e->clock);
    for (int i = 0; i < 2; i++) {
        free(e->tone[i].re);
        free(e->tone[i].im);
    }
    *e = (struct hz_engine){0};
}

static float peak_of(const float *iq, size_t n)
{
    float peak = 1e-9f;
    for (size_t i = 0; i < 2 * n; i++)
        peak = fabsf(iq[i]) > peak ? fabsf(iq[i]) : peak;
    return peak;
}

/* One class at one carrier, whose tones are summed up from sample c->from. */
static void hear(struct hz_engine *e, const struct hz_carrier *c, const struct hz_class *k)
{
    bool two = c->modulation == HZ_WAVE_FSK;
    struct hz_hearing h = {.upper = &e->tone[0],
                           .lower = two ? &e->tone[1] : NULL,
                           .from = 0,
                           .to = c->to - c->from,
                           .rate_hz = e->rate_hz,
                           .noise = e->cells.noise,
                           .clock = e->clock};
    const struct hz_reading *list = e->reading;
    size_t n = hz_hear(&e->ear, e->classes, k, &h, e->reading, HZ_READINGS_MAX, &e->work);
    for (size_t i = 0; i < n; i++) {
        if (e->n_found == HZ_FOUND_MAX)
            return;
        struct hz_found *f = &e->found[e->n_found++];
        *f = (struct hz_found){.reading = list[i], .noise = e->cells.noise};
        f->reading.begin += (double)c->from;
        f->reading.end += (double)c->from;
        f->freq_hz = (two ? 0.5 * (c->freq + c->lower) : c->freq) * e->rate_hz;
        f->deviation_hz = two ? 0.5 * (c->freq - c->lower) * e->rate_hz : 0;
        f->level = e->a2 * e->cells.noise;
        f->doubtful = list[i].strength < 12;
    }
}

/* A burst may reach as far beyond the groups of bins in which it was found. */
static const double beside_hz = 8000;

static bool wanted(const struct hz_engine *e, const struct hz_engine_burst *b,
                   const struct hz_carrier *c)
{
    if (c == e->carrier) /* the strongest one: what was found is most likely a part of it */
        return true;
    double middle = c->modulation == HZ_WAVE_FSK ? 0.5 * (c->freq + c->lower) : c->freq;
    return (b->low_hz == 0 && b->high_hz == 0) || (middle * e->rate_hz > b->low_hz - beside_hz &&
                                                   middle * e->rate_hz < b->high_hz + beside_hz);
}

/* Of the lengths of a strong burst, a class must have so many. */
static const float least_share = 0.6f;
/* Bursts of other classes are further off; of two tones the measure is a coarse one. */
static const float most_off = 0.6f, most_off_fsk = 0.7f;
/* Of a strong one that was read, those this much further off than the nearest are not tried. */
static const float strong_off = 0.25f;

static int by_likelihood(const void *a, const void *b)
{
    const struct hz_choice *x = a, *y = b;
    if (x->off != y->off)
        return x->off < y->off ? -1 : 1;
    return x->class < y->class ? -1 : x->class > y->class;
}

/* The classes that may be what is keyed at a carrier, the likeliest first. */
static size_t choose(struct hz_engine *e, enum hz_wave_modulation modulation)
{
    struct hz_coherence c;
    const struct hz_tone *lower = modulation == HZ_WAVE_FSK ? &e->tone[1] : NULL;
    hz_coherence_measure(&e->tone[0], e->rate_hz, e->cells.noise, e->ear.scratch, &c);
    float a2 = fminf(expf(c.log_g[1]), expf(c.log_g[2]));
    e->a2 = fmaxf(expf(c.log_g[0]), a2);
    bool strong =
        hz_runs_find(&e->tone[0], lower, e->rate_hz, e->cells.noise, a2, e->ear.scratch, &e->runs);
    size_t n = 0;
    for (size_t k = 0; k < e->classes->n; k++) {
        const struct hz_class *class = &e->classes->list[k];
        if (class->shape.wave->modulation != modulation)
            continue;
        float off = hz_coherence_distance(&c, &class->band);
        float share = strong ? hz_runs_share(&e->runs, &class->lengths) : 1;
        if (share < least_share || off > (lower ? most_off_fsk : most_off))
            continue;
        e->choice[n++] = (struct hz_choice){class, off + 1 - share};
    }
    qsort(e->choice, n, sizeof *e->choice, by_likelihood);
    e->near = strong && !lower && n > 0 ? e->choice[0].off + strong_off : INFINITY;
    return n;
}

/* Whether a carrier is there for much longer than a message. */
static bool outlasts(const struct hz_carrier *c, const struct hz_found *f)
{
    return c->narrow && (double)(c->to - c->from) > 3 * (f->reading.end - f->reading.begin);
}

/* Whether a line is part of two tones whose message is known. */
static bool explained(const struct hz_engine *e, const struct hz_carrier *c)
{
    for (size_t i = 0; i < e->n_found; i++) {
        const struct hz_found *f = &e->found[i];
        double away = fabs(c->freq * e->rate_hz - f->freq_hz);
        if (c->modulation == HZ_WAVE_OOK && f->deviation_hz > 0 && !f->doubtful &&
            away < f->deviation_hz * 1.5 + 15e3 && (double)c->from < f->reading.end &&
            (double)c->to > f->reading.begin && !outlasts(c, f))
            return true;
    }
    return false;
}

/* Whether what was found at a carrier, from f on, is sure and is most of what is there. */
static bool settled(const struct hz_engine *e, const struct hz_carrier *c, size_t from)
{
    double covered = 0, all = (double)(c->to - c->from);
    all = fmax(all - 2 * HZ_CARRIER_MARGIN_S * e->rate_hz, 0.3 * all);
    for (size_t i = from; i < e->n_found; i++) {
        const struct hz_reading *r = &e->found[i].reading;
        if (r->strength >= 16 && r->fit > 0.9f)
            covered += r->end - r->begin;
    }
    return covered > 0.5 * all;
}

static void decode(struct hz_engine *e, const struct hz_engine_burst *b, const struct hz_carrier *c,
                   float peak)
{
    size_t len = c->to - c->from;
    if (!wanted(e, b, c) || explained(e, c))
        return;
    hz_tone_sum(&e->tone[0], b->iq + 2 * c->from, len, c->freq, peak);
    if (c->modulation == HZ_WAVE_FSK)
        hz_tone_sum(&e->tone[1], b->iq + 2 * c->from, len, c->lower, peak);
    e->work += len * 8;
    memset(e->clock, 0, e->classes->n * sizeof *e->clock);
    size_t classes = choose(e, c->modulation), before = e->n_found;
    for (size_t k = 0; k < classes && !settled(e, c, before); k++) {
        if (e->choice[k].off > e->near && e->n_found > before)
            break; /* what is further off does not explain it better */
        if (e->work > e->work_max)
            e->shed++;
        else
            hear(e, c, e->choice[k].class);
    }
}

void hz_engine_run(struct hz_engine *e, const struct hz_engine_burst *b)
{
    size_t n = b->n > e->samples_max ? e->samples_max : b->n;
    e->n_found = 0;
    e->work = e->shed = 0;
    e->work_max = b->share > 0 ? (uint64_t)((double)work_most * b->share) : work_most;
    hz_cells_make(&e->cells, b->iq, n, b->bandwidth_hz > 0 ? b->bandwidth_hz / e->rate_hz : 1);
    e->n_carriers = hz_carriers_find(&e->cells, e->rate_hz, &e->memory, e->carrier);
    float peak = peak_of(b->iq, n);
    for (size_t i = 0; i < e->n_carriers; i++)
        decode(e, b, &e->carrier[i], peak);
    hz_compete(e->classes->set, e->found, &e->n_found);
}

#include "proto/sensors/engine.h"

#include "proto/sensors/compete.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int hz_engine_init(struct hz_engine *e, const struct hz_classes *classes, double rate_hz,
                   size_t samples_max)
{
    *e = (struct hz_engine){.classes = classes, .rate_hz = rate_hz, .samples_max = samples_max};
    e->work_max = 400000000;
    int err = hz_cells_init(&e->cells, samples_max);
    if (err == 0)
        err = hz_hear_init(&e->ear);
    e->memory.profile = malloc((samples_max / HZ_CELLS_BINS + 1) * sizeof(float));
    bool failed = err < 0 || !e->memory.profile;
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
                           .noise = e->cells.noise};
    struct hz_reading list[4];
    size_t n = hz_hear(&e->ear, e->classes, k, &h, list, 4, &e->work);
    for (size_t i = 0; i < n; i++) {
        if (e->n_found == HZ_FOUND_MAX)
            return;
        struct hz_found *f = &e->found[e->n_found++];
        *f = (struct hz_found){.reading = list[i], .noise = e->cells.noise};
        f->reading.begin += (double)c->from;
        f->reading.end += (double)c->from;
        f->freq_hz = (two ? 0.5 * (c->freq + c->lower) : c->freq) * e->rate_hz;
        f->deviation_hz = two ? 0.5 * (c->freq - c->lower) * e->rate_hz : 0;
        f->level = list[i].a2 * e->cells.noise;
    }
}

/* A burst may reach as far beyond the groups of bins in which it was found. */
static const double beside_hz = 8000;

static bool wanted(const struct hz_engine *e, const struct hz_engine_burst *b,
                   const struct hz_carrier *c)
{
    double middle = c->modulation == HZ_WAVE_FSK ? 0.5 * (c->freq + c->lower) : c->freq;
    return (b->low_hz == 0 && b->high_hz == 0) || (middle * e->rate_hz > b->low_hz - beside_hz &&
                                                   middle * e->rate_hz < b->high_hz + beside_hz);
}

void hz_engine_run(struct hz_engine *e, const struct hz_engine_burst *b)
{
    size_t n = b->n > e->samples_max ? e->samples_max : b->n;
    e->n_found = 0;
    e->work = e->shed = 0;
    hz_cells_make(&e->cells, b->iq, n, b->bandwidth_hz > 0 ? b->bandwidth_hz / e->rate_hz : 1);
    size_t carriers = hz_carriers_find(&e->cells, e->rate_hz, &e->memory, e->carrier);
    float peak = peak_of(b->iq, n);
    for (size_t i = 0; i < carriers; i++) {
        const struct hz_carrier *c = &e->carrier[i];
        size_t len = c->to - c->from;
        if (!wanted(e, b, c))
            continue;
        hz_tone_sum(&e->tone[0], b->iq + 2 * c->from, len, c->freq, peak);
        if (c->modulation == HZ_WAVE_FSK)
            hz_tone_sum(&e->tone[1], b->iq + 2 * c->from, len, c->lower, peak);
        e->work += len * 8;
        for (size_t k = 0; k < e->classes->n; k++) {
            const struct hz_class *class = &e->classes->list[k];
            if (class->shape.wave->modulation != c->modulation)
                continue;
            if (e->work > e->work_max)
                e->shed++;
            else
                hear(e, c, class);
        }
    }
    hz_compete(e->classes->set, e->found, &e->n_found);
}

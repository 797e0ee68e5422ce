#include "proto/sensors/runs.h"

#include <math.h>
#include <string.h>

enum { PAIR = 3 }; /* symbols in a row, of which the inner lengths are complete */

/* A^2 in the window: one look in 10^4 is wrong, which of one tone is silence taken for a pulse */
static const float strong_two = 20, strong_one = 36;
static const float window_min_us = 24, window_max_us = 200;
static const float alike = 0.14f; /* lengths that are one kind */
static const float clock = 0.10f; /* clocks 5 % off, and lengths that one sensor has different */

/* ---- of a wave ------------------------------------------------------------------------------ */

static void add_length(float *list, size_t *n, float us)
{
    for (size_t i = 0; i < *n; i++) {
        if (fabsf(list[i] - us) < 0.04f * us)
            return;
    }
    if (*n < HZ_RUN_LENGTHS)
        list[(*n)++] = us;
}

/* Adds the lengths of a list of durations, neighbours of one sign made one. `ends`: the first and
 * the last too, which may go on outside. */
static void add_all(struct hz_run_lengths *l, const float *us, size_t n, bool ends)
{
    for (size_t i = 0; i < n;) {
        float length = us[i];
        size_t k = i + 1;
        for (; k < n && (us[k] > 0) == (us[i] > 0); k++)
            length += us[k];
        if (ends || (i > 0 && k < n)) {
            if (length > 0)
                add_length(l->on, &l->n_on, length);
            else
                add_length(l->off, &l->n_off, -length);
        }
        i = k;
    }
}

void hz_run_lengths(const struct hz_wave *w, struct hz_run_lengths *l)
{
    float us[256];
    *l = (struct hz_run_lengths){.chip_us = INFINITY};
    const struct hz_spans *bit[2] = {&w->zero, &w->one};
    for (int b = 0; b < 2; b++) {
        for (size_t i = 0; i < bit[b]->n; i++)
            l->chip_us = fminf(l->chip_us, fabsf(bit[b]->us[i]));
    }
    if (w->zero.n == 1 && w->one.n == 1) { /* levels, or intervals in turn */
        for (int k = 1; k <= 8; k++) {
            add_length(l->on, &l->n_on, l->chip_us * (float)k);
            add_length(l->off, &l->n_off, l->chip_us * (float)k);
        }
        for (int b = 0; b < 2; b++) {
            add_length(l->on, &l->n_on, fabsf(bit[b]->us[0]));
            add_length(l->off, &l->n_off, fabsf(bit[b]->us[0]));
        }
    } else {
        for (unsigned pattern = 0; pattern < 1u << PAIR; pattern++) {
            size_t n = 0;
            for (int k = 0; k < PAIR; k++) {
                const struct hz_spans *s = bit[pattern >> k & 1];
                for (size_t i = 0; i < s->n && n < 256; i++)
                    us[n++] = s->us[i];
            }
            add_all(l, us, n, false);
        }
    }
    add_all(l, w->sync.us, w->sync.n, true);
}

/* ---- of a burst ----------------------------------------------------------------------------- */

static void add_run(struct hz_run_kind *list, size_t *n, float us)
{
    for (size_t i = 0; i < *n; i++) {
        if (fabsf(list[i].us - us) < alike * us + 4) {
            list[i].us += (us - list[i].us) / (list[i].n + 1);
            list[i].n++;
            return;
        }
    }
    if (*n < HZ_RUN_KINDS) {
        list[(*n)++] = (struct hz_run_kind){us, 1};
        return;
    }
    size_t least = 0;
    for (size_t i = 0; i < *n; i++)
        least = list[i].n < list[least].n ? i : least;
    list[least].n--;
    if (list[least].n < 1)
        list[least] = (struct hz_run_kind){us, 1};
}

bool hz_runs_find(const struct hz_tone *upper, const struct hz_tone *lower, double rate_hz,
                  float noise, float a2, float *scratch, struct hz_runs *out)
{
    *out = (struct hz_runs){0};
    double us = rate_hz * 1e-6;
    double window =
        fmax((double)((lower ? strong_two : strong_one) / a2), (double)window_min_us * us);
    if (!(a2 > 0) || window > (double)window_max_us * us)
        return false;
    unsigned w = (unsigned)lrint(fmin(window, HZ_TONE_WINDOW_MAX));
    double step = fmax(w / 4.0, 1);
    size_t n = (size_t)((double)upper->n / step);
    n = n > HZ_RUN_STEPS ? HZ_RUN_STEPS : n;
    float *p = scratch, *q = scratch + HZ_RUN_STEPS;
    hz_tone_power(upper, 0, step, w, 1 / (noise * (float)w), 0, p, n);
    if (lower)
        hz_tone_power(lower, 0, step, w, 1 / (noise * (float)w), 0, q, n);
    /* half of the amplitude: edges of a pulse lie where it is reached */
    float level = a2 * (float)w / 4;
    bool on = false;
    size_t since = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        bool now = lower ? p[i] > q[i] : p[i] > level * (on ? 0.8f : 1.25f);
        bool there = !lower || p[i] + q[i] > level; /* of two tones, one is */
        if (now == on && there)
            continue;
        sum = (double)(i - since) * step / us;
        if (since > 0 && sum < 20000)
            add_run(on ? out->on : out->off, on ? &out->n_on : &out->n_off, (float)sum);
        on = now;
        since = there ? i : 0;
    }
    out->shortest_us = (float)(1.6 * w / us);
    return out->n_on > 0;
}

/* ---- both ----------------------------------------------------------------------------------- */

static float share(const struct hz_run_kind *run, size_t n, const float *us, size_t lengths,
                   float slack_us)
{
    float all = 1e-9f, with = 0;
    for (size_t i = 0; i < n; i++) {
        bool has = false;
        for (size_t k = 0; k < lengths; k++)
            has |= fabsf(run[i].us - us[k]) < clock * us[k] + slack_us;
        all += run[i].n;
        with += has ? run[i].n : 0;
    }
    return with / all;
}

float hz_runs_share(const struct hz_runs *r, const struct hz_run_lengths *l)
{
    if (l->chip_us < r->shortest_us)
        return 1; /* cannot tell */
    /* receivers and cheap transmitters lengthen pulses at the cost of gaps, or the reverse */
    float slack_us = 12 + 0.1f * fminf(l->chip_us, 400);
    float on = share(r->on, r->n_on, l->on, l->n_on, slack_us);
    float off = share(r->off, r->n_off, l->off, l->n_off, slack_us);
    return 0.4f * on + 0.6f * off;
}

#include "proto/wmbus/search.h"

#include "dsp/clones.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { APART = 12 /* chips: the best place among so many on each side counts */ };

int hz_wmbus_search_init(struct hz_wmbus_search *s, const struct hz_wmbus_mode *mode,
                         double rate_hz, size_t hop)
{
    double chip = rate_hz / mode->chips_s;
    *s = (struct hz_wmbus_search){.mode = mode, .rate_hz = rate_hz, .hop = hop};
    s->step = (size_t)(chip / 4) > 1 ? (size_t)(chip / 4) : 1;
    while (hop % s->step != 0)
        s->step--;
    s->chip = (size_t)lround(chip / (double)s->step) * s->step;
    s->behind = (size_t)ceil(chip / mode->clocks[0] * (double)(mode->chips + 1)) + 2 * s->step;
    s->places = hop / s->step;
    s->window = (size_t)ceil(chip / mode->clocks[0] * (double)mode->chips / (double)s->step);
    s->n = (hop + s->behind - s->chip) / s->step;
    s->d = malloc((s->n + s->chip) * sizeof *s->d);
    s->energy = malloc((s->n + s->chip + 1) * sizeof *s->energy);
    s->under = malloc(s->places * sizeof *s->under);
    s->best = malloc(s->places * sizeof *s->best);
    s->clock = malloc(s->places);
    for (int i = 0; i < 2; i++)
        s->sum[i] = malloc((s->n + s->chip) * sizeof *s->sum[i]);
    if (s->d && s->energy && s->under && s->best && s->clock && s->sum[0] && s->sum[1])
        return 0;
    hz_wmbus_search_done(s);
    return -ENOMEM;
}

void hz_wmbus_search_done(struct hz_wmbus_search *s)
{
    free(s->d);
    free(s->energy);
    free(s->under);
    free(s->best);
    free(s->clock);
    free(s->sum[0]);
    free(s->sum[1]);
    *s = (struct hz_wmbus_search){0};
}

/* Sums over `step` samples, at every step: of the turns from sample to sample, of the energy. */
HZ_CLONES static void sum_steps(const float *iq, size_t n, size_t step, float *turn, float *energy)
{
    for (size_t i = 0; i < n; i++) {
        const float *x = iq + 2 * i * step;
        float t = 0, e = 0;
        for (size_t k = 0; k < step; k++, x += 2) {
            t += x[1] * x[-2] - x[0] * x[-1];
            e += x[0] * x[0] + x[1] * x[1];
        }
        turn[i] = t;
        energy[i] = e;
    }
}

/* d[i] = sum of the next `width` values. */
HZ_CLONES static void widen(const float *restrict x, size_t n, size_t width, float *restrict d)
{
    for (size_t i = 0; i < n; i++)
        d[i] = x[i];
    for (size_t k = 1; k < width; k++)
        for (size_t i = 0; i < n; i++)
            d[i] += x[i + k];
}

static void measure(struct hz_wmbus_search *s, const float *iq)
{
    size_t width = s->chip / s->step, all = s->n + width;
    sum_steps(iq, all, s->step, s->sum[0], s->sum[1]);
    widen(s->sum[0], s->n, width, s->d);
    s->energy[0] = 0;
    for (size_t i = 0; i < all; i++)
        s->energy[i + 1] = s->energy[i] + (double)s->sum[1][i];
    for (size_t i = 0; i < s->places; i++)
        s->under[i] = (float)(s->energy[i + s->window] - s->energy[i]) + 1e-30f;
}

HZ_CLONES static void subtract(const float *restrict a, const float *restrict b, size_t n,
                               float *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] - b[i];
}

HZ_CLONES static void add_later(const float *restrict x, size_t later, size_t n,
                                float *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] + x[i + later];
}

HZ_CLONES static void add_chip(const float *restrict d, size_t n, float sign, float *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += sign * d[i];
}

HZ_CLONES static void keep_best(const float *restrict over, const float *restrict under, size_t n,
                                uint8_t which, float *restrict best, uint8_t *restrict clock)
{
    for (size_t i = 0; i < n; i++) {
        float r = over[i] / under[i];
        clock[i] = r > best[i] ? which : clock[i];
        best[i] = r > best[i] ? r : best[i];
    }
}

/* The 2^p pairs of the preamble are summed by halves: pairs, pairs of pairs, and so on. */
static void try_clock(struct hz_wmbus_search *s, uint8_t which)
{
    const struct hz_wmbus_mode *m = s->mode;
    double chip = s->rate_hz / m->chips_s / m->clocks[which] / (double)s->step;
    size_t ahead = 0, later[8], one = (size_t)lround(chip), now = 0;
    for (unsigned p = 0; p < m->pairs_log2; p++) {
        later[p] = (size_t)lround(chip * (2 << p));
        ahead += later[p];
    }
    subtract(s->d + one, s->d, s->places + ahead, s->sum[0]);
    for (unsigned p = 0; p < m->pairs_log2; p++, now = 1 - now) {
        ahead -= later[p];
        add_later(s->sum[now], later[p], s->places + ahead, s->sum[1 - now]);
    }
    for (size_t k = (size_t)2 << m->pairs_log2; k < m->chips; k++)
        add_chip(s->d + (size_t)lround((double)k * chip), s->places, m->pattern[k] ? 1 : -1,
                 s->sum[now]);
    keep_best(s->sum[now], s->under, s->places, which, s->best, s->clock);
}

/* Keeps the places in order of time; of too many the weakest goes. */
static size_t keep(struct hz_wmbus_place *list, size_t n, struct hz_wmbus_place new)
{
    if (n == HZ_WMBUS_FOUND) {
        size_t worst = 0;
        for (size_t i = 1; i < n; i++)
            worst = list[i].r < list[worst].r ? i : worst;
        if (list[worst].r >= new.r)
            return n;
        memmove(list + worst, list + worst + 1, (n - worst - 1) * sizeof *list);
        n--;
    }
    list[n] = new;
    return n + 1;
}

/* Whether none near is better, nor as good and earlier. */
static bool is_peak(const float *best, size_t n, size_t i, size_t apart)
{
    size_t from = i > apart ? i - apart : 0, end = i + apart < n ? i + apart + 1 : n;
    for (size_t k = from; k < end; k++)
        if (best[k] > best[i] || (best[k] == best[i] && k < i))
            return false;
    return true;
}

size_t hz_wmbus_search_run(struct hz_wmbus_search *s, const float *iq,
                           struct hz_wmbus_place out[HZ_WMBUS_FOUND], size_t *left)
{
    size_t n = s->places, found = 0, all = 0, apart = APART * s->chip / s->step;
    measure(s, iq);
    for (size_t i = 0; i < n; i++)
        s->best[i] = s->mode->least;
    for (size_t c = 0; c < s->mode->n_clocks; c++)
        try_clock(s, (uint8_t)c);
    for (size_t i = 0; i < n; i++) {
        if (s->best[i] <= s->mode->least || !is_peak(s->best, n, i, apart))
            continue;
        all++;
        found =
            keep(out, found,
                 (struct hz_wmbus_place){i * s->step, s->mode->clocks[s->clock[i]], s->best[i]});
    }
    *left = all - found;
    return found;
}

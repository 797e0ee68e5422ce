#include "proto/sensors/hear_own.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

void hz_part_stream(struct hz_part *p, float clock)
{
    double us = p->h->rate_hz * 1e-6;
    long window = lrint((double)(p->shape->window_us / p->shorter) * us);
    window = window < 1 ? 1 : window > HZ_TONE_WINDOW_MAX ? HZ_TONE_WINDOW_MAX : window;
    p->grid.window = (unsigned)window;
    p->grid.first = (double)p->from;
    p->grid.step = (double)(p->shape->step_us * clock) * us;
    double n = (double)(p->to - p->from) / p->grid.step;
    p->grid.n = n < HZ_HEAR_STEPS ? (size_t)n : HZ_HEAR_STEPS;
    p->level = hz_level_stream(&p->classes->table, p->h->upper, p->h->lower, &p->grid, p->h->noise,
                               p->level.a2, p->e->v, p->e->scratch);
    *p->work += p->grid.n * 8;
}

/* Costs of a look: how much less likely than usual v is, as of on and of off. */
HZ_CLONES static void split(const float *restrict v, float usual_on, float usual_off,
                            float *restrict on, float *restrict off, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        on[i] = 0.5f * (usual_on - v[i]);
        off[i] = 0.5f * (usual_off + v[i]);
    }
}

/* Strong bursts are less noisy, and their silence is, than what the levels say: what is usual is
 * then measured. Else agreement would cost less than nothing, and longer symbols be cheaper. */
static void measure_usual(const struct hz_part *p, float *on, float *off)
{
    double sum[2] = {0, 0}, n[2] = {1e-9, 1e-9};
    for (size_t i = 0; i < p->grid.n; i++) {
        int k = p->e->v[i] > 0;
        sum[k] += fabs((double)p->e->v[i]);
        n[k]++;
    }
    *on = fmaxf(*on, (float)(sum[1] / n[1]));
    *off = fmaxf(*off, (float)(sum[0] / n[0]));
}

HZ_CLONES static void add(float *restrict sum, const float *restrict x, float weight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += weight * x[i];
}

void hz_part_costs(struct hz_part *p, float clock)
{
    if (p->clock == clock)
        return;
    struct hz_hear *e = p->e;
    hz_part_stream(p, clock);
    p->clock = clock;
    size_t n = p->grid.n;
    float usual_on = p->level.mean.on, usual_off = p->level.mean.off;
    if (p->level.a2 > HZ_A2_ENOUGH)
        measure_usual(p, &usual_on, &usual_off);
    split(e->v, usual_on, usual_off, e->on, e->off, n);
    int parities = p->shape->wave->code == HZ_WAVE_PIWM ? 2 : 1;
    for (int i = 0; i < 2 * parities; i++) {
        const struct hz_looks *l = &p->shape->symbol[i / 2][i % 2];
        float *cost = e->cost[i / 2][i % 2];
        memset(cost, 0, n * sizeof *cost);
        for (size_t j = 0; j < l->n; j++) {
            size_t at = (size_t)lrintf(l->list[j].at);
            float weight = l->list[j].weight;
            if (at < n)
                add(cost, (weight > 0 ? e->on : e->off) + at, fabsf(weight), n - at);
        }
        *p->work += n * (l->n + 1);
    }
}

struct hz_dp_costs hz_part_dp_costs(const struct hz_part *p)
{
    const struct hz_hear *e = p->e;
    bool two = p->shape->wave->code == HZ_WAVE_PIWM;
    return (struct hz_dp_costs){
        e->on,
        e->off,
        {{e->cost[0][0], e->cost[0][1]}, {e->cost[two][0], e->cost[two][1]}},
        p->grid.n};
}

/* The step at which the data begins that the search found at `peak`, on the grid of a clock. */
int hz_part_start(const struct hz_part *p, const struct hz_sync_peak *peak, float clock)
{
    (void)p;
    return (int)lrintf((float)peak->at / clock);
}

/* What the stream says about looks that begin at step t: with them, and at all. */
static void weigh(const struct hz_part *p, const struct hz_looks *l, long t, float *with,
                  float *all)
{
    for (size_t i = 0; i < l->n; i++) {
        long at = t + lrintf(l->list[i].at);
        if (at < 0 || at >= (long)p->grid.n)
            continue;
        float v = p->e->v[at], w = l->list[i].weight;
        *with += w * v / (w > 0 ? p->level.mean.sure_on : p->level.mean.sure_off);
        *all += fabsf(w * v);
    }
}

/* One part of a frame; lowers *worst where it fits worse. */
static void weigh_part(const struct hz_part *p, const struct hz_looks *l, long t, float *with,
                       float *all, float *worst)
{
    float w = 0, a = 1e-9f;
    weigh(p, l, t, &w, &a);
    if (l->n > 0 && w < *worst * a)
        *worst = w / a;
    *with += w;
    *all += a;
}

/* Of a strong burst every symbol must fit, and what comes after the last. */
float hz_part_fit(const struct hz_part *p, const struct hz_frame *f, int n)
{
    const int32_t *path = p->e->dp.path;
    float with = 0, all = 1e-9f, worst = 1;
    weigh(p, &p->shape->sync, path[0], &with, &all);
    for (int k = 0; k < n; k++) {
        int parity = p->shape->wave->code == HZ_WAVE_PIWM ? k & 1 : 0;
        weigh_part(p, &p->shape->symbol[parity][f->symbol[k]], path[k], &with, &all, &worst);
    }
    const struct hz_wave *w = p->shape->wave;
    float guessed = 1; /* where no end is declared, that the next frame follows is a guess */
    if (p->ends)
        weigh_part(p, &p->shape->end, path[n], &with, &all,
                   w->tail.n + w->gap.n > 0 ? &worst : &guessed);
    float fit = with / all;
    fit = fit < 1 ? fit : 1;
    return p->level.a2 > HZ_A2_SURE ? fminf(fit, 0.7f + 0.3f * worst) : fit;
}

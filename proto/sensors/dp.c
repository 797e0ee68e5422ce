#include "proto/sensors/dp.h"

#include "dsp/clones.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLACK_MAX = 14, /* and by which a fixed clock may run away over a frame */
    MARGIN = 8,
};

static const float far = 1e9f;     /* no path leads here */
static const float drift = 0.006f; /* of the clock, beyond what the sync tells */
static const float jitter_max = 4; /* cost of one step that a symbol is too long or short */

int hz_dp_init(struct hz_dp *d)
{
    *d = (struct hz_dp){.forward = malloc(HZ_DP_CELLS_MAX * sizeof(float))};
    bool failed = !d->forward;
    for (int i = 0; i < 6; i++) {
        d->row[i] = malloc(HZ_DP_ROW_MAX * sizeof(float));
        failed |= !d->row[i];
    }
    if (!failed)
        return 0;
    hz_dp_done(d);
    return -ENOMEM;
}

void hz_dp_done(struct hz_dp *d)
{
    free(d->forward);
    for (int i = 0; i < 6; i++)
        free(d->row[i]);
    *d = (struct hz_dp){0};
}

/* Length of symbol k with this value, in steps. Symbols of one length follow their exact grid. */
static int length(const struct hz_shape *s, int k, int bit)
{
    if (s->variable)
        return s->length[bit];
    double exact = 0.5 * ((double)s->exact[0] + (double)s->exact[1]);
    return (int)(lrint(exact * (k + 1)) - lrint(exact * k));
}

/* The steps at which symbol k may begin. */
static void bounds(const struct hz_shape *s, int start, int k, int n, int *low, int *width)
{
    double shorter = (double)fminf(s->exact[0], s->exact[1]);
    double longer = (double)fmaxf(s->exact[0], s->exact[1]);
    double slack = s->start_slack + fmin((double)drift * k * longer, SLACK_MAX);
    double from = start + k * shorter - slack, to = start + k * longer + slack;
    int first = (int)floor(from), last = (int)ceil(to);
    first = first < 0 ? 0 : first;
    last = last > n - 1 ? n - 1 : last;
    *low = first;
    *width = last - first + 1;
}

/* out[i] = the least of x[i], and x[i - 1] and x[i + 1] with a penalty; x has a value at -1 and n.
 */
HZ_CLONES static void jittered(const float *restrict x, float penalty, float *restrict out,
                               size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float beside = x[(long)i - 1] < x[i + 1] ? x[(long)i - 1] : x[i + 1];
        beside += penalty;
        out[i] = x[i] < beside ? x[i] : beside;
    }
}

HZ_CLONES static void sum(const float *restrict a, const float *restrict b, float *restrict out,
                          size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] + b[i];
}

HZ_CLONES static void least(const float *restrict a, const float *restrict b, float *restrict out,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] < b[i] ? a[i] : b[i];
}

static float penalty(const struct hz_shape *s, int bit)
{
    float p = 0.5f / (s->freedom[bit] * s->freedom[bit]);
    return p < jitter_max ? p : jitter_max;
}

/* A row of width n with margins on both sides that no path reaches. */
static float *margined(float *row, int margin, int n)
{
    for (int i = 0; i < margin; i++)
        row[i] = row[margin + n + i] = far;
    return row + margin;
}

/* Whether both symbols lead from row to row and back within the margins; not so where the stream
 * ends. */
static bool reaches(const struct hz_shape *s, int k, int now, int have, int low, int width,
                    int margin)
{
    for (int bit = 0; bit < 2; bit++) {
        int back = low - length(s, k, bit) - now + margin;
        int ahead = now + length(s, k, bit) - low + margin;
        if (back < 0 || back + width > have + 2 * margin || ahead < 0 ||
            ahead + have > width + 2 * margin)
            return false;
    }
    return true;
}

int hz_dp_forward(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int start,
                  int symbols, uint64_t *work)
{
    int margin = abs(s->length[0] - s->length[1]) + 2 * MARGIN;
    int n = (int)c->n, k = 0;
    symbols = symbols > HZ_DP_SYMBOLS_MAX ? HZ_DP_SYMBOLS_MAX : symbols;
    bounds(s, start, 0, n, &d->low[0], &d->width[0]);
    d->at[0] = 0;
    d->symbols = 0;
    if (d->width[0] < 1)
        return 0;
    for (int i = 0; i < d->width[0]; i++) {
        float off = (float)(d->low[0] + i - start);
        d->forward[i] = 0.15f * off * off * (3.0f / s->start_slack);
    }
    for (; k < symbols; k++) {
        int low, width, now = d->low[k], have = d->width[k];
        bounds(s, start, k + 1, n, &low, &width);
        size_t at = d->at[k] + (size_t)have;
        if (width < 1 || at + (size_t)width > HZ_DP_CELLS_MAX ||
            have + 2 * margin + 2 > HZ_DP_ROW_MAX || width + 2 * margin + 2 > HZ_DP_ROW_MAX)
            break;
        if (!reaches(s, k, now, have, low, width, margin))
            break;
        d->low[k + 1] = low;
        d->width[k + 1] = width;
        d->at[k + 1] = at;
        for (int bit = 0; bit < 2; bit++) {
            float *e = margined(d->row[bit], margin, have);
            sum(d->forward + d->at[k], c->symbol[k & 1][bit] + now, e, (size_t)have);
            float *m = d->row[2 + bit];
            int all = have + 2 * margin - 2;
            jittered(d->row[bit] + 1, penalty(s, bit), m + 1, (size_t)all);
            m[0] = m[all + 1] = far;
        }
        int zero = low - length(s, k, 0) - now + margin, one = low - length(s, k, 1) - now + margin;
        least(d->row[2] + zero, d->row[3] + one, d->forward + at, (size_t)width);
        *work += (uint64_t)(have + margin) * 8;
    }
    d->symbols = k;
    return k;
}

/* What looks cost that begin at step t; outside the stream they cost nothing. */
static float looks_cost(const struct hz_looks *l, const struct hz_dp_costs *c, int t)
{
    float cost = 0;
    for (size_t i = 0; i < l->n; i++) {
        long at = lrintf(l->list[i].at) + t;
        if (at >= 0 && at < (long)c->n)
            cost += l->list[i].weight > 0 ? l->list[i].weight * c->on[at]
                                          : -l->list[i].weight * c->off[at];
    }
    return cost;
}

static float silence_cost(const struct hz_shape *s, const struct hz_dp_costs *c, int t)
{
    float cost = 0, chip = s->chip_us / s->step_us;
    for (int i = 0; i < 5; i++) {
        long at = t + lrintf(chip * ((float)i + 0.5f));
        if (at < 0 || at >= (long)c->n)
            continue;
        cost += c->off[at];
        if (s->wave->modulation == HZ_WAVE_FSK)
            cost += c->on[at];
    }
    return cost;
}

float hz_dp_ending(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int n,
                   bool silence)
{
    float best = far;
    const float *f = d->forward + d->at[n];
    for (int i = 0; i < d->width[n]; i++) {
        int t = d->low[n] + i;
        float cost = silence ? silence_cost(s, c, t) : looks_cost(&s->end, c, t);
        d->row[4][i] = cost;
        best = fminf(best, f[i] + cost);
    }
    return best;
}

HZ_CLONES static float least_sum(const float *restrict a, const float *restrict b, size_t n)
{
    enum { LANES = 16 }; /* gcc takes the least of several, but not of one */
    float lane[LANES], best = far;
    size_t i = 0;
    for (size_t k = 0; k < LANES; k++)
        lane[k] = far;
    for (; i + LANES <= n; i += LANES) {
        for (size_t k = 0; k < LANES; k++) {
            float x = a[i + k] + b[i + k];
            lane[k] = x < lane[k] ? x : lane[k];
        }
    }
    for (size_t k = 0; k < LANES; k++)
        best = lane[k] < best ? lane[k] : best;
    for (; i < n; i++)
        best = a[i] + b[i] < best ? a[i] + b[i] : best;
    return best;
}

/* The step before t from which the best path comes to symbol k + 1, and the value of symbol k. */
static int step_back(const struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c,
                     int k, int t, uint8_t *symbol)
{
    const float *f = d->forward + d->at[k];
    float best = 2 * far;
    int from = d->low[k];
    for (int bit = 0; bit < 2; bit++) {
        for (int shift = -1; shift <= 1; shift++) {
            int at = t - length(s, k, bit) - shift;
            if (at < d->low[k] || at >= d->low[k] + d->width[k])
                continue;
            float cost =
                f[at - d->low[k]] + c->symbol[k & 1][bit][at] + (shift != 0 ? penalty(s, bit) : 0);
            if (cost < best) {
                best = cost;
                from = at;
                *symbol = (uint8_t)bit;
            }
        }
    }
    return from;
}

float hz_dp_path(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int n,
                 uint8_t *symbol)
{
    const float *f = d->forward + d->at[n], *end = d->row[4];
    int at = 0;
    for (int i = 1; i < d->width[n]; i++)
        at = f[i] + end[i] < f[at] + end[at] ? i : at;
    d->path[n] = d->low[n] + at;
    for (int k = n - 1; k >= 0; k--)
        d->path[k] = step_back(d, s, c, k, d->path[k + 1], &symbol[k]);
    return f[at] + end[at];
}

void hz_dp_backward(struct hz_dp *d, const struct hz_shape *s, const struct hz_dp_costs *c, int n,
                    float *soft, uint64_t *work)
{
    int margin = abs(s->length[0] - s->length[1]) + 2 * MARGIN;
    float *behind = d->row[4]; /* costs from here to the end */
    for (int k = n - 1; k >= 0; k--) {
        int low = d->low[k], width = d->width[k], next = d->low[k + 1], have = d->width[k + 1];
        float *e = margined(d->row[5], margin, have), *with[2] = {d->row[2], d->row[3]};
        memcpy(e, behind, (size_t)have * sizeof *e);
        for (int bit = 0; bit < 2; bit++) {
            float *m = d->row[bit];
            int all = have + 2 * margin - 2;
            jittered(d->row[5] + 1, penalty(s, bit), m + 1, (size_t)all);
            m[0] = m[all + 1] = far;
            int shift = low + length(s, k, bit) - next + margin;
            sum(m + shift, c->symbol[k & 1][bit] + low, with[bit], (size_t)width);
        }
        const float *f = d->forward + d->at[k];
        soft[k] = least_sum(f, with[0], (size_t)width) - least_sum(f, with[1], (size_t)width);
        least(with[0], with[1], behind, (size_t)width);
        *work += (uint64_t)(have + margin) * 10;
    }
}

#include "dsp/trace.h"
#include "dsp/clones.h"
#include "dsp/level.h"

#include <math.h>

enum { LANES = 8, HOPS_PER_S = 1000 };

#define EDGE 0.25f /* hops at the edges of a burst are left out below this share of the loudest */

void hz_trace_init(struct hz_trace *t, double rate_hz, double bandwidth_hz)
{
    double hop = floor(rate_hz / HOPS_PER_S);
    *t = (struct hz_trace){
        .rate_hz = rate_hz, .bandwidth_hz = bandwidth_hz, .hop = hop < 1 ? 1 : (size_t)hop};
}

typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

static float total(const float v[LANES])
{
    return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

/* Sums over n samples, each with the one before it at x[-2] and x[-1]: neighbouring floats are I
 * and Q, so with I' and Q' of the sample before
 *     re = sum I I' + Q Q',  im = sum Q I' - I Q'. */
HZ_CLONES static struct hz_trace_hop sums(const float *x, size_t n)
{
    lanes power = {0}, same = {0}, cross = {0};
    size_t i = 0;
    for (; i + LANES <= 2 * n; i += LANES) {
        lanes now = *(const lanes *)(x + i), before = *(const lanes *)(x + i - 2);
        power += now * now;
        same += now * before;
        cross += now * __builtin_shufflevector(before, before, 1, 0, 3, 2, 5, 4, 7, 6);
    }
    float p[LANES], r[LANES], c[LANES];
    *(lanes *)p = power;
    *(lanes *)r = same;
    *(lanes *)c = cross;
    struct hz_trace_hop h = {total(p), total(r),
                             (c[1] + c[3] + c[5] + c[7]) - (c[0] + c[2] + c[4] + c[6])};
    for (; i < 2 * n; i += 2) {
        h.power += x[i] * x[i] + x[i + 1] * x[i + 1];
        h.re += x[i] * x[i - 2] + x[i + 1] * x[i - 1];
        h.im += x[i + 1] * x[i - 2] - x[i] * x[i - 1];
    }
    return h;
}

static void add_to(struct hz_trace *t, uint64_t sample, struct hz_trace_hop s)
{
    struct hz_trace_hop *h = &t->hops[sample / t->hop % HZ_TRACE_HOPS];
    if (sample % t->hop == 0 || sample == t->begin)
        *h = (struct hz_trace_hop){0};
    h->power += s.power;
    h->re += s.re;
    h->im += s.im;
}

/* The first sample of a push, whose predecessor is not in it. */
static void add_first(struct hz_trace *t, const float *x, uint64_t sample, bool follows)
{
    float pair[4] = {t->last[0], t->last[1], x[0], x[1]};
    if (!follows)
        pair[0] = pair[1] = 0;
    add_to(t, sample, sums(pair + 2, 1));
}

void hz_trace_add(struct hz_trace *t, const struct hz_samples *s, float noise)
{
    const float *x = s->data;
    bool follows = t->next == s->first && t->next > t->begin;
    if (s->n == 0 || t->hop == 0)
        return;
    if (!follows)
        t->begin = s->first;
    t->noise = noise;
    add_first(t, x, s->first, follows);
    for (size_t i = 1; i < s->n;) {
        uint64_t at = s->first + i;
        size_t n = t->hop - (size_t)(at % t->hop);
        n = n < s->n - i ? n : s->n - i;
        add_to(t, at, sums(x + 2 * i, n));
        i += n;
    }
    t->next = s->first + s->n;
    t->last[0] = x[2 * s->n - 2];
    t->last[1] = x[2 * s->n - 1];
}

/* Samples of a hop that the run holds. */
static size_t held(const struct hz_trace *t, uint64_t hop)
{
    uint64_t from = hop * t->hop, to = from + t->hop;
    from = from < t->begin ? t->begin : from;
    to = to > t->next ? t->next : to;
    return to > from ? (size_t)(to - from) : 0;
}

static float mean_power(const struct hz_trace *t, uint64_t hop)
{
    size_t n = held(t, hop);
    return n > 0 ? t->hops[hop % HZ_TRACE_HOPS].power / (float)n : 0;
}

/* Narrows *from to *to down to the burst that is in there. */
static void find_edges(const struct hz_trace *t, uint64_t *from, uint64_t *to)
{
    float loudest = 0;
    for (uint64_t h = *from; h < *to; h++)
        loudest = fmaxf(loudest, mean_power(t, h));
    while (*to > *from + 1 && mean_power(t, *to - 1) < EDGE * loudest)
        --*to;
    while (*from + 1 < *to && mean_power(t, *from) < EDGE * loudest)
        ++*from;
}

/* P and the sum of x(n) x*(n - 1) over M to levels. */
static struct hz_trace_levels levels(const struct hz_trace *t, double power, double re, double im)
{
    double n = (double)t->noise, width = M_PI * t->bandwidth_hz / t->rate_hz;
    struct hz_trace_levels l = {.rssi_dbfs = hz_db((float)power), NAN, NAN, NAN};
    if (t->noise > 0)
        l.noise_dbfs = hz_db(t->noise);
    if (t->noise > 0 && power > n)
        l.snr_db = hz_db((float)(power - n)) - l.noise_dbfs;
    if (power > n)
        l.offset_hz = (float)(atan2(im, re - n * sin(width) / width) / (2 * M_PI) * t->rate_hz);
    return l;
}

bool hz_trace_measure(const struct hz_trace *t, uint64_t first, uint64_t end,
                      struct hz_trace_levels *out)
{
    uint64_t oldest = t->hop * (HZ_TRACE_HOPS - 1);
    uint64_t begin = t->next > t->begin + oldest ? t->next - oldest : t->begin;
    bool known = end != 0 && end <= t->next;
    end = known ? end : t->next;
    first = first < begin ? begin : first;
    if (first >= end)
        return false;
    uint64_t from = first / t->hop, to = (end - 1) / t->hop + 1;
    uint64_t whole_from = (first + t->hop - 1) / t->hop, whole_to = end / t->hop;
    if (whole_from < whole_to) {
        from = whole_from;
        to = whole_to;
    }
    if (!known)
        find_edges(t, &from, &to);
    double power = 0, re = 0, im = 0, n = 0;
    for (uint64_t h = from; h < to; h++) {
        const struct hz_trace_hop *hop = &t->hops[h % HZ_TRACE_HOPS];
        power += (double)hop->power;
        re += (double)hop->re;
        im += (double)hop->im;
        n += (double)held(t, h);
    }
    *out = levels(t, power / n, re / n, im / n);
    return true;
}

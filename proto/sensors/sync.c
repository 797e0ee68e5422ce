#include "proto/sensors/sync.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum {
    PIECE = 4096, /* second steps that are searched at once, so that they stay in the cache */
    APART = 4,    /* of these steps between two peaks: one chip */
};

/* Of the score that a sync of this level should have: with less, a quarter of its looks are wrong.
 * Noise may take more. */
static const float score_enough = 0.7f, score_least = 0.4f;
/* Of a gap with a pulse on each side, the first one is missing at the beginning. */
static const float score_gap = 0.55f, score_weak_gap = 0.68f;
static const float strong_a2 = 60;
static const float beside_best = 0.6f; /* of the best score: others are not of the same sender */

HZ_CLONES static void add(float *restrict sum, const float *restrict v, float weight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += weight * v[i];
}

HZ_CLONES static void keep(const float *restrict sum, float *restrict best, uint8_t *restrict clock,
                           uint8_t now, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        clock[i] = sum[i] > best[i] ? now : clock[i];
        best[i] = sum[i] > best[i] ? sum[i] : best[i];
    }
}

HZ_CLONES static void add_pause(float *restrict sum, const float *restrict from,
                                const float *restrict to, float weight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] -= weight * (to[i] - from[i]);
}

static long within(long at, size_t n)
{
    return at < 0 ? 0 : at > (long)n ? (long)n : at;
}

/* What the pause before step `at` adds; `before` has n + 1 values on every second step. */
static float pause_at(const struct hz_shape *s, float clock, const float *before, size_t n, long at)
{
    long from = at + lrintf(0.5f * s->pause_from * clock);
    long to = at + lrintf(0.5f * s->pause_to * clock);
    return -2 * s->pause_weight / clock * (before[within(to, n)] - before[within(from, n)]);
}

static void correlate_pause(const struct hz_shape *s, float clock, const float *before, size_t n,
                            size_t from, size_t len, float *sum)
{
    if (s->pause_weight == 0)
        return;
    long first = lrintf(0.5f * s->pause_from * clock), last = lrintf(0.5f * s->pause_to * clock);
    size_t i = 0;
    for (; i < len && (long)(from + i) + first < 0; i++)
        sum[i] += pause_at(s, clock, before, n, (long)(from + i));
    if (i < len)
        add_pause(sum + i, before + ((long)(from + i) + first), before + ((long)(from + i) + last),
                  2 * s->pause_weight / clock, len - i);
}

/* sum[i] of step from + i, i < len, at one clock, on every second step. Looks outside the stream
 * see nothing. */
static void correlate(const struct hz_shape *s, float clock, const float *v, const float *before,
                      size_t n, size_t from, size_t len, float *sum)
{
    memset(sum, 0, len * sizeof *sum);
    correlate_pause(s, clock, before, n, from, len, sum);
    for (size_t k = 0; k < s->search.n; k++) {
        long shift = lrintf(0.5f * s->search.list[k].at * clock) + (long)from;
        size_t skip = shift < 0 ? (size_t)-shift : 0;
        if (shift >= (long)n || skip >= len)
            continue;
        size_t first = (size_t)(shift + (long)skip), count = len - skip;
        count = count > n - first ? n - first : count;
        add(sum + skip, v + first, s->search.list[k].weight, count);
    }
}

/* The correlation at one step of the whole grid. */
static float correlate_at(const struct hz_shape *s, float clock, const float *v,
                          const float *before, size_t n, long at)
{
    float sum = s->pause_weight > 0 ? pause_at(s, clock, before, n / 2, at / 2) : 0;
    for (size_t k = 0; k < s->search.n; k++) {
        long i = at + lrintf(s->search.list[k].at * clock);
        sum += i >= 0 && i < (long)n ? s->search.list[k].weight * v[i] : 0;
    }
    return sum;
}

/* Finds the best step and clock beside a peak of the coarse search. */
static struct hz_sync_peak refine(const struct hz_shape *s, const float *v, const float *before,
                                  size_t n, long at, int clock, int stride)
{
    struct hz_sync_peak best = {.score = -1e30f};
    for (int c = clock - stride / 2; c <= clock + stride / 2; c++) {
        if (c < 0 || c >= HZ_SYNC_CLOCKS)
            continue;
        for (long i = at - 2; i <= at + 2; i++) {
            float score = i >= 0 ? correlate_at(s, hz_sync_clock(c), v, before, n, i) : -1e30f;
            if (score > best.score)
                best = (struct hz_sync_peak){(size_t)i, c, score};
        }
    }
    return best;
}

/* A sync of n chips does not tell clocks closer than 0.3 / n. */
static int clock_stride(const struct hz_shape *s)
{
    float chips = s->sync_length * s->step_us / s->chip_us;
    return chips < 12 ? 3 : chips < 25 ? 2 : 1;
}

static void insert(struct hz_sync_peak *peaks, size_t *n, struct hz_sync_peak p)
{
    size_t i = *n < HZ_SYNC_PEAKS ? (*n)++ : HZ_SYNC_PEAKS - 1;
    if (i == HZ_SYNC_PEAKS - 1 && peaks[i].score > 0 && *n == HZ_SYNC_PEAKS &&
        peaks[i].score >= p.score)
        return;
    for (; i > 0 && peaks[i - 1].score < p.score; i--)
        peaks[i] = peaks[i - 1];
    peaks[i] = p;
}

static bool highest(const float *best, size_t n, size_t at)
{
    size_t from = at > APART ? at - APART : 0, end = at + APART < n ? at + APART + 1 : n;
    for (size_t i = from; i < end; i++) {
        if (best[i] > best[at] || (best[i] == best[at] && i < at))
            return false;
    }
    return true;
}

size_t hz_sync_search(const struct hz_shape *s, const struct hz_level_stats *level, const float *v,
                      size_t n, struct hz_sync_memory *m, struct hz_sync_peak *peaks,
                      uint64_t *work)
{
    float full = 0, squares = 0;
    for (size_t k = 0; k < s->sync.n; k++) {
        float weight = s->sync.list[k].weight;
        squares += weight * weight;
        full += weight > 0 ? weight * level->mean.on : -weight * level->mean.off;
    }
    if (!(full > 0))
        return 0;
    size_t half = n / 2;
    int stride = clock_stride(s);
    for (size_t i = 0; i < half; i++) {
        m->coarse[i] = 0.5f * (v[2 * i] + v[2 * i + 1]);
        m->best[i] = -1e30f;
    }
    m->before[0] = 0;
    for (size_t i = 0; s->pause_weight > 0 && i < half; i++)
        m->before[i + 1] = m->before[i] + m->coarse[i];
    memset(m->clock, HZ_SYNC_CLOCKS / 2, half);
    for (size_t from = 0; from < half; from += PIECE) {
        size_t len = half - from < PIECE ? half - from : PIECE;
        for (int c = 0; c < HZ_SYNC_CLOCKS; c += stride) {
            correlate(s, hz_sync_clock(c), m->coarse, m->before, half, from, len, m->sum);
            keep(m->sum, m->best + from, m->clock + from, (uint8_t)c, len);
        }
        *work += (uint64_t)len * (uint64_t)(HZ_SYNC_CLOCKS / stride) * (s->search.n + 2);
    }
    size_t found = 0;
    /* v has a variance of about 2 A^2 */
    float noise = sqrtf(2 * fminf(level->a2, 25) * squares) / full;
    float enough = s->sync_certain         ? score_enough
                   : level->a2 > strong_a2 ? score_gap
                                           : score_weak_gap;
    float least = full * fmaxf(score_least, fminf(enough, 1 - 2 * noise));
    memset(peaks, 0, HZ_SYNC_PEAKS * sizeof *peaks);
    for (size_t i = 0; i < half; i++) {
        if (m->best[i] >= least && highest(m->best, half, i))
            insert(peaks, &found, (struct hz_sync_peak){2 * i, m->clock[i], m->best[i] / full});
    }
    struct hz_sync_peak coarse[HZ_SYNC_PEAKS];
    memcpy(coarse, peaks, found * sizeof *coarse);
    size_t all = found;
    found = 0;
    for (size_t i = 0; i < all; i++) {
        struct hz_sync_peak p =
            refine(s, v, m->before, n, (long)coarse[i].at, coarse[i].clock, stride);
        p.score /= full;
        insert(peaks, &found, p);
    }
    while (found > 0 && peaks[found - 1].score < beside_best * peaks[0].score)
        found--;
    return found;
}

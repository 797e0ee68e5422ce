#include "proto/sensors/sync.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum {
    PIECE = 4096, /* steps that are searched at once, so that they stay in the cache */
    APART = 8,    /* steps between two peaks: one chip */
};

/* Of the score that a sync of this level should have: with less, half of its looks are wrong. */
static const float least_score = 0.4f;

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

/* sum[i] of step from + i, i < len, at one clock. Looks outside the stream see nothing. */
static void correlate(const struct hz_shape *s, float clock, const float *v, size_t n, size_t from,
                      size_t len, float *sum)
{
    memset(sum, 0, len * sizeof *sum);
    for (size_t k = 0; k < s->sync.n; k++) {
        long shift = lrintf(s->sync.list[k].at * clock) + (long)from;
        size_t skip = shift < 0 ? (size_t)-shift : 0;
        if (shift >= (long)n || skip >= len)
            continue;
        size_t first = (size_t)(shift + (long)skip), count = len - skip;
        count = count > n - first ? n - first : count;
        add(sum + skip, v + first, s->sync.list[k].weight, count);
    }
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
    float full = 0;
    for (size_t k = 0; k < s->sync.n; k++) {
        float weight = s->sync.list[k].weight;
        full += weight > 0 ? weight * level->mean.on : -weight * level->mean.off;
    }
    if (!(full > 0))
        return 0;
    for (size_t i = 0; i < n; i++)
        m->best[i] = -1e30f;
    memset(m->clock, HZ_SYNC_CLOCKS / 2, n);
    for (size_t from = 0; from < n; from += PIECE) {
        size_t len = n - from < PIECE ? n - from : PIECE;
        for (int c = 0; c < HZ_SYNC_CLOCKS; c++) {
            correlate(s, hz_sync_clock(c), v, n, from, len, m->sum);
            keep(m->sum, m->best + from, m->clock + from, (uint8_t)c, len);
        }
    }
    *work += (uint64_t)n * HZ_SYNC_CLOCKS * (s->sync.n + 1);
    size_t found = 0;
    float least = least_score * full;
    memset(peaks, 0, HZ_SYNC_PEAKS * sizeof *peaks);
    for (size_t i = 0; i < n; i++) {
        if (m->best[i] < least || !highest(m->best, n, i))
            continue;
        insert(peaks, &found, (struct hz_sync_peak){i, m->clock[i], m->best[i] / full});
    }
    return found;
}

/* The search for sync words in the audio of a discriminator: what a bit sums up to is its tone. */
#include "dsp/clones.h"
#include "proto/pocsag/batch.h"
#include "proto/pocsag/sync.h"

#include <math.h>

enum { BEFORE = HZ_POCSAG_SYNC_BEFORE, SPAN = HZ_POCSAG_SYNC_SPAN, BITS = HZ_BCH_BITS };

/* Samples that are summed up for a bit; and from one place that is tried to the next. */
static const struct {
    int length, step;
} grid[HZ_POCSAG_BAUDS] = {{46, 4}, {20, 4}, {10, 2}};

/* The sync word alone, or, where the preamble's end is before it, both together. In noise the
 * likeness of 32 bits has a standard deviation of 0.18. */
static const float alike = 0.6f, alike_after_preamble = 0.42f, with_preamble = 0.6f;

/* Places from the first bit of a word to bit k, which may be negative. */
static int place_of(unsigned baud, int k)
{
    return (int)lrint(k * hz_pocsag_bit(baud) / grid[baud].step);
}

/* match[n] = likeness of the word in the levels from place n on, for places from to to - 1. */
HZ_CLONES static void match(const float *level, unsigned baud, int from, int to, float *out)
{
    enum { LANES = 16 };
    int place[BITS];
    float sign[BITS];
    for (int k = 0; k < BITS; k++) {
        place[k] = place_of(baud, k);
        sign[k] = hz_pocsag_sync_sign(k);
    }
    for (int n = from; n < to; n += LANES) {
        float like[LANES] = {0}, sum[LANES] = {0}, power[LANES] = {0};
        for (int k = 0; k < BITS; k++) {
            const float *x = level + n + place[k];
            for (int l = 0; l < LANES; l++) {
                like[l] += sign[k] * x[l];
                sum[l] += x[l];
                power[l] += x[l] * x[l];
            }
        }
        for (int l = 0; l < LANES; l++) {
            float spread = BITS * power[l] - sum[l] * sum[l];
            out[n + l] = like[l] / sqrtf(spread > 1e-30f ? spread : 1e-30f);
        }
    }
}

/* Likeness of preamble and sync word together, given its polarity. */
static float match_both(const float *level, unsigned baud, int place, float polarity)
{
    float like = 0, sum = 0, power = 0;
    for (int k = -BITS; k < BITS; k++) {
        float x = level[place + place_of(baud, k)];
        float sign = hz_pocsag_sync_sign(k);
        like += sign * x;
        sum += x;
        power += x * x;
    }
    float spread = 2 * BITS * power - sum * sum;
    return polarity * like / sqrtf(spread > 1e-30f ? spread : 1e-30f);
}

static bool highest(const float *x, int reach)
{
    for (int i = -reach; i <= reach; i++)
        if (fabsf(x[i]) > fabsf(x[0]) || (i < 0 && fabsf(x[i]) == fabsf(x[0])))
            return false;
    return true;
}

/* The places of one baud; level[0] is BEFORE samples before the hop. */
static size_t find(struct hz_pocsag_sync *s, unsigned baud, struct hz_pocsag_start *out, size_t n)
{
    int step = grid[baud].step, reach = (int)hz_pocsag_bit(baud) / step;
    int from = BEFORE / step, to = from + HZ_POCSAG_HOP / step;
    match(s->level, baud, from - reach - 1, to + reach + 1, s->match);
    for (int i = from; i < to; i++) {
        const float *m = s->match + i;
        float like = fabsf(*m), polarity = *m < 0 ? -1 : 1;
        if (like < alike_after_preamble || !highest(m, reach))
            continue;
        if (like < alike && match_both(s->level, baud, i, polarity) < with_preamble)
            continue;
        float a = fabsf(m[-1]), b = fabsf(m[1]), bend = a + b - 2 * like;
        double off = bend < 0 ? 0.5 * (double)((a - b) / bend) : 0;
        struct hz_pocsag_start start = {
            .at = (i + off) * step - BEFORE, baud, polarity < 0, .likeness = like};
        n = hz_pocsag_sync_keep(out, n, &start);
    }
    return n;
}

size_t hz_pocsag_sync_find_audio(struct hz_pocsag_sync *s, const float *audio,
                                 struct hz_pocsag_start out[HZ_POCSAG_STARTS])
{
    size_t n = 0;
    float *sum = s->sum, total = 0;
    for (int i = 0; i < SPAN; i++) {
        sum[i] = total;
        total += audio[i - BEFORE];
    }
    sum[SPAN] = total;
    for (unsigned baud = 0; baud < HZ_POCSAG_BAUDS; baud++) {
        int length = grid[baud].length, step = grid[baud].step;
        for (int i = 0, at = 0; at + length <= SPAN; i++, at += step)
            s->level[i] = sum[at + length] - sum[at];
        n = find(s, baud, out, n);
    }
    return n;
}

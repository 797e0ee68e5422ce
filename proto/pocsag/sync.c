#include "proto/pocsag/sync.h"

#include "dsp/clones.h"
#include "dsp/cpm.h"
#include "proto/pocsag/word.h"

#include <math.h>
#include <string.h>

enum { BEFORE = HZ_POCSAG_SYNC_BEFORE, SPAN = HZ_POCSAG_SYNC_SPAN, BITS = HZ_POCSAG_WORD_BITS };

const unsigned hz_pocsag_baud[HZ_POCSAG_BAUDS] = {512, 1200, 2400};

/* Samples that are summed up for a bit; and from one place that is tried to the next. */
static const struct {
    int length, step;
} grid[HZ_POCSAG_BAUDS] = {{46, 4}, {20, 4}, {10, 2}};

/* The sync word alone, or, where the preamble's end is before it, both together. In noise the
 * likeness of 32 bits has a standard deviation of 0.18. */
static const float alike = 0.6f, alike_after_preamble = 0.42f, with_preamble = 0.6f;

double hz_pocsag_bit(unsigned baud)
{
    return (double)HZ_POCSAG_RATE_HZ / hz_pocsag_baud[baud];
}

static float sign_of(uint32_t word, int bit)
{
    return word << bit >> 31 ? -1 : 1; /* a binary 1 is the lower tone */
}

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
        sign[k] = sign_of(HZ_POCSAG_SYNC, k);
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
        float sign = k < 0 ? (k % 2 ? 1.0f : -1.0f) : sign_of(HZ_POCSAG_SYNC, k);
        like += sign * x;
        sum += x;
        power += x * x;
    }
    float spread = 2 * BITS * power - sum * sum;
    return polarity * like / sqrtf(spread > 1e-30f ? spread : 1e-30f);
}

/* Keeps the most alike, in that order. */
static size_t insert(struct hz_pocsag_start *out, size_t n, const struct hz_pocsag_start *s)
{
    size_t at = n < HZ_POCSAG_STARTS ? n : HZ_POCSAG_STARTS;
    if (at == HZ_POCSAG_STARTS && out[at - 1].likeness >= s->likeness)
        return n;
    at = at < HZ_POCSAG_STARTS ? at : HZ_POCSAG_STARTS - 1;
    for (; at > 0 && out[at - 1].likeness < s->likeness; at--)
        out[at] = out[at - 1];
    out[at] = *s;
    return n < HZ_POCSAG_STARTS ? n + 1 : n;
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
        struct hz_pocsag_start start = {(i + off) * step - BEFORE, baud, polarity < 0, like};
        n = insert(out, n, &start);
    }
    return n;
}

/* Sums up to each sample: what lies between two is their difference. */
static void add_up(const float *x, int stride, float *sum)
{
    float total = 0;
    for (int i = 0; i < SPAN; i++) {
        sum[i] = total;
        total += x[stride * i];
    }
    sum[SPAN] = total;
}

HZ_CLONES static void levels(struct hz_pocsag_sync *s, int length, int step)
{
    const float *low_re = s->sum[0][0], *low_im = s->sum[0][1];
    const float *high_re = s->sum[1][0], *high_im = s->sum[1][1];
    for (int i = 0, n = 0; n + length <= SPAN; i++, n += step) {
        float ar = low_re[n + length] - low_re[n], ai = low_im[n + length] - low_im[n];
        float br = high_re[n + length] - high_re[n], bi = high_im[n + length] - high_im[n];
        s->level[i] = sqrtf(br * br + bi * bi) - sqrtf(ar * ar + ai * ai);
    }
}

size_t hz_pocsag_sync_find(struct hz_pocsag_sync *s, const float *iq,
                           const struct hz_pocsag_tones *tones,
                           struct hz_pocsag_start out[HZ_POCSAG_STARTS])
{
    size_t n = 0;
    for (int tone = 0; tone < 2; tone++) {
        double hz = tone == 0 ? tones->low_hz : tones->high_hz;
        struct hz_cpm_tune tune = {hz / HZ_POCSAG_RATE_HZ, 0};
        hz_cpm_mix(iq - 2 * BEFORE, SPAN, &tune, s->mixed);
        add_up(s->mixed, 2, s->sum[tone][0]);
        add_up(s->mixed + 1, 2, s->sum[tone][1]);
    }
    for (unsigned baud = 0; baud < HZ_POCSAG_BAUDS; baud++) {
        levels(s, grid[baud].length, grid[baud].step);
        n = find(s, baud, out, n);
    }
    return n;
}

size_t hz_pocsag_sync_find_audio(struct hz_pocsag_sync *s, const float *audio,
                                 struct hz_pocsag_start out[HZ_POCSAG_STARTS])
{
    size_t n = 0;
    float *sum = s->sum[0][0];
    add_up(audio - BEFORE, 1, sum);
    for (unsigned baud = 0; baud < HZ_POCSAG_BAUDS; baud++) {
        int length = grid[baud].length, step = grid[baud].step;
        for (int i = 0, at = 0; at + length <= SPAN; i++, at += step)
            s->level[i] = sum[at + length] - sum[at];
        n = find(s, baud, out, n);
    }
    return n;
}

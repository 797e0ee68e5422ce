#include "dsp/headgate.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum { LANES = 8, AT_ONCE = 6 /* vectors */, LAG = 2 };

static const float open_iq = 0.28f, open_audio = 0.45f;
static const double two_pi = 6.28318530717958647692;

void hz_headgate_init(struct hz_headgate *g, const struct hz_headgate_word *word)
{
    int sum = 0;
    g->turns = 0;
    for (unsigned k = 0; k <= word->n; k++) {
        bool now = k < word->n && (word->bits >> k & 1), was = k > 0 && (word->bits >> (k - 1) & 1);
        if (k == 0 || k == word->n || now != was)
            g->at[g->turns++] = (unsigned)(k * word->bit + 0.5);
        sum += k == word->n ? 0 : now ? 1 : -1;
    }
    g->length = g->at[g->turns - 1];
    g->last = word->bits >> (word->n - 1) & 1 ? 1 : -1;
    g->balance = (float)sum / (float)word->n;
}

/* Planes of u: the samples at amplitude 1. */
HZ_CLONES static void level(const float *iq, size_t n, float *re, float *im)
{
    for (size_t i = 0; i < n; i++) {
        float a = iq[2 * i], b = iq[2 * i + 1];
        float by = 1 / sqrtf(a * a + b * b + 1e-30f);
        re[i] = a * by;
        im[i] = b * by;
    }
}

/* x becomes q, in place. */
HZ_CLONES static void multiply(float *re, float *im, size_t n)
{
    for (size_t i = 0; i + LAG < n; i++) {
        float a = re[i + LAG], b = im[i + LAG], c = re[i], d = im[i];
        re[i] = a * c + b * d;
        im[i] = b * c - a * d;
    }
}

/* Sums of the planes: g->sum[k][i] is that of g->x[k] before i. Both at once, since each addition
 * waits for the one before. */
static void add_up(struct hz_headgate *g, size_t n)
{
    float a = 0, b = 0;
    for (size_t i = 0; i < n; i++) {
        g->sum[0][i] = a;
        g->sum[1][i] = b;
        a += g->x[0][i];
        b += g->x[1][i];
    }
}

typedef float lanes __attribute__((vector_size(32), aligned(4), may_alias));

/* The sum of b_k (S(k + 1) - S(k)), S the running sum at the begin of a bit, is that of +-2 S where
 * the bits change, with half of the weight at both ends. The signs alternate, and the last one is
 * that of the last bit. */
HZ_CLONES static void correlate(const struct hz_headgate *g, const float *sum, size_t n, float *out)
{
    for (size_t i = 0; i < n; i += AT_ONCE * LANES) {
        lanes a[AT_ONCE];
        const float *first = sum + i, *last = first + g->at[g->turns - 1];
        for (int k = 0; k < AT_ONCE; k++)
            a[k] = 0.5f * *(const lanes *)(first + LANES * k);
        for (unsigned t = 1; t + 1 < g->turns; t++)
            for (int k = 0; k < AT_ONCE; k++)
                a[k] = *(const lanes *)(first + g->at[t] + LANES * k) - a[k];
        for (int k = 0; k < AT_ONCE; k++)
            *(lanes *)(out + i + LANES * k) =
                g->last * (*(const lanes *)(last + LANES * k) - 2 * a[k]);
    }
}

enum { TRIED = HZ_HEADGATE_HOP + 2 * HZ_HEADGATE_APART };

/* Whether x[i] is over the limit and the highest around; of equals the first one. Samples that are
 * no numbers make no peak. */
static bool peak(const float *x, size_t i, float limit)
{
    if (!(x[i] > limit))
        return false;
    for (size_t k = i - HZ_HEADGATE_APART; k <= i + HZ_HEADGATE_APART; k++)
        if (!(x[k] <= x[i]) || (x[k] == x[i] && k < i))
            return false;
    return true;
}

HZ_CLONES static void powers(const float *re, const float *im, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = re[i] * re[i] + im[i] * im[i];
}

size_t hz_headgate_iq(struct hz_headgate *g, const float *iq, struct hz_headgate_peak *out)
{
    /* the sum over a bit begins one sample early, since q(n) belongs to sample n + 1 */
    const size_t n = TRIED + g->length + LAG + 1;
    const float most = (float)g->length;
    float *power = g->x[0];
    size_t count = 0;
    level(iq - 2 * (HZ_HEADGATE_APART + 1), n, g->x[0], g->x[1]);
    multiply(g->x[0], g->x[1], n);
    add_up(g, n - LAG + 1);
    for (int k = 0; k < 2; k++)
        correlate(g, g->sum[k], TRIED, g->c[k]);
    powers(g->c[0], g->c[1], TRIED, power);
    for (size_t i = HZ_HEADGATE_APART; i < TRIED - HZ_HEADGATE_APART; i++) {
        if (!peak(power, i, open_iq * open_iq * most * most))
            continue;
        double angle = atan2((double)-g->c[0][i], (double)g->c[1][i]); /* less a quarter */
        out[count++] = (struct hz_headgate_peak){.at = (int)i - HZ_HEADGATE_APART,
                                                 .fraction = sqrtf(power[i]) / most,
                                                 .freq = angle / (LAG * two_pi)};
    }
    return count;
}

/* Variance of the audio from i on over the header, times its samples squared. */
static float spread(const struct hz_headgate *g, size_t i)
{
    float n = (float)g->length, sum = g->sum[0][i + g->length] - g->sum[0][i];
    return (g->sum[1][i + g->length] - g->sum[1][i]) * n - sum * sum;
}

size_t hz_headgate_audio(struct hz_headgate *g, const float *audio, struct hz_headgate_peak *out)
{
    const size_t n = TRIED + g->length + 1;
    const float length = (float)g->length;
    float *power = g->c[1];
    size_t count = 0;
    memcpy(g->x[0], audio - HZ_HEADGATE_APART, n * sizeof(float));
    for (size_t i = 0; i < n; i++)
        g->x[1][i] = g->x[0][i] * g->x[0][i];
    add_up(g, n);
    correlate(g, g->sum[0], TRIED, g->c[0]);
    for (size_t i = 0; i < TRIED; i++) {
        float s = spread(g, i), c = g->c[0][i];
        power[i] = s > 1e-12f ? c * c / s : 0;
    }
    for (size_t i = HZ_HEADGATE_APART; i < TRIED - HZ_HEADGATE_APART; i++) {
        if (!peak(power, i, open_audio * open_audio))
            continue;
        float step = g->c[0][i] / length, mean = (g->sum[0][i + g->length] - g->sum[0][i]) / length;
        out[count++] = (struct hz_headgate_peak){.at = (int)i - HZ_HEADGATE_APART,
                                                 .fraction = sqrtf(power[i]),
                                                 .level = step,
                                                 .middle = mean - step * g->balance};
    }
    return count;
}

_Static_assert(TRIED % (AT_ONCE * LANES) == 0, "whole groups of starts are tried");

#include "proto/sensors/level.h"

#include "dsp/clones.h"

#include <math.h>
#include <stdbool.h>

#define STEP 0.125f /* of the table's argument */

/* 14 dB: with more, one look at the level decides more than the shape of a whole frame should. */
static const float a2_max = 25, a2_min = 0.05f;

/* A pulse of one window has the whole power only where the window lies on it: the ratio of the
 * second to the first moment over its triangle is 3/5, over long pulses 1. */
static const float edge_loss = 1.2f;

static double bessel_i0_log(double x)
{
    if (x > 20)
        return x - 0.5 * log(2 * M_PI * x) + log1p(1 / (8 * x) + 9 / (128 * x * x));
    double sum = 1, term = 1;
    for (int k = 1; k < 80; k++) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return log(sum);
}

static inline float ln_i0(const float *table, float x)
{
    float at = x * (1 / STEP);
    at = at < HZ_LEVEL_TABLE ? at : HZ_LEVEL_TABLE; /* beyond it, shape is all that counts */
    int i = (int)at;
    return table[i] + (table[i + 1] - table[i]) * (at - (float)i);
}

/* ---- means ---------------------------------------------------------------------------------- */

enum { POINTS = 96 };

/* Amplitudes r and their probabilities: of noise and a carrier of amplitude a (Rice). */
static void distribution(const float *table, double a, double *r, double *p)
{
    double sum = 0, top = a + 4;
    for (int i = 0; i < POINTS; i++) {
        r[i] = top * (i + 0.5) / POINTS;
        p[i] = r[i] * exp((double)ln_i0(table, (float)(2 * a * r[i])) - r[i] * r[i] - a * a);
        sum += p[i];
    }
    for (int i = 0; i < POINTS; i++)
        p[i] /= sum;
}

static void means_ook(const float *table, double a2, struct hz_level_mean *m)
{
    double r[POINTS], p[POINTS], a = sqrt(a2);
    for (int on = 0; on < 2; on++) {
        double mean = 0, size = 0;
        distribution(table, on ? a : 0, r, p);
        for (int i = 0; i < POINTS; i++) {
            double v = (double)ln_i0(table, (float)(2 * a * r[i])) - a2;
            mean += p[i] * (on ? v : -v);
            size += p[i] * fabs(v);
        }
        *(on ? &m->on : &m->off) = (float)mean;
        *(on ? &m->sure_on : &m->sure_off) = (float)(mean / size);
    }
}

static void means_fsk(const float *table, double a2, struct hz_level_mean *m)
{
    double r[2][POINTS], p[2][POINTS], a = sqrt(a2), mean = 0, size = 0;
    distribution(table, 0, r[0], p[0]);
    distribution(table, a, r[1], p[1]);
    for (int i = 0; i < POINTS; i++) {
        double upper = (double)ln_i0(table, (float)(2 * a * r[1][i]));
        for (int k = 0; k < POINTS; k++) {
            double v = upper - (double)ln_i0(table, (float)(2 * a * r[0][k]));
            mean += p[1][i] * p[0][k] * v;
            size += p[1][i] * p[0][k] * fabs(v);
        }
    }
    m->on = m->off = (float)mean;
    m->sure_on = m->sure_off = (float)(mean / size);
}

void hz_level_table_init(struct hz_level_table *t)
{
    for (int i = 0; i < HZ_LEVEL_TABLE + 2; i++)
        t->ln_i0[i] = (float)bessel_i0_log(i * (double)STEP);
    for (int i = 0; i < HZ_LEVEL_SNRS; i++) {
        double a2 = pow(10, (i - 13) / 10.0);
        means_ook(t->ln_i0, a2, &t->mean[0][i]);
        means_fsk(t->ln_i0, a2, &t->mean[1][i]);
    }
}

/* ---- the stream ----------------------------------------------------------------------------- */

HZ_CLONES static void judge(const float *table, float *v, size_t n, float scale2, float less,
                            float cap)
{
    for (size_t i = 0; i < n; i++) {
        float x = ln_i0(table, sqrtf(v[i] * scale2)) - less;
        v[i] = x < cap ? x : cap;
    }
}

HZ_CLONES static void judge_two(const float *table, float *v, const float *lower, size_t n,
                                float scale2, float cap)
{
    for (size_t i = 0; i < n; i++) {
        float x = ln_i0(table, sqrtf(v[i] * scale2)) - ln_i0(table, sqrtf(lower[i] * scale2));
        x = x < cap ? x : cap;
        v[i] = x > -cap ? x : -cap;
    }
}

HZ_CLONES static void moments(const float *p, size_t n, double *one, double *two)
{
    double a = 0, b = 0;
    for (size_t at = 0; at < n; at += 1024) {
        float x = 0, y = 0;
        size_t end = at + 1024 < n ? at + 1024 : n;
        for (size_t i = at; i < end; i++) {
            x += p[i];
            y += p[i] * p[i];
        }
        a += (double)x;
        b += (double)y;
    }
    *one = a / (double)n;
    *two = b / (double)n;
}

/* A^2 of what is on for an unknown part of the time, by the first two moments of the power. */
static float measure_ook(const float *p, size_t n)
{
    double one, two;
    moments(p, n, &one, &two);
    double on = one - 1, square = two - 2 - 4 * on;
    if (on <= 0.01 || square <= 0)
        return 0;
    return (float)(square / on) * edge_loss;
}

/* The same of two tones: one of them is on. The power of both together has one more unit of noise:
 * with s = p_upper + p_lower, E s = A^2 + 2. The on time is 1 within the burst; grids may hold more
 * than the burst, so the second moment is used here too: E s^2 = d (A^4 + 6 A^2) + 6. */
static float measure_fsk(float *upper, const float *lower, float *sum, size_t n)
{
    double one, two;
    for (size_t i = 0; i < n; i++)
        sum[i] = upper[i] + lower[i];
    moments(sum, n, &one, &two);
    double on = one - 2, square = two - 6 - 6 * on;
    if (on <= 0.01 || square <= 0)
        return 0;
    return (float)(square / on);
}

/* With less noise than the cap stands for, v is what the carrier alone gives. */
static struct hz_level_mean expect(const struct hz_level_table *t, float used, float less_noise,
                                   bool two)
{
    int i = (int)lrintf(10 * log10f(used)) + 13;
    i = i < 0 ? 0 : i >= HZ_LEVEL_SNRS ? HZ_LEVEL_SNRS - 1 : i;
    struct hz_level_mean m = t->mean[two][i];
    m.sure_on = 1 - (1 - m.sure_on) * less_noise;
    m.sure_off = 1 - (1 - m.sure_off) * less_noise;
    float on = ln_i0(t->ln_i0, 2 * used), off = two ? on : used;
    m.on += ((two ? on : on - used) - m.on) * (1 - less_noise);
    m.off += (off - m.off) * (1 - less_noise);
    return m;
}

struct hz_level_stats hz_level_stream(const struct hz_level_table *t, const struct hz_tone *upper,
                                      const struct hz_tone *lower, const struct hz_level_grid *grid,
                                      float noise, float a2, float *v, float *scratch)
{
    float gain = 1 / (noise * (float)grid->window);
    hz_tone_power(upper, grid->first, grid->step, grid->window, gain, 0.7f, v, grid->n);
    if (lower)
        hz_tone_power(lower, grid->first, grid->step, grid->window, gain, 0.7f, scratch, grid->n);
    if (!(a2 > 0))
        a2 = lower ? measure_fsk(v, scratch, scratch + grid->n, grid->n) : measure_ook(v, grid->n);
    float used = a2 < a2_min ? a2_min : a2 > a2_max ? a2_max : a2;
    float less_noise = a2 > a2_max ? a2_max / a2 : 1;
    float scale2 = 4 * used * less_noise; /* (2 A)^2, and the power as if there were more noise */
    struct hz_level_stats s = {a2, expect(t, used, less_noise, lower != NULL)};
    float cap = 1.2f * fmaxf(s.mean.on, s.mean.off) + 2;
    if (lower)
        judge_two(t->ln_i0, v, scratch, grid->n, scale2, cap);
    else
        judge(t->ln_i0, v, grid->n, scale2, used, cap);
    return s;
}

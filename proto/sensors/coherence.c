#include "proto/sensors/coherence.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    SYMBOLS = 24, /* of data, from which a band is computed */
    VARIANTS = 3,
    STEPS_MAX = 16384,
};

static const float window_us[HZ_COHERENCE_WINDOWS] = {16, 32, 64, 128, 256, 512};

/* ---- of a wave ------------------------------------------------------------------------------ */

/* A waveform as running sums of the time that it is on. */
struct drawing {
    float *sum; /* n + 1 */
    size_t n;
    float step_us, left; /* left: of a duration, less than a step */
};

static void draw(struct drawing *d, float us)
{
    float steps = fabsf(us) / d->step_us + d->left;
    size_t n = (size_t)lrintf(fmaxf(steps, 0));
    d->left = steps - (float)n;
    for (size_t i = 0; i < n && d->n < STEPS_MAX; i++, d->n++)
        d->sum[d->n + 1] = d->sum[d->n] + (us > 0 ? 1 : 0);
}

static void draw_spans(struct drawing *d, const struct hz_spans *s, bool inverted)
{
    for (size_t i = 0; i < s->n; i++)
        draw(d, inverted ? -s->us[i] : s->us[i]);
}

static float shortest(const struct hz_wave *w)
{
    float us = INFINITY;
    for (size_t i = 0; i < w->zero.n; i++)
        us = fminf(us, fabsf(w->zero.us[i]));
    for (size_t i = 0; i < w->one.n; i++)
        us = fminf(us, fabsf(w->one.us[i]));
    return us;
}

/* Two zeros or two ones run into each other: then all of one kind is not typical. */
static bool runs_on(const struct hz_wave *w)
{
    return w->zero.n == 1 || w->one.n == 1 || w->code == HZ_WAVE_PIWM;
}

static void draw_data(struct drawing *d, const struct hz_wave *w, int variant)
{
    static const uint32_t mixed[VARIANTS] = {0x96c5a3, 0xd39a56, 0x5b1cea};
    for (int k = 0; k < SYMBOLS; k++) {
        bool bit = mixed[variant] >> k & 1;
        if (!runs_on(w) && variant > 0)
            bit = variant == 2;
        draw_spans(d, bit ? &w->one : &w->zero, w->code == HZ_WAVE_PIWM && k & 1);
    }
}

/* log g of a drawing. */
static float log_g(const struct drawing *d, float us)
{
    size_t w = (size_t)lrintf(us / d->step_us);
    double two = 0, four = 0;
    if (w < 1)
        return 0;
    for (size_t i = 0; i + w <= d->n; i++) {
        double x = (double)(d->sum[i + w] - d->sum[i]) / (double)w;
        two += x * x;
        four += x * x * x * x;
    }
    return two > 0 ? (float)log(four / two) : 0;
}

int hz_coherence_band(const struct hz_wave *w, struct hz_coherence_band *out)
{
    struct drawing d = {.sum = malloc((STEPS_MAX + 1) * sizeof *d.sum)};
    if (!d.sum)
        return -ENOMEM;
    for (int v = 0; v < VARIANTS; v++) {
        d.n = 0;
        d.left = 0;
        d.sum[0] = 0;
        d.step_us = fmaxf(fminf(shortest(w) / 12, 16), 2);
        draw(&d, -1024);
        draw_spans(&d, &w->sync, false);
        draw_data(&d, w, v);
        draw(&d, -1024);
        for (int i = 0; i < HZ_COHERENCE_WINDOWS; i++) {
            float g = log_g(&d, window_us[i]);
            out->low[i] = v == 0 ? g : fminf(out->low[i], g);
            out->high[i] = v == 0 ? g : fmaxf(out->high[i], g);
        }
    }
    free(d.sum);
    return 0;
}

/* ---- of a burst ----------------------------------------------------------------------------- */

void hz_coherence_measure(const struct hz_tone *t, double rate_hz, float noise, float *scratch,
                          struct hz_coherence *out)
{
    for (int i = 0; i < HZ_COHERENCE_WINDOWS; i++) {
        double samples = (double)window_us[i] * 1e-6 * rate_hz;
        unsigned window = (unsigned)lrint(fmax(1, fmin(samples, HZ_TONE_WINDOW_MAX)));
        double step = fmax(fmax(1, window / 3.0), (double)t->n / HZ_COHERENCE_LOOKS);
        size_t n = (size_t)((double)t->n / step);
        double one = 0, two = 0;
        out->log_g[i] = 0;
        out->weight[i] = 0;
        if (n < 16)
            continue;
        hz_tone_power(t, 0, step, window, 1 / (noise * (float)window), 1, scratch, n);
        for (size_t k = 0; k < n; k++) {
            one += (double)scratch[k];
            two += (double)scratch[k] * (double)scratch[k];
        }
        one /= (double)n;
        two /= (double)n;
        double on = one - 1, square = two - 2 - 4 * on;
        if (on <= 0.02 || square <= 0)
            continue;
        /* E p^2 of noise has a variance of 20; looks closer than a window tell little more */
        double looks = fmin((double)n, (double)t->n / window);
        double error = sqrt(20 / looks) / square;
        out->log_g[i] = (float)log(square / on / window);
        out->weight[i] = (float)(1 / (0.05 * 0.05 + error * error));
    }
}

float hz_coherence_distance(const struct hz_coherence *c, const struct hz_coherence_band *band)
{
    float shift = 0, weights = 1e-9f, sum = 0;
    for (int i = 0; i < HZ_COHERENCE_WINDOWS; i++) {
        shift += c->weight[i] * (c->log_g[i] - 0.5f * (band->low[i] + band->high[i]));
        weights += c->weight[i];
    }
    shift /= weights;
    for (int i = 0; i < HZ_COHERENCE_WINDOWS; i++) {
        float g = c->log_g[i] - shift;
        float off = g < band->low[i] ? band->low[i] - g : g > band->high[i] ? g - band->high[i] : 0;
        sum += c->weight[i] * off * off;
    }
    return sqrtf(sum / weights);
}

#include "proto/sensors/tone.h"

#include "dsp/clones.h"

#include <math.h>

enum { RUN = 64 }; /* samples mixed with one table of phases */

/* sum of the two products, rounded to fixed point, for one run */
HZ_CLONES static void mix(const float *restrict iq, const float *restrict c,
                          const float *restrict s, size_t n, int32_t *restrict re,
                          int32_t *restrict im)
{
    for (size_t i = 0; i < n; i++) {
        float a = iq[2 * i], b = iq[2 * i + 1];
        re[i] = (int32_t)(a * c[i] + b * s[i]);
        im[i] = (int32_t)(b * c[i] - a * s[i]);
    }
}

void hz_tone_sum(struct hz_tone *t, const float *iq, size_t n, double freq, float peak)
{
    /* 2^31 over the longest window, and a factor of two for the sum of I and Q */
    float scale = 2147483648.0f / (2 * HZ_TONE_WINDOW_MAX) / peak;
    uint32_t re = 0, im = 0;
    double w = 2 * M_PI * freq;
    float base_c[RUN], base_s[RUN];
    for (size_t i = 0; i < RUN; i++) {
        base_c[i] = (float)cos(w * (double)i) * scale;
        base_s[i] = (float)sin(w * (double)i) * scale;
    }
    t->n = n;
    t->unit = 1 / scale;
    t->re[0] = t->im[0] = 0;
    for (size_t at = 0; at < n; at += RUN) {
        float c[RUN], s[RUN];
        int32_t mr[RUN], mi[RUN];
        double turns = freq * (double)at, phase = 2 * M_PI * (turns - floor(turns));
        float pc = (float)cos(phase), ps = (float)sin(phase);
        size_t len = n - at < RUN ? n - at : RUN;
        for (size_t i = 0; i < RUN; i++) {
            c[i] = base_c[i] * pc - base_s[i] * ps;
            s[i] = base_s[i] * pc + base_c[i] * ps;
        }
        mix(iq + 2 * at, c, s, len, mr, mi);
        for (size_t i = 0; i < len; i++) {
            re += (uint32_t)mr[i];
            im += (uint32_t)mi[i];
            t->re[at + i + 1] = re;
            t->im[at + i + 1] = im;
        }
    }
}

HZ_CLONES static void powers(const uint32_t *re, const uint32_t *im, double first, double step,
                             unsigned window, float gain, float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t a = (int32_t)(first + (double)i * step);
        float x = (float)(int32_t)(re[a + (int32_t)window] - re[a]);
        float y = (float)(int32_t)(im[a + (int32_t)window] - im[a]);
        out[i] = (x * x + y * y) * gain;
    }
}

void hz_tone_power(const struct hz_tone *t, double first, double step, unsigned window, float gain,
                   float outside, float *out, size_t n)
{
    /* index of a window's first sample, rounded to the nearest */
    double begin = first - window / 2.0 + 0.5, last = (double)t->n - window;
    size_t i = 0, end = n;
    while (i < n && begin + (double)i * step < 0)
        out[i++] = outside;
    while (end > i && begin + (double)(end - 1) * step >= last + 1)
        out[--end] = outside;
    if (end > i)
        powers(t->re, t->im, begin + (double)i * step, step, window, gain * t->unit * t->unit,
               out + i, end - i);
}

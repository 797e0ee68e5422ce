#include "proto/sensors/coded.h"

#include <math.h>

extern const struct hz_coded hz_coded_ec3k, hz_coded_r900;

const struct hz_coded *const hz_coded_list[] = {&hz_coded_ec3k, &hz_coded_r900, NULL};

size_t hz_coded_levels(const struct hz_coded_ear *ear, double window_us, double step_us)
{
    double step = step_us * 1e-6 * ear->rate_hz, samples = window_us * 1e-6 * ear->rate_hz;
    size_t n = (size_t)((double)ear->upper->n / step);
    unsigned window = (unsigned)lround(samples);
    n = n < HZ_CODED_STEPS ? n : HZ_CODED_STEPS;
    window = window < 1 ? 1 : window > HZ_TONE_WINDOW_MAX ? HZ_TONE_WINDOW_MAX : window;
    hz_tone_power(ear->upper, 0, step, window, 1, 0, ear->v, n);
    for (size_t i = 0; i < n; i++)
        ear->v[i] = sqrtf(ear->v[i]);
    if (!ear->lower)
        return n;
    hz_tone_power(ear->lower, 0, step, window, 1, 0, ear->scratch, n);
    for (size_t i = 0; i < n; i++)
        ear->v[i] -= sqrtf(ear->scratch[i]);
    return n;
}

float hz_coded_level(const float *v, size_t n, double at)
{
    if (!(at >= 0) || at >= (double)n - 1)
        return 0;
    size_t i = (size_t)at;
    float part = (float)(at - (double)i);
    return v[i] + part * (v[i + 1] - v[i]);
}

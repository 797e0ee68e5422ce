#include "dsp/waterfall.h"

#include "dsp/clones.h"
#include "dsp/lanes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOP_DB (255 * HZ_WATERFALL_STEP_DB) /* above min: of value 255 */

struct hz_waterfall {
    size_t n;
    double from_hz, width_hz;
    float peak[];
};

/* ---- powers of a spectrum --------------------------------------------------------------- */

/* A Hann window in the frequency domain is X(k) - (X(k-1) + X(k+1)) / 2. x: bin k, with a
 * neighbour on each side. */
HZ_CLONES static void hann_powers(const float *x, size_t n, float scale, float *out)
{
    for (size_t k = 0; k < n; k++) {
        float i = x[2 * k] - 0.5f * (x[2 * k - 2] + x[2 * k + 2]);
        float q = x[2 * k + 1] - 0.5f * (x[2 * k - 1] + x[2 * k + 3]);
        out[k] = (i * i + q * q) * scale;
    }
}

void hz_spectrum_powers(const struct hz_spectrum *s, long first, size_t count, float *out)
{
    const long n = (long)s->n;
    size_t k = (size_t)(((first % n) + n) % n);
    /* This window is scaled by 2, so its mean square is 3/2. */
    const float scale = 1 / (1.5f * (float)s->n * (float)s->n);
    while (count) {
        size_t run = k == 0 || k == s->n - 1 ? 0 : s->n - 1 - k;
        run = run < count ? run : count;
        if (run) {
            hann_powers(s->bins + 2 * k, run, scale, out);
        } else { /* a neighbour is at the other end */
            const size_t below = k ? k - 1 : s->n - 1, above = k + 1 < s->n ? k + 1 : 0;
            float x[6];
            memcpy(x, s->bins + 2 * below, 2 * sizeof *x);
            memcpy(x + 2, s->bins + 2 * k, 2 * sizeof *x);
            memcpy(x + 4, s->bins + 2 * above, 2 * sizeof *x);
            hann_powers(x + 2, 1, scale, out);
            run = 1;
        }
        out += run;
        count -= run;
        k = (k + run) % s->n;
    }
}

/* ---- rows ------------------------------------------------------------------------------- */

struct hz_waterfall *hz_waterfall_new(size_t n, double from_hz, double to_hz)
{
    struct hz_waterfall *w = calloc(1, sizeof *w + n * sizeof *w->peak);
    if (!w)
        return NULL;
    w->n = n;
    w->from_hz = from_hz;
    w->width_hz = (to_hz - from_hz) / (double)n;
    return w;
}

void hz_waterfall_free(struct hz_waterfall *w)
{
    free(w);
}

void hz_waterfall_reset(struct hz_waterfall *w)
{
    memset(w->peak, 0, w->n * sizeof *w->peak);
}

static inline float sum(const float *x, size_t n)
{
    hz_eight s = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        s += *(const hz_eight *)(x + i);
    float rest = 0;
    for (; i < n; i++)
        rest += x[i];
    return rest + ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* The power from a to b, in bins from the lower edge of p[0]; 0 <= a < b. */
static inline float between(const float *p, double a, double b)
{
    size_t first = (size_t)a, last = (size_t)b;
    if (first == last)
        return p[first] * (float)(b - a);
    float s = p[first] * (float)((double)(first + 1) - a) + sum(p + first + 1, last - first - 1);
    float part = (float)(b - (double)last); /* 0 where p ends */
    return part > 0 ? s + p[last] * part : s;
}

/* bin: lower edge of the first displayed bin, and its width, in bins of p. */
HZ_CLONES static void hold(float *peak, size_t n, const float *p, double bin, double width)
{
    for (size_t i = 0; i < n; i++) {
        float v = between(p, bin + width * (double)i, bin + width * (double)(i + 1));
        peak[i] = v > peak[i] ? v : peak[i];
    }
}

void hz_waterfall_add(struct hz_waterfall *w, const struct hz_powers *p)
{
    const double width = w->width_hz / p->bin_hz, begin = (w->from_hz - p->from_hz) / p->bin_hz;
    /* Displayed bins that the powers cover whole; a little of one is lost to rounding. */
    const double slack = 1e-6 * width;
    double first = ceil((0 - begin - slack) / width);
    double end = floor(((double)p->n - begin + slack) / width);
    first = first < 0 ? 0 : first;
    end = end > (double)w->n ? (double)w->n : end;
    if (!(first < end))
        return;
    double bin = begin + width * first;
    size_t n = (size_t)(end - first);
    if (bin < 0)
        bin = 0;
    if (bin + width * (double)n >= (double)p->n) /* rounding: the last one ends with the powers */
        n--;
    hold(w->peak + (size_t)first, n, p->power, bin, width);
    if (n < (size_t)(end - first)) {
        float v = between(p->power, bin + width * (double)n, nextafter((double)p->n, 0));
        float *peak = &w->peak[(size_t)first + n];
        *peak = v > *peak ? v : *peak;
    }
}

/* Of all that have power. */
static void extremes(const struct hz_waterfall *w, float *low, float *high)
{
    *low = INFINITY;
    *high = 0;
    for (size_t i = 0; i < w->n; i++) {
        *high = w->peak[i] > *high ? w->peak[i] : *high;
        if (w->peak[i] > 0 && w->peak[i] < *low)
            *low = w->peak[i];
    }
}

static float choose_min(const struct hz_waterfall *w)
{
    float low, high;
    extremes(w, &low, &high);
    float min = HZ_WATERFALL_MIN_DB;
    if (high == 0)
        return min;
    low = 10 * log10f(low);
    high = 10 * log10f(high);
    if (low < min)
        min = 10 * floorf(low / 10);
    if (high > min + TOP_DB) /* the loud ones count more */
        min = 10 * ceilf((high - TOP_DB) / 10);
    return min;
}

float hz_waterfall_take(struct hz_waterfall *w, uint8_t *levels)
{
    const float min = choose_min(w);
    for (size_t i = 0; i < w->n; i++) {
        float p = w->peak[i];
        float v = p > 0 ? (10 * log10f(p) - min) / HZ_WATERFALL_STEP_DB + 0.5f : 0;
        levels[i] = v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)v;
    }
    hz_waterfall_reset(w);
    return min;
}

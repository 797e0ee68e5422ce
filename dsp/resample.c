#include "dsp/resample.h"

#include "dsp/kaiser.h"

#include <stdlib.h>
#include <string.h>

#define ATTEN_DB 70.0

struct hz_resample {
    unsigned up, down;
    size_t taps;   /* per phase */
    float *phases; /* [up][taps] the taps of each phase, for the newest sample first */
    float *past;   /* [2 taps] the newest `taps` samples, newest first at past[at], stored twice */
    size_t at;
    size_t phase;  /* of the next output, in 1 / up of an input sample after the newest */
    size_t length; /* of the whole filter */
};

void hz_resample_free(struct hz_resample *r)
{
    if (!r)
        return;
    free(r->phases);
    free(r->past);
    free(r);
}

void hz_resample_reset(struct hz_resample *r)
{
    memset(r->past, 0, 2 * r->taps * sizeof *r->past);
    r->at = 0;
    r->phase = 0;
}

/* Splits the filter into its polyphase components. */
struct hz_resample *hz_resample_new_filter(unsigned up, unsigned down, const double *h, size_t taps)
{
    if (up < 1 || up > 1000 || down < 1 || down > 1000)
        return NULL;
    struct hz_resample *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->up = up;
    r->down = down;
    r->length = taps;
    r->taps = (taps + up - 1) / up;
    r->phases = calloc(r->taps * up, sizeof *r->phases);
    r->past = calloc(2 * r->taps, sizeof *r->past);
    if (!r->phases || !r->past) {
        hz_resample_free(r);
        return NULL;
    }
    for (size_t i = 0; i < taps; i++)
        r->phases[i % up * r->taps + i / up] = (float)(h[i] * up);
    return r;
}

struct hz_resample *hz_resample_new(unsigned up, unsigned down)
{
    if (up < 1 || down < 1)
        return NULL;
    double edge = 0.5 / (double)(up > down ? up : down);
    size_t taps = hz_kaiser_taps(ATTEN_DB, 0.2 * edge);
    double *h = calloc(taps, sizeof *h);
    if (!h)
        return NULL;
    hz_kaiser_lowpass(h, taps, 0.9 * edge, ATTEN_DB);
    struct hz_resample *r = hz_resample_new_filter(up, down, h, taps);
    free(h);
    return r;
}

double hz_resample_delay(const struct hz_resample *r)
{
    return (double)(r->length - 1) / 2 / r->up;
}

size_t hz_resample_count(const struct hz_resample *r, size_t n)
{
    size_t span = n * r->up;
    return span <= r->phase ? 0 : (span - r->phase + r->down - 1) / r->down;
}

size_t hz_resample_push(struct hz_resample *r, const float *in, size_t n, float *out)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        r->at = r->at ? r->at - 1 : r->taps - 1;
        r->past[r->at] = r->past[r->at + r->taps] = in[i];
        for (; r->phase < r->up; r->phase += r->down) {
            const float *h = r->phases + r->phase * r->taps, *x = r->past + r->at;
            float sum = 0;
            for (size_t k = 0; k < r->taps; k++)
                sum += h[k] * x[k];
            out[count++] = sum;
        }
        r->phase -= r->up;
    }
    return count;
}

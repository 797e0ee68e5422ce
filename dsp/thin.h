/* The first or only step of a zoom for samples of 8 bits: a complex filter with whole numbers that
 * keeps every fourth output. Samples are I, Q pairs of int16_t, as hz_thin_convert makes them.
 *
 * Pure: any thread. */
#ifndef HZ_DSP_THIN_H
#define HZ_DSP_THIN_H

#include "dsp/samples.h"

#include <stdbool.h>

#define HZ_THIN_DOWN 4

struct hz_thin {
    size_t taps; /* a multiple of 4 */
    bool real;   /* all taps are: it lies around 0 Hz, and needs half of the products */
    /* [taps] pairs (re, -im) and (im, re); if real, [taps] numbers in `re`. */
    int16_t *re, *im;
    float scale; /* of a sum of taps */
    /* Every fourth sample, with room for `most` of them, from each of the first four on. If real:
     * every fourth pair of I, of Q, and of both two samples later. */
    int16_t *phase[HZ_THIN_DOWN];
    size_t most; /* samples that a call of hz_thin_run may need, and some more */
};

/* The filter h(k) = re + j im, and room for calls that need so many samples. -ENOMEM, with nothing
 * to free. Freed by hz_thin_done (all zero is allowed). */
int hz_thin_init(struct hz_thin *t, const double *re, const double *im, size_t taps, size_t most);
void hz_thin_done(struct hz_thin *t);

/* Whether a format has 8 bits; and the samples as whole numbers, of which full scale is *full. */
bool hz_thin_takes(enum hz_format format);
void hz_thin_convert(enum hz_format format, const void *in, size_t n, int16_t *out, float *full);

/* y[k] = sum of the taps times the samples from x[4 k] on, for k from 0 to n - 1, divided by
 * `full`. May read 12 samples behind those that it needs. y has room for 16 more. The same bits on
 * every machine. */
void hz_thin_run(struct hz_thin *t, const int16_t *x, size_t n, float full, float *y);

#endif

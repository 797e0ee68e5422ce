/* A filter with real taps that keeps every n-th output: the last step of a zoom. Samples are I, Q
 * pairs of float.
 *
 * y(k) = sum over i of h(i) x(k down + i). Taps that are 0, as every second one of a filter to half
 * of the rate, cost nothing. Each sum is taken in the order of the taps, beginning with those of
 * the first phase, so its bits are the same on every machine.
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_DECIMATE_H
#define HZ_DSP_DECIMATE_H

#include <stddef.h>

struct hz_decimate_tap {
    float h;
    const float *from; /* in a phase: the sample that output 0 needs of it */
};

struct hz_decimate {
    unsigned down;
    size_t reach;  /* samples of a phase behind that of an output that it needs */
    size_t room;   /* samples of a phase */
    float *phases; /* [down][room] every down-th sample, from each of the first ones on */
    size_t n;      /* taps that are not 0 */
    struct hz_decimate_tap *tap;
};

/* The filter h[taps], and room for calls that need up to `most` samples. -ENOMEM, with nothing to
 * free. Freed by hz_decimate_done (all zero is allowed). */
int hz_decimate_init(struct hz_decimate *d, const double *h, size_t taps, unsigned down,
                     size_t most);
void hz_decimate_done(struct hz_decimate *d);

/* n outputs from the samples from x on. May read down - 1 samples behind those that it needs. y has
 * room for 16 more. */
void hz_decimate_run(struct hz_decimate *d, const float *x, size_t n, float *y);

#endif

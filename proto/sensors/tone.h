/* The power of a tone, anywhere in a burst and over windows of any length.
 *
 * The samples are mixed so that the tone is at 0 Hz, and summed up once; the sum over a window is
 * then the difference of two running sums. They are kept in fixed point and wrap around: a
 * difference is exact as long as the sum over the window fits, which the scale sees to.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_TONE_H
#define HZ_PROTO_SENSORS_TONE_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_TONE_WINDOW_MAX = 256 }; /* samples */

struct hz_tone {
    uint32_t *re, *im; /* running sums: n + 1 of each, in memory of the caller */
    size_t n;          /* samples summed up */
    float unit;        /* what 1 of the sums stands for */
};

/* Sums up iq[2 n] around freq cycles per sample. `peak` is a bound of every I and Q, above 0. */
void hz_tone_sum(struct hz_tone *t, const float *iq, size_t n, double freq, float peak);

/* out[i], i < n: the power of the sum over `window` samples (1 to HZ_TONE_WINDOW_MAX) whose middle
 * is sample first + i * step, times `gain`. Windows that reach over the ends of the samples give
 * `outside`. */
void hz_tone_power(const struct hz_tone *t, double first, double step, unsigned window, float gain,
                   float outside, float *out, size_t n);

#endif

/* Resampler for real samples: a ratio of two small whole numbers, with a polyphase Kaiser filter
 * (70 dB, flat to 80 % of the lower of the two Nyquist frequencies). Pure. One thread at a time. */
#ifndef HZ_DSP_RESAMPLE_H
#define HZ_DSP_RESAMPLE_H

#include <stddef.h>

struct hz_resample;

/* up / down = output rate / input rate, both 1 to 1000. NULL when memory is short or a number is
 * out of range. The caller frees it with hz_resample_free (NULL is allowed). */
struct hz_resample *hz_resample_new(unsigned up, unsigned down);
/* As hz_resample_new, with the filter h[taps], designed for the rate input rate * up and a gain
 * of 1. h is not kept. */
struct hz_resample *hz_resample_new_filter(unsigned up, unsigned down, const double *h,
                                           size_t taps);
void hz_resample_free(struct hz_resample *r);
/* Forgets all samples. */
void hz_resample_reset(struct hz_resample *r);

/* The number of output samples that n more input samples will give. */
size_t hz_resample_count(const struct hz_resample *r, size_t n);

/* Resamples in[n] to out[hz_resample_count(r, n)] and returns that number. Output sample m is the
 * input at the position m * down / up - hz_resample_delay(r). */
size_t hz_resample_push(struct hz_resample *r, const float *in, size_t n, float *out);
double hz_resample_delay(const struct hz_resample *r);

#endif

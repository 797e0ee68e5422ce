/* KISS FFT with vectorised first stages of radix 5. This is a quarter faster than KISS FFT alone,
 * whose stages are scalar and access long transforms with large strides. Only dsp/fft.c uses it. */
#ifndef HZ_DSP_FFT_KISS_H
#define HZ_DSP_FFT_KISS_H

#include <stdbool.h>
#include <stddef.h>

struct hz_kiss;

/* n > 0 points, unscaled; NULL when memory is short. Read-only once created: any thread may run it.
 * The caller frees it with hz_kiss_free (NULL is allowed). */
struct hz_kiss *hz_kiss_new(size_t n, bool inverse);
void hz_kiss_free(struct hz_kiss *k);
void hz_kiss_run(const struct hz_kiss *k, const float *in, float *out);

#endif

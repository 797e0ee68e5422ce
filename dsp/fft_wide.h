/* Long transforms by the "four-step" method (e.g. D. H. Bailey, FFTs in external or hierarchical
 * memory, 1990), for lengths of 4,096 to 102,400 points without prime factors over 5. The points
 * are a matrix, whose columns and then rows are transformed, as many side by side as a vector has
 * lanes. The same bits on every machine. Only dsp/fft.c and its test use it. */
#ifndef HZ_DSP_FFT_WIDE_H
#define HZ_DSP_FFT_WIDE_H

#include <stdbool.h>
#include <stddef.h>

struct hz_wide;

/* The lanes for which this machine has a variant of the loops, the fastest first, then 0. */
const size_t *hz_wide_lanes(void);

bool hz_wide_length_ok(size_t n);
/* NULL when memory is short. Read-only once created: any thread may run it. The caller frees it
 * with hz_wide_free (NULL is allowed). */
struct hz_wide *hz_wide_new(size_t n, bool inverse, size_t lanes);
void hz_wide_free(struct hz_wide *f);
void hz_wide_run(const struct hz_wide *f, const float *in, float *out);

#endif

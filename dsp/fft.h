/* Complex Fourier transforms of any length, single precision, out of place, unscaled: forward and
 * back multiplies by n. Samples are I, Q pairs of float.
 *
 * Two kinds. A plain transform is KISS FFT's and may be made in any thread. A wide one is FFTW3f's
 * where it was built in (five to ten times faster), else KISS FFT's; FFTW's planner is not
 * thread-safe, so wide transforms are made and freed by one thread of the program only. Once made,
 * a transform is read-only: any number of threads may run it at the same time. */
#ifndef HZ_DSP_FFT_H
#define HZ_DSP_FFT_H

#include <stdbool.h>
#include <stddef.h>

struct hz_fft;

enum hz_fft_direction { HZ_FFT_FORWARD, HZ_FFT_INVERSE };

/* n > 0 points; NULL when memory is short. Freed by hz_fft_free. */
struct hz_fft *hz_fft_new(size_t n, enum hz_fft_direction direction);
struct hz_fft *hz_fft_new_wide(size_t n, enum hz_fft_direction direction);
void hz_fft_free(struct hz_fft *fft);

/* `in` and `out` hold n samples each, do not overlap, and come from hz_fft_buffer. */
void hz_fft_run(const struct hz_fft *fft, const float *in, float *out);

/* Zeroed memory for n samples, aligned for vectors; freed by free(). NULL when memory is short. */
float *hz_fft_buffer(size_t n);

/* True when n has only the prime factors 2, 3, 5, 7, 11 and 13: others are too slow. */
bool hz_fft_length_ok(size_t n);

/* The library behind the wide transforms: "fftw3f" or "kissfft". */
const char *hz_fft_wide_library(void);

#endif

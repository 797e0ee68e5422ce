/* Complex Fourier transforms of any length in single precision, out of place and unscaled: forward
 * and inverse together multiply by n. Samples are I, Q pairs of float.
 *
 * There are two kinds. A plain transform uses KISS FFT and may be created in any thread. A wide
 * transform is for the lengths of bands and slices: the long ones are dsp/fft_wide.h (two thirds of
 * the time of FFTW's estimated plans with AVX-512, four fifths with AVX2), the others FFTW3f if the
 * program was built with it, else KISS FFT. FFTW's planner is not thread-safe, so wide transforms
 * are created and freed by one thread of the program only. Once created, a transform is read-only:
 * any number of threads may run it at the same time. */
#ifndef HZ_DSP_FFT_H
#define HZ_DSP_FFT_H

#include <stdbool.h>
#include <stddef.h>

struct hz_fft;

enum hz_fft_direction { HZ_FFT_FORWARD, HZ_FFT_INVERSE };

/* n > 0 points; NULL when memory is short. The caller frees it with hz_fft_free (NULL is allowed).
 */
struct hz_fft *hz_fft_new(size_t n, enum hz_fft_direction direction);
struct hz_fft *hz_fft_new_wide(size_t n, enum hz_fft_direction direction);
void hz_fft_free(struct hz_fft *fft);

/* Transforms `in` to `out`: n samples each, not overlapping, both from hz_fft_buffer
 * or hz_fft_room. */
void hz_fft_run(const struct hz_fft *fft, const float *in, float *out);

/* Zeroed memory for n samples, aligned for vectors. NULL when memory is short. The caller frees it
 * with free(). */
float *hz_fft_buffer(size_t n);
/* The same, not zeroed: for what is written as a whole before it is read. Memory that is never
 * touched costs nothing. */
float *hz_fft_room(size_t n);

/* True when n has no prime factor over 19, which would make a transform too slow. */
bool hz_fft_length_ok(size_t n);

/* What makes a wide transform of n points: "hertzd", "fftw3f" or "kissfft". */
const char *hz_fft_wide_library(size_t n);

#endif

#include "dsp/fft.h"

#include "dsp/fft_kiss.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef HZ_FFTW
#include <fftw3.h>
#endif

struct hz_fft {
    struct hz_kiss *kiss; /* NULL when `wide` is used */
#ifdef HZ_FFTW
    fftwf_plan wide;
#endif
};

float *hz_fft_buffer(size_t n)
{
    size_t bytes = (n * 2 * sizeof(float) + 63) / 64 * 64;
    float *p = aligned_alloc(64, bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

struct hz_fft *hz_fft_new(size_t n, enum hz_fft_direction direction)
{
    struct hz_fft *fft = calloc(1, sizeof *fft);
    if (!fft)
        return NULL;
    fft->kiss = hz_kiss_new(n, direction == HZ_FFT_INVERSE);
    if (!fft->kiss) {
        hz_fft_free(fft);
        return NULL;
    }
    return fft;
}

#ifdef HZ_FFTW

/* FFTW_ESTIMATE gives the same plan every time, so results are reproducible, and takes no time for
 * measurements. */
struct hz_fft *hz_fft_new_wide(size_t n, enum hz_fft_direction direction)
{
    struct hz_fft *fft = calloc(1, sizeof *fft);
    float *in = hz_fft_buffer(n), *out = hz_fft_buffer(n);
    if (fft && in && out)
        fft->wide = fftwf_plan_dft_1d((int)n, (fftwf_complex *)in, (fftwf_complex *)out,
                                      direction == HZ_FFT_INVERSE ? FFTW_BACKWARD : FFTW_FORWARD,
                                      FFTW_ESTIMATE);
    free(in);
    free(out);
    if (fft && fft->wide)
        return fft;
    hz_fft_free(fft);
    return NULL;
}

void hz_fft_free(struct hz_fft *fft)
{
    if (!fft)
        return;
    if (fft->wide)
        fftwf_destroy_plan(fft->wide);
    hz_kiss_free(fft->kiss);
    free(fft);
}

void hz_fft_run(const struct hz_fft *fft, const float *in, float *out)
{
    /* An out-of-place transform does not change its input, though FFTW's types lack the const. */
    if (fft->wide)
        fftwf_execute_dft(fft->wide, (fftwf_complex *)(uintptr_t)in, (fftwf_complex *)out);
    else
        hz_kiss_run(fft->kiss, in, out);
}

const char *hz_fft_wide_library(void)
{
    return "fftw3f";
}

#else

struct hz_fft *hz_fft_new_wide(size_t n, enum hz_fft_direction direction)
{
    return hz_fft_new(n, direction);
}

void hz_fft_free(struct hz_fft *fft)
{
    if (!fft)
        return;
    hz_kiss_free(fft->kiss);
    free(fft);
}

void hz_fft_run(const struct hz_fft *fft, const float *in, float *out)
{
    hz_kiss_run(fft->kiss, in, out);
}

const char *hz_fft_wide_library(void)
{
    return "kissfft";
}

#endif

bool hz_fft_length_ok(size_t n)
{
    static const size_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19};
    if (n == 0)
        return false;
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++)
        while (n % primes[i] == 0)
            n /= primes[i];
    return n == 1;
}

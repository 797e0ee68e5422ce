#include "dsp/fft.h"

#include "dsp/fft_kiss.h"
#include "dsp/fft_wide.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef HZ_FFTW
#include <fftw3.h>
#endif

struct hz_fft { /* one of these */
    struct hz_wide *wide;
    struct hz_kiss *kiss;
#ifdef HZ_FFTW
    fftwf_plan fftw;
#endif
};

float *hz_fft_room(size_t n)
{
    return aligned_alloc(64, (n * 2 * sizeof(float) + 63) / 64 * 64);
}

float *hz_fft_buffer(size_t n)
{
    float *p = hz_fft_room(n);
    if (p)
        memset(p, 0, n * 2 * sizeof *p);
    return p;
}

struct hz_fft *hz_fft_new(size_t n, enum hz_fft_direction direction)
{
    struct hz_fft *fft = calloc(1, sizeof *fft);
    if (!fft)
        return NULL;
    fft->kiss = hz_kiss_new(n, direction == HZ_FFT_INVERSE);
    if (fft->kiss)
        return fft;
    free(fft);
    return NULL;
}

static struct hz_fft *new_long(size_t n, enum hz_fft_direction direction)
{
    struct hz_fft *fft = calloc(1, sizeof *fft);
    if (!fft)
        return NULL;
    fft->wide = hz_wide_new(n, direction == HZ_FFT_INVERSE, hz_wide_lanes()[0]);
    if (fft->wide)
        return fft;
    free(fft);
    return NULL;
}

#ifdef HZ_FFTW

/* FFTW_ESTIMATE gives the same plan every time, so results are reproducible, and takes no time for
 * measurements. */
static struct hz_fft *new_other(size_t n, enum hz_fft_direction direction)
{
    struct hz_fft *fft = calloc(1, sizeof *fft);
    float *in = hz_fft_room(n), *out = hz_fft_room(n);
    if (fft && in && out)
        fft->fftw = fftwf_plan_dft_1d((int)n, (fftwf_complex *)in, (fftwf_complex *)out,
                                      direction == HZ_FFT_INVERSE ? FFTW_BACKWARD : FFTW_FORWARD,
                                      FFTW_ESTIMATE);
    free(in);
    free(out);
    if (fft && fft->fftw)
        return fft;
    free(fft);
    return NULL;
}

static void free_other(struct hz_fft *fft)
{
    if (fft->fftw)
        fftwf_destroy_plan(fft->fftw);
}

static void run_other(const struct hz_fft *fft, const float *in, float *out)
{
    /* An out-of-place transform does not change its input, though FFTW's types lack the const. */
    fftwf_execute_dft(fft->fftw, (fftwf_complex *)(uintptr_t)in, (fftwf_complex *)out);
}

#else

static struct hz_fft *new_other(size_t n, enum hz_fft_direction direction)
{
    return hz_fft_new(n, direction);
}

static void free_other(struct hz_fft *fft)
{
    (void)fft;
}

static void run_other(const struct hz_fft *fft, const float *in, float *out)
{
    hz_kiss_run(fft->kiss, in, out);
}

#endif

struct hz_fft *hz_fft_new_wide(size_t n, enum hz_fft_direction direction)
{
    return hz_wide_length_ok(n) ? new_long(n, direction) : new_other(n, direction);
}

void hz_fft_free(struct hz_fft *fft)
{
    if (!fft)
        return;
    free_other(fft);
    hz_wide_free(fft->wide);
    hz_kiss_free(fft->kiss);
    free(fft);
}

void hz_fft_run(const struct hz_fft *fft, const float *in, float *out)
{
    if (fft->wide)
        hz_wide_run(fft->wide, in, out);
    else if (fft->kiss)
        hz_kiss_run(fft->kiss, in, out);
    else
        run_other(fft, in, out);
}

const char *hz_fft_wide_library(size_t n)
{
    if (hz_wide_length_ok(n))
        return "hertzd";
#ifdef HZ_FFTW
    return "fftw3f";
#else
    return "kissfft";
#endif
}

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

#include "dsp/fft.h"
#include "dsp/fft_wide.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Against the sum that defines it, in double precision. */
static void check(size_t n, enum hz_fft_direction direction, bool wide)
{
    struct hz_fft *fft = wide ? hz_fft_new_wide(n, direction) : hz_fft_new(n, direction);
    float *in = hz_fft_buffer(n), *out = hz_fft_buffer(n);
    cr_assert(fft && in && out);
    srand((unsigned)n);
    for (size_t i = 0; i < 2 * n; i++)
        in[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    hz_fft_run(fft, in, out);
    double sign = direction == HZ_FFT_FORWARD ? -1 : 1, worst = 0;
    for (size_t k = 0; k < n; k++) {
        double re = 0, im = 0;
        for (size_t i = 0; i < n; i++) {
            double a = sign * 2 * M_PI * (double)(i * k % n) / (double)n;
            re += in[2 * i] * cos(a) - in[2 * i + 1] * sin(a);
            im += in[2 * i] * sin(a) + in[2 * i + 1] * cos(a);
        }
        worst = fmax(worst, hypot(out[2 * k] - re, out[2 * k + 1] - im));
    }
    cr_expect_lt(worst, 2e-6 * sqrt((double)n), "n %zu wide %d: off by %g", n, wide, worst);
    free(in);
    free(out);
    hz_fft_free(fft);
}

Test(fft, is_the_fourier_sum)
{
    static const size_t lengths[] = {1, 2, 15, 250, 1200, 1400, 2500, 3000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int wide = 0; wide < 2; wide++) {
            check(lengths[i], HZ_FFT_FORWARD, wide);
            check(lengths[i], HZ_FFT_INVERSE, wide);
        }
}

/* Too long for the sum: tones on bins, at both ends of the band and between, all stages used. */
Test(fft, finds_tones_in_a_long_transform)
{
    static const size_t tones[] = {0, 1, 12345, 29999, 30000, 48000, 59999};
    size_t n = 60000;
    for (int inverse = 0; inverse < 2; inverse++)
        for (size_t t = 0; t < sizeof tones / sizeof *tones; t++) {
            struct hz_fft *fft = hz_fft_new(n, inverse ? HZ_FFT_INVERSE : HZ_FFT_FORWARD);
            float *in = hz_fft_buffer(n), *out = hz_fft_buffer(n);
            for (size_t i = 0; i < n; i++) {
                double a = 2 * M_PI * (double)(i * tones[t] % n) / (double)n;
                in[2 * i] = (float)cos(a);
                in[2 * i + 1] = (float)(inverse ? -sin(a) : sin(a));
            }
            hz_fft_run(fft, in, out);
            double worst = 0;
            for (size_t k = 0; k < n; k++)
                worst = fmax(worst,
                             hypot(out[2 * k] - (k == tones[t] ? (double)n : 0), out[2 * k + 1]));
            cr_expect_lt(worst, 0.01 * 6, "tone %zu: off by %g of 60000", tones[t], worst);
            free(in);
            free(out);
            hz_fft_free(fft);
        }
}

/* A long transform against KISS FFT, and each variant of its loops against the first, bit by bit.
 */
static void check_long(size_t n, bool inverse)
{
    struct hz_fft *kiss = hz_fft_new(n, inverse ? HZ_FFT_INVERSE : HZ_FFT_FORWARD);
    float *in = hz_fft_buffer(n), *out = hz_fft_buffer(n), *expected = hz_fft_buffer(n);
    float *first = hz_fft_buffer(n);
    srand((unsigned)n);
    for (size_t i = 0; i < 2 * n; i++)
        in[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    hz_fft_run(kiss, in, expected);
    for (const size_t *lanes = hz_wide_lanes(); *lanes; lanes++) {
        struct hz_wide *f = hz_wide_new(n, inverse, *lanes);
        double worst = 0;
        cr_assert(f);
        memset(out, 0xff, 2 * n * sizeof *out);
        hz_wide_run(f, in, out);
        for (size_t i = 0; i < 2 * n; i++)
            worst = fmax(worst, fabsf(out[i] - expected[i]));
        cr_expect(worst < 1e-6 * sqrt((double)n), "n %zu, %zu lanes: off by %g", n, *lanes, worst);
        if (*lanes == hz_wide_lanes()[0])
            memcpy(first, out, 2 * n * sizeof *out);
        cr_expect_eq(memcmp(first, out, 2 * n * sizeof *out), 0, "n %zu: %zu lanes differ", n,
                     *lanes);
        hz_wide_free(f);
    }
    free(in);
    free(out);
    free(expected);
    free(first);
    hz_fft_free(kiss);
}

/* All are 2^a 3^b 5^c: some tenth of them, of every kind. */
Test(fft, long_transforms_are_kiss_fft_in_every_variant)
{
    size_t lengths = 0;
    for (size_t n = 0; n <= 102401; n++) {
        if (hz_wide_length_ok(n) && lengths++ % 10 == 0)
            check_long(n, lengths % 20 == 1);
        if (n < 4096 || n > 102400 || n % 7 == 0 || n % 13 == 0)
            cr_assert_not(hz_wide_length_ok(n), "%zu", n);
    }
    cr_expect_gt(lengths, 100);
}

/* The bands of the usual rates, and the slices of bursts. */
Test(fft, the_usual_lengths_are_long_transforms)
{
    static const size_t lengths[] = {6250,  12500, 22500, 24000, 25000, 25600, 30000, 38400,
                                     45000, 48000, 50000, 51200, 60000, 64000, 72000, 80000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        cr_expect(hz_wide_length_ok(lengths[i]), "%zu", lengths[i]);
        check_long(lengths[i], false);
        check_long(lengths[i], true);
    }
}

Test(fft, lengths)
{
    cr_expect(hz_fft_length_ok(60000));
    cr_expect(hz_fft_length_ok(7000));
    cr_expect(hz_fft_length_ok(1));
    cr_expect_not(hz_fft_length_ok(0));
    cr_expect(hz_fft_length_ok(19 * 48)); /* recordings of 912 ksps */
    cr_expect_not(hz_fft_length_ok(23 * 1000));
}

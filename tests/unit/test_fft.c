#include "dsp/fft.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

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

Test(fft, lengths)
{
    cr_expect(hz_fft_length_ok(60000));
    cr_expect(hz_fft_length_ok(7000));
    cr_expect(hz_fft_length_ok(1));
    cr_expect_not(hz_fft_length_ok(0));
    cr_expect(hz_fft_length_ok(19 * 48)); /* recordings of 912 ksps */
    cr_expect_not(hz_fft_length_ok(23 * 1000));
}

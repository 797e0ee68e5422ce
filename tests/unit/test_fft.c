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
    static const size_t lengths[] = {1, 2, 15, 250, 1200, 1400};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int wide = 0; wide < 2; wide++) {
            check(lengths[i], HZ_FFT_FORWARD, wide);
            check(lengths[i], HZ_FFT_INVERSE, wide);
        }
}

Test(fft, lengths)
{
    cr_expect(hz_fft_length_ok(60000));
    cr_expect(hz_fft_length_ok(7000));
    cr_expect(hz_fft_length_ok(1));
    cr_expect_not(hz_fft_length_ok(0));
    cr_expect_not(hz_fft_length_ok(17 * 1000));
}

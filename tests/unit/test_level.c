#include "dsp/level.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { N = 131072 };
static uint8_t cu8[2 * N];

static struct hz_level level(void)
{
    struct hz_samples s = {.format = HZ_CU8, .data = cu8, .n = N};
    return hz_level_measure(&s);
}

Test(level, a_full_scale_tone_has_0_dbfs_and_half_of_it_6_less)
{
    for (int half = 0; half < 2; half++) {
        double a = half ? 0.5 : 1.0;
        for (size_t i = 0; i < N; i++) {
            cu8[2 * i] = (uint8_t)lround(127.5 + 127.5 * a * cos(0.1 * (double)i));
            cu8[2 * i + 1] = (uint8_t)lround(127.5 + 127.5 * a * sin(0.1 * (double)i));
        }
        cr_assert_float_eq(level().mean_dbfs, 20 * log10(a), 0.1);
        cr_assert_float_eq(level().noise_dbfs, 20 * log10(a), 0.8);
        cr_assert(half ? level().clip_percent == 0 : level().clip_percent > 1);
    }
}

Test(level, bursts_do_not_move_the_noise_floor)
{
    srand(1);
    for (size_t i = 0; i < 2 * N; i++) { /* a sum of four uniforms: nearly Gaussian, sigma 4.6 */
        int sum = 0;
        for (int k = 0; k < 4; k++)
            sum += rand() % 9 - 4;
        cu8[i] = (uint8_t)(128 + sum);
    }
    double quiet = level().noise_dbfs;
    double sigma2 = 2 * 4 * (81 - 1) / 12.0 + 2 * 0.25;
    cr_assert_float_eq(quiet, 10 * log10(sigma2 / (127.5 * 127.5)), 0.3);
    for (size_t i = 0; i < 2 * N; i++) {
        if (i / 1000 % 3 == 0)
            cu8[i] = i & 1 ? 250 : 10;
    }
    cr_assert_float_eq(level().noise_dbfs, quiet, 0.5);
    cr_assert_gt(level().mean_dbfs, quiet + 15);
    cr_assert_eq(level().clip_percent, 0);
}

Test(level, clipping_is_counted_in_samples)
{
    for (size_t i = 0; i < 2 * N; i++)
        cu8[i] = i % 200 == 0 ? 255 : 128;
    cr_assert_float_eq(level().clip_percent, 1.0, 0.01);
}

Test(level, nothing_is_minus_200)
{
    struct hz_samples s = {.format = HZ_CU8, .data = cu8, .n = 0};
    cr_assert_eq(hz_level_measure(&s).mean_dbfs, -200);
}

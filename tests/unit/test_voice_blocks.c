/* The blocks of analogue voice: discriminator, envelope, filters, gain, tone, resampler. */
#include "dsp/agc.h"
#include "dsp/am.h"
#include "dsp/biquad.h"
#include "dsp/ctcss.h"
#include "dsp/fm.h"
#include "dsp/resample.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(fm, measures_every_turn)
{
    struct hz_fm fm;
    float x[2 * 101], out[101], parts[101];
    for (double turn = -0.4999; turn < 0.5; turn += 0.0173) {
        for (size_t i = 0; i < 101; i++) {
            double phase = 2 * M_PI * turn * (double)i + 1;
            x[2 * i] = (float)(1e-3 * cos(phase));
            x[2 * i + 1] = (float)(1e-3 * sin(phase));
        }
        hz_fm_init(&fm);
        hz_fm_push(&fm, x, 101, out);
        cr_expect_eq(out[0], 0);
        for (size_t i = 1; i < 101; i++)
            cr_expect_float_eq(out[i], turn, 3e-6, "%g, not %g", out[i], turn);
        hz_fm_init(&fm);
        for (size_t i = 0; i < 101; i += 1 + i % 3) {
            size_t n = 1 + i % 3 < 101 - i ? 1 + i % 3 : 101 - i;
            hz_fm_push(&fm, x + 2 * i, n, parts + i);
        }
        for (size_t i = 0; i < 101; i++)
            cr_expect_float_eq(parts[i], out[i], 1e-7);
    }
    float zero[8] = {0};
    hz_fm_init(&fm);
    hz_fm_push(&fm, zero, 4, out);
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(out[i], 0, "silence turns by nothing");
}

Test(am, takes_magnitudes)
{
    float x[] = {3, 4, -3, -4, 0, 0, 1, 0, 0, -2}, out[5], want[] = {5, 5, 0, 1, 2};
    hz_am_envelope(x, 5, out);
    for (size_t i = 0; i < 5; i++)
        cr_expect_float_eq(out[i], want[i], 1e-6);
}

/* Gain at `freq` cycles per sample, once it has settled. */
static double gain(struct hz_biquad f, double freq)
{
    double power = 0;
    for (size_t i = 0; i < 20000; i++) {
        float x = (float)sin(2 * M_PI * freq * (double)i);
        hz_biquad_run(&f, &x, 1);
        if (i >= 10000)
            power += 2 * (double)x * (double)x / 10000;
    }
    return sqrt(power);
}

Test(biquad, has_its_corner_where_it_should)
{
    struct hz_biquad f;
    hz_biquad_lowpass(&f, 0.05, M_SQRT1_2);
    cr_expect_float_eq(gain(f, 0.05), M_SQRT1_2, 0.002);
    cr_expect_float_eq(gain(f, 0.001), 1, 0.002);
    cr_expect_lt(gain(f, 0.2), 0.06);
}

Test(agc, brings_levels_to_one)
{
    struct hz_agc a;
    hz_agc_init(&a, 20, 200, 1e-4f);
    static const float levels[] = {0.01f, 0.8f, 0.05f};
    for (size_t l = 0; l < 3; l++) {
        float x[2000];
        for (size_t i = 0; i < 2000; i++)
            x[i] = levels[l];
        hz_agc_run(&a, x, 2000);
        cr_expect_float_eq(x[1999], 1, 0.01);
    }
    float silence[5000] = {0};
    hz_agc_run(&a, silence, 5000);
    cr_expect_eq(silence[4999], 0);
}

static double tone_of(double hz, double deviation, double speech, double noise)
{
    static float x[48000];
    struct hz_ctcss c;
    hz_ctcss_init(&c, 24000);
    for (size_t i = 0; i < 48000; i++) {
        double t = (double)i / 24000;
        x[i] =
            (float)(300 + deviation * sin(2 * M_PI * hz * t) + speech * sin(2 * M_PI * 460 * t) +
                    speech * sin(2 * M_PI * 1130 * t) + noise * ((double)rand() / RAND_MAX - 0.5));
    }
    hz_ctcss_push(&c, x, 7777);
    hz_ctcss_push(&c, x + 7777, 48000 - 7777);
    return hz_ctcss_tone(&c);
}

Test(ctcss, tells_neighbouring_tones_apart)
{
    static const double tones[] = {67.0,  69.3,  71.9,  100.0, 107.2, 159.8,
                                   162.2, 179.9, 203.5, 206.5, 250.3, 254.1};
    for (size_t i = 0; i < sizeof tones / sizeof *tones; i++) {
        cr_expect_eq(tone_of(tones[i], 350, 1000, 3000), tones[i]);
        cr_expect_eq(tone_of(tones[i] * 1.003, 350, 0, 0), tones[i], "tone 0.3 %% high");
    }
}

Test(ctcss, hears_none_where_none_is)
{
    cr_expect_eq(tone_of(100, 0, 1500, 0), 0);
    cr_expect_eq(tone_of(100, 0, 0, 20000), 0);
    cr_expect_eq(tone_of(100, 30, 0, 0), 0);
}

Test(resample, keeps_a_tone_and_its_place)
{
    static const unsigned ratios[][2] = {{2, 3}, {1, 3}, {4, 3}, {1, 1}, {16, 25}};
    static float in[24000], out[40000], parts[40000];
    for (size_t r = 0; r < sizeof ratios / sizeof *ratios; r++) {
        unsigned up = ratios[r][0], down = ratios[r][1];
        double edge = up < down ? 0.5 * up / down : 0.5, f = 0.75 * edge;
        struct hz_resample *s = hz_resample_new(up, down);
        for (size_t i = 0; i < 24000; i++)
            in[i] = (float)sin(2 * M_PI * f * (double)i);
        cr_expect_eq(hz_resample_count(s, 24000), (24000 * (size_t)up + down - 1) / down);
        size_t n = hz_resample_push(s, in, 24000, out);
        cr_expect_eq(n, (24000 * (size_t)up + down - 1) / down);
        double worst = 0, delay = hz_resample_delay(s);
        for (size_t m = n / 4; m < n; m++)
            worst = fmax(worst, fabs(out[m] - sin(2 * M_PI * f * ((double)m * down / up - delay))));
        cr_expect_lt(worst, 2e-3, "%u/%u: off by %g", up, down, worst);

        hz_resample_reset(s);
        size_t have = 0;
        for (size_t i = 0; i < 24000; i += 7) {
            size_t k = 24000 - i < 7 ? 24000 - i : 7, want = hz_resample_count(s, k);
            size_t got = hz_resample_push(s, in + i, k, parts + have);
            cr_assert_eq(got, want);
            have += got;
        }
        cr_expect_eq(have, n);
        cr_expect_eq(memcmp(parts, out, n * sizeof *out), 0, "depends on the pushes");

        /* what lies over the lower Nyquist frequency does not fold */
        if (up < down) {
            for (size_t i = 0; i < 24000; i++)
                in[i] = (float)sin(2 * M_PI * 1.1 * edge * (double)i);
            hz_resample_push(s, in, 24000, out);
            for (size_t m = n / 4; m < n; m++)
                cr_assert_lt(fabsf(out[m]), 5e-4);
        }
        hz_resample_free(s);
    }
    cr_expect_null(hz_resample_new(0, 1));
    cr_expect_null(hz_resample_new(1, 1001));
}

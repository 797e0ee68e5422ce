/* Audio into phase and back: the frequency of what comes out is the audio that went in. */
#include "dsp/audio_phase.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 24000, N = 24000 };

static const struct hz_audio_phase_mode mode = {RATE, 200, 2000, {0.75f, 1, 1.3f}};

/* Runs audio[n] in cuts and writes what comes out for each gain; returns how much. */
static size_t run(const float *audio, size_t n, size_t cut, uint64_t first,
                  float *iq[HZ_AUDIO_GAINS])
{
    struct hz_audio_phase *p = malloc(sizeof *p);
    struct hz_samples out[HZ_AUDIO_GAINS];
    size_t got = 0;
    cr_assert_eq(hz_audio_phase_init(p, &mode), 0);
    for (size_t at = 0; at <= n; at += cut) {
        struct hz_samples in = {HZ_F32, audio + at, n - at < cut ? n - at : cut, first + at};
        while (at < n ? hz_audio_phase_push(p, &in, out) : hz_audio_phase_flush(p, out)) {
            cr_assert_eq(out[0].first, first + got);
            for (int g = 0; g < HZ_AUDIO_GAINS; g++)
                memcpy(iq[g] + 2 * got, out[g].data, 2 * out[g].n * sizeof(float));
            got += out[0].n;
        }
        if (at < n && n - at < cut)
            at = n - cut;
    }
    free(p);
    return got;
}

static double rms_hz(const float *iq, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from + 1; i < to; i++) {
        double re = (double)(iq[2 * i] * iq[2 * i - 2] + iq[2 * i + 1] * iq[2 * i - 1]);
        double im = (double)(iq[2 * i + 1] * iq[2 * i - 2] - iq[2 * i] * iq[2 * i - 1]);
        double hz = atan2(im, re) * RATE / 6.283185307;
        sum += hz * hz;
    }
    return sqrt(sum / (double)(to - from));
}

static float audio[N], buffer[2][HZ_AUDIO_GAINS][2 * N];
static float *one[] = {buffer[0][0], buffer[0][1], buffer[0][2]};
static float *two[] = {buffer[1][0], buffer[1][1], buffer[1][2]};

Test(audio_phase, frequency_follows_the_audio_at_any_level)
{
    for (int k = -4; k <= 2; k += 2) {
        for (size_t i = 0; i < N; i++)
            audio[i] = 0.3f + (float)(pow(10, k) * sin(0.3 * (double)i));
        cr_assert_eq(run(audio, N, 960, 5, one), (size_t)N);
        for (int g = 0; g < HZ_AUDIO_GAINS; g++)
            cr_expect_float_eq(rms_hz(one[g], 12000, N), (double)mode.gain[g] * 2000, 20);
    }
}

Test(audio_phase, cuts_do_not_matter_and_bad_numbers_do_no_harm)
{
    for (size_t i = 0; i < N; i++)
        audio[i] = (float)(i % 700) * 0.001f - (float)(i % 31) * 0.03f;
    audio[3000] = NAN;
    audio[3001] = INFINITY;
    audio[3002] = -1e30f;
    size_t n = run(audio, N - 100, N - 100, 7, one);
    cr_assert_eq(n, (size_t)N - 100);
    static const size_t cuts[] = {1, 479, 481, 5000};
    for (int c = 0; c < 4; c++) {
        cr_assert_eq(run(audio, N - 100, cuts[c], 7, two), n);
        for (int g = 0; g < HZ_AUDIO_GAINS; g++)
            cr_expect_eq(memcmp(one[g], two[g], 2 * n * sizeof(float)), 0);
    }
    for (size_t i = 0; i < n; i++)
        cr_assert_float_eq(hypotf(one[1][2 * i], one[1][2 * i + 1]), 1, 1e-4);
}

Test(audio_phase, silence_and_numbers_out_of_range)
{
    memset(audio, 0, sizeof audio);
    cr_assert_eq(run(audio, N, 1000, 0, one), (size_t)N);
    cr_expect_eq(rms_hz(one[1], 0, N), 0);
    struct hz_audio_phase *p = malloc(sizeof *p);
    struct hz_audio_phase_mode bad = mode;
    bad.rate_hz = 192000;
    cr_expect_lt(hz_audio_phase_init(p, &bad), 0);
    bad = mode;
    bad.highpass_hz = NAN;
    cr_expect_lt(hz_audio_phase_init(p, &bad), 0);
    free(p);
}

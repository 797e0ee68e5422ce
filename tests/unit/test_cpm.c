/* The detector of phase modulations against the simulator's modulator, which shares nothing with
 * it. */
#include "dsp/cpm.h"
#include "sim/fsk.h"
#include "sim/noise.h"
#include "sim/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { BITS = 400, N = 24000 };

struct signal {
    uint8_t bit[BITS];
    float iq[2 * N];
};

static struct signal signal;

/* BITS bits at random, the first at sample 20.3. */
static void make(const struct hz_cpm_mode *m, double offset, double sigma, uint64_t seed)
{
    struct hz_sim_fsk how = {1000, 500 * m->h, m->bt, 0};
    float symbols[BITS];
    struct hz_rng r;
    struct hz_noise noise;
    struct hz_sim_track track;
    hz_rng_init(&r, seed, 1);
    hz_noise_init(&noise, seed);
    for (int i = 0; i < BITS; i++) {
        signal.bit[i] = (uint8_t)hz_rng_below(&r, 2);
        symbols[i] = signal.bit[i] ? 1 : -1;
    }
    memset(signal.iq, 0, sizeof signal.iq);
    if (sigma > 0)
        hz_noise_fill(&noise, signal.iq, N, (float)sigma);
    cr_assert_eq(hz_sim_fsk(&how, symbols, BITS, &track), 0);
    double rate = 1000 * m->samples_per_bit;
    struct hz_span span = {signal.iq, N, 0, rate};
    hz_sim_track_add(&track, &(struct hz_sim_burst){20.3, 1, offset * rate, 0.2, 1}, &span);
    hz_sim_track_done(&track);
}

static const struct hz_cpm_mode modes[] = {
    {5, 0.5, 0.4, 3, 0.95f},   {5, 0.625, 0.5, 4, 0.9f},  {20, 7.5, 1.0, 3, 0.4f},
    {46.875, 17.6, 1.0, 2, 0}, {6.37, 0.5, 0.5, 2, 1.0f},
};

Test(cpm, bits_come_out_of_any_mode)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        uint8_t out[BITS];
        struct hz_cpm *c = hz_cpm_new(&modes[i], BITS);
        make(&modes[i], 0, 0.1, i);
        hz_cpm_begin(c, signal.iq, N, 20.3);
        hz_cpm_run(c, NULL, BITS);
        hz_cpm_run(c, NULL, 10); /* over what it has room for */
        cr_assert_eq(hz_cpm_bits(c), BITS);
        hz_cpm_trace(c, out);
        /* The last bits lack what follows them. */
        cr_expect_eq(memcmp(out + 1, signal.bit + 1, BITS - 4), 0, "mode %zu", i);
        hz_cpm_free(c);
    }
}

Test(cpm, runs_may_be_cut_and_know_bits)
{
    uint8_t whole[BITS], parts[BITS];
    struct hz_cpm *c = hz_cpm_new(&modes[0], BITS);
    make(&modes[0], 0, 0.5, 7);
    hz_cpm_begin(c, signal.iq, N, 20.3);
    hz_cpm_run(c, signal.bit, 32);
    float metric = hz_cpm_run(c, NULL, BITS - 32);
    hz_cpm_trace(c, whole);
    hz_cpm_begin(c, signal.iq, N, 20.3);
    hz_cpm_run(c, signal.bit, 32);
    for (int i = 32; i < BITS; i += 8)
        cr_assert_leq(hz_cpm_run(c, NULL, 8), metric);
    hz_cpm_trace(c, parts);
    cr_expect_eq(memcmp(whole, parts, BITS), 0);
    cr_expect_eq(memcmp(whole, signal.bit, 32), 0);
    hz_cpm_free(c);
}

/* The metric belongs to the decided bits, whatever the number of states; and a signal upside down
 * in frequency gives the opposite bits for as much. */
Test(cpm, metric_is_that_of_the_decided_bits)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        uint8_t out[BITS], mirrored[BITS];
        struct hz_cpm *c = hz_cpm_new(&modes[i], BITS);
        make(&modes[i], 0, 1.0, 50 + i);
        hz_cpm_begin(c, signal.iq, N, 20.3);
        float metric = hz_cpm_run(c, NULL, BITS);
        hz_cpm_trace(c, out);
        hz_cpm_begin(c, signal.iq, N, 20.3);
        cr_expect_float_eq(hz_cpm_run(c, out, BITS), metric, metric * 1e-4f, "mode %zu", i);
        for (size_t n = 0; n < N; n++)
            signal.iq[2 * n + 1] *= -1;
        hz_cpm_begin(c, signal.iq, N, 20.3);
        cr_expect_float_eq(hz_cpm_run(c, NULL, BITS), metric, metric * 1e-4f, "mode %zu", i);
        hz_cpm_trace(c, mirrored);
        for (size_t k = 0; k < BITS - 1; k++) /* the last one is a guess */
            cr_expect_eq(out[k] ^ mirrored[k], 1, "mode %zu, bit %zu", i, k);
        hz_cpm_free(c);
    }
}

/* At an SNR at which a burst has an error or two, one event repairs most of those with one. */
Test(cpm, events_hold_the_errors)
{
    int wrong = 0, repaired = 0;
    struct hz_cpm *c = hz_cpm_new(&modes[0], BITS);
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct hz_cpm_event e[24];
        uint8_t out[BITS];
        make(&modes[0], 0, 0.78, 1000 + seed);
        hz_cpm_begin(c, signal.iq, N, 20.3);
        hz_cpm_run(c, signal.bit, 32);
        hz_cpm_run(c, NULL, BITS - 32);
        hz_cpm_trace(c, out);
        if (memcmp(out, signal.bit, BITS - 4) == 0)
            continue;
        wrong++;
        size_t n = hz_cpm_events(c, 32, e, 24);
        cr_assert_eq(n, 24);
        for (size_t i = 0; i < n; i++) {
            uint8_t fixed[BITS];
            cr_assert(i == 0 || e[i].cost >= e[i - 1].cost);
            memcpy(fixed, out, BITS);
            for (uint32_t k = 0; k < 32; k++)
                if (e[i].mask >> k & 1) {
                    cr_assert_geq(e[i].last - k, 32);
                    fixed[e[i].last - k] ^= 1;
                }
            if (memcmp(fixed, signal.bit, BITS - 4) == 0) {
                repaired++;
                break;
            }
        }
    }
    cr_expect_gt(wrong, 15);
    cr_expect_gt(repaired, wrong / 3, "%d of %d", repaired, wrong);
    hz_cpm_free(c);
}

Test(cpm, frequency_and_drift_are_measured_and_taken_out)
{
    static float mixed[2 * N], carrier[2 * BITS];
    struct hz_cpm *c = hz_cpm_new(&modes[0], BITS);
    struct hz_cpm_offset left, drift = {0, -8e-7}; /* 2 kHz/s at 48 kHz */
    make(&modes[0], 4e-4, 0.3, 3);
    hz_cpm_mix(signal.iq, N, &drift, mixed);
    hz_cpm_begin(c, mixed, N, 20.3);
    hz_cpm_carrier(c, signal.bit, BITS, carrier);
    cr_assert_eq(hz_cpm_fit(&modes[0], carrier, BITS - 1, &left), 0);
    /* Frequency at the first bit. */
    cr_expect_float_eq(left.freq, 4e-4 + 8e-7 * 20.3, 2e-5);
    cr_expect_float_eq(left.drift, 8e-7, 2e-8);
    cr_expect_neq(hz_cpm_fit(&modes[0], carrier, 31, &left), 0);
    hz_cpm_free(c);
}

Test(cpm, its_waveform_is_that_of_the_modulator)
{
    static float wave[2 * N];
    for (size_t i = 0; i < 3; i++) {
        struct hz_cpm *c = hz_cpm_new(&modes[i], BITS);
        double re = 0, im = 0, power = 0;
        make(&modes[i], 0, 0, i);
        hz_cpm_modulate(c, signal.bit, BITS, 20.3, wave, N);
        for (int k = 0; k < 2 * N; k += 2) {
            re += (double)(wave[k] * signal.iq[k] + wave[k + 1] * signal.iq[k + 1]);
            im += (double)(wave[k + 1] * signal.iq[k] - wave[k] * signal.iq[k + 1]);
            power += (double)(wave[k] * wave[k] + wave[k + 1] * wave[k + 1]);
        }
        cr_expect_gt(hypot(re, im) / power, 0.98, "mode %zu: %g", i, hypot(re, im) / power);
        hz_cpm_free(c);
    }
}

Test(cpm, numbers_out_of_range_are_refused)
{
    static const struct hz_cpm_mode bad[] = {{1, 0.5, 0.4, 3, 1}, {5, 0, 0.4, 3, 1},
                                             {5, 0.5, 0, 3, 1},   {5, 0.5, 0.4, 1, 1},
                                             {5, 0.5, 0.4, 5, 1}, {(double)NAN, 0.5, 0.4, 3, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_null(hz_cpm_new(&bad[i], 10));
    hz_cpm_free(NULL);
}

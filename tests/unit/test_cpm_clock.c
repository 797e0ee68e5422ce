/* What the detector of phase modulations finds out about a transmitter: its clock, its timing, its
 * pulse. Against the simulator's modulator, which shares nothing with it. */
#include "dsp/cpm.h"
#include "dsp/cpm_line.h"
#include "sim/fsk.h"
#include "sim/noise.h"
#include "sim/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BAUD = 1000 };

static const double START = 20.3;

/* A transmission of bits at random from sample START on. */
struct air {
    size_t bits, n;
    uint8_t *bit;
    float *iq;
};

struct how {
    struct hz_cpm_mode mode; /* what the detector thinks */
    double clock;            /* a bit is longer by that share */
    double drift;            /* cycles per sample per sample */
    double sigma;            /* of the noise in I and in Q; the signal has 1 */
};

static struct air make(const struct how *how, size_t bits, uint64_t seed)
{
    struct hz_sim_fsk fsk = {BAUD, BAUD / 2.0 * how->mode.h, how->mode.bt, 0};
    double rate = BAUD * how->mode.samples_per_bit;
    struct air a = {bits, (size_t)((double)bits * how->mode.samples_per_bit * 1.02) + 100, NULL,
                    NULL};
    float *symbols = malloc(bits * sizeof *symbols);
    struct hz_rng rng;
    struct hz_noise noise;
    struct hz_sim_track track;
    a.bit = malloc(bits);
    a.iq = calloc(2 * a.n, sizeof *a.iq);
    hz_rng_init(&rng, seed, 1);
    hz_noise_init(&noise, seed);
    for (size_t i = 0; i < bits; i++) {
        a.bit[i] = (uint8_t)hz_rng_below(&rng, 2);
        symbols[i] = a.bit[i] ? 1 : -1;
    }
    if (how->sigma > 0)
        hz_noise_fill(&noise, a.iq, a.n, (float)how->sigma);
    cr_assert_eq(hz_sim_fsk(&fsk, symbols, bits, &track), 0);
    hz_sim_track_drift(&track, how->drift * rate * rate);
    struct hz_span span = {a.iq, a.n, 0, rate};
    hz_sim_track_add(&track, &(struct hz_sim_burst){START, 1, 0, 0.2, 1 / (1 + how->clock)}, &span);
    hz_sim_track_done(&track);
    free(symbols);
    return a;
}

static void done(struct air *a)
{
    free(a->bit);
    free(a->iq);
}

/* 9600 baud, AIS, POCSAG at 1200 and at 512. */
static const struct hz_cpm_mode modes[] = {
    {5, 0.625, 0.5, 2, 0.5f},
    {5, 0.5, 0.4, 2, 0.5f},
    {20, 7.5, 1.0, 2, 0},
    {46.875, 17.6, 1.0, 2, 0},
};
enum { MODES = sizeof modes / sizeof modes[0] };

static const double clocks[] = {0, 0.0005, -0.001, 0.005, -0.005, 0.01, -0.01};
enum { CLOCKS = sizeof clocks / sizeof clocks[0] };

Test(cpm_clock, line_tells_clock_and_timing)
{
    enum { BITS = 512 };
    for (size_t i = 0; i < MODES * CLOCKS; i++) {
        struct how how = {modes[i / CLOCKS], clocks[i % CLOCKS], 0, 0.5};
        struct air a = make(&how, BITS, 100 + i);
        struct hz_cpm *c = hz_cpm_new(&how.mode, BITS);
        struct hz_cpm_line line;
        const double early = 0.3; /* bits */
        double guess = START - early * how.mode.samples_per_bit;
        hz_cpm_line(c, a.iq, a.n, guess, BITS, 4, 0.012, &line);
        cr_expect_float_eq(line.clock, how.clock, 2e-4, "mode %zu, clock %g: %g", i / CLOCKS,
                           how.clock, line.clock);
        /* In its middle it is surest. */
        double off = line.late - early + (line.clock - how.clock) * BITS / 2;
        cr_expect_lt(fabs(off - nearbyint(off)), 0.05, "mode %zu, clock %g: %g", i / CLOCKS,
                     how.clock, off);
        cr_expect_lt(line.clock_error, 1e-4);
        hz_cpm_free(c);
        done(&a);
    }
}

Test(cpm_clock, line_says_how_sure_it_is)
{
    enum { BITS = 512, TRIES = 40 };
    int within = 0;
    for (uint64_t seed = 0; seed < TRIES; seed++) {
        struct how how = {modes[0], 0.002, 0, 0.9};
        struct air a = make(&how, BITS, 300 + seed);
        struct hz_cpm *c = hz_cpm_new(&how.mode, BITS);
        struct hz_cpm_line line;
        hz_cpm_line(c, a.iq, a.n, START, BITS, 4, 0.012, &line);
        within += fabs(line.clock - how.clock) < 2 * line.clock_error;
        hz_cpm_free(c);
        done(&a);
    }
    /* 95 % where errors are Gaussian and known exactly. */
    cr_expect_gt(within, TRIES * 3 / 4, "%d", within);
    cr_expect_lt(within, TRIES + 1);
}

/* A line through windows that are given. */
Test(cpm_clock, line_fits_exact_angles)
{
    float h[2 * 20];
    struct hz_cpm_line line;
    for (int w = 0; w < 20; w++) {
        double late = -0.2 - 0.0034 * (w * 16 + 8), angle = -2 * acos(-1) * late;
        h[2 * w] = (float)(3 * cos(angle));
        h[2 * w + 1] = (float)(3 * sin(angle));
    }
    hz_cpm_line_fit(h, 20, 16, 0.01, &line);
    cr_expect_float_eq(line.clock, -0.0034, 2e-5);
    cr_expect_float_eq(line.late, -0.2, 4e-3);
    cr_expect_float_eq(line.strength, 60, 0.1);
    hz_cpm_line_fit(h, 20, 16, 0.001, &line);
    cr_expect_leq(fabs(line.clock), 0.001);
}

static size_t errors(struct hz_cpm *c, const struct air *a, size_t from)
{
    uint8_t *out = malloc(a->bits);
    size_t wrong = 0;
    hz_cpm_trace(c, out);
    for (size_t k = from; k + 4 < a->bits; k++)
        wrong += out[k] != a->bit[k];
    free(out);
    return wrong;
}

/* A clock that nobody told, and a carrier that moves: over 4000 bits they leave by one bit and 3
 * kHz. */
Test(cpm_clock, loops_follow_clock_and_carrier, .timeout = 60)
{
    enum { BITS = 4000 };
    for (size_t i = 0; i < 6; i++) {
        struct how how = {modes[i % 2], i < 4 ? 2.5e-4 : 0, 0, 0.4};
        how.mode.memory = 0.9f;
        how.mode.states_log2 = 3 + i % 2;
        how.clock *= i & 1 ? -1 : 1;
        how.drift = i < 2 ? 0 : (i & 1 ? -0.5e-6 : 0.5e-6); /* 1.2 kHz/s at 48 kHz */
        struct air a = make(&how, BITS, 500 + i);
        struct hz_cpm *c = hz_cpm_new(&how.mode, BITS);
        struct hz_cpm_place place;
        /* The drift begins below the carrier: it is 0 in the middle. */
        struct hz_cpm_offset offset = {-how.drift * BITS * 5 / 2, 0};
        hz_cpm_mix(a.iq, a.n, &offset, a.iq);
        hz_cpm_begin(c, a.iq, a.n, START);
        hz_cpm_run(c, NULL, BITS);
        cr_expect_gt(errors(c, &a, 40), 40, "%zu needs no loops", i);
        hz_cpm_begin(c, a.iq, a.n, START);
        hz_cpm_follow(c, &hz_cpm_usual_gains);
        hz_cpm_run(c, NULL, BITS);
        cr_expect_leq(errors(c, &a, 40), 2, "%zu: %zu", i, errors(c, &a, 40));
        hz_cpm_place(c, &place);
        double bit = how.mode.samples_per_bit * (1 + how.clock);
        cr_expect_float_eq(place.at, START + BITS * bit, 0.5, "%zu: %g", i,
                           place.at - START - BITS * bit);
        cr_expect_float_eq(place.samples_per_bit, bit, bit * 1.5e-4, "%zu", i);
        cr_expect_float_eq(place.freq, how.drift * BITS * 5, 1e-3, "%zu: %g", i, place.freq);
        hz_cpm_free(c);
        done(&a);
    }
}

/* Loops that are held change nothing; a carrier measured where they found the bits is steady. */
Test(cpm_clock, loops_that_are_held_are_none)
{
    enum { BITS = 400 };
    struct how how = {modes[0], 0, 0, 0.6};
    struct air a = make(&how, BITS, 700);
    struct hz_cpm *c = hz_cpm_new(&how.mode, BITS);
    float plain[2 * BITS], held[2 * BITS];
    uint8_t bits[BITS], again[BITS];
    hz_cpm_begin(c, a.iq, a.n, START);
    float metric = hz_cpm_run(c, NULL, BITS);
    hz_cpm_trace(c, bits);
    hz_cpm_carrier(c, bits, BITS, plain);
    hz_cpm_begin(c, a.iq, a.n, START);
    hz_cpm_run(c, NULL, 100);
    hz_cpm_follow(c, NULL);
    cr_expect_float_eq(hz_cpm_run(c, NULL, BITS - 100), metric, metric * 1e-5f);
    hz_cpm_trace(c, again);
    hz_cpm_carrier(c, bits, BITS, held);
    cr_expect_arr_eq(bits, again, BITS);
    cr_expect_arr_eq(plain, held, (BITS - 1) * 2 * sizeof *held);
    hz_cpm_free(c);
    done(&a);
}

/* How much of the simulator's waveform is that of the detector's templates. */
static double likeness(struct hz_cpm *c, const struct air *a)
{
    float *wave = malloc(2 * a->n * sizeof *wave);
    double re = 0, im = 0, power = 0;
    hz_cpm_modulate(c, a->bit, a->bits, START, wave, a->n);
    for (size_t i = 0; i < 2 * a->n; i += 2) {
        re += (double)(wave[i] * a->iq[i] + wave[i + 1] * a->iq[i + 1]);
        im += (double)(wave[i + 1] * a->iq[i] - wave[i] * a->iq[i + 1]);
        power += (double)(wave[i] * wave[i] + wave[i + 1] * wave[i + 1]);
    }
    free(wave);
    return hypot(re, im) / power;
}

Test(cpm_clock, templates_are_made_for_a_bit_and_a_pulse)
{
    enum { BITS = 120 };
    static const double bts[] = {0.5, 1, 20};
    for (size_t i = 0; i < 2 * CLOCKS * 3; i++) {
        struct how how = {modes[i % 2 ? 2 : 0], clocks[i / 2 % CLOCKS], 0, 0};
        struct hz_cpm *c = hz_cpm_new(&how.mode, BITS);
        struct hz_cpm_pulse pulse;
        how.mode.bt = bts[i / 2 / CLOCKS];
        struct air a = make(&how, BITS, 800);
        hz_cpm_pulse_gaussian(&pulse, how.mode.bt);
        /* The deviation stays, and turns the phase for longer. */
        hz_cpm_shape(c, how.mode.h * (1 + how.clock), how.mode.samples_per_bit * (1 + how.clock),
                     &pulse);
        double like = likeness(c, &a);
        cr_expect_gt(like, 0.97, "bt %g, clock %g: %g", how.mode.bt, how.clock, like);
        hz_cpm_free(c);
        done(&a);
    }
}

Test(cpm_clock, pulses_are_what_their_names_say)
{
    enum { STEPS = HZ_CPM_PULSE_STEPS, MIDDLE = 3 * STEPS / 2 };
    struct hz_cpm_pulse p;
    hz_cpm_pulse_gaussian(&p, 20); /* rectangular */
    cr_expect_float_eq(p.sum[MIDDLE + STEPS / 4], 0.25f, 1e-3);
    cr_expect_float_eq(p.sum[MIDDLE + STEPS], 0.5f, 1e-3);
    hz_cpm_pulse_cosine(&p); /* half of it within +-1/2 bit is 0.25 + 1 / 2 pi */
    cr_expect_float_eq(p.sum[MIDDLE + STEPS / 2], 0.25f + 0.1591549f, 1e-5);
    cr_expect_float_eq(p.sum[3 * STEPS], 0.5f, 1e-6);
    cr_expect_float_eq(p.sum[0], -0.5f, 1e-6);
    hz_cpm_pulse_raised_cosine(&p, 0.5);
    /* Its frequency: all in its middle, none a bit away, sin(pi/2)/(pi/2) cos(pi/4) / 0.75 at 1/2.
     */
    float step = 1.0f / STEPS;
    cr_expect_float_eq((p.sum[MIDDLE + 1] - p.sum[MIDDLE - 1]) / (2 * step), 1, 1e-3);
    cr_expect_float_eq((p.sum[MIDDLE + STEPS + 1] - p.sum[MIDDLE + STEPS - 1]) / (2 * step), 0,
                       1e-3);
    cr_expect_float_eq((p.sum[MIDDLE + STEPS / 2 + 1] - p.sum[MIDDLE + STEPS / 2 - 1]) / (2 * step),
                       0.6002f, 2e-3);
}

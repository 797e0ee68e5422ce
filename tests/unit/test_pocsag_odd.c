/* POCSAG of transmitters as they are: clock, deviation, pulse, carrier and what lies around a page,
 * each by itself and all at once. */
#include "dsp/fm.h"
#include "proto/pocsag/narrow.h"
#include "sim/rng.h"
#include "tests/unit/pages.h"

#include <math.h>
#include <stdio.h>

/* The page that was sent comes out, alone, and nothing was left undone for it. */
static void expect_page(size_t n, const char *text, const char *what)
{
    size_t count = decode(false, false, n, 960, 0);
    cr_expect(count == 1 && strstr(lines, text), "%s: %zu pages: %s", what, count, lines);
    cr_expect_eq(heard.sink.count[HZ_SHED], 0, "%s", what);
}

static const unsigned bauds[] = {512, 1200, 2400};

/* Over several batches, at 5 dB. */
Test(pocsag_detect, clocks_half_a_percent_off, .timeout = 120)
{
    static const double clocks[] = {1.0048, 0.9953, 1.0011, 0.9989, 1.0005, 0.9993};
    struct hz_noise noise;
    hz_noise_init(&noise, 12);
    for (int i = 0; i < 18; i++) {
        char what[64];
        double clock = clocks[i / 3];
        snprintf(what, sizeof what, "%u baud, clock %g", bauds[i % 3], clock);
        hz_noise_fill(&noise, samples, SAMPLES, 0.5f);
        double end = transmit(long_text, bauds[i % 3], 0, i % 2, 3000, clock, 0);
        expect_page((size_t)end + RATE / 4, long_text, what);
    }
}

Test(pocsag_detect, deviations_and_carriers_of_all_kinds, .timeout = 120)
{
    static const double deviations[] = {1500, 2300, 3300, 5400, 6500};
    static const double offsets[] = {-2400, 0, 1700, 2500};
    static const char text[] = "valve 3 open, 12 bar";
    struct hz_noise noise;
    hz_noise_init(&noise, 13);
    for (int i = 0; i < 15; i++) {
        char what[64];
        sender.deviation_hz = deviations[i / 3];
        sender.offset_hz = offsets[i % 4];
        snprintf(what, sizeof what, "%u baud, deviation %g Hz, %g Hz off", bauds[i % 3],
                 sender.deviation_hz, sender.offset_hz);
        hz_noise_fill(&noise, samples, SAMPLES, 0.4f);
        double end = transmit(text, bauds[i % 3], 0, i % 2, 3000, 1, 0);
        expect_page((size_t)end + RATE / 4, text, what);
    }
}

/* From sharp edges to edges as soft as a bit. */
Test(pocsag_detect, pulses_of_all_kinds, .timeout = 120)
{
    static const double shapes[] = {30, 1, 0.5, 0.35};
    static const char text[] = "gate 7 will not close";
    struct hz_noise noise;
    hz_noise_init(&noise, 14);
    for (int i = 0; i < 12; i++) {
        char what[64];
        sender.bt = shapes[i / 3];
        snprintf(what, sizeof what, "%u baud, BT %g", bauds[i % 3], sender.bt);
        hz_noise_fill(&noise, samples, SAMPLES, 0.3f);
        double end = transmit(text, bauds[i % 3], 0, false, 3000, 1, 0);
        expect_page((size_t)end + RATE / 4, text, what);
    }
}

/* Clock, deviation, pulse, polarity, carrier, its drift and the preamble's length at random, at
 * 6 dB; no text is wrong without a mark. */
Test(pocsag_detect, everything_mixed, .timeout = 120)
{
    enum { PAGES = 60 };
    struct hz_noise noise;
    struct hz_rng r;
    size_t right = 0, unmarked = 0;
    hz_noise_init(&noise, 15);
    hz_rng_init(&r, 15, 1);
    for (unsigned i = 0; i < PAGES; i++) {
        static const double shapes[] = {30, 1, 0.5};
        char text[64], part[80];
        snprintf(text, sizeof text, "pump %u to level %u, call back", i * 7919 % 1000, i * 31 % 97);
        snprintf(part, sizeof part, "\"alpha\":\"%s\"", text);
        sender.deviation_hz = hz_rng_between(&r, 2000, 6000);
        sender.offset_hz = hz_rng_between(&r, -2500, 2500);
        sender.bt = shapes[hz_rng_below(&r, 3)];
        hz_noise_fill(&noise, samples, 5 * RATE, 0.49f); /* 6 dB in 12.5 kHz */
        double end =
            transmit(text, 1200, hz_rng_below(&r, 2) * hz_rng_below(&r, 570), hz_rng_below(&r, 2),
                     3000, hz_rng_between(&r, 0.995, 1.005), hz_rng_between(&r, -50, 50));
        decode(false, false, (size_t)end + RATE / 4, 4800, 0);
        bool here = strstr(lines, part) != NULL;
        right += here;
        unmarked += !here && lines[0] && !strstr(lines, "\"doubtful\":true") &&
                    !strstr(lines, "\"truncated\":true");
        cr_expect_eq(heard.sink.count[HZ_SHED], 0);
    }
    cr_expect_geq(right, PAGES - 1, "%zu", right);
    cr_expect_eq(unmarked, 0);
}

/* A second of carrier ahead; and the receiver's own spike, 6 dB under the page, between its tones.
 */
Test(pocsag_detect, carriers_ahead_and_beneath, .timeout = 60)
{
    static const char text[] = "level 12 at the weir";
    struct hz_noise noise;
    hz_noise_init(&noise, 16);
    for (int i = 0; i < 6; i++) {
        char what[64];
        snprintf(what, sizeof what, "%u baud, %s", bauds[i % 3], i < 3 ? "ahead" : "beneath");
        sender.deviation_hz = 2600;
        hz_noise_fill(&noise, samples, SAMPLES, 0.3f);
        double end = transmit(text, bauds[i % 3], 0, false, 28000, 0.998, 0);
        float level = i < 3 ? 1 : 0.5f;
        for (size_t n = i < 3 ? 4000 : 0; n < (i < 3 ? 28000 : (size_t)end + RATE / 4); n++) {
            double phase = i < 3 ? 6.28318530717958647692 * 700 * (double)n / RATE : 0;
            samples[2 * n] += level * (float)cos(phase);
            samples[2 * n + 1] += level * (float)sin(phase);
        }
        expect_page((size_t)end + RATE / 4, text, what);
    }
}

/* What the narrow channel lets through: its own 6.25 kHz, nothing of a neighbour. */
Test(pocsag_narrow, is_flat_and_steep)
{
    enum { N = 512, HALF = HZ_POCSAG_NARROW_HALF };
    static float tone[2 * (N + 2 * HALF)], out[2 * N];
    struct hz_pocsag_narrow f;
    hz_pocsag_narrow_init(&f);
    for (int hz = 0; hz < 12000; hz += 250) {
        for (int n = 0; n < N + 2 * HALF; n++) {
            tone[2 * n] = (float)cos(6.28318530717958647692 * hz * n / RATE);
            tone[2 * n + 1] = (float)sin(6.28318530717958647692 * hz * n / RATE);
        }
        hz_pocsag_narrow_run(&f, tone + 2 * HALF, N, out);
        for (int n = 0; n < N; n++) {
            double level = hypot((double)out[2 * n], (double)out[2 * n + 1]);
            if (hz <= 6250)
                cr_assert_float_eq(level, 1, 0.002, "%d Hz: %g", hz, level);
            else if (hz >= 7250)
                cr_assert_lt(level, 0.0012, "%d Hz: %g", hz, level);
        }
    }
}

/* A discriminator's audio of transmitters whose clock is off by as much as a sound card's and
 * theirs together. */
Test(pocsag_detect, audio_with_any_clock, .timeout = 60)
{
    static const double clocks[] = {1.0055, 0.9946, 1.0017};
    struct hz_noise noise;
    hz_noise_init(&noise, 17);
    for (int i = 0; i < 9; i++) {
        struct hz_fm fm;
        sender.deviation_hz = i % 2 ? 1800 : 5500;
        hz_noise_fill(&noise, samples, SAMPLES, 0.1f);
        size_t n = (size_t)transmit(long_text, bauds[i % 3], 0, false, 3000, clocks[i / 3], 0);
        static float audio[SAMPLES];
        hz_fm_init(&fm);
        hz_fm_push(&fm, samples, n, audio);
        memcpy(samples, audio, n * sizeof *audio);
        size_t count = decode(true, false, n, 960, 0);
        cr_expect(count == 1 && strstr(lines, long_text), "%u baud, clock %g: %zu pages: %s",
                  bauds[i % 3], clocks[i / 3], count, lines);
    }
}

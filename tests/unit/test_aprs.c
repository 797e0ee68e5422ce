/* The decoder of packet radio at 1200 baud against captures of a generator that shares nothing with
 * it (HZ_SHARED, default ../shared), recordings, and the simulator's modulator. */
#include "proto/decoder.h"
#include "proto/packet/bell202/detect.h"
#include "sim/noise.h"
#include "tests/unit/packets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_bell202_decoder;

enum { RATE = HZ_BELL202_RATE_HZ, SECONDS = 30 };

static struct rig heard;

/* Pushes of `cut` samples; 0: of all sizes. */
static void detect(const float *iq, size_t n, size_t cut, uint64_t first, struct rig *r)
{
    rig_decode(r, &hz_bell202_decoder, NULL, &(struct hz_samples){HZ_CF32, iq, n, first}, cut);
}

Test(aprs, captures_are_heard_as_well_as_they_should, .timeout = 120)
{
    static const struct packets_capture captures[] = {{"aprs_s0_144.79M_48k", 28},
                                                      {"aprs_s2_144.79M_48k", 30},
                                                      {"aprs_s6_144.79M_48k", 30},
                                                      {"aprs_s15_144.79M_48k", 30}};
    static const struct capture_channel where = {48e3, 10e3, RATE, 12.5e3, (size_t)RATE * SECONDS};
    packets_captures(&hz_bell202_decoder, &where, captures, sizeof captures / sizeof *captures, 30);
}

static void expect_all(const struct packet_made *how, const char *what)
{
    packets_expect_all(&hz_bell202_decoder, how, 10, what);
}

Test(aprs, what_transmitters_are_allowed_is_heard, .timeout = 60)
{
    expect_all(&(struct packet_made){8, 3000, 1, 0, 0, 1, 40, 1, 40}, "plain");
    expect_all(&(struct packet_made){8, 3000, 1, 0, 0, 1, 15, 1, 10}, "short");
    expect_all(&(struct packet_made){8, 3000, 1, 0, 0, 1, 100, 1, 40}, "long preamble");
    expect_all(&(struct packet_made){8, 3000, 1, 0, 0, 1, 40, 4, 200}, "many frames");
    expect_all(&(struct packet_made){8, 3000, 1, 2000, 0, 1.0001, 40, 2, 250}, "clock, offset");
    expect_all(&(struct packet_made){8, 3000, 1, -2000, 100, 0.9999, 40, 2, 200},
               "clock, offset, drift");
    expect_all(&(struct packet_made){8, 1500, 1, 300, 0, 1, 40, 2, 60}, "deviation 1.5 kHz");
    expect_all(&(struct packet_made){8, 4500, 1, 300, 0, 1, 40, 2, 60}, "deviation 4.5 kHz");
    expect_all(&(struct packet_made){4, 3000, 1, 0, 2000, 1, 40, 1, 90}, "drift 2 kHz/s");
    expect_all(&(struct packet_made){4, 3000, 1, 500, -2000, 1, 40, 2, 60}, "drift -2 kHz/s");
    expect_all(&(struct packet_made){2, 3000, 1.02, 300, 0, 1, 40, 2, 60}, "tones 2 % high");
    expect_all(&(struct packet_made){2, 3000, 0.98, 300, 0, 1, 40, 2, 60}, "tones 2 % low");
}

/* At a level at which their audio says little. */
Test(aprs, clocks_may_be_off, .timeout = 60)
{
    static const double clocks[] = {1.0008, 0.9992, 1.0055, 0.9943, 1.012, 0.984, 1.019};
    enum { CLOCKS = sizeof clocks / sizeof *clocks, TIMES = 4, LEAST = 19 };
    size_t right = 0;
    for (size_t i = 0; i < CLOCKS * TIMES; i++) {
        struct packet_made how = {5, 3000, 1, 350, 0, clocks[i % CLOCKS], 45, 1, 60};
        struct packet_air air;
        packet_make(&how, 4000 + 331 * i, &air);
        detect(air.iq, air.n, 777, 0, &heard);
        cr_expect_leq(heard.n, 1);
        right += heard.n == 1 && memcmp(heard.message[0].burst.raw, air.frame, air.len) == 0;
        free(air.iq);
    }
    cr_expect_geq(right, (size_t)LEAST, "%zu", right);
}

Test(aprs, it_does_not_matter_how_the_stream_is_cut, .timeout = 60)
{
    packets_expect_cuts(&hz_bell202_decoder,
                        &(struct packet_made){0, 3000, 1, 700, 0, 1, 40, 3, 80}, 2);
}

/* PACKETS, so close that there is no time for the gate to close, their bits at any times. */
Test(aprs, packets_behind_short_gaps_are_heard, .timeout = 60)
{
    enum { PACKETS = 20, GAP = 530, TAIL = 3000 };
    struct packet_air air;
    float *iq = NULL;
    size_t n = 0;
    for (unsigned i = 0; i < PACKETS; i++) {
        struct packet_made how = {12, i % 2 ? 3000 : 1800, 1, 53 * (double)i - 500, 0, 1, 40,
                                  1,  20 + 3 * i};
        packet_make(&how, i == 0 ? RATE : GAP + i, &air);
        iq = realloc(iq, 2 * sizeof *iq * (n + air.n));
        memcpy(iq + 2 * n, air.iq, 2 * sizeof *iq * air.n);
        n += air.n - TAIL;
        free(air.iq);
    }
    detect(iq, n, 480, 0, &heard);
    cr_expect_geq(heard.n, PACKETS - 1, "%zu", heard.n);
    free(iq);
}

Test(aprs, a_break_in_the_stream_forgets_the_frame_in_its_middle)
{
    packets_expect_break(&hz_bell202_decoder,
                         &(struct packet_made){10, 3000, 1, 700, 0, 1, 40, 1, 80}, 6000);
}

Test(aprs, noise_says_nothing_and_costs_no_search, .timeout = 60)
{
    packets_expect_quiet(&hz_bell202_decoder, 20 * RATE);
}

Test(aprs, a_channel_that_screams_is_shed_and_counted, .timeout = 60)
{
    /* Bursts of frequency modulation by noise: the gate opens, and there is nothing to find. */
    enum { SPAN = 10 * RATE };
    float *iq = malloc(2 * sizeof *iq * SPAN);
    struct hz_noise noise;
    double phase = 0, swing = 0;
    hz_noise_init(&noise, 12);
    hz_noise_fill(&noise, iq, SPAN, 1);
    for (size_t i = 0; i < SPAN; i++) {
        double level = i % 2000 < 800 ? 0.02 : 1;
        swing += 0.2 * ((double)iq[2 * i] - swing);
        phase += 0.6 * swing;
        iq[2 * i] = (float)(level * cos(phase));
        iq[2 * i + 1] = (float)(level * sin(phase));
    }
    detect(iq, SPAN, 480, 0, &heard);
    cr_expect_eq(heard.n, 0);
    cr_expect_gt(heard.sink.count[HZ_SHED], 0);
    free(iq);
}

Test(aprs, another_rate_is_refused_in_words)
{
    rig_expect_wrong_rate(&hz_bell202_decoder, 48000, "48000");
}

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

static struct rig heard, again;

/* Pushes of `cut` samples; 0: of all sizes. */
static void detect(const float *iq, size_t n, size_t cut, uint64_t first, struct rig *r)
{
    rig_decode(r, &hz_bell202_decoder, NULL, &(struct hz_samples){HZ_CF32, iq, n, first}, cut);
}

Test(aprs, captures_are_heard_as_well_as_they_should, .timeout = 120)
{
    static const struct {
        const char *name;
        size_t least; /* of 30 */
    } captures[] = {{"aprs_s0_144.79M_48k", 28},
                    {"aprs_s2_144.79M_48k", 30},
                    {"aprs_s6_144.79M_48k", 30},
                    {"aprs_s15_144.79M_48k", 30}};
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        size_t n, sent;
        static const struct capture_channel where = {48e3, 10e3, RATE, 12.5e3,
                                                     (size_t)RATE * SECONDS};
        float *iq = capture_channel(captures[i].name, &where, &n);
        if (!iq)
            cr_skip_test("../shared/lab (HZ_SHARED) is not there");
        detect(iq, n, 480, 0, &heard);
        size_t right = packets_compare(captures[i].name, RATE, &heard, &sent);
        cr_expect_eq(sent, 30);
        cr_expect_eq(right, heard.n, "false: %s", captures[i].name);
        cr_expect_geq(right, captures[i].least, "%s: %zu", captures[i].name, right);
        free(iq);
    }
}

static void expect_all(const struct packet_made *how, const char *what)
{
    struct packet_air air;
    packet_make(how, 4000, &air);
    detect(air.iq, air.n, 777, 0, &heard);
    packets_all(&heard, how, &air, 10, what);
    free(air.iq);
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
    struct packet_air air;
    packet_make(&(struct packet_made){0, 3000, 1, 700, 0, 1, 40, 3, 80}, 3001, &air);
    detect(air.iq, air.n, air.n, 1234567, &heard);
    cr_expect_geq(heard.n, 2);
    detect(air.iq, air.n, 0, 1234567, &again);
    rig_expect_same(&heard, &again);
    detect(air.iq, air.n, 1, 1234567, &again);
    rig_expect_same(&heard, &again);
    free(air.iq);
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
    struct packet_air air;
    packet_make(&(struct packet_made){10, 3000, 1, 700, 0, 1, 40, 1, 80}, 3001, &air);
    size_t cut = (size_t)air.opening + 6000;
    rig_start(&heard, &hz_bell202_decoder, NULL);
    rig_push(&heard, &(struct hz_samples){HZ_CF32, air.iq, cut, 0}, cut);
    rig_push(&heard, &(struct hz_samples){HZ_CF32, air.iq + 2 * cut, air.n - cut, 2 * cut}, air.n);
    cr_expect_eq(heard.sink.count[HZ_MESSAGE], 0);
    rig_push(&heard, &(struct hz_samples){HZ_CF32, air.iq, air.n, 10 * air.n}, air.n);
    rig_finish(&heard);
    cr_expect_eq(heard.n, 1);
    free(air.iq);
}

Test(aprs, noise_says_nothing_and_costs_no_search, .timeout = 60)
{
    enum { SPAN = 20 * RATE };
    float *iq = malloc(2 * sizeof *iq * SPAN);
    struct hz_noise noise;
    hz_noise_init(&noise, 11);
    hz_noise_fill(&noise, iq, SPAN, 0.1f);
    detect(iq, SPAN, 960, 0, &heard);
    cr_expect_eq(heard.n, 0);
    cr_expect_leq(heard.sink.count[HZ_NO_PREAMBLE] + heard.sink.count[HZ_BAD_CRC], 2);
    free(iq);
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
    char err[128] = "";
    void *state = calloc(1, hz_bell202_decoder.state_size);
    struct hz_setup setup = {.rate_hz = 48000,
                             .centre_hz = 144.8e6,
                             .freq_hz = 144.8e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = false};
    cr_expect_lt(hz_bell202_decoder.init(state, &setup, err, sizeof err), 0);
    cr_expect_not_null(strstr(err, "48000"));
    free(state);
}

/* The 9600 baud decoder against captures of a generator that shares nothing with it (HZ_SHARED,
 * default ../shared), recordings of satellites, and the simulator's modulator. */
#include "proto/decoder.h"
#include "proto/packet/g3ruh/detect.h"
#include "sim/noise.h"
#include "sim/voice.h"
#include "tests/unit/packets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_g3ruh_decoder;

enum { RATE = HZ_G3RUH_RATE_HZ, SECONDS = 14, REFILL = 850, PACKETS = 20 };

static const double TURN = 6.28318530717958647692;

static struct rig heard;

/* Pushes of `cut` samples; 0: of all sizes. */
static void detect(const float *iq, size_t n, size_t cut, uint64_t first, struct rig *r)
{
    rig_decode(r, &hz_g3ruh_decoder, NULL, &(struct hz_samples){HZ_CF32, iq, n, first}, cut);
}

Test(ax25_9600, captures_are_heard_as_well_as_they_should, .timeout = 120)
{
    static const struct packets_capture captures[] = {{"ax25-9600_s1_144.375M_96k", 45},
                                                      {"ax25-9600_s3_144.375M_96k", 50},
                                                      {"ax25-9600_s9_144.375M_96k", 50},
                                                      {"ax25-9600_s15_144.375M_96k", 50}};
    static const struct capture_channel where = {96e3, 15e3, RATE, 25e3, (size_t)RATE * SECONDS};
    packets_captures(&hz_g3ruh_decoder, &where, captures, sizeof captures / sizeof *captures, 50);
}

static void expect_all(const struct packet_made *how, const char *what)
{
    packets_expect_all(&hz_g3ruh_decoder, how, 5, what);
}

Test(ax25_9600, what_transmitters_are_allowed_is_heard, .timeout = 60)
{
    expect_all(&(struct packet_made){8, 3000, 0, 0, 0, 1, 60, 1, 40}, "plain");
    expect_all(&(struct packet_made){8, 3000, 0, 0, 0, 1, 20, 1, 10}, "short");
    expect_all(&(struct packet_made){8, 3000, 0, 0, 0, 1, 200, 1, 40}, "long preamble");
    expect_all(&(struct packet_made){8, 3000, 0, 0, 0, 1, 60, 12, 200}, "many frames");
    expect_all(&(struct packet_made){8, 3000, 0, 1500, 0, 1.0001, 60, 8, 250}, "clock, offset");
    expect_all(&(struct packet_made){8, 3000, 0, -1500, 2000, 0.9999, 60, 4, 200},
               "clock, offset, drift");
    expect_all(&(struct packet_made){12, 2000, 0, 300, 0, 1, 60, 2, 60}, "deviation 2.0 kHz");
    expect_all(&(struct packet_made){12, 4800, 0, 300, 0, 1, 60, 2, 60}, "deviation 4.8 kHz");
}

Test(ax25_9600, it_does_not_matter_how_the_stream_is_cut, .timeout = 60)
{
    packets_expect_cuts(&hz_g3ruh_decoder, &(struct packet_made){2, 3000, 0, 700, 0, 1, 40, 6, 80},
                        4);
}

Test(ax25_9600, a_channel_that_is_added_late_hears_what_is_left)
{
    struct packet_air air;
    packet_make(&(struct packet_made){10, 3000, 0, 700, 0, 1, 40, 6, 80}, 3001, &air);
    detect(air.iq + 2 * 14000, air.n - 14000, 960, 14000, &heard);
    cr_expect_geq(heard.n, 2);
    cr_expect_leq(heard.n, 5);
    free(air.iq);
}

Test(ax25_9600, a_break_in_the_stream_forgets_the_frame_in_its_middle)
{
    packets_expect_break(&hz_g3ruh_decoder,
                         &(struct packet_made){10, 3000, 0, 700, 0, 1, 40, 1, 80}, 1500);
}

/* Adds what is always there: a station of voice, at that power beside a packet's 1, offset_hz off.
 */
static void add_voice(float *iq, size_t n, double power, double offset_hz)
{
    struct hz_sim_track track;
    struct hz_rng rng;
    hz_rng_init(&rng, 21, 1);
    cr_assert_eq(hz_sim_nfm((double)n / RATE + 0.01, 2000, 0, &rng, &track), 0);
    struct hz_span span = {iq, n, 0, RATE};
    hz_sim_track_add(&track, &(struct hz_sim_burst){0, power, offset_hz, 0.4, 1}, &span);
    hz_sim_track_done(&track);
}

/* Rayleigh fading: sixteen waves from all around. */
static void fade(float *iq, size_t n, double doppler_hz)
{
    enum { PATHS = 16 };
    double step[PATHS], phase[PATHS];
    struct hz_rng rng;
    hz_rng_init(&rng, 22, 1);
    for (int k = 0; k < PATHS; k++) {
        step[k] = TURN * doppler_hz / RATE * cos(hz_rng_between(&rng, 0, TURN));
        phase[k] = hz_rng_between(&rng, 0, TURN);
    }
    for (size_t i = 0; i < n; i++) {
        double re = 0, im = 0, x = (double)iq[2 * i], y = (double)iq[2 * i + 1];
        for (int k = 0; k < PATHS; k++) {
            re += cos(phase[k] + step[k] * (double)i) / sqrt(PATHS);
            im += sin(phase[k] + step[k] * (double)i) / sqrt(PATHS);
        }
        iq[2 * i] = (float)(x * re - y * im);
        iq[2 * i + 1] = (float)(x * im + y * re);
    }
}

static void add_noise(float *iq, size_t n, double snr_db)
{
    struct hz_noise source;
    float *noise = malloc(2 * n * sizeof *noise);
    hz_noise_init(&source, 24);
    hz_noise_fill(&source, noise, n, (float)sqrt(RATE / 25e3 / pow(10, snr_db / 10) / 2));
    for (size_t i = 0; i < 2 * n; i++)
        iq[i] += noise[i];
    free(noise);
}

/* Sparks: single samples, 26 dB over a packet. */
static void add_sparks(float *iq, size_t n, double per_second)
{
    struct hz_rng rng;
    hz_rng_init(&rng, 23, 1);
    for (size_t i = 0; i < n; i++) {
        double angle = hz_rng_between(&rng, 0, TURN);
        if (!hz_rng_chance(&rng, per_second / RATE))
            continue;
        iq[2 * i] += 20 * (float)cos(angle);
        iq[2 * i + 1] += 20 * (float)sin(angle);
    }
}

/* PACKETS one after another with silence between them. */
static float *make_series(double snr_db, double deviation_hz, size_t *n)
{
    struct packet_air air;
    float *all = NULL;
    *n = 0;
    for (unsigned i = 0; i < PACKETS; i++) {
        struct packet_made how = {snr_db, deviation_hz, 0, 37 * (double)i - 300, 0, 1, 60,
                                  1,      10 + 3 * i};
        packet_make(&how, 3000 + 797 * (i % 7), &air);
        all = realloc(all, 2 * sizeof *all * (*n + air.n));
        memcpy(all + 2 * *n, air.iq, 2 * sizeof *all * air.n);
        *n += air.n;
        free(air.iq);
    }
    return all;
}

Test(ax25_9600, a_voice_that_never_pauses_hides_no_packets, .timeout = 60)
{
    static const struct {
        double power, offset_hz;
    } voices[] = {{0.125, 0}, {0.1, 11500}};
    for (size_t i = 0; i < sizeof voices / sizeof voices[0]; i++) {
        size_t n;
        float *iq = make_series(12, 3000, &n);
        add_voice(iq, n, voices[i].power, voices[i].offset_hz);
        detect(iq, n, 960, 0, &heard);
        cr_expect_geq(heard.n, PACKETS - 1, "%g Hz off: %zu", voices[i].offset_hz, heard.n);
        free(iq);
    }
}

/* The search knows the deviation to 7 %; what follows finds it out. */
Test(ax25_9600, any_deviation_is_heard_near_the_noise, .timeout = 60)
{
    static const double deviations_hz[] = {2600, 3100, 3500, 4000};
    for (size_t i = 0; i < sizeof deviations_hz / sizeof deviations_hz[0]; i++) {
        size_t n;
        float *iq = make_series(4, deviations_hz[i], &n);
        detect(iq, n, 960, 0, &heard);
        cr_expect_geq(heard.n, PACKETS - 1, "%g Hz: %zu", deviations_hz[i], heard.n);
        free(iq);
    }
}

Test(ax25_9600, packets_come_through_fades_and_sparks, .timeout = 60)
{
    size_t n;
    float *iq = make_series(60, 3000, &n);
    fade(iq, n, 50);
    add_noise(iq, n, 22);
    detect(iq, n, 960, 0, &heard);
    cr_expect_geq(heard.n, PACKETS - 2, "fading: %zu", heard.n);
    free(iq);
    iq = make_series(12, 3000, &n);
    add_sparks(iq, n, 60);
    detect(iq, n, 960, 0, &heard);
    cr_expect_geq(heard.n, PACKETS - 1, "sparks: %zu", heard.n);
    free(iq);
}

Test(ax25_9600, noise_says_nothing_and_costs_no_search, .timeout = 60)
{
    packets_expect_quiet(&hz_g3ruh_decoder, 20 * RATE);
}

Test(ax25_9600, a_channel_that_screams_is_shed_and_counted, .timeout = 60)
{
    /* Frequency modulation by noise, too wide to be taken for packets: the gate stays open, and
     * there is nothing to find. */
    enum { SPAN = 5 * RATE };
    float *iq = malloc(2 * sizeof *iq * SPAN);
    struct hz_noise noise;
    double phase = 0, swing = 0;
    hz_noise_init(&noise, 12);
    hz_noise_fill(&noise, iq, SPAN, 1);
    for (size_t i = 0; i < SPAN; i++) {
        swing += 0.2 * ((double)iq[2 * i] - swing);
        phase += 2.0 * swing;
        iq[2 * i] = (float)cos(phase);
        iq[2 * i + 1] = (float)sin(phase);
    }
    detect(iq, SPAN, 960, 0, &heard);
    cr_expect_eq(heard.n, 0);
    cr_expect_gt(heard.sink.count[HZ_SHED], 0);
    cr_expect_lt(heard.sink.count[HZ_NO_PREAMBLE], 5 * 200 * REFILL / HZ_G3RUH_LINE_STEPS + 10);
    free(iq);
}

Test(ax25_9600, another_rate_is_refused_in_words)
{
    rig_expect_wrong_rate(&hz_g3ruh_decoder, 24000, "24000");
}

/* The decoder of packet radio at 1200 baud against captures of a generator that shares nothing with
 * it (HZ_SHARED, default ../shared), recordings, and the simulator's modulator. */
#include "proto/aprs/detect.h"
#include "proto/decoder.h"
#include "sim/afsk.h"
#include "sim/ax25.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "tests/unit/packets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_aprs_decoder;

enum { RATE = HZ_APRS_RATE_HZ, SECONDS = 30, REFILL = 400 };

static struct packets heard, again;

/* Pushes of `cut` samples; 0: of all sizes. */
static void detect(const float *iq, size_t n, size_t cut, uint64_t first, struct packets *h)
{
    struct hz_ax25_out out = packets_out(h);
    struct hz_aprs_detect *d = calloc(1, sizeof *d);
    cr_assert_eq(hz_aprs_detect_init(d, REFILL), 0);
    memset(h, 0, sizeof *h);
    for (size_t at = 0, turn = 0; at < n; turn++) {
        size_t size = cut ? cut : 1 + turn * turn % 2003;
        size = n - at < size ? n - at : size;
        struct hz_samples s = {HZ_CF32, iq + 2 * at, size, first + at};
        hz_aprs_detect_push(d, &s, &out);
        at += size;
    }
    hz_aprs_detect_flush(d, &out);
    hz_aprs_detect_flush(d, &out);
    hz_aprs_detect_done(d);
    free(d);
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

/* A transmission of frames one after another as the simulator makes it. */
struct made {
    double snr_db, deviation_hz, tone, offset_hz, drift_hz_s, clock;
    unsigned flags, frames;
    size_t text; /* characters in each frame */
};

static uint8_t sent_frame[HZ_SIM_AX25_MAX];
static size_t sent_len;

static float *make(const struct made *how, size_t before, size_t *n, double *opening)
{
    static uint8_t bit[65536];
    static float symbols[sizeof bit];
    char text[HZ_SIM_AX25_MAX], info[300];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    struct hz_sim_track track;
    struct hz_noise noise;
    for (size_t i = 0; i < how->text; i++)
        info[i] = (char)(33 + i * 31 % 93);
    info[how->text] = 0;
    snprintf(text, sizeof text, "SP2XYZ-9>APRX29,WIDE1-1:>%s", info);
    sent_len = hz_sim_ax25(text, sent_frame);
    cr_assert_gt(sent_len, 0);
    for (unsigned i = 0; i < how->flags; i++)
        hz_sim_bits_put(&bits, 8, 0x7e);
    for (unsigned i = 0; i < how->frames; i++)
        hz_sim_hdlc_frame(&bits, sent_frame, sent_len);
    hz_sim_bits_put(&bits, 8, 0x7e);
    hz_sim_nrzi(&bits, symbols);
    cr_assert_eq(hz_sim_afsk1200(symbols, bits.n, how->deviation_hz, how->tone, &track), 0);
    double span_s = (double)bits.n / 1200;
    for (size_t i = 0; i < track.n; i++)
        track.freq_hz[i] += (float)(how->drift_hz_s * span_s * ((double)i / (double)track.n - 0.5));
    hz_sim_track_seal(&track);
    *n = (before + bits.n * 20 + 3000) / 16 * 16;
    float *iq = malloc(2 * sizeof *iq * *n);
    hz_noise_init(&noise, 3);
    hz_noise_fill(&noise, iq, *n, (float)sqrt(RATE / 12.5e3 / pow(10, how->snr_db / 10) / 2));
    struct hz_span span = {iq, *n, 0, RATE};
    struct hz_sim_burst burst = {(double)before + 0.3, 1, how->offset_hz, 0.2, how->clock};
    hz_sim_track_add(&track, &burst, &span);
    *opening = burst.start + how->flags * 8 * 20 / how->clock;
    hz_sim_track_done(&track);
    return iq;
}

static void expect_all(const struct made *how, const char *what)
{
    size_t n;
    double opening;
    float *iq = make(how, 4000, &n, &opening);
    detect(iq, n, 777, 0, &heard);
    cr_expect_eq(heard.n, how->frames, "%s: %zu of %u", what, heard.n, how->frames);
    for (size_t i = 0; i < heard.n; i++) {
        cr_expect_eq(heard.of[i].burst.raw_len, sent_len, "%s", what);
        cr_expect_arr_eq(heard.of[i].raw, sent_frame, sent_len);
    }
    if (heard.n > 0) {
        cr_expect_float_eq((double)heard.of[0].burst.sample, opening, 10);
        cr_expect_float_eq((double)heard.of[0].burst.rssi_dbfs, 0, 1);
        /* The noise is as wide as the samples allow, the ratio that of 12.5 kHz. */
        cr_expect_float_eq((double)heard.of[0].burst.snr_db, how->snr_db, 1, "%s: %f", what,
                           (double)heard.of[0].burst.snr_db);
    }
    free(iq);
}

Test(aprs, what_transmitters_are_allowed_is_heard, .timeout = 60)
{
    expect_all(&(struct made){8, 3000, 1, 0, 0, 1, 40, 1, 40}, "plain");
    expect_all(&(struct made){8, 3000, 1, 0, 0, 1, 15, 1, 10}, "short");
    expect_all(&(struct made){8, 3000, 1, 0, 0, 1, 100, 1, 40}, "long preamble");
    expect_all(&(struct made){8, 3000, 1, 0, 0, 1, 40, 4, 200}, "many frames");
    expect_all(&(struct made){8, 3000, 1, 2000, 0, 1.0001, 40, 2, 250}, "clock, offset");
    expect_all(&(struct made){8, 3000, 1, -2000, 100, 0.9999, 40, 2, 200}, "clock, offset, drift");
    expect_all(&(struct made){8, 1500, 1, 300, 0, 1, 40, 2, 60}, "deviation 1.5 kHz");
    expect_all(&(struct made){8, 4500, 1, 300, 0, 1, 40, 2, 60}, "deviation 4.5 kHz");
    expect_all(&(struct made){4, 3000, 1, 0, 2000, 1, 40, 1, 90}, "drift 2 kHz/s");
    expect_all(&(struct made){4, 3000, 1, 500, -2000, 1, 40, 2, 60}, "drift -2 kHz/s");
    expect_all(&(struct made){2, 3000, 1.02, 300, 0, 1, 40, 2, 60}, "tones 2 % high");
    expect_all(&(struct made){2, 3000, 0.98, 300, 0, 1, 40, 2, 60}, "tones 2 % low");
}

static void expect_same(const struct packets *a, const struct packets *b)
{
    cr_assert_eq(a->n, b->n);
    cr_expect_arr_eq(a->refused, b->refused, sizeof a->refused);
    for (size_t i = 0; i < a->n; i++) {
        const struct hz_burst *x = &a->of[i].burst, *y = &b->of[i].burst;
        cr_expect_arr_eq(a->of[i].raw, b->of[i].raw, sizeof a->of[0].raw);
        cr_expect_eq(x->sample, y->sample);
        cr_expect_eq(x->rssi_dbfs, y->rssi_dbfs);
        cr_expect_eq(x->snr_db, y->snr_db);
        cr_expect_eq(x->offset_hz, y->offset_hz);
        cr_expect_eq(x->fixed_bits, y->fixed_bits);
    }
}

Test(aprs, it_does_not_matter_how_the_stream_is_cut, .timeout = 60)
{
    size_t n;
    double opening;
    float *iq = make(&(struct made){0, 3000, 1, 700, 0, 1, 40, 3, 80}, 3001, &n, &opening);
    detect(iq, n, n, 1234567, &heard);
    cr_expect_geq(heard.n, 2);
    detect(iq, n, 0, 1234567, &again);
    expect_same(&heard, &again);
    detect(iq, n, 1, 1234567, &again);
    expect_same(&heard, &again);
    free(iq);
}

Test(aprs, a_break_in_the_stream_forgets_the_frame_in_its_middle)
{
    size_t n;
    double opening;
    float *iq = make(&(struct made){10, 3000, 1, 700, 0, 1, 40, 1, 80}, 3001, &n, &opening);
    struct hz_ax25_out out = packets_out(&heard);
    struct hz_aprs_detect *d = calloc(1, sizeof *d);
    size_t cut = (size_t)opening + 6000;
    memset(&heard, 0, sizeof heard);
    cr_assert_eq(hz_aprs_detect_init(d, REFILL), 0);
    struct hz_samples s = {HZ_CF32, iq, cut, 0};
    hz_aprs_detect_push(d, &s, &out);
    s = (struct hz_samples){HZ_CF32, iq + 2 * cut, n - cut, 2 * cut};
    hz_aprs_detect_push(d, &s, &out);
    cr_expect_eq(heard.n, 0);
    s = (struct hz_samples){HZ_CF32, iq, n, 10 * n};
    hz_aprs_detect_push(d, &s, &out);
    hz_aprs_detect_flush(d, &out);
    cr_expect_eq(heard.n, 1);
    hz_aprs_detect_done(d);
    free(d);
    free(iq);
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
    cr_expect_leq(heard.refused[HZ_NO_PREAMBLE] + heard.refused[HZ_BAD_CRC], 2);
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
    cr_expect_gt(heard.refused[HZ_SHED], 0);
    free(iq);
}

Test(aprs, another_rate_is_refused_in_words)
{
    char err[128] = "";
    void *state = calloc(1, hz_aprs_decoder.state_size);
    struct hz_setup setup = {.rate_hz = 48000,
                             .centre_hz = 144.8e6,
                             .freq_hz = 144.8e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = false};
    cr_expect_lt(hz_aprs_decoder.init(state, &setup, err, sizeof err), 0);
    cr_expect_not_null(strstr(err, "48000"));
    free(state);
}

/* The 9600 baud decoder against captures of a generator that shares nothing with it (HZ_SHARED,
 * default ../shared), recordings of satellites, and the simulator's modulator. */
#include "proto/ax25_9600/detect.h"
#include "proto/decoder.h"
#include "sim/ax25.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "sim/voice.h"
#include "tests/unit/packets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_ax25_9600_decoder;

enum { RATE = HZ_G3RUH_RATE_HZ, SECONDS = 14, REFILL = 600, PACKETS = 20 };

static const double TURN = 6.28318530717958647692;

static struct packets heard, again;

/* Pushes of `cut` samples; 0: of all sizes. */
static void detect(const float *iq, size_t n, size_t cut, uint64_t first, struct packets *h)
{
    struct hz_ax25_out out = packets_out(h);
    struct hz_g3ruh_detect *d = calloc(1, sizeof *d);
    cr_assert_eq(hz_g3ruh_detect_init(d, REFILL), 0);
    memset(h, 0, sizeof *h);
    for (size_t at = 0, turn = 0; at < n; turn++) {
        size_t size = cut ? cut : 1 + turn * turn % 2003;
        size = n - at < size ? n - at : size;
        struct hz_samples s = {HZ_CF32, iq + 2 * at, size, first + at};
        hz_g3ruh_detect_push(d, &s, &out);
        at += size;
    }
    hz_g3ruh_detect_flush(d, &out);
    hz_g3ruh_detect_flush(d, &out);
    hz_g3ruh_detect_done(d);
    free(d);
}

Test(ax25_9600, captures_are_heard_as_well_as_they_should, .timeout = 120)
{
    static const struct {
        const char *name;
        size_t least; /* of 50 */
    } captures[] = {{"ax25-9600_s1_144.375M_96k", 45},
                    {"ax25-9600_s3_144.375M_96k", 50},
                    {"ax25-9600_s9_144.375M_96k", 50},
                    {"ax25-9600_s15_144.375M_96k", 50}};
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        size_t n, sent;
        static const struct capture_channel where = {96e3, 15e3, RATE, 25e3,
                                                     (size_t)RATE * SECONDS};
        float *iq = capture_channel(captures[i].name, &where, &n);
        if (!iq)
            cr_skip_test("../shared/lab (HZ_SHARED) is not there");
        detect(iq, n, 960, 0, &heard);
        size_t right = packets_compare(captures[i].name, RATE, &heard, &sent);
        cr_expect_eq(sent, 50);
        cr_expect_eq(right, heard.n, "false: %s", captures[i].name);
        cr_expect_geq(right, captures[i].least, "%s: %zu", captures[i].name, right);
        free(iq);
    }
}

/* A transmission of frames one after another as the simulator makes it. */
struct made {
    double snr_db, deviation_hz, offset_hz, drift_hz_s, clock;
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
    hz_sim_scramble_g3ruh(&bits);
    hz_sim_nrzi(&bits, symbols);
    struct hz_sim_fsk fsk = {9600, how->deviation_hz, 0.5, 8};
    cr_assert_eq(hz_sim_fsk(&fsk, symbols, bits.n, &track), 0);
    double span_s = (double)bits.n / 9600;
    for (size_t i = 0; i < track.n; i++)
        track.freq_hz[i] += (float)(how->drift_hz_s * span_s * ((double)i / (double)track.n - 0.5));
    hz_sim_track_seal(&track);
    *n = (before + bits.n * 5 + 3000) / 16 * 16;
    float *iq = malloc(2 * sizeof *iq * *n);
    hz_noise_init(&noise, 3);
    hz_noise_fill(&noise, iq, *n, (float)sqrt(RATE / 25e3 / pow(10, how->snr_db / 10) / 2));
    struct hz_span span = {iq, *n, 0, RATE};
    struct hz_sim_burst burst = {(double)before + 0.3, 1, how->offset_hz, 0.2, how->clock};
    hz_sim_track_add(&track, &burst, &span);
    *opening = burst.start + how->flags * 8 * 5 / how->clock;
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
        cr_expect_float_eq((double)heard.of[0].burst.sample, opening, 5);
        cr_expect_float_eq((double)heard.of[0].burst.rssi_dbfs, 0, 1);
    }
    free(iq);
}

Test(ax25_9600, what_transmitters_are_allowed_is_heard, .timeout = 60)
{
    expect_all(&(struct made){8, 3000, 0, 0, 1, 60, 1, 40}, "plain");
    expect_all(&(struct made){8, 3000, 0, 0, 1, 20, 1, 10}, "short");
    expect_all(&(struct made){8, 3000, 0, 0, 1, 200, 1, 40}, "long preamble");
    expect_all(&(struct made){8, 3000, 0, 0, 1, 60, 12, 200}, "many frames");
    expect_all(&(struct made){8, 3000, 1500, 0, 1.0001, 60, 8, 250}, "clock, offset");
    expect_all(&(struct made){8, 3000, -1500, 2000, 0.9999, 60, 4, 200}, "clock, offset, drift");
    expect_all(&(struct made){12, 2000, 300, 0, 1, 60, 2, 60}, "deviation 2.0 kHz");
    expect_all(&(struct made){12, 4800, 300, 0, 1, 60, 2, 60}, "deviation 4.8 kHz");
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

Test(ax25_9600, it_does_not_matter_how_the_stream_is_cut, .timeout = 60)
{
    size_t n;
    double opening;
    float *iq = make(&(struct made){2, 3000, 700, 0, 1, 40, 6, 80}, 3001, &n, &opening);
    detect(iq, n, n, 1234567, &heard);
    cr_expect_geq(heard.n, 4);
    detect(iq, n, 0, 1234567, &again);
    expect_same(&heard, &again);
    detect(iq, n, 1, 1234567, &again);
    expect_same(&heard, &again);
    free(iq);
}

Test(ax25_9600, a_channel_that_is_added_late_hears_what_is_left)
{
    size_t n;
    double opening;
    float *iq = make(&(struct made){10, 3000, 700, 0, 1, 40, 6, 80}, 3001, &n, &opening);
    detect(iq + 2 * 14000, n - 14000, 960, 14000, &heard);
    cr_expect_geq(heard.n, 2);
    cr_expect_leq(heard.n, 5);
    free(iq);
}

Test(ax25_9600, a_break_in_the_stream_forgets_the_frame_in_its_middle)
{
    size_t n;
    double opening;
    float *iq = make(&(struct made){10, 3000, 700, 0, 1, 40, 1, 80}, 3001, &n, &opening);
    struct hz_ax25_out out = packets_out(&heard);
    struct hz_g3ruh_detect *d = calloc(1, sizeof *d);
    size_t cut = (size_t)opening + 1500;
    memset(&heard, 0, sizeof heard);
    cr_assert_eq(hz_g3ruh_detect_init(d, REFILL), 0);
    struct hz_samples s = {HZ_CF32, iq, cut, 0};
    hz_g3ruh_detect_push(d, &s, &out);
    s = (struct hz_samples){HZ_CF32, iq + 2 * cut, n - cut, 2 * cut};
    hz_g3ruh_detect_push(d, &s, &out);
    cr_expect_eq(heard.n, 0);
    s = (struct hz_samples){HZ_CF32, iq, n, 10 * n};
    hz_g3ruh_detect_push(d, &s, &out);
    hz_g3ruh_detect_flush(d, &out);
    cr_expect_eq(heard.n, 1);
    hz_g3ruh_detect_done(d);
    free(d);
    free(iq);
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
    size_t each;
    double opening;
    float *all = NULL;
    *n = 0;
    for (unsigned i = 0; i < PACKETS; i++) {
        struct made how = {snr_db, deviation_hz, 37 * (double)i - 300, 0, 1, 60, 1, 10 + 3 * i};
        float *iq = make(&how, 3000 + 797 * (i % 7), &each, &opening);
        all = realloc(all, 2 * sizeof *all * (*n + each));
        memcpy(all + 2 * *n, iq, 2 * sizeof *all * each);
        *n += each;
        free(iq);
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
    cr_expect_gt(heard.refused[HZ_SHED], 0);
    cr_expect_lt(heard.refused[HZ_NO_PREAMBLE], 5 * 200 * REFILL / HZ_G3RUH_SEARCH_STEPS + 10);
    free(iq);
}

/* Messages that the whole decoder makes of a recording, or -1 where it is not there. */
static long recording(const char *name, float level, char *arena, size_t cap)
{
    static const struct hz_sink_head head = {"r", "c", "ax25-9600", 437e6};
    static uint8_t wav[1 << 20];
    static float audio[1 << 19];
    char path[512], err[128];
    snprintf(path, sizeof path, "%s/air/ax25/%s.wav", capture_shared(), name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return -1;
    size_t bytes = fread(wav, 1, sizeof wav, f), n = (bytes - 44) / 2;
    fclose(f);
    for (size_t i = 0; i < n; i++)
        audio[i] = level * (float)(int16_t)(wav[44 + 2 * i] | wav[45 + 2 * i] << 8) / 32768;
    const struct hz_decoder *d = &hz_ax25_9600_decoder;
    struct hz_setup setup = {.rate_hz = 48000,
                             .centre_hz = 437e6,
                             .freq_hz = 437e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = true};
    struct hz_sink sink;
    void *state = calloc(1, d->state_size);
    hz_sink_init(&sink, &head, arena, cap);
    cr_assert_eq(d->init(state, &setup, err, sizeof err), 0, "%s", err);
    for (size_t at = 0; at < n; at += 1000) {
        struct hz_samples s = {HZ_F32, audio + at, n - at < 1000 ? n - at : 1000, at};
        d->push(state, &s, &sink);
    }
    d->flush(state, &sink);
    d->done(state);
    free(state);
    return (long)sink.count[HZ_MESSAGE];
}

/* What direwolf's atest finds in them, at any level, either way up. */
Test(ax25_9600, recordings_of_satellites_are_heard, .timeout = 120)
{
    static const struct {
        const char *name;
        long least;
    } of[] = {{"az02", 1}, {"ops_sat", 1}, {"tigrisat", 4}, {"us01", 1}};
    static const float levels[] = {1, -0.05f};
    static char arena[1 << 18];
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        for (size_t l = 0; l < 2; l++) {
            long n = recording(of[i].name, levels[l], arena, sizeof arena);
            if (n < 0)
                cr_skip_test("../shared/air (HZ_SHARED) is not there");
            cr_expect_geq(n, of[i].least, "%s: %ld", of[i].name, n);
        }
    }
}

Test(ax25_9600, another_rate_is_refused_in_words)
{
    char err[128] = "";
    void *state = calloc(1, hz_ax25_9600_decoder.state_size);
    struct hz_setup setup = {.rate_hz = 24000,
                             .centre_hz = 437e6,
                             .freq_hz = 437e6,
                             .latitude = NAN,
                             .longitude = NAN,
                             .audio = false};
    cr_expect_lt(hz_ax25_9600_decoder.init(state, &setup, err, sizeof err), 0);
    cr_expect_not_null(strstr(err, "24000"));
    free(state);
}

/* The FLEX decoder against captures of a generator that shares nothing with it (HZ_SHARED, default
 * ../shared), and against the simulator's encoder, whose frames multimon-ng reads
 * (tests/e2e/test_flex.py). */
#include "proto/flex/options.h"
#include "proto/flex/page.h"
#include "sim/flex.h"
#include "sim/fsk.h"
#include "sim/noise.h"
#include "sim/rng.h"
#include "tests/unit/capture.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_flex_decoder;

enum { RATE = 24000, SAMPLES = RATE * 12 };

static float samples[2 * SAMPLES];
static struct rig heard;

static size_t decode(bool audio, size_t n, size_t cut, uint64_t first)
{
    static const struct hz_flex_options options = {0};
    struct hz_setup setup = rig_setup(&hz_flex_decoder);
    struct hz_samples all = {audio ? HZ_F32 : HZ_CF32, samples, n, first};
    setup.audio = audio;
    setup.options = &options;
    rig_decode(&heard, &hz_flex_decoder, &setup, &all, cut);
    return heard.n;
}

/* Adds a frame to `samples`, its first bit at a sample. */
static void transmit(const struct hz_sim_flex_frame *frame, double start, double offset_hz,
                     double clock, double deviation_hz, bool inverted)
{
    static float symbols[HZ_SIM_FLEX_SYMBOLS];
    struct hz_sim_fsk fsk = {HZ_SIM_FLEX_BAUD, deviation_hz, 1.5, 2};
    struct hz_sim_track track;
    cr_assert_eq(hz_sim_flex(frame, symbols), frame->pages);
    for (size_t i = 0; inverted && i < HZ_SIM_FLEX_SYMBOLS; i++)
        symbols[i] = -symbols[i];
    cr_assert_eq(hz_sim_fsk(&fsk, symbols, HZ_SIM_FLEX_SYMBOLS, &track), 0);
    struct hz_span span = {samples, SAMPLES, 0, RATE};
    struct hz_sim_burst burst = {start, 1, offset_hz, 0, clock};
    hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
}

static void add_noise(double level)
{
    struct hz_rng r;
    hz_rng_init(&r, 5, 1);
    for (size_t i = 0; i < 2 * SAMPLES; i++)
        samples[i] += (float)(level * (hz_rng_between(&r, -1, 1) + hz_rng_between(&r, -1, 1)));
}

static const struct {
    unsigned baud, levels;
} modes[] = {{1600, 2}, {3200, 2}, {1600, 4}, {3200, 4}};

/* A frame with a message of each kind in each phase. */
static struct hz_sim_flex_frame full(unsigned mode, unsigned number)
{
    struct hz_sim_flex_frame f = {
        .baud = modes[mode].baud, .levels = modes[mode].levels, .cycle = 3, .number = number};
    for (unsigned i = 0; i < 8; i++) {
        struct hz_sim_flex_page *p = &f.page[f.pages++];
        *p = (struct hz_sim_flex_page){.capcode = 1000 + i, .number = i, .fragment = 3};
        p->kind = i < 4 ? HZ_SIM_FLEX_ALPHA : i < 7 ? HZ_SIM_FLEX_NUMERIC : HZ_SIM_FLEX_TONE;
        p->text = i < 4 ? "Pump 12: level 340 cm" : i < 7 ? "0171 55-61" : "";
    }
    return f;
}

static void expect_full(unsigned mode, unsigned number)
{
    cr_assert_eq(heard.n, 8, "mode %u: %zu messages", mode, heard.n);
    for (size_t i = 0; i < heard.n; i++) {
        const struct rig_message *m = &heard.message[i];
        unsigned which = (unsigned)rig_number(m, "capcode") - 1000;
        cr_assert_lt(which, 8);
        cr_expect_eq(rig_number(m, "sync_baud"), modes[mode].baud);
        cr_expect_eq(rig_number(m, "sync_level"), modes[mode].levels);
        cr_expect_eq(rig_number(m, "cycle_number"), 3);
        cr_expect_eq(rig_number(m, "frame_number"), number);
        cr_expect_str_eq(rig_text(m, "type"), which < 4 ? "alpha" : which < 7 ? "numeric" : "tone");
        if (which < 7) {
            cr_expect_str_eq(rig_text(m, "message"),
                             which < 4 ? "Pump 12: level 340 cm" : "0171 55-61");
            cr_expect(cJSON_IsTrue(cJSON_GetObjectItem(m->own, "checked")));
        }
    }
}

Test(flex, all_modes_at_all_carriers_clocks_and_deviations, .timeout = 60)
{
    static const struct {
        double offset_hz, clock, deviation_hz;
        bool inverted;
    } how[] = {{0, 1, 4800, false},
               {1900, 1.0001, 4800, false},
               {-1900, 0.9999, 4800, true},
               {400, 1, 4100, false},
               {-300, 1, 5200, false}};
    for (unsigned mode = 0; mode < 4; mode++) {
        for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
            memset(samples, 0, sizeof samples);
            struct hz_sim_flex_frame frame = full(mode, 7);
            transmit(&frame, 9000.3, how[i].offset_hz, how[i].clock, how[i].deviation_hz,
                     how[i].inverted);
            add_noise(0.08);
            decode(false, 4 * RATE, 0, 0);
            expect_full(mode, 7);
            for (size_t k = 0; k < heard.n; k++)
                cr_expect_float_eq((double)heard.message[k].burst.offset_hz, how[i].offset_hz, 60);
        }
    }
}

Test(flex, frames_without_a_pause_and_in_noise, .timeout = 60)
{
    memset(samples, 0, sizeof samples);
    for (unsigned i = 0; i < 4; i++) {
        struct hz_sim_flex_frame frame = full(0, 20 + i);
        transmit(&frame, 5000.7 + 45000 * i, 250, 1, 4800, false);
    }
    add_noise(0.9); /* 0 dB in 12.5 kHz */
    cr_expect_eq(decode(false, 9 * RATE, 0, 0), 32);
}

Test(flex, fragments_are_joined, .timeout = 60)
{
    static const char *const parts[] = {"The first part, ", "the second, ", "the third, ",
                                        "and the end."};
    memset(samples, 0, sizeof samples);
    for (unsigned i = 0; i < 4; i++) {
        struct hz_sim_flex_frame frame = {.baud = 1600, .levels = 2, .number = i, .pages = 1};
        frame.page[0] = (struct hz_sim_flex_page){.capcode = 77,
                                                  .kind = HZ_SIM_FLEX_ALPHA,
                                                  .text = parts[i],
                                                  .number = 9,
                                                  .fragment = i == 0 ? 3 : (i - 1) % 3,
                                                  .more = i < 3};
        transmit(&frame, 5000 + 45000 * i, 0, 1, 4800, false);
    }
    add_noise(0.05);
    cr_assert_eq(decode(false, 9 * RATE, 0, 0), 1);
    cr_expect_str_eq(rig_text(&heard.message[0], "message"),
                     "The first part, the second, the third, and the end.");
    cr_expect_eq(rig_number(&heard.message[0], "fragments"), 4);
    cr_expect_null(cJSON_GetObjectItem(heard.message[0].own, "truncated"));
}

Test(flex, a_message_without_its_end_is_told_as_truncated, .timeout = 60)
{
    memset(samples, 0, sizeof samples);
    struct hz_sim_flex_frame frame = {.baud = 1600, .levels = 2, .pages = 1};
    frame.page[0] = (struct hz_sim_flex_page){
        .capcode = 77, .kind = HZ_SIM_FLEX_ALPHA, .text = "No end", .fragment = 3, .more = 1};
    transmit(&frame, 5000, 0, 1, 4800, false);
    add_noise(0.05);
    cr_assert_eq(decode(false, 4 * RATE, 0, 0), 1);
    cr_expect_str_eq(rig_text(&heard.message[0], "message"), "No end");
    cr_expect(cJSON_IsTrue(cJSON_GetObjectItem(heard.message[0].own, "truncated")));
}

/* The ends of the sets of long addresses. */
Test(flex, long_addresses, .timeout = 60)
{
    static const double capcodes[] = {2101249, 1075843072, 1075843073, 2149584897, 3223326720};
    memset(samples, 0, sizeof samples);
    struct hz_sim_flex_frame frame = {.baud = 1600, .levels = 2};
    for (unsigned i = 0; i < 5; i++)
        frame.page[frame.pages++] = (struct hz_sim_flex_page){.capcode = (uint64_t)capcodes[i],
                                                              .kind = HZ_SIM_FLEX_ALPHA,
                                                              .text = "To a long address",
                                                              .number = i,
                                                              .fragment = 3};
    transmit(&frame, 5000, 0, 1, 4800, false);
    add_noise(0.05);
    cr_assert_eq(decode(false, 4 * RATE, 0, 0), 5);
    for (unsigned i = 0; i < 5; i++) {
        cr_expect_eq(rig_number(&heard.message[i], "capcode"), capcodes[i]);
        cr_expect_str_eq(rig_text(&heard.message[i], "message"), "To a long address");
    }
}

Test(flex, audio_of_either_polarity, .timeout = 60)
{
    for (unsigned mode = 0; mode < 4; mode++) {
        memset(samples, 0, sizeof samples);
        struct hz_sim_flex_frame frame = full(mode, 7);
        transmit(&frame, 9000, 600, 1, 4800, mode % 2);
        add_noise(0.02);
        /* a discriminator */
        float last[2] = {1, 0};
        for (size_t i = 0; i < 4 * RATE; i++) {
            float re = samples[2 * i] * last[0] + samples[2 * i + 1] * last[1];
            float im = samples[2 * i + 1] * last[0] - samples[2 * i] * last[1];
            last[0] = samples[2 * i];
            last[1] = samples[2 * i + 1];
            samples[i] = 0.1f * atan2f(im, re);
        }
        decode(true, 4 * RATE, 0, 0);
        expect_full(mode, 7);
    }
}

Test(flex, cuts_and_beginnings_do_not_matter, .timeout = 60)
{
    static const size_t cuts[] = {0, 7, 1024, 4801};
    memset(samples, 0, sizeof samples);
    for (unsigned i = 0; i < 2; i++) {
        struct hz_sim_flex_frame frame = full(i, 20 + i);
        transmit(&frame, 5000.7 + 45000 * i, 250, 1, 4800, false);
    }
    add_noise(0.9);
    cr_assert_gt(decode(false, 5 * RATE, 5 * RATE, 1000), 8);
    struct rig whole = heard;
    heard = (struct rig){0};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        decode(false, 5 * RATE, cuts[i], 1000);
        rig_expect_same(&whole, &heard);
    }
    rig_free(&whole);
}

Test(flex, noise_and_tones_give_nothing, .timeout = 60)
{
    memset(samples, 0, sizeof samples);
    add_noise(0.3);
    cr_expect_eq(decode(false, SAMPLES, 0, 0), 0);
    for (size_t i = 0; i < SAMPLES; i++) { /* 1600 baud of 0101, for ever */
        double phase = 6.28318530717958647692 * 4800 / RATE * fabs(fmod((double)i, 30) - 15);
        samples[2 * i] += (float)cos(phase);
        samples[2 * i + 1] += (float)sin(phase);
    }
    cr_expect_eq(decode(false, SAMPLES, 0, 0), 0);
}

Test(flex, captures_are_heard_and_nothing_else, .timeout = 60)
{
    static const char *const names[] = {"flex_s-4_931.93M_48k", "flex_s0_931.93M_48k",
                                        "flex_s10_931.93M_48k"};
    static const size_t sent[] = {10, 8, 8};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        static const struct capture_channel where = {48e3, 7.5e3, RATE, 12.5e3, SAMPLES};
        char path[512], truth[4096];
        size_t n = 0, right = 0, frames = 0;
        float *iq = capture_channel(names[i], &where, &n);
        if (!iq)
            cr_skip_test("needs ../shared/lab");
        memcpy(samples, iq, 2 * n * sizeof *iq);
        free(iq);
        decode(false, n, 960, 0);
        snprintf(path, sizeof path, "%s/lab/%s.jsonl", capture_shared(), names[i]);
        FILE *f = fopen(path, "r");
        cr_assert_not_null(f);
        for (; fgets(truth, sizeof truth, f); frames++) {
            cJSON *t = cJSON_Parse(truth);
            const cJSON *fields = cJSON_GetObjectItem(t, "fields");
            const char *text = cJSON_GetObjectItem(fields, "text")->valuestring;
            double capcode = cJSON_GetObjectItem(fields, "capcode")->valuedouble;
            for (size_t k = 0; k < heard.n; k++)
                right += rig_number(&heard.message[k], "capcode") == capcode &&
                         strcmp(rig_text(&heard.message[k], "message"), text) == 0;
            cJSON_Delete(t);
        }
        fclose(f);
        cr_expect_eq(frames, sent[i]);
        cr_expect_eq(right, frames, "%s: %zu of %zu", names[i], right, frames);
        cr_expect_eq(heard.n, right, "%s: %zu messages", names[i], heard.n);
    }
}

/* Sums of the frame information and of vectors that the receivers' data sheets print: i0 to i3 make
 * the nibbles 15. */
Test(flex, sums)
{
    cr_expect(hz_flex_sum_right(0xf));
    cr_expect(hz_flex_sum_right(0x10000e));
    cr_expect(hz_flex_sum_right(0x0000f0));
    cr_expect_not(hz_flex_sum_right(0));
    cr_expect_not(hz_flex_sum_right(0x1fffff) && hz_flex_sum_right(0x1ffffe));
}

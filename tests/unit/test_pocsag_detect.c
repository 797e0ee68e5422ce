/* The POCSAG decoder against captures of a generator that shares nothing with it, against recorded
 * audio with what other programs read in it (HZ_SHARED, default ../shared), and against the
 * simulator's modulator. */
#include "dsp/resample.h"
#include "proto/pocsag/receive.h"
#include "tests/unit/capture.h"
#include "tests/unit/pages.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_shared(const char *kind, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s/%s", capture_shared(), kind, name);
    return fopen(path, "rb");
}

/* One channel of a capture into `samples`; 0 where the capture is not there. */
static size_t channel(const char *name)
{
    static const struct capture_channel where = {48e3, 10e3, RATE, 12.5e3, SAMPLES};
    size_t n = 0;
    float *iq = capture_channel(name, &where, &n);
    if (iq)
        memcpy(samples, iq, 2 * n * sizeof *iq);
    free(iq);
    return n;
}

static const cJSON *field(const cJSON *o, const char *name)
{
    const cJSON *f = cJSON_GetObjectItem(o, name);
    cr_assert_not_null(f, "%s", name);
    return f;
}

/* The message is the page that the truth tells of. */
static bool agrees(const struct rig_message *m, const cJSON *truth)
{
    const cJSON *page = m->own, *sent = field(truth, "fields");
    const char *kind = field(truth, "type")->valuestring;
    const cJSON *text = cJSON_GetObjectItem(page, kind);
    return field(page, "address")->valueint == field(sent, "address")->valueint &&
           field(page, "function")->valueint == field(sent, "function")->valueint && text &&
           strcmp(text->valuestring, field(sent, "text")->valuestring) == 0;
}

/* Holds what was heard against a capture's truth: how many of its pages are there. */
static size_t compare(const char *name, size_t *sent)
{
    char file[128], truth[4096];
    size_t right = 0;
    snprintf(file, sizeof file, "%s.jsonl", name);
    FILE *f = open_shared("lab", file);
    cr_assert_not_null(f);
    for (*sent = 0; fgets(truth, sizeof truth, f); ++*sent) {
        cJSON *t = cJSON_Parse(truth);
        double at = field(t, "t")->valuedouble * RATE, to = field(t, "end")->valuedouble * RATE;
        for (size_t i = 0; i < heard.n; i++) {
            const struct hz_burst *b = &heard.message[i].burst;
            if ((double)b->sample <= at || (double)b->sample >= to || !agrees(&heard.message[i], t))
                continue;
            right++;
            cr_expect_float_eq((double)b->offset_hz, field(t, "foff")->valuedouble, 40);
            cr_expect_float_eq((double)b->snr_db, field(t, "snr")->valuedouble, 1.5);
        }
        cJSON_Delete(t);
    }
    fclose(f);
    return right;
}

Test(pocsag_detect, captures_are_heard_and_nothing_else, .timeout = 60)
{
    static const char *const names[] = {"pocsag512_s-6_153.34M_48k", "pocsag1200_s-2_153.34M_48k",
                                        "pocsag1200_s5_153.34M_48k", "pocsag1200_s15_153.34M_48k",
                                        "pocsag2400_s1_153.34M_48k"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = channel(names[i]), sent;
        if (n == 0)
            cr_skip_test("needs ../shared/lab");
        size_t count = decode(false, false, n, 960, 0), right = compare(names[i], &sent);
        cr_expect_eq(right, sent, "%s: %zu of %zu", names[i], right, sent);
        cr_expect_eq(count, right, "%s: %zu lines", names[i], count);
    }
}

Test(pocsag_detect, cuts_and_beginnings_do_not_matter, .timeout = 60)
{
    size_t n = channel("pocsag2400_s1_153.34M_48k");
    if (n == 0)
        cr_skip_test("needs ../shared/lab");
    n = n < 10 * RATE ? n : 10 * RATE;
    cr_assert_gt(decode(false, true, n, n, 1000), 5);
    struct rig whole = heard;
    heard = (struct rig){0};
    static const size_t cuts[] = {0, 7, 1024, 4801};
    for (size_t i = 0; i < 4; i++) {
        decode(false, true, n, cuts[i], 1000);
        rig_expect_same(&whole, &heard);
    }
    rig_free(&whole);
}

Test(pocsag_detect, noise_and_carriers_give_nothing, .timeout = 60)
{
    struct hz_noise noise;
    size_t n = 40 * RATE;
    hz_noise_init(&noise, 9);
    hz_noise_fill(&noise, samples, n, 0.1f);
    cr_expect_eq(decode(false, true, n, 960, 0), 0);
    for (size_t i = 0; i < n; i++) {
        samples[2 * i] += cosf(0.1f * (float)(i % 6283));
        samples[2 * i + 1] += sinf(0.1f * (float)(i % 6283));
    }
    cr_expect_eq(decode(false, true, n, 960, 0), 0);
    memset(samples, 0, sizeof samples);
    cr_expect_eq(decode(false, true, n, 960, 0), 0);
    cr_expect_eq(decode(true, true, n, 960, 0), 0);
}

/* Without a preamble, in either polarity, at each rate, with clocks 100 ppm off, over batches. */
Test(pocsag_detect, joins_without_a_preamble, .timeout = 60)
{
    static const unsigned bauds[] = {512, 1200, 2400};
    struct hz_noise noise;
    hz_noise_init(&noise, 3);
    for (int i = 0; i < 6; i++) {
        hz_noise_fill(&noise, samples, SAMPLES, 0.2f);
        double end = transmit(long_text, bauds[i % 3], 570, i >= 3, 3000, i % 2 ? 1e-4 + 1 : 1, 0);
        cr_expect_eq(decode(false, false, (size_t)end + RATE / 4, 997, 0), 1);
        cr_expect_not_null(strstr(lines, long_text), "%s", lines);
        cr_expect_not_null(strstr(lines, i >= 3 ? "\"inverted\":true" : "\"inverted\":false"));
    }
}

/* Strong pages fill the valley in which noise is measured: the pauses tell it. The stream ends with
 * the last of them. */
Test(pocsag_detect, the_snr_is_what_it_is, .timeout = 60)
{
    static const unsigned bauds[] = {512, 1200, 2400};
    for (unsigned i = 0; i < 12; i++) {
        double snr_db = 5 + 5 * (double)(i / 3), end = 0;
        struct hz_noise noise;
        hz_noise_init(&noise, i);
        hz_noise_fill(&noise, samples, SAMPLES,
                      (float)sqrt(RATE / 12.5e3 / pow(10, snr_db / 10) / 2));
        for (int page = 0; page < 4; page++)
            end = transmit("level 3 m at the gate", bauds[i % 3], 0, false, end + 7000, 1, 0);
        size_t count = decode(false, false, (size_t)end, 997, 0);
        cr_expect_eq(count, 4, "%u baud, %g dB: %zu\n%s", bauds[i % 3], snr_db, count, lines);
        for (const char *at = lines; (at = strstr(at, "\"snr_db\":")); at++)
            cr_expect_float_eq(strtod(at + 9, NULL), snr_db, 1.5, "%u baud: %s not %g",
                               bauds[i % 3], at, snr_db);
    }
}

Test(pocsag_detect, texts_are_in_the_characters_that_are_asked_for)
{
    struct hz_noise noise;
    hz_noise_init(&noise, 3);
    hz_noise_fill(&noise, samples, SAMPLES, 0.1f);
    size_t end = (size_t)transmit("M[rz, Stra~e 5", 1200, 0, false, 3000, 1, 0);
    cr_expect_eq(decode(false, false, end + RATE / 4, 997, 0), 1);
    cr_expect_not_null(strstr(lines, "\"M[rz, Stra~e 5\""), "%s", lines);
    charset = HZ_CHARSET_GERMAN;
    cr_expect_eq(decode(false, false, end + RATE / 4, 997, 0), 1);
    cr_expect_not_null(strstr(lines, "\"MÄrz, Straße 5\""), "%s", lines);
}

/* The carrier moves by 0.9 kHz in a batch at 1200 baud, by 2.1 kHz at 512. */
Test(pocsag_detect, a_drifting_carrier_is_followed, .timeout = 60)
{
    static const char text[] = "duty pump wind level duty";
    static const unsigned bauds[] = {512, 1200, 2400};
    struct hz_noise noise;
    hz_noise_init(&noise, 3);
    for (int i = 0; i < 12; i++) {
        double drift = i % 2 ? -2000 : 2000;
        hz_noise_fill(&noise, samples, SAMPLES, i < 6 ? 0.2f : 0.6f);
        double end = transmit(text, bauds[i / 2 % 3], 0, false, 3000, 1, drift);
        cr_expect_eq(decode(false, false, (size_t)end + RATE / 4, 997, 0), 1);
        cr_expect_not_null(strstr(lines, text), "%u baud, %g Hz/s: %s", bauds[i / 2 % 3], drift,
                           lines);
    }
}

/* Where half of the pages are heard, one in a hundred sent may come out wrong, and then with a
 * mark. Without the limit and the mark they are many. */
Test(pocsag_detect, wrong_pages_are_few_and_marked, .timeout = 60)
{
    enum { PAGES = 150, LONGEST = 4 * RATE };
    size_t count[2] = {0, 0}, right[2] = {0, 0}, unmarked = 0;
    struct hz_noise noise;
    hz_noise_init(&noise, 6);
    for (size_t i = 0; i < PAGES; i++) {
        char text[32], part[48];
        snprintf(text, sizeof text, "unit %zu to gate %zu", i * 7919 % 1000, i * 104729 % 100);
        snprintf(part, sizeof part, "\"alpha\":\"%s\"", text);
        for (int all = 0; all < 2; all++) {
            if (all == 0)
                hz_noise_fill(&noise, samples, LONGEST, 1.9f); /* -5.8 dB in 12.5 kHz */
            if (all == 0)
                transmit(text, 1200, 0, false, 3000, 1, 0);
            count[all] += decode(false, all == 1, LONGEST, 4800, 0);
            bool here = strstr(lines, part) != NULL;
            right[all] += here;
            unmarked += all == 0 && lines[0] && !here && !strstr(lines, "\"doubtful\":true") &&
                        !strstr(lines, "\"truncated\":true");
        }
    }
    cr_expect_leq(count[0] - right[0], PAGES / 100);
    cr_expect_eq(unmarked, 0);
    cr_expect_gt(count[1] - right[1], PAGES / 25, "%zu", count[1] - right[1]);
}

/* The second sync word is gone: the batch behind it is read all the same. */
Test(pocsag_detect, a_damaged_sync_word_does_not_end_a_transmission)
{
    struct hz_noise noise;
    hz_noise_init(&noise, 3);
    hz_noise_fill(&noise, samples, SAMPLES, 0.2f);
    double end = transmit(long_text, 1200, 0, false, 3000, 1, 0);
    size_t sync = 3000 + (576 + 544) * 20;
    hz_noise_fill(&noise, samples + 2 * (sync + 80), 400, 0.2f); /* 20 of its 32 bits */
    cr_expect_eq(decode(false, false, (size_t)end + RATE / 4, 997, 0), 1);
    cr_expect_not_null(strstr(lines, long_text), "%s", lines);
}

/* A receiver that hops stays while a transmission is followed, no longer. */
Test(pocsag_detect, tells_that_it_follows_a_transmission)
{
    struct hz_noise noise;
    hz_noise_init(&noise, 4);
    hz_noise_fill(&noise, samples, SAMPLES, 0.2f);
    size_t start = RATE, end = (size_t)transmit(long_text, 512, 0, false, RATE, 1, 0);
    size_t upto[] = {start, (start + end) / 2 + RATE, end + 4 * RATE}, at = 0;
    struct hz_setup setup = rig_setup(&hz_pocsag_decoder);
    struct hz_pocsag_options options = {.keep = HZ_POCSAG_KEEP_GOOD};
    setup.options = &options;
    rig_start(&heard, &hz_pocsag_decoder, &setup);
    for (size_t i = 0; i < 3; i++) {
        struct hz_samples next = {HZ_CF32, samples + 2 * at, upto[i] - at, at};
        rig_push(&heard, &next, 480);
        cr_expect_eq(hz_pocsag_decoder.receiving(heard.state), i == 1, "step %zu", i);
        at = upto[i];
    }
    rig_finish(&heard);
}

/* Where there is no sync word little work is done: a tenth of what a batch costs at least. */
Test(pocsag_detect, a_glance_is_enough_for_noise, .timeout = 60)
{
    enum { PLACES = 60 };
    static struct hz_pocsag_receiver receiver;
    struct hz_bch code;
    struct hz_pocsag_batch batch;
    struct hz_noise noise;
    hz_bch_init(&code);
    cr_assert_eq(hz_pocsag_receiver_init(&receiver, &code), 0);
    hz_noise_init(&noise, 5);
    hz_noise_fill(&noise, samples, 4 * RATE, 0.2f);
    for (unsigned i = 0; i < PLACES; i++) {
        struct hz_pocsag_line line = {
            .baud = i % 3, .at = 200 + 900 * i, .deviation_hz = 4500, .clock = 1};
        cr_expect_not(hz_pocsag_receive(&receiver, samples, 0, &line, &batch));
    }
    cr_expect_lt(receiver.steps, PLACES * HZ_POCSAG_BATCH_BITS / 10);
    hz_pocsag_receiver_done(&receiver);
}

/* ---- Audio ---- */

/* Recorded audio (raw s16, or a WAV of a plain header of 44 bytes) at 24 kHz into `samples`. */
static size_t recording(const char *name, double gain)
{
    FILE *f = open_shared("air/pocsag", name);
    if (!f)
        return 0;
    bool wav = strstr(name, ".wav") != NULL;
    struct hz_resample *r = wav ? hz_resample_new(1, 2) : hz_resample_new(160, 147);
    static int16_t raw[4096];
    static float in[4096];
    size_t n = 0;
    if (wav)
        cr_assert_eq(fread(raw, 1, 44, f), 44);
    for (size_t got; (got = fread(raw, 2, 4096, f)) > 0;) {
        for (size_t i = 0; i < got; i++)
            in[i] = (float)(raw[i] * gain / 32768);
        cr_assert_leq(n + hz_resample_count(r, got), (size_t)SAMPLES);
        n += hz_resample_push(r, in, got, samples + n);
    }
    hz_resample_free(r);
    fclose(f);
    return n;
}

/* What multimon-ng reads in the first and the last three, and what the others were made of. */
Test(pocsag_detect, recorded_audio_is_read_in_either_polarity, .timeout = 60)
{
    static const struct {
        const char *name, *address, *alpha;
    } of[] = {
        {"multimon_pocsag_clean.s16", "\"address\":111111,", "POCSAG_REF_CLEAN"},
        {"multimon_pocsag_inv_clean.s16", "\"address\":444444,", "POCSAG_INV_CLEAN"},
        {"multimon_pocsag_inv_2bit.s16", "\"address\":666666,", "POCSAG_INV_2BIT"},
        {"rrruark_addr0.wav", "\"address\":1100000,",
         "This is a test of the pager. It should span"},
        {"rrruark_addr3.wav", "\"address\":1100003,",
         "This is a test of the pager. It should span"},
        {"rrruark_addr5.wav", "\"address\":1100005,",
         "This is a test of the pager. It should span"},
    };
    for (size_t i = 0; i < 2 * sizeof of / sizeof of[0]; i++) {
        size_t n = recording(of[i / 2].name, i % 2 ? -0.03 : 1);
        if (n == 0)
            cr_skip_test("needs ../shared/air");
        cr_expect_eq(decode(true, false, n, 960, 0), 1, "%s: %s", of[i / 2].name, lines);
        cr_expect_not_null(strstr(lines, of[i / 2].address), "%s: %s", of[i / 2].name, lines);
        cr_expect_not_null(strstr(lines, of[i / 2].alpha), "%s: %s", of[i / 2].name, lines);
    }
}

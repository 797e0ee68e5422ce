#include "tests/unit/sink_text.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const struct hz_sink_head head = {
    .receiver = "roof", .channel = "1090", .protocol = "adsb", .freq_hz = 1090e6};
static const uint8_t raw[] = {0x8d, 0x48, 0x40};

static void one_message(struct hz_sink *s, uint64_t sample)
{
    struct hz_burst b = {.sample = sample,
                         .rssi_dbfs = -12.34f,
                         .noise_dbfs = -38.0f,
                         .snr_db = 25.66f,
                         .offset_hz = NAN,
                         .raw = raw,
                         .raw_len = sizeof raw};
    struct hz_json *j = hz_sink_begin(s, &b);
    hz_json_str(j, "hex", "4840d6");
    hz_sink_end(s);
}

Test(sink, the_mean_of_the_carriers)
{
    char arena[2048];
    struct hz_sink s;
    struct hz_burst b = {.rssi_dbfs = -12, .raw = raw, .raw_len = sizeof raw};
    hz_sink_init(&s, &head, arena, sizeof arena);
    for (int i = 0; i < 100; i++) {
        b.offset_hz = i % 4 == 3 ? NAN : i % 4 == 1 ? 1090.0f : 3270.0f; /* 1 and 3 ppm */
        hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1});
        hz_sink_begin(&s, &b);
        hz_sink_end(&s);
    }
    cr_expect_eq(s.carriers, 75);
    cr_expect_float_eq(s.carrier_ppm, 7.0 / 3, 0.01);
    for (int i = 0; i < 1000; i++) { /* the crystal has warmed up */
        b.offset_hz = -2180;
        hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1});
        hz_sink_begin(&s, &b);
        hz_sink_end(&s);
    }
    cr_expect_float_eq(s.carrier_ppm, -2, 0.1);
}

Test(sink, a_line_is_the_envelope_and_the_protocols_object)
{
    char arena[2048], text[2048];
    struct hz_sink s;
    hz_sink_init(&s, &head, arena, sizeof arena);
    hz_sink_rewind(&s, (struct hz_stamp){.utc_ns = 1000000000, .ns_per_sample = 1e9 / 2.4e6});
    one_message(&s, 2400);
    sink_text(&s, text, sizeof text);
    cr_assert_str_eq(text, "\"kind\":\"message\",\"time\":\"1970-01-01T00:00:01.001000000Z\","
                           "\"receiver\":\"roof\",\"channel\":\"1090\",\"protocol\":\"adsb\","
                           "\"freq_hz\":1090000000,\"rssi_dbfs\":-12.3,\"noise_dbfs\":-38,"
                           "\"snr_db\":25.7,\"sample\":2400,\"fixed_bits\":0,\"raw\":\"8d4840\","
                           "\"adsb\":{\"hex\":\"4840d6\"}}\n");
    cr_assert_eq(s.count[HZ_MESSAGE], 1);
}

Test(sink, a_message_that_does_not_fit_is_dropped_whole_and_counted)
{
    char arena[1200];
    struct hz_sink s;
    hz_sink_init(&s, &head, arena, sizeof arena);
    hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1});
    for (int i = 0; i < 10; i++)
        one_message(&s, (uint64_t)i);
    cr_assert_gt(s.count[HZ_MESSAGE], 0);
    cr_assert_eq(s.count[HZ_MESSAGE] + s.dropped, 10);
    cr_assert_leq(s.len, sizeof arena);
    hz_sink_rewind(&s, s.stamp);
    uint64_t before = s.count[HZ_MESSAGE];
    one_message(&s, 0);
    cr_assert_eq(s.count[HZ_MESSAGE], before + 1);
}

Test(sink, time_is_exact_after_a_month_and_before_the_stamp)
{
    struct hz_sink s;
    hz_sink_init(&s, &head, NULL, 0);
    hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1e9 / 2.4e6});
    cr_assert_eq(hz_sink_time(&s, 30ull * 86400 * 2400000), 30ll * 86400 * 1000000000);
    hz_sink_rewind(&s, (struct hz_stamp){
                           .sample = 2400000, .utc_ns = 5000000000, .ns_per_sample = 1e9 / 2.4e6});
    cr_assert_eq(hz_sink_time(&s, 0), 4000000000);
}

Test(sink, the_decoders_samples_are_told_as_the_receivers)
{
    char arena[2048], text[2048];
    struct hz_sink s;
    hz_sink_init(&s, &head, arena, sizeof arena);
    s.scale = 50; /* 48 kHz out of 2.4 MHz */
    hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1e9 / 2.4e6});
    one_message(&s, 48);
    sink_text(&s, text, sizeof text);
    cr_assert(strstr(text, "\"sample\":2400,"));
    cr_assert(strstr(text, "00:00:00.001000000Z"));
}

Test(sink, every_line_of_a_simulated_receiver_is_marked)
{
    char arena[4096], buf[4096];
    struct hz_sink s;
    struct hz_burst b = {.offset_hz = NAN};
    int16_t pcm[2] = {0};
    struct hz_audio audio = {.rate_hz = 16000, .pcm = pcm, .n = 2};
    hz_sink_init(&s, &head, arena, sizeof arena);
    s.mark = "simulated";
    for (int twice = 0; twice < 2; twice++) { /* a job's end does not take it off */
        hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1});
        hz_sink_begin(&s, &b);
        hz_sink_end(&s);
        hz_sink_audio(&s, &audio);
        sink_text(&s, buf, sizeof buf);
        const char *first = strstr(buf, "\"simulated\":true");
        cr_assert_not_null(first, "%s", buf);
        const char *second = strstr(first + 1, "\"simulated\":true");
        cr_assert(second > strchr(first, '\n'), "%s", buf);
    }
}

Test(sink, a_record_has_as_fields_what_its_text_says)
{
    char arena[4096];
    struct hz_sink s;
    struct hz_record r;
    size_t at = 0;
    struct hz_burst b = {.sample = 48,
                         .end = 72,
                         .rssi_dbfs = -12.34f,
                         .noise_dbfs = -38.0f,
                         .snr_db = 25.66f,
                         .offset_hz = NAN,
                         .raw = raw,
                         .raw_len = sizeof raw};
    hz_sink_init(&s, &head, arena, sizeof arena);
    s.scale = 50;
    hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1e9 / 2.4e6});
    one_message(&s, 0);
    struct hz_json *j = hz_sink_begin(&s, &b);
    hz_about_id(j, "4840d6");
    hz_about_position(j, 52.25, 3.75);
    hz_sink_end(&s);
    cr_assert(hz_sink_next(&s, &at, &r));
    cr_expect_str_eq(r.about.id, "", "who is not named has no name");
    cr_expect(isnan(r.about.lat) && isnan(r.about.lon));
    cr_expect_eq(r.end_ns, 0);
    cr_assert(hz_sink_next(&s, &at, &r));
    cr_expect_eq(r.kind, HZ_KIND_MESSAGE);
    cr_expect_eq(r.utc_ns, 1000000);
    cr_expect_eq(r.end_ns, 1500000);
    cr_expect_eq(r.sample, 2400);
    cr_expect_eq(r.snr_db, 25.66f);
    cr_expect(isnan(r.offset_hz));
    cr_expect_str_eq(r.about.id, "4840d6");
    cr_expect_eq(r.about.lat, 52.25);
    cr_expect_eq(r.about.lon, 3.75);
    cr_expect_eq(r.raw_len, sizeof raw);
    cr_expect_eq(memcmp(r.raw, raw, sizeof raw), 0);
    cr_expect_not(hz_sink_next(&s, &at, &r));
}

Test(sink, speech_is_bytes_until_it_is_printed)
{
    char arena[4096], text[4096];
    struct hz_sink s;
    struct hz_record r;
    size_t at = 0;
    const int16_t pcm[] = {1, -2, 0x1234};
    struct hz_audio audio = {.transmission = 5, .sample = 7, .rate_hz = 16000, .pcm = pcm, .n = 3};
    hz_sink_init(&s, &head, arena, sizeof arena);
    hz_sink_rewind(&s, (struct hz_stamp){.ns_per_sample = 1});
    hz_sink_audio(&s, &audio);
    cr_assert(hz_sink_next(&s, &at, &r));
    cr_expect_eq(r.kind, HZ_KIND_AUDIO);
    cr_expect_eq(r.transmission, 5);
    cr_expect_eq(r.rate_hz, 16000);
    cr_expect_eq(r.raw_len, 6);
    cr_expect_eq(memcmp(r.raw, "\x01\x00\xfe\xff\x34\x12", 6), 0);
    cr_expect_null(memmem(r.json, r.json_len, "data", 4));
    sink_text(&s, text, sizeof text);
    cr_expect(strstr(text, "\"rate_hz\":16000,\"format\":\"s16le\",\"data\":\"AQD+/zQS\"}\n"), "%s",
              text);
}

Test(sink, means_follow_the_latest_transmissions)
{
    struct hz_means m = {0}, more = {0};
    hz_means_add(&m, NAN, 100);
    hz_means_add(&m, 10, NAN);
    cr_expect_eq(m.n, 0);
    for (int i = 0; i < 10; i++)
        hz_means_add(&m, i, 100);
    cr_expect_float_eq(m.snr_db, 4.5, 1e-9);
    for (int i = 0; i < 300; i++)
        hz_means_add(&m, 20, -100);
    cr_expect_eq(m.n, 310);
    cr_expect_float_eq(m.snr_db, 20, 0.01);
    cr_expect_float_eq(m.offset_hz, -100, 0.1);
    hz_means_join(&more, &m); /* to none */
    cr_expect_eq(more.n, 310);
    cr_expect_float_eq(more.snr_db, m.snr_db, 1e-9);
    hz_means_join(&more, &(struct hz_means){0});
    cr_expect_eq(more.n, 310);
    hz_means_join(&more, &(struct hz_means){.n = 10, .snr_db = 5});
    cr_expect_float_eq(more.snr_db, 15, 0.01); /* ten of the latest thirty */
}

/* One second of noise of power 1 at 10 kHz, with a tone of that power from 0.5 s on. */
static void trace_of(struct hz_trace *t, float tone)
{
    static float iq[2 * 10000];
    unsigned seed = 1;
    for (int i = 0; i < 10000; i++) {
        float p = i < 5000 ? 0 : sqrtf(tone);
        double phase = 2 * 3.14159265358979 * 0.1 * i; /* 1 kHz */
        for (int k = 0; k < 2; k++) {
            seed = seed * 1103515245 + 12345;
            float uniform = (float)(seed >> 16 & 0x7fff) / 32768 - 0.5f;
            iq[2 * i + k] = uniform * sqrtf(6) + p * (float)(k ? sin(phase) : cos(phase));
        }
    }
    struct hz_samples s = {.format = HZ_CF32, .data = iq, .n = 10000};
    hz_trace_init(t, 10e3, 10e3);
    hz_trace_add(t, &s, 1);
}

Test(sink, what_fails_in_noise_is_no_transmission)
{
    static struct hz_trace t;
    char arena[64];
    struct hz_sink s;
    hz_sink_init(&s, &head, arena, sizeof arena);
    hz_sink_fail(&s, 0, 100); /* without a trace it is only counted */
    trace_of(&t, 4);
    s.trace = &t;
    hz_sink_fail(&s, 1000, 4000);
    cr_expect_eq(s.failed.n, 0);
    hz_sink_fail(&s, 6000, 9000);
    cr_expect_eq(s.failed.n, 1);
    cr_expect_float_eq(s.failed.snr_db, 6, 0.5);
    cr_expect_float_eq(s.failed.offset_hz, 1000, 20);
    cr_expect_eq(s.count[HZ_BAD_CRC], 3);
}

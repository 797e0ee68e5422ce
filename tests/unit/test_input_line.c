/* A line of another hertzd becomes a record with the same contents. */
#include "daemon/input/line.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char roof[] =
    "{\"seq\":41,\"kind\":\"message\",\"time\":\"2026-11-23T08:26:11.123456789Z\",\"receiver\":"
    "\"roof\",\"channel\":\"1090\",\"protocol\":\"adsb\",\"freq_hz\":1090000000,\"simulated\":true,"
    "\"rssi_dbfs\":-12.3,\"noise_dbfs\":-38,\"snr_db\":25.7,\"offset_hz\":-310,\"sample\":40128,"
    "\"fixed_bits\":0,\"raw\":\"8d4840d6202cc371c32ce0576098\",\"adsb\":{\"hex\":\"4840d6\","
    "\"type\":\"adsb_icao\",\"lat\":49.058333,\"lon\":-72.029167,\"flight\":\"KLM1023 \","
    "\"nav_modes\":[\"vnav\",\"tcas\"]},\"heard\":[{\"receiver\":\"roof\",\"channel\":\"1090\","
    "\"snr_db\":25.7},{\"receiver\":\"mast\",\"channel\":\"1090\",\"snr_db\":3.1}]}\n";

static const char here[] =
    "\"time\":\"2026-11-23T08:26:11.123456789Z\",\"receiver\":\"club\",\"channel\":\"club\","
    "\"protocol\":\"adsb\",\"freq_hz\":1090000000,\"simulated\":true,\"rssi_dbfs\":-12.3,"
    "\"noise_dbfs\":-38,\"snr_db\":25.7,\"offset_hz\":-310,\"sample\":40128,\"fixed_bits\":0,"
    "\"raw\":\"8d4840d6202cc371c32ce0576098\",\"adsb\":{\"hex\":\"4840d6\",\"type\":"
    "\"adsb_icao\",\"lat\":49.058333,\"lon\":-72.029167,\"flight\":\"KLM1023 \",\"nav_modes\":"
    "[\"vnav\",\"tcas\"]},\"input\":\"json\",\"origin\":{\"receiver\":\"roof\",\"channel\":"
    "\"1090\",\"heard\":[{\"receiver\":\"roof\",\"channel\":\"1090\",\"snr_db\":25.7},"
    "{\"receiver\":\"mast\",\"channel\":\"1090\",\"snr_db\":3.1}]},\"via\":[\"aaaa\",\"bbbb\"]";

static struct hz_line_reader *reader;
static struct hz_line line;
static char err[200];

static void begin(void)
{
    reader = hz_line_reader_new(hz_decoders);
}

static void end(void)
{
    hz_line_reader_free(reader);
}

static enum hz_line_kind read_as(const char *text, const char *name, const char *from,
                                 const char *stream)
{
    struct hz_line_as as = {
        .receiver = name, .channel = name, .input = "json", .stream = stream, .from = from};
    err[0] = '\0';
    return hz_line_read(reader, text, strlen(text), &as, &line, err, sizeof err);
}

static enum hz_line_kind read_it(const char *text)
{
    return read_as(text, "club", "aaaa", "bbbb");
}

static void same(const char *got, size_t n, const char *want)
{
    cr_assert(n == strlen(want) && memcmp(got, want, n) == 0, "%.*s\nis not\n%s", (int)n, got,
              want);
}

TestSuite(input_line, .init = begin, .fini = end);

Test(input_line, a_message_keeps_what_it_says)
{
    static const uint8_t raw[] = {0x8d, 0x48, 0x40, 0xd6, 0x20, 0x2c, 0xc3,
                                  0x71, 0xc3, 0x2c, 0xe0, 0x57, 0x60, 0x98};
    struct hz_value v;
    cr_assert_eq(read_it(roof), HZ_LINE_MESSAGE, "%s", err);
    const struct hz_record *r = &line.rec;
    same(r->json, r->json_len, here);
    cr_assert_eq(line.seq, 41);
    cr_assert_str_eq(line.receiver, "roof");
    cr_assert_str_eq(line.channel, "1090");
    cr_assert_str_eq(line.protocol, "adsb");
    cr_assert_eq(r->kind, HZ_KIND_MESSAGE);
    cr_assert_eq(r->utc_ns, 1795422371123456789);
    cr_assert_eq(r->freq_hz, 1090e6);
    cr_assert_float_eq(r->rssi_dbfs, -12.3f, 1e-6);
    cr_assert_float_eq(r->noise_dbfs, -38, 1e-6);
    cr_assert_float_eq(r->snr_db, 25.7f, 1e-6);
    cr_assert_float_eq(r->offset_hz, -310, 1e-6);
    cr_assert_eq(r->sample, 40128);
    cr_assert_str_eq(r->mark, "simulated");
    cr_assert(r->raw_len == sizeof raw && memcmp(r->raw, raw, sizeof raw) == 0);
    cr_assert_str_eq(r->about.id, "4840d6");
    cr_assert_eq(r->about.lat, 49.058333);
    cr_assert_eq(r->about.lon, -72.029167);
    cr_assert_eq(r->n_fields, 6);
    cr_assert(hz_record_field(r, "flight", &v) && hz_value_is(v, "\"KLM1023 \""));
    cr_assert(hz_record_field(r, "nav_modes", &v) && hz_value_is(v, "[\"vnav\",\"tcas\"]"));
    cr_assert(hz_record_field(r, "lon", &v) && hz_value_is(v, "-72.029167"));
    cr_assert_not(hz_record_field(r, "input", &v));
}

Test(input_line, a_chain_keeps_time_marks_and_who_heard_it)
{
    char second[4096], third[4096];
    cr_assert_eq(read_it(roof), HZ_LINE_MESSAGE);
    snprintf(second, sizeof second, "{\"seq\":7,\"kind\":\"message\",%.*s}", (int)line.rec.json_len,
             line.rec.json);
    cr_assert_eq(read_as(second, "country", "bbbb", "cccc"), HZ_LINE_MESSAGE, "%s", err);
    snprintf(third, sizeof third, "%.*s", (int)line.rec.json_len, line.rec.json);
    cr_assert_eq(strncmp(third, here, 48), 0);
    cr_assert(strstr(third, "\"receiver\":\"country\",\"channel\":\"country\""));
    cr_assert(strstr(third, "\"simulated\":true,\"rssi_dbfs\":-12.3,\"noise_dbfs\":-38,"));
    cr_assert(strstr(third, "\"input\":\"json\",\"origin\":{\"receiver\":\"club\",\"channel\":"
                            "\"club\",\"input\":\"json\",\"origin\":{\"receiver\":\"roof\","
                            "\"channel\":\"1090\",\"heard\":["));
    cr_assert(strstr(third, "\"via\":[\"aaaa\",\"bbbb\",\"cccc\"]"));
    cr_assert_eq(line.rec.utc_ns, 1795422371123456789);
    cr_assert_str_eq(line.rec.mark, "simulated");
}

Test(input_line, a_message_that_comes_back_is_refused)
{
    char again[4096];
    cr_assert_eq(read_it(roof), HZ_LINE_MESSAGE);
    snprintf(again, sizeof again, "{\"kind\":\"message\",%.*s}", (int)line.rec.json_len,
             line.rec.json);
    cr_assert_eq(read_as(again, "x", "bbbb", "aaaa"), HZ_LINE_LOOP);
    cr_assert_str_eq(err, "it came from this daemon");
    cr_assert_eq(read_as(again, "x", "", "bbbb"), HZ_LINE_LOOP);
    cr_assert_eq(read_as(roof, "x", "aaaa", "aaaa"), HZ_LINE_LOOP);
    cr_assert_str_eq(err, "this daemon reads its own messages");
    for (int i = 0; i < 6; i++) {
        char name[8];
        snprintf(name, sizeof name, "hop%d", i);
        cr_assert_eq(read_as(again, "x", "", name), HZ_LINE_MESSAGE, "%s", err);
        snprintf(again, sizeof again, "{\"kind\":\"message\",%.*s}", (int)line.rec.json_len,
                 line.rec.json);
    }
    cr_assert_eq(read_as(again, "x", "", "one more"), HZ_LINE_LOOP);
    cr_assert_str_eq(err, "it came through 8 daemons, at most 8 are possible");
}

/* The text of a message with these members after the envelope. */
static const char *with(const char *more)
{
    static char text[2000];
    snprintf(text, sizeof text,
             "{\"kind\":\"message\",\"time\":\"2026-11-23T08:26:11Z\",\"receiver\":\"r\","
             "\"channel\":\"c\",\"protocol\":\"new-one\"%s}",
             more);
    return text;
}

Test(input_line, members_that_nobody_knows_stay)
{
    cr_assert_eq(read_it(with(",\"new-one\":{\"id\":123456789012,\"a\" : [ 1.5e3, -0.0625,{ \"b\" "
                              ":null, \"c\":false} ]}, \"more\":{\"x\":1e-3},\"none\":null")),
                 HZ_LINE_MESSAGE, "%s", err);
    same(line.rec.json, line.rec.json_len,
         "\"time\":\"2026-11-23T08:26:11.000000000Z\",\"receiver\":\"club\",\"channel\":\"club\","
         "\"protocol\":\"new-one\",\"new-one\":{\"id\":123456789012,\"a\":[1500,-0.0625,"
         "{\"c\":false}]},\"more\":{\"x\":0.001},\"input\":\"json\",\"origin\":{\"receiver\":\"r\","
         "\"channel\":\"c\"},\"via\":[\"aaaa\",\"bbbb\"]");
    cr_assert_str_eq(line.rec.about.id, "123456789012");
    cr_assert(isnan(line.rec.about.lat) && isnan(line.rec.snr_db));
    cr_assert_eq(line.rec.raw_len, 0);
    cr_assert_null(line.rec.mark);
}

Test(input_line, text_with_any_character_stays)
{
    struct hz_value v;
    char text[100];
    cr_assert_eq(read_it(with(",\"new-one\":{\"t\":\"a\\u0000b\\\\u0000\\u00e9\\n\\u001F\\/\"}")),
                 HZ_LINE_MESSAGE, "%s", err);
    cr_assert(hz_record_field(&line.rec, "t", &v));
    same(v.p, v.n, "\"a\\u0000b\\\\u0000\xc3\xa9\\n\\u001f/\"");
    cr_assert(hz_value_string(v, text, sizeof text));
    cr_assert(memcmp(text, "a\0b\\u0000\xc3\xa9\n\x1f/", 14) == 0);
}

Test(input_line, other_kinds)
{
    cr_assert_eq(read_it("{\"kind\":\"hello\",\"schema\":1,\"version\":\"0.1.0\",\"stream\":"
                         "\"3f60a1c29be4d785\",\"seq\":42}\n"),
                 HZ_LINE_HELLO);
    cr_assert_str_eq(line.stream, "3f60a1c29be4d785");
    cr_assert_eq(line.seq, 42);
    cr_assert_eq(read_it("{\"kind\":\"gap\",\"missed\":310}"), HZ_LINE_OTHER);
    cr_assert_eq(read_it("{\"repeat_seq\":1,\"kind\":\"repeat\"}"), HZ_LINE_OTHER);
    cr_assert_eq(read_it("{\"kind\":\"of a later version\"}"), HZ_LINE_OTHER);
}

Test(input_line, what_is_no_message_is_refused_with_the_reason)
{
    static const char ok[] = ",\"new-one\":{}";
    static const struct {
        const char *more, *why;
    } all[] = {
        {"", "there is no object \"new-one\", as its protocol is called"},
        {",\"new-one\":[]", "there is no object \"new-one\", as its protocol is called"},
        {",\"new-one\":{},\"snr_db\":\"9\"", "snr_db is no number"},
        {",\"new-one\":{},\"rssi_dbfs\":7", "rssi_dbfs is 7, expected a number from -400 to 6"},
        {",\"new-one\":{},\"freq_hz\":0", "freq_hz is 0, expected a number from 0.001 to 1e+12"},
        {",\"new-one\":{},\"raw\":\"8d4\"", "raw is no lower-case hex of 1 to 8192 bytes"},
        {",\"new-one\":{},\"raw\":\"8D40\"", "raw is no lower-case hex of 1 to 8192 bytes"},
        {",\"new-one\":{\"a\\\"b\":1}",
         "a member's name with a control character, a quote or a backslash"},
        {",\"new-one\":{\"a\":1e300}", "a number beyond 9e18"},
        {",\"new-one\":{\"a\":[null]}", "null in an array"},
        {",\"new-one\":{},\"time\":\"2026-11-23T08:26:12Z\"", "\"time\" is there twice"},
        {",\"new-one\":{},\"new-one\":{}", "\"new-one\" is there twice"},
    };
    cr_assert_eq(read_it(with(ok)), HZ_LINE_MESSAGE);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        cr_assert_eq(read_it(with(all[i].more)), HZ_LINE_BAD, "%s", all[i].more);
        cr_assert_str_eq(err, all[i].why);
    }
    cr_assert_eq(read_it("{\"kind\":\"message\",\"time\":\"yesterday\"}"), HZ_LINE_BAD);
    cr_assert_str_eq(err, "time is yesterday, expected as 2026-11-23T08:26:11.5Z");
    cr_assert_eq(read_it("{\"kind\":\"message\",\"time\":\"2026-11-23T08:26:11Z\","
                         "\"receiver\":\"a b\"}"),
                 HZ_LINE_BAD);
    cr_assert_str_eq(err, "receiver is a b, expected a name of at most 31 characters");
    cr_assert_eq(read_it("{}"), HZ_LINE_BAD);
    cr_assert_eq(read_it("[]"), HZ_LINE_BAD);
    cr_assert_eq(read_it(""), HZ_LINE_BAD);
    cr_assert_eq(read_it("{\"kind\":\"message\"} x"), HZ_LINE_BAD);
    cr_assert_str_eq(err, "no object of JSON");
}

Test(input_line, long_lines_are_refused_and_deep_ones_cost_nothing)
{
    char *text = malloc(HZ_LINE_MAX + 2);
    memset(text, '[', HZ_LINE_MAX + 1);
    text[HZ_LINE_MAX + 1] = '\0';
    cr_assert_eq(read_it(text), HZ_LINE_BAD);
    cr_assert_str_eq(err, "65537 bytes, at most 65536 are possible");
    text[HZ_LINE_MAX] = '\0';
    cr_assert_eq(read_it(text), HZ_LINE_BAD);
    free(text);
}

/* The writer's output is held against cJSON, an independent reader, and against literal text. */
#include "proto/out/json.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static char buf[4096];
static struct hz_json j;

static void begin(void)
{
    hz_json_init(&j, buf, sizeof buf);
    hz_json_open(&j, NULL);
}

static const char *text(void)
{
    hz_json_close(&j);
    cr_assert(!j.full);
    buf[j.len] = '\0';
    return buf;
}

Test(json, commas_and_nesting)
{
    begin();
    hz_json_int(&j, "a", -5);
    hz_json_open(&j, "b");
    hz_json_bool(&j, "c", true);
    hz_json_close(&j);
    hz_json_open_array(&j, "d");
    hz_json_uint(&j, NULL, UINT64_MAX);
    hz_json_str(&j, NULL, "x");
    hz_json_close_array(&j);
    cr_assert_str_eq(text(), "{\"a\":-5,\"b\":{\"c\":true},\"d\":[18446744073709551615,\"x\"]}");
}

Test(json, numbers_are_rounded_not_printed_in_full)
{
    begin();
    hz_json_decimals(&j, "a", (double)0.1f, 1);
    hz_json_decimals(&j, "b", -0.04, 1);
    hz_json_decimals(&j, "c", 12.50, 2);
    hz_json_decimals(&j, "d", -1234.5678, 3);
    hz_json_decimals(&j, "e", 1090e6, 3);
    hz_json_decimals(&j, "nan", NAN, 1);
    hz_json_decimals(&j, "inf", INFINITY, 1);
    hz_json_decimals(&j, "huge", 1e300, 1);
    hz_json_decimals(&j, "f", 0.05, 2);
    cr_assert_str_eq(text(),
                     "{\"a\":0.1,\"b\":0,\"c\":12.5,\"d\":-1234.568,\"e\":1090000000,\"f\":0.05}");
}

Test(json, int64_min)
{
    begin();
    hz_json_int(&j, "a", INT64_MIN);
    cr_assert_str_eq(text(), "{\"a\":-9223372036854775808}");
}

Test(json, text_from_the_air_becomes_valid_utf8)
{
    /* Latin-1 byte, overlong slash, surrogate, lone continuation, cut sequence, control, quote */
    begin();
    hz_json_str(
        &j, "a",
        "caf\xe9 \xc0\xaf \xed\xa0\x80 \x80 \xe2\x82 \x01\n\"\\ \xe2\x82\xac \xf0\x9f\x98\x80");
    cJSON *o = cJSON_Parse(text());
    cr_assert_not_null(o);
    const char *bad = "\xef\xbf\xbd";
    char want[256];
    snprintf(want, sizeof want,
             "caf%s %s%s %s%s%s %s %s%s \x01\n\"\\ \xe2\x82\xac \xf0\x9f\x98\x80", bad, bad, bad,
             bad, bad, bad, bad, bad, bad);
    cr_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(o, "a")), want);
    cJSON_Delete(o);
}

/* RFC 3629, section 4: the first and the last sequence of each row, and their neighbours. */
Test(json, utf8_at_its_limits)
{
    static const char *const good[] = {"\xc2\x80",         "\xdf\xbf",        "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",     "\xee\x80\x80",    "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\xc1\xbf",         "\xe0\x9f\xbf",     "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(hz_json_is_utf8(good[i], strlen(good[i])), "good %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(hz_json_is_utf8(bad[i], strlen(bad[i])), "bad %zu", i);
}

Test(json, times)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {951782400000000000, "2000-02-29T00:00:00.000000000Z"},
        {1795422371123456789, "2026-11-23T08:26:11.123456789Z"},
        {4107542400000000000, "2100-03-01T00:00:00.000000000Z"}, /* 2100 is no leap year */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[64];
        snprintf(want, sizeof want, "{\"t\":\"%s\"}", cases[i].text);
        begin();
        hz_json_time(&j, "t", cases[i].ns);
        cr_assert_str_eq(text(), want);
    }
}

Test(json, a_full_buffer_is_never_overrun)
{
    char small[32];
    for (size_t cap = 0; cap < sizeof small; cap++) {
        memset(small, '#', sizeof small);
        hz_json_init(&j, small, cap);
        hz_json_open(&j, NULL);
        hz_json_str(&j, "key", "a long text that does not fit");
        hz_json_close(&j);
        cr_assert(j.full);
        cr_assert(j.len <= cap);
        for (size_t i = cap; i < sizeof small; i++)
            cr_assert_eq(small[i], '#');
    }
}

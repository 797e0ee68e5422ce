#include "config/config.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(values, hz_with_suffixes)
{
    static const struct {
        const char *text;
        double hz;
    } good[] = {{"162.025M", 162025000.0},
                {"2400k", 2400000.0},
                {"1090e6", 1090e6},
                {"433.92MHz", 433920000.0},
                {"2.4Msps", 2400000.0},
                {"868.95M", 868950000.0},
                {"0", 0},
                {".5k", 500.0},
                {"1G", 1e9},
                {"48000", 48000.0},
                {"250ksps", 250000.0},
                {"100Hz", 100.0},
                {"1e-1", 0.1},
                {"144.39mhz", 144390000.0},
                {"162.025 MHz", 162025000.0},
                {"2.4 msps", 2400000.0},
                {"1 k", 1000.0},
                {"5.GHz", 5e9},
                {"1.", 1}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double hz = -1;
        int rc = hz_parse_hz(good[i].text, &hz);
        if (good[i].hz < 0)
            cr_expect_eq(rc, -EINVAL, "%s", good[i].text);
        else
            cr_expect(rc == 0 && hz == good[i].hz, "%s: %d, %.17g", good[i].text, rc, hz);
    }
    static const char *const bad[] = {
        "",     "k",     "-1",  "+1",   "nan",  "inf",
        "0x10", "1.2.3", "1,5", "1  k", " 1",   "1 ",
        "1kk",  "1kHzz", "1e",  "1e+",  "1e6k", "1e999",
        "1m",   "1e 6",  "1 m", "1 kk", "1ee5", "111111111111111111111111111111111111111111",
        "1e31", "1e-31"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double hz;
        cr_expect_eq(hz_parse_hz(bad[i], &hz), -EINVAL, "%s", bad[i]);
    }
}

Test(values, times)
{
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {{"1970-01-01T00:00:00Z", 0},
                {"2026-11-23T08:26:11Z", 1795422371000000000},
                {"2026-11-23T08:26:11", 1795422371000000000},
                {"2026-11-23T08:26:11.123Z", 1795422371123000000},
                {"2026-08-11T14:52:02.213432Z", 1786459922213432000},
                {"2000-02-29T23:59:59.9999999999", 951868799999999999},
                {"2100-03-01T00:00:00Z", 4107542400000000000},
                {"2026-11-23 08:26:11", 1795422371000000000},
                {"2026-11-23T10:26:11+02:00", 1795422371000000000},
                {"2026-11-23T04:56:11.5-0330", 1795422371500000000},
                {"2026-11-24t08:26:11+14", 1795458371000000000},
                {"2016-12-31T23:59:60Z", 1483228800000000000}, /* a leap second is the next one */
                {"@0", 0},
                {"@1795422371.5", 1795422371500000000},
                {"@1.000000001", 1000000001}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ns = -1;
        cr_expect_eq(hz_parse_time(good[i].text, &ns), 0, "%s", good[i].text);
        cr_expect_eq(ns, good[i].ns, "%s: %lld", good[i].text, (long long)ns);
    }
    static const char *const bad[] = {"",
                                      "2026-11-23",
                                      "2026-11-23_08:26:11",
                                      "2026-13-01T00:00:00",
                                      "2026-02-29T00:00:00",
                                      "2100-02-29T00:00:00",
                                      "2026-04-31T00:00:00",
                                      "2026-11-23T24:00:00",
                                      "2026-11-23T08:60:00",
                                      "2026-11-23T08:26:61",
                                      "2026-11-23T08:26:11.",
                                      "2026-11-23T08:26:11+15:00",
                                      "2026-11-23T08:26:11+1",
                                      "2026-11-23T08:26:11+01:60",
                                      "1970-01-01T00:00:00+01:00",
                                      "2026-11-23T08:26:11ZZ",
                                      "1969-12-31T23:59:59",
                                      "9999-01-01T00:00:00",
                                      "@",
                                      "@-1",
                                      "@1.",
                                      "@99999999999999999999",
                                      "now"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ns;
        cr_expect_eq(hz_parse_time(bad[i], &ns), -EINVAL, "%s", bad[i]);
    }
}

Test(values, nearest_word)
{
    static const char *const list[] = {"source", "path", "centre", NULL};
    cr_expect_str_eq(hz_nearest("sorce", list), "source");
    cr_expect_str_eq(hz_nearest("center", list), "centre");
    cr_expect_str_eq(hz_nearest("ptah", list), "path");
    cr_expect_null(hz_nearest("bandwidth", list));
    cr_expect_null(hz_nearest("", list));
}

Test(values, limits_of_the_history)
{
    static const struct {
        const char *text;
        uint64_t value; /* 0: refused */
    } bytes[] = {{"64k", 65536}, {"1G", 1 << 30}, {"32M", 32 << 20}, {"63k", 0},
                 {"2G", 0},      {"32", 0},       {"32m", 0},        {"", 0},
                 {"1.5M", 0},    {"-1M", 0},      {"32MB", 0},       {"9999999999G", 0}},
      times[] = {{"1s", 1}, {"10m", 600}, {"1h", 3600}, {"7d", 7 * 86400}, {"8d", 0},
                 {"0s", 0}, {"10", 0},    {"10M", 0},   {"m", 0},          {"1h30m", 0}};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        uint64_t v = 0;
        cr_expect_eq(hz_parse_history_bytes(bytes[i].text, &v), bytes[i].value ? 0 : -EINVAL, "%s",
                     bytes[i].text);
        cr_expect_eq(v, bytes[i].value, "%s", bytes[i].text);
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        uint64_t v = 0;
        cr_expect_eq(hz_parse_history_time(times[i].text, &v), times[i].value ? 0 : -EINVAL, "%s",
                     times[i].text);
        cr_expect_eq(v, times[i].value, "%s", times[i].text);
    }
}

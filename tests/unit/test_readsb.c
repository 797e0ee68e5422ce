/* The picture as readsb's files: which aircraft, how old values are, and what was counted. */
#include "daemon/picture/readsb.h"
#include "tests/unit/picture_rig.h"

#include <cjson/cJSON.h>

static struct said air(const char *id, double lat, double lon)
{
    static double at_s = 1000;
    return (struct said){.protocol = "adsb", .at_s = at_s += 1, .id = id, .lat = lat, .lon = lon};
}

/* The object of the first target of that id, as it is so many seconds after it was heard last. */
static cJSON *object(const char *id, uint64_t after_s)
{
    char text[8192];
    struct hz_json j;
    const struct hz_target *t = target(HZ_LIST_AIRCRAFT, id);
    cr_assert(t);
    hz_json_init(&j, text, sizeof text);
    hz_format_readsb.target(&j, t, t->heard_ms + after_s * 1000);
    cr_assert_not(j.full);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert(o, "%.*s", (int)j.len, text);
    return o;
}

static void expect(const char *id, uint64_t after_s, const char *member, const char *json)
{
    cJSON *o = object(id, after_s);
    char *got = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(o, member));
    cr_expect_str_eq(got ? got : "absent", json ? json : "absent", "%s of %s after %d s", member,
                     id, (int)after_s);
    cJSON_free(got);
    cJSON_Delete(o);
}

static bool shown(const struct hz_target *t, uint64_t after_s)
{
    return hz_format_readsb.shows(picture, t, hz_picture_now_ms(picture) + after_s * 1000);
}

Test(readsb, an_aircraft_has_the_fields_of_readsb, .init = begin, .fini = end)
{
    say(air("4840d6", 53, 8), "hex", "\"4840d6\"", "type", "\"adsb_icao\"", "df", "17", "flight",
        "\"KLM1023 \"", "alt_baro", "38000", "lat", "53", "lon", "8", "nic", "8", "rc", "186",
        "emergency", "\"none\"", "nav_modes", "[\"autopilot\"]", NULL);
    say(air("4840d6", NAN, NAN), "hex", "\"4840d6\"", "type", "\"mode_s\"", "squawk", "\"1000\"",
        "alert", "0", "airground", "\"airborne\"", NULL);
    settle();
    static const char *const want[][2] = {{"hex", "\"4840d6\""},
                                          {"type", "\"adsb_icao\""},
                                          {"flight", "\"KLM1023 \""},
                                          {"alt_baro", "38000"},
                                          {"lat", "53"},
                                          {"lon", "8"},
                                          {"nic", "8"},
                                          {"rc", "186"},
                                          {"seen_pos", "0"},
                                          {"seen", "0"},
                                          {"emergency", "\"none\""},
                                          {"nav_modes", "[\"autopilot\"]"},
                                          {"squawk", "\"1000\""},
                                          {"alert", "0"},
                                          {"mlat", "[]"},
                                          {"tisb", "[]"},
                                          {"messages", "2"},
                                          {"rssi", "-20"},
                                          {"df", NULL},
                                          {"airground", NULL},
                                          {"lastPosition", NULL},
                                          {"simulated", NULL},
                                          {"desc", NULL}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        expect("4840d6", 0, want[i][0], want[i][1]);
    expect("4840d6", 59, "seen_pos", "59");
    expect("4840d6", 61, "lat", NULL);
    expect("4840d6", 61, "lastPosition", "{\"lat\":53,\"lon\":8,\"seen_pos\":61}");
    expect("4840d6", 62, "alt_baro", NULL);
    expect("4840d6", 62, "flight", "\"KLM1023 \"");
    expect("4840d6", 61, "type", "\"mode_s\"");
}

Test(readsb, words_of_a_later_version_and_traffic_reports, .init = begin, .fini = end)
{
    say(air("a1", NAN, NAN), "type", "\"adsb_icao\"", "emergency", "\"distress_manual\"", NULL);
    say(air("a2", NAN, NAN), "type", "\"adsb_icao\"", "emergency", "\"lostlink\"", NULL);
    say(air("~a3", 53, 8), "type", "\"tisb_other\"", "alt_baro", "100", "flight", "\"X\"", NULL);
    settle();
    expect("a1", 0, "emergency", "\"general\"");
    expect("a2", 0, "emergency", "\"reserved\"");
    expect("~a3", 0, "hex", "\"~a3\"");
    expect("~a3", 0, "tisb", "[\"callsign\",\"altitude\",\"lat\",\"lon\"]");
    expect("~a3", 61, "tisb", "[]");
}

Test(readsb, who_is_listed, .init = begin, .fini = end)
{
    say(air("once", NAN, NAN), "type", "\"mode_s\"", NULL);
    say(air("twice", NAN, NAN), "type", "\"mode_s\"", NULL);
    say(air("twice", NAN, NAN), "type", "\"mode_s\"", NULL);
    say(air("placed", 53, 8), "type", "\"adsb_icao\"", NULL);
    settle();
    cr_expect_not(shown(target(HZ_LIST_AIRCRAFT, "once"), 0), "it may be a ghost");
    cr_expect(shown(target(HZ_LIST_AIRCRAFT, "twice"), 29));
    cr_expect_not(shown(target(HZ_LIST_AIRCRAFT, "twice"), 31));
    cr_expect(shown(target(HZ_LIST_AIRCRAFT, "placed"), 59));
    cr_expect_not(shown(target(HZ_LIST_AIRCRAFT, "placed"), 61));
}

Test(readsb, a_simulated_one_is_marked_and_never_stands_for_a_real_one, .init = begin, .fini = end)
{
    mark = "simulated";
    say(air("4840d6", 10, 10), "type", "\"adsb_icao\"", NULL);
    say(air("484000", 10, 10), "type", "\"adsb_icao\"", NULL);
    settle();
    expect("4840d6", 0, "simulated", "true");
    expect("4840d6", 0, "desc", "\"simulated\"");
    const struct hz_target *simulated = target(HZ_LIST_AIRCRAFT, "4840d6");
    cr_expect(shown(simulated, 0));
    mark = NULL;
    say(air("4840d6", 53, 8), "type", "\"adsb_icao\"", NULL);
    settle();
    cr_expect_not(shown(simulated, 0));
    cr_expect(shown(target(HZ_LIST_AIRCRAFT, "484000"), 0));
    cr_expect(shown(hz_picture_last(picture, HZ_LIST_AIRCRAFT), 0));
    expect("4840d6", 0, "simulated", NULL);
}

Test(readsb, a_whole_file_and_the_receiver, .init = begin, .fini = end)
{
    struct hz_snapshot *s;
    size_t n;
    say(air("4840d6", 53, 8), "type", "\"adsb_icao\"", NULL);
    say(air("4840d6", 53, 8), "type", "\"adsb_icao\"", NULL);
    say(air("once", NAN, NAN), "type", "\"mode_s\"", NULL);
    settle();
    cr_assert_eq(hz_snapshot_get(&snapshots, &hz_format_readsb, &s), 0);
    while (hz_snapshot_more(s) == 0)
        ;
    cJSON *o = cJSON_ParseWithLength(s->text, s->len);
    cr_assert(o);
    cr_expect_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "messages")), 3);
    cr_expect_eq(cJSON_GetArraySize(cJSON_GetObjectItem(o, "aircraft")), 1);
    cr_expect_gt(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "now")), 1e9);
    cJSON_Delete(o);
    hz_snapshot_unref(s);
    char *text = hz_readsb_receiver(picture, 7, &n);
    text = realloc(text, n + 1);
    text[n] = '\0';
    cr_expect_str_eq(text, "{\"version\":\"hertzd " HZ_VERSION
                           "\",\"refresh\":1000,\"history\":7,\"lat\":53.76,\"lon\":8.67}\n");
    free(text);
}

/* ---- minutes ---------------------------------------------------------------------------- */

enum { MINUTE = 60 };

static struct hz_record heard(unsigned fixed, float rssi_dbfs)
{
    return (struct hz_record){.fixed_bits = fixed,
                              .rssi_dbfs = rssi_dbfs,
                              .noise_dbfs = -40,
                              .about = {.lat = NAN, .lon = NAN}};
}

static int64_t at(int minute)
{
    return (int64_t)(1000000 + minute * MINUTE) * 1000000000;
}

Test(readsb_minutes, each_minute_and_the_sums)
{
    struct hz_minutes m;
    struct hz_record loud = heard(0, -1), fixed = heard(5, -10);
    hz_minutes_init(&m, at(0));
    struct hz_minute none = hz_minutes_sum(&m, 5, false, at(0));
    cr_expect_eq(hz_minute_messages(&none), 0);
    cr_expect_eq(none.start_ns, at(0));
    for (int minute = 0; minute < 20; minute++) {
        for (int i = 0; i <= minute; i++)
            hz_minutes_hear(&m, i == 0 ? &fixed : &loud);
        hz_minutes_tick(&m, at(minute) + 1000);
        hz_minutes_tick(&m, at(minute + 1));
    }
    hz_minutes_hear(&m, &loud);
    struct hz_minute one = hz_minutes_sum(&m, 1, false, at(20)),
                     five = hz_minutes_sum(&m, 5, false, at(20)),
                     most = hz_minutes_sum(&m, 15, false, at(20)),
                     all = hz_minutes_sum(&m, 0, true, at(21));
    cr_expect_eq(hz_minute_messages(&one), 20);
    cr_expect_eq(one.start_ns, at(19));
    cr_expect_eq(one.end_ns, at(20));
    cr_expect_eq(hz_minute_messages(&five), 20 + 19 + 18 + 17 + 16);
    cr_expect_eq(five.start_ns, at(15));
    cr_expect_eq(hz_minute_messages(&most), 15 * (6 + 20) / 2);
    cr_expect_eq(hz_minute_messages(&all), 20 * 21 / 2 + 1);
    cr_expect_eq(all.start_ns, at(0));
    cr_expect_eq(all.end_ns, at(21));
    cr_expect_eq(one.accepted[0], 19);
    cr_expect_eq(one.accepted[2], 1);
    cr_expect_eq(one.strong, 19);
    cr_expect_float_eq(10 * log10(one.peak), -1, 1e-3);
    cr_expect_float_eq(one.noise / (double)one.noises, 1e-4, 1e-9);
}

Test(readsb_minutes, a_clock_that_is_set_ends_the_minute)
{
    struct hz_minutes m;
    struct hz_record r = heard(0, NAN);
    hz_minutes_init(&m, at(100));
    hz_minutes_hear(&m, &r);
    hz_minutes_tick(&m, at(50));
    hz_minutes_hear(&m, &r);
    hz_minutes_tick(&m, at(50) + 1);
    struct hz_minute one = hz_minutes_sum(&m, 1, false, at(50));
    cr_expect_eq(hz_minute_messages(&one), 1);
    cr_expect_eq(m.latest.start_ns, at(50));
    cr_expect_eq(one.signals, 0);
}

Test(readsb_minutes, as_stats, .init = begin, .fini = end)
{
    size_t n;
    say(air("4840d6", 53, 8), "type", "\"adsb_icao\"", NULL);
    say(air("4840d6", 53.001, 8), "type", "\"adsb_icao\"", NULL);
    say(air("once", NAN, NAN), "type", "\"mode_s\"", NULL);
    settle();
    hz_picture_forget(picture, hz_picture_now_ms(picture) + 301000);
    char *text = hz_readsb_stats(picture, &n);
    cJSON *o = cJSON_ParseWithLength(text, n), *total = cJSON_GetObjectItem(o, "total");
    cr_assert(total, "%.*s", (int)n, text);
    cr_expect_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(total, "messages")), 3);
    cr_expect_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(total, "position_count_total")), 2);
    cJSON *tracks = cJSON_GetObjectItem(total, "tracks");
    cr_expect_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(tracks, "all")), 2);
    cr_expect_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(tracks, "single_message")), 1);
    cr_expect_float_eq(cJSON_GetNumberValue(cJSON_GetObjectItem(total, "max_distance")), 95350,
                       1500);
    cr_expect_null(cJSON_GetObjectItem(o, "simulated"));
    cJSON_Delete(o);
    free(text);
}

#include "daemon/bus/subscription.h"
#include "proto/registry.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static char err[256];

static int from_line(struct hz_subscription *s, const char *line)
{
    err[0] = '\0';
    return hz_subscription_from_line(s, hz_decoders, line, strlen(line), err, sizeof err);
}

static int from_query(struct hz_subscription *s, const char *query)
{
    err[0] = '\0';
    return hz_subscription_from_query(s, hz_decoders, query, strlen(query), err, sizeof err);
}

static bool passes(const struct hz_subscription *s, const char *receiver, const char *channel,
                   const char *protocol, enum hz_kind kind)
{
    struct hz_topic *t = hz_topic_new(receiver, channel, protocol);
    struct hz_frame f = {.rec.kind = kind, .topic = t};
    bool ok = hz_subscription_matches(s, &f);
    hz_topic_unref(t);
    return ok;
}

Test(subscription, nothing_said_lets_all_through)
{
    struct hz_subscription s;
    cr_assert_eq(from_line(&s, "{\"subscribe\":{}}"), 0);
    cr_assert(passes(&s, "roof", "1090", "adsb", HZ_KIND_MESSAGE));
    cr_assert(passes(&s, "roof", "", "", HZ_KIND_STATE));
    cr_assert_not(s.has_since);
    cr_assert_eq(from_query(&s, ""), 0);
    cr_assert(passes(&s, "roof", "", "", HZ_KIND_STATS));
}

Test(subscription, every_word_must_pass)
{
    struct hz_subscription s;
    const char *line = " {\"subscribe\": {\"protocol\":\"adsb\", \"kind\":[\"message\",\"gap\"], "
                       "\"receiver\":[\"roof\",\"yard\"], \"channel\":\"1090\"} } ";
    cr_assert_eq(from_line(&s, line), 0, "%s", err);
    cr_assert(passes(&s, "roof", "1090", "adsb", HZ_KIND_MESSAGE));
    cr_assert(passes(&s, "yard", "1090", "adsb", HZ_KIND_GAP));
    cr_assert_not(passes(&s, "yard", "1090", "adsb", HZ_KIND_STATS));
    cr_assert_not(passes(&s, "shed", "1090", "adsb", HZ_KIND_MESSAGE));
    cr_assert_not(passes(&s, "roof", "1091", "adsb", HZ_KIND_MESSAGE));
    cr_assert_not(passes(&s, "roof", "1090", "", HZ_KIND_MESSAGE));
    cJSON *json = hz_subscription_json(&s);
    char *text = cJSON_PrintUnformatted(json);
    cr_assert_str_eq(text, "{\"protocol\":[\"adsb\"],\"channel\":[\"1090\"],\"receiver\":[\"roof\","
                           "\"yard\"],\"kind\":[\"message\",\"gap\"]}");
    cJSON_free(text);
    cJSON_Delete(json);
}

Test(subscription, resumes_by_stream_and_since)
{
    struct hz_subscription s;
    cr_assert_eq(from_line(&s, "{\"subscribe\":{\"stream\":\"00ff\",\"since\":1234}}"), 0);
    cr_assert(s.has_since);
    cr_assert_eq(s.since, 1234);
    cr_assert_str_eq(s.stream, "00ff");
    cr_assert_eq(from_line(&s, "{\"subscribe\":{\"since\":0}}"), 0);
    cr_assert(s.has_since);
    cr_assert_eq(from_query(&s, "protocol=adsb&kind=message,state&since=9007199254740992&"
                                "stream=%61b-c"),
                 0, "%s", err);
    cr_assert_eq(s.since, 1ull << 53);
    /* as URLSearchParams writes it */
    cr_assert_eq(from_query(&s, "&protocol=adsb%2Cais&&kind=message%2cstate&"), 0, "%s", err);
    cr_assert(passes(&s, "roof", "1090", "ais", HZ_KIND_STATE));
    cr_assert_not(passes(&s, "roof", "1090", "aprs", HZ_KIND_STATE));
    cr_assert_eq(from_query(&s, "protocol=adsb&kind=message,state&since=9007199254740992&"
                                "stream=%61b-c"),
                 0);
    cr_assert_str_eq(s.stream, "ab-c");
    cr_assert(passes(&s, "roof", "1090", "adsb", HZ_KIND_STATE));
    cr_assert_not(passes(&s, "roof", "1090", "adsb", HZ_KIND_GAP));
}

/* The registry holds what the build does not know. */
Test(subscription, takes_the_name_of_a_registered_decoder)
{
    struct hz_decoder sensor = *hz_decoder_find("ais");
    sensor.name = "sensor";
    struct hz_registry r;
    struct hz_subscription s;
    const char *line = "{\"subscribe\":{\"protocol\":\"sensor\"}}";
    cr_assert_eq(hz_registry_init(&r), 0);
    cr_assert_eq(hz_subscription_from_line(&s, r.list, line, strlen(line), err, sizeof err),
                 -EINVAL);
    cr_assert_eq(hz_registry_add(&r, &sensor, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_subscription_from_line(&s, r.list, line, strlen(line), err, sizeof err), 0,
                 "%s", err);
    cr_assert(passes(&s, "roof", "868", "sensor", HZ_KIND_MESSAGE));
    cr_assert_not(passes(&s, "roof", "marine", "ais", HZ_KIND_MESSAGE));
    const char *query = "protocol=sensr";
    cr_assert_eq(hz_subscription_from_query(&s, r.list, query, strlen(query), err, sizeof err),
                 -EINVAL);
    cr_assert(strstr(err, "did you mean \"sensor\""), "%s", err);
    hz_registry_done(&r);
}

Test(subscription, wrong_lines_are_refused_with_the_reason)
{
    static const struct {
        const char *line, *reason;
    } cases[] = {
        {"", "not JSON"},
        {"{", "not JSON"},
        {"{\"subscribe\":{}} x", "not JSON"},
        {"[]", "expected an object"},
        {"{}", "expected an object"},
        {"{\"subscribe\":{},\"x\":1}", "nothing else"},
        {"{\"subscrib\":{}}", "subscribe"},
        {"{\"subscribe\":[]}", "expected an object"},
        {"{\"subscribe\":{\"protocl\":\"adsb\"}}", "did you mean \"protocol\""},
        {"{\"subscribe\":{\"protocol\":\"adsc\"}}", "did you mean \"adsb\""},
        {"{\"subscribe\":{\"protocol\":1}}", "a string or an array"},
        {"{\"subscribe\":{\"protocol\":[]}}", "empty array"},
        {"{\"subscribe\":{\"protocol\":[[\"adsb\"]]}}", "a string or an array"},
        {"{\"subscribe\":{\"kind\":\"hello\"}}", "message, gap, state, stats"},
        {"{\"subscribe\":{\"channel\":\"\"}}", "1 to 31"},
        {"{\"subscribe\":{\"channel\":\"a b\"}}", "letters"},
        {"{\"subscribe\":{\"channel\":\"12345678901234567890123456789012\"}}", "1 to 31"},
        {"{\"subscribe\":{\"id\":\"\"}}", "1 to 31"},
        {"{\"subscribe\":{\"id\":7}}", "a string or an array"},
        {"{\"subscribe\":{\"id\":\"a\\u0007\"}}", "control character"},
        {"{\"subscribe\":{\"bbox\":[1,2,3]}}", "[south,west,north,east]"},
        {"{\"subscribe\":{\"bbox\":[1,2,3,4,5]}}", "[south,west,north,east]"},
        {"{\"subscribe\":{\"bbox\":[1,2,\"3\",4]}}", "[south,west,north,east]"},
        {"{\"subscribe\":{\"bbox\":[3,2,1,4]}}", "south to north"},
        {"{\"subscribe\":{\"bbox\":[1,-181,3,4]}}", "-180 to 180"},
        {"{\"subscribe\":{\"bbox\":[1,2,91,4]}}", "-90 to 90"},
        {"{\"subscribe\":{\"bbox\":7}}", "four numbers"},
        {"{\"subscribe\":{\"bbox\":\"1,2,3\"}}", "south,west,north,east"},
        {"{\"subscribe\":{\"bbox\":\"1,2,3,4,\"}}", "south,west,north,east"},
        {"{\"subscribe\":{\"bbox\":\"1,2,3,nan\"}}", "south,west,north,east"},
        {"{\"subscribe\":{\"min_snr\":[6]}}", "a number"},
        {"{\"subscribe\":{\"min_snr\":\"6 dB\"}}", "expected dB"},
        {"{\"subscribe\":{\"min_snr\":1e9}}", "expected dB"},
        {"{\"subscribe\":{\"every\":0}}", "1 to 86400"},
        {"{\"subscribe\":{\"every\":1.5}}", "whole seconds"},
        {"{\"subscribe\":{\"every\":\"2d\"}}", "1s to 1d"},
        {"{\"subscribe\":{\"every\":\"ten\"}}", "1s to 1d"},
        {"{\"subscribe\":{\"since\":\"7\"}}", "expected a number"},
        {"{\"subscribe\":{\"since\":[7]}}", "expected a number"},
        {"{\"subscribe\":{\"since\":-1}}", "0 to 2^53"},
        {"{\"subscribe\":{\"since\":1.5}}", "0 to 2^53"},
        {"{\"subscribe\":{\"since\":1e300}}", "0 to 2^53"},
        {"{\"subscribe\":{\"since\":7}}", "without stream"},
        {"{\"subscribe\":{\"stream\":\"ab\"}}", "without since"},
    };
    struct hz_subscription s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(from_line(&s, cases[i].line), -EINVAL, "%s", cases[i].line);
        cr_assert(strstr(err, cases[i].reason), "%s: %s", cases[i].line, err);
    }
}

Test(subscription, wrong_queries_are_refused_with_the_reason)
{
    static const struct {
        const char *query, *reason;
    } cases[] = {
        {"protocol", "NAME=VALUE"},
        {"=adsb", "unknown word"},
        {"protocol=", "unknown protocol"},
        {"channel=a,,b", "1 to 31"},
        {"channel=%", "badly encoded"},
        {"channel=%zz", "badly encoded"},
        {"channel=%00", "badly encoded"},
        {"since=x", "0 to 2^53"},
        {"since=99999999999999999999", "0 to 2^53"},
        {"since=5", "without stream"},
        {"protocol=adsb&x=1", "unknown word"},
    };
    struct hz_subscription s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(from_query(&s, cases[i].query), -EINVAL, "%s", cases[i].query);
        cr_assert(strstr(err, cases[i].reason), "%s: %s", cases[i].query, err);
    }
}

Test(subscription, takes_a_bounded_number_of_names)
{
    struct hz_subscription s;
    char query[512] = "channel=c0";
    for (int i = 1; i < HZ_WORDS_MAX; i++)
        snprintf(query + strlen(query), sizeof query - strlen(query), ",c%d", i);
    cr_assert_eq(from_query(&s, query), 0, "%s", err);
    cr_assert(passes(&s, "r", "c15", "", HZ_KIND_MESSAGE));
    strcat(query, ",c16");
    cr_assert_eq(from_query(&s, query), -EINVAL);
    cr_assert(strstr(err, "more than 16"));
}

/* As the keys of an output give them. */
Test(subscription, lists_of_words)
{
    struct hz_subscription s = {0};
    cr_assert_eq(hz_subscription_add(&s, hz_decoders, "protocol", "adsb, ais", err, sizeof err), 0,
                 "%s", err);
    cr_assert_eq(hz_subscription_add(&s, hz_decoders, "channel", " a  b,c ", err, sizeof err), 0,
                 "%s", err);
    cr_assert_eq(hz_subscription_add(&s, hz_decoders, "kind", "gap", err, sizeof err), 0, "%s",
                 err);
    cr_assert_eq(hz_subscription_add(&s, hz_decoders, "receiver", "", err, sizeof err), 0, "%s",
                 err);
    cr_assert_eq(s.protocol.n, 2);
    cr_assert_eq(s.channel.n, 3);
    cr_assert(passes(&s, "roof", "c", "ais", HZ_KIND_GAP));
    cr_assert_not(passes(&s, "roof", "d", "ais", HZ_KIND_GAP));
    cr_assert_not(passes(&s, "roof", "c", "ais", HZ_KIND_MESSAGE));
    cr_assert_eq(hz_subscription_add(&s, hz_decoders, "protocol", "adsb, asi", err, sizeof err),
                 -EINVAL);
    cr_assert(strstr(err, "ais"), "%s", err);
    const char *longest = "abcdefghijklmnopqrstuvwxyzabcdef";
    cr_assert_eq(hz_subscription_add(&s, hz_decoders, "channel", longest, err, sizeof err),
                 -EINVAL);
    cr_assert_eq(hz_subscription_add(&s, hz_decoders, "channel", longest + 1, err, sizeof err), 0,
                 "%s", err);
}

/* A message of that sender, at that place, with that SNR. */
static bool passes_about(const char *query, const char *id, double lat, double lon, float snr_db)
{
    struct hz_subscription s;
    cr_assert_eq(from_query(&s, query), 0, "%s: %s", query, err);
    struct hz_topic *t = hz_topic_new("roof", "1090", "adsb");
    struct hz_frame f = {
        .rec = {.kind = HZ_KIND_MESSAGE, .snr_db = snr_db, .about = {.lat = lat, .lon = lon}},
        .topic = t};
    snprintf(f.rec.about.id, sizeof f.rec.about.id, "%s", id);
    bool ok = hz_subscription_matches(&s, &f);
    hz_topic_unref(t);
    return ok;
}

Test(subscription, by_the_name_of_the_sender)
{
    cr_expect(passes_about("id=4840d6", "4840D6", NAN, NAN, 10));
    cr_expect(passes_about("id=x,4840D6,y", "4840d6", NAN, NAN, 10));
    cr_expect(passes_about("id=%20dl1hz-9%20", "DL1HZ-9", NAN, NAN, 10), "blanks around it");
    cr_expect(passes_about("id=0001234", "1234", NAN, NAN, 10), "a padded pager address");
    cr_expect(passes_about("id=0", "0", NAN, NAN, 10));
    cr_expect_not(passes_about("id=4840", "4840d6", NAN, NAN, 10));
    cr_expect_not(passes_about("id=DL1HZ", "DL1HZ-9", NAN, NAN, 10));
    cr_expect_not(passes_about("id=0", "", NAN, NAN, 10), "it has no name");
}

Test(subscription, by_another_name_that_the_message_tells)
{
    struct hz_subscription s;
    static const char text[] = "\"adsb\":{\"flight\":\"KLM1023 \"}";
    static const uint32_t at[] = {9, sizeof text};
    struct hz_topic *t = hz_topic_new("roof", "1090", "adsb");
    struct hz_frame f = {.rec = {.kind = HZ_KIND_MESSAGE,
                                 .about = {.id = "4840d6"},
                                 .json = text,
                                 .json_len = sizeof text - 1,
                                 .marks = (const uint8_t *)at,
                                 .n_fields = 1},
                         .topic = t};
    cr_assert_eq(from_query(&s, "id=klm1023"), 0, "%s", err);
    cr_expect(hz_subscription_matches(&s, &f));
    cr_assert_eq(from_query(&s, "id=klm102"), 0, "%s", err);
    cr_expect_not(hz_subscription_matches(&s, &f));
    hz_topic_unref(t);
}

Test(subscription, by_place)
{
    cr_expect(passes_about("bbox=50,3,54,8", "", 52, 4, 10));
    cr_expect(passes_about("bbox=50%2C+3,54,8", "", 50, 3, 10), "its edges are in it");
    cr_expect_not(passes_about("bbox=50,3,54,8", "", 49.9, 4, 10));
    cr_expect_not(passes_about("bbox=50,3,54,8", "", 52, 8.1, 10));
    cr_expect_not(passes_about("bbox=50,3,54,8", "", NAN, NAN, 10), "it gives no position");
    cr_expect(passes_about("bbox=-20,170,0,-170", "", -10, 175, 10), "over the 180th meridian");
    cr_expect(passes_about("bbox=-20,170,0,-170", "", -10, -180, 10));
    cr_expect_not(passes_about("bbox=-20,170,0,-170", "", -10, 0, 10));
    cr_expect(passes_about("bbox=-1e-7,0,1e-7,0", "", 0, 0, 10), "as JavaScript writes numbers");
}

Test(subscription, by_snr)
{
    cr_expect(passes_about("min_snr=6.5", "", NAN, NAN, 6.5f));
    cr_expect_not(passes_about("min_snr=6.5", "", NAN, NAN, 6.4f));
    cr_expect(passes_about("min_snr=-3", "", NAN, NAN, -2.9f));
    cr_expect(passes_about("min_snr=6.5", "", NAN, NAN, NAN), "it was not measured");
}

Test(subscription, every_word_in_any_form)
{
    struct hz_subscription a, b;
    cr_assert_eq(from_line(&a,
                           "{\"subscribe\":{\"id\":[\"4840d6\",\"EVER GIVEN\"],\"bbox\":[50,3,54,"
                           "8],\"min_snr\":6.5,\"every\":10}}"),
                 0, "%s", err);
    cr_assert_eq(from_query(&b, "id=4840d6,EVER%20GIVEN&bbox=50,3,54,8&min_snr=6.5&every=10s"), 0,
                 "%s", err);
    cr_expect(hz_subscription_same(&a, &b));
    b = (struct hz_subscription){0};
    cr_expect_not(hz_subscription_same(&a, &b));
    cr_assert_eq(hz_subscription_add(&b, hz_decoders, "id", "4840d6, EVER GIVEN ", err, 256), 0);
    cr_assert_eq(hz_subscription_add(&b, hz_decoders, "bbox", "50, 3, 54, 8", err, 256), 0);
    cr_assert_eq(hz_subscription_add(&b, hz_decoders, "min_snr", "6.5", err, 256), 0);
    cr_assert_eq(hz_subscription_add(&b, hz_decoders, "every", "10", err, 256), 0);
    cr_expect(hz_subscription_same(&a, &b));
    cJSON *json = hz_subscription_json(&a);
    char *text = cJSON_PrintUnformatted(json);
    cr_expect_str_eq(text,
                     "{\"id\":[\"4840d6\",\"EVER GIVEN\"],\"bbox\":[50,3,54,8],\"min_snr\":6.5,"
                     "\"every\":10}");
    cJSON_free(text);
    cJSON_Delete(json);
}

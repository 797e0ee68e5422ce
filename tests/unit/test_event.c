/* Conditions of events, what messages say, templates, and who is remembered. */
#include "daemon/event/memory.h"
#include "daemon/event/says.h"
#include "daemon/event/template.h"
#include "proto/out/sink.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- conditions ---- */

static struct hz_whens whens;
static char err[300];

static void forget(void)
{
    hz_whens_done(&whens);
}

TestSuite(event, .fini = forget);

static const struct hz_when *one(const char *text)
{
    hz_whens_done(&whens);
    cr_assert_eq(hz_whens_parse(&whens, text, err, sizeof err), 0, "%s: %s", text, err);
    cr_assert_eq(whens.n, 1);
    return &whens.list[0];
}

Test(event, conditions_are_read)
{
    cr_assert_eq(
        hz_whens_parse(&whens,
                       " new, gone 2h or enters 53.4,-9.7,53.7,10.3 , enters 53.55,9.99,20 "
                       "or emergency,distress,silent 90s, text ~ fire, alarm ",
                       err, sizeof err),
        0, "%s", err);
    static const char *const words[] = {
        "new",      "gone 2h",    "enters 53.4,-9.7,53.7,10.3", "enters 53.55,9.99,20", "emergency",
        "distress", "silent 90s", "text ~ fire, alarm"};
    cr_assert_eq(whens.n, sizeof words / sizeof *words);
    for (size_t i = 0; i < whens.n; i++)
        cr_expect_str_eq(whens.list[i].words, words[i]);
    cr_expect_eq(whens.list[1].after_ms, 7200000);
    cr_expect(!whens.list[2].area.circle && whens.list[2].area.west == -9.7);
    cr_expect(whens.list[3].area.circle && whens.list[3].area.radius_m == 20000);
    cr_expect_eq(whens.list[6].after_ms, 90000);
    cr_expect(hz_when_matches(&whens.list[7], "a FIRE, ALARM here"));
    cr_expect(!hz_when_matches(&whens.list[7], "fire"));
    hz_whens_done(&whens);
}

Test(event, expressions_end_with_the_line_or_a_slash)
{
    cr_assert_eq(hz_whens_parse(&whens, "text~/a\\/b|x, y/ or flight ~ ^(DLH|KLM)[0-9]{1,4} *$",
                                err, sizeof err),
                 0, "%s", err);
    cr_assert_eq(whens.n, 2);
    cr_expect(hz_when_matches(&whens.list[0], "1a/b2"));
    cr_expect(hz_when_matches(&whens.list[0], "x, y"));
    cr_expect_str_eq(whens.list[1].field, "flight");
    cr_expect(hz_when_matches(&whens.list[1], "klm1023 "));
    cr_expect(!hz_when_matches(&whens.list[1], "BAW1"));
    hz_whens_done(&whens);
}

Test(event, what_is_wrong_with_a_condition_is_told)
{
    static const struct {
        const char *text, *told;
    } wrong[] = {
        {"", "expected one of new, gone"},
        {"emergancy", "did you mean 'emergency'?"},
        {"new gone", "expected a comma or `or`"},
        {"new,", "it ends where a condition is expected"},
        {"text", "text ~ EXPRESSION"},
        {"text fire", "text ~ EXPRESSION"},
        {"text ~", "there is no expression"},
        {"text ~ /fire", "does not end so"},
        {"text ~ (fire", "expression '(fire': "},
        {"text ~ (a)\\1", "\\1 to \\9 mean nothing"},
        {"text ~ ((a{16}){16}){16}", "more than 2000"},
        {"text ~ ((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)", "more than 2000"},
        {"text ~ a+?", "it repeats a repetition"},
        {"text ~ (((((((((((((((((((((a)))))))))))))))))))))", "deeper than 20"},
        {"text ~ a{99999999999999999999}", "more than 2000"},
        {"silent", "expected a time"},
        {"silent 2", "expected a time"},
        {"gone 9d", "expected a time"},
        {"enters", "expected a box"},
        {"enters 1,2", "expected a box"},
        {"enters 1,2,3,4,5", "expected a box"},
        {"enters 91,0,10", "expected a box"},
        {"enters 1,2,3 miles", "expected a box"},
        {"enters 1,2,0km", "expected a box"},
        {"enters 10,0,5,1", "expected a box"},
        {"new,new,new,new,new,new,new,new,new", "more than 8"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        err[0] = '\0';
        cr_expect_eq(hz_whens_parse(&whens, wrong[i].text, err, sizeof err), -EINVAL, "%s",
                     wrong[i].text);
        cr_expect(strstr(err, wrong[i].told), "%s: %s", wrong[i].text, err);
        cr_expect_eq(whens.n, 0);
    }
}

Test(event, areas_have_their_places)
{
    const struct hz_area *a = &one("enters 53.55,9.99,10nm")->area;
    cr_expect(hz_area_has(a, (struct hz_place){53.70, 9.99}));  /* 9 nm */
    cr_expect(!hz_area_has(a, (struct hz_place){53.73, 9.99})); /* 10.8 nm */
    cr_expect(!hz_area_has(a, (struct hz_place){NAN, NAN}));
    a = &one("enters -20,170,10,-170")->area;
    cr_expect(hz_area_has(a, (struct hz_place){0, 175}));
    cr_expect(hz_area_has(a, (struct hz_place){0, -175}));
    cr_expect(!hz_area_has(a, (struct hz_place){0, 0}));
    a = &one("enters 0,0,1,1")->area;
    cr_expect(hz_area_has(a, (struct hz_place){1, 0}));
    cr_expect(!hz_area_has(a, (struct hz_place){1.01, 0}));
}

/* ---- what messages say ---- */

static char arena[1 << 16];
static struct hz_sink sink;
static struct hz_says says;

/* A message with these members of its object, as JSON without braces. */
static struct hz_record said(const char *protocol, const char *members)
{
    struct hz_sink_head head = {
        .receiver = "roof", .channel = "ch", .protocol = protocol, .freq_hz = 1e6};
    struct hz_burst b = {.rssi_dbfs = NAN, .noise_dbfs = NAN, .snr_db = NAN, .offset_hz = NAN};
    struct hz_record rec;
    size_t at = 0;
    hz_sink_init(&sink, &head, arena, sizeof arena);
    hz_sink_rewind(&sink, (struct hz_stamp){.ns_per_sample = 1});
    struct hz_json *j = hz_sink_begin(&sink, &b);
    for (const char *p = members; *p;) { /* one member after the other, so that each is marked */
        char key[40];
        size_t n = strcspn(p, "=");
        snprintf(key, sizeof key, "%.*s", (int)n, p);
        p += n + 1;
        n = strcspn(p, ";");
        hz_json_int(j, key, 0);
        j->len--;
        hz_json_raw(j, p, n);
        p += n + (p[n] == ';');
    }
    hz_sink_end(&sink);
    cr_assert(hz_sink_next(&sink, &at, &rec));
    return rec;
}

Test(event, emergencies_of_aircraft)
{
    static const struct {
        const char *members, *same, *reason; /* same NULL: it is none */
    } cases[] = {
        {"squawk=\"7700\"", "general", "squawk 7700 (emergency)"},
        {"emergency=\"general\"", "general", "declared: emergency"},
        {"emergency=\"nordo\";squawk=\"7600\"", "nordo", "squawk 7600 (no radio)"},
        {"squawk=\"7500\"", "unlawful", "squawk 7500 (unlawful interference)"},
        {"squawk=\"1200\";emergency=\"lifeguard\"", "lifeguard", "declared: medical flight"},
        {"emergency=\"lostlink\"", "lostlink", "declared: lostlink"},
        {"squawk=\"7000\";emergency=\"none\"", NULL, NULL},
        {"emergency=\"reserved\"", NULL, NULL},
        {"squawk=7700", NULL, NULL},
        {"flight=\"7700\"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hz_record r = said("adsb", cases[i].members);
        bool is = hz_says_emergency("adsb", &r, &says);
        cr_expect_eq(is, cases[i].same != NULL, "%s", cases[i].members);
        cr_expect(!is ||
                      (!strcmp(says.same, cases[i].same) && !strcmp(says.reason, cases[i].reason)),
                  "%s: %s, %s", cases[i].members, says.same, says.reason);
        cr_expect(!hz_says_emergency("ais", &r, &says));
    }
}

Test(event, beacons_of_distress)
{
    static const struct {
        const char *protocol, *members, *reason; /* NULL: it is none */
    } cases[] = {
        {"ais", "type=1;mmsi=970123456;status=14", "AIS-SART (search and rescue transmitter)"},
        {"ais", "type=1;mmsi=972123456;status=14", "MOB beacon (man overboard)"},
        {"ais", "type=1;mmsi=974123456;status=14", "EPIRB-AIS (emergency beacon)"},
        {"ais", "type=14;mmsi=974123456;text=\"EPIRB ACTIVE\"", "EPIRB-AIS (emergency beacon)"},
        {"ais", "type=1;mmsi=970123456;status=15",
         "TEST of a beacon: AIS-SART (search and rescue transmitter)"},
        {"ais", "type=14;mmsi=972123456;text=\"MOB TEST\"",
         "TEST of a beacon: MOB beacon (man overboard)"},
        {"ais", "type=1;mmsi=211281610;status=14", "navigation status 14: AIS-SART is active"},
        {"ais", "type=1;mmsi=211281610;status=0", NULL},
        {"ais", "type=1;mmsi=97012345;status=0", NULL},
        {"ais", "type=1;mmsi=971123456;status=15", NULL},
        {"aprs", "mice_message=\"emergency\"", "Mic-E emergency"},
        {"ax25-9600", "mice_message=\"emergency\"", "Mic-E emergency"},
        {"aprs", "mice_message=\"off duty\"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hz_record r = said(cases[i].protocol, cases[i].members);
        bool is = hz_says_distress(cases[i].protocol, &r, &says);
        cr_expect_eq(is, cases[i].reason != NULL, "%s", cases[i].members);
        cr_expect(!is || !strcmp(says.reason, cases[i].reason), "%s: %s", cases[i].members,
                  says.reason);
    }
}

Test(event, texts_and_fields_match)
{
    struct hz_record r = said("pocsag", "address=1234567;numeric=\"12\";alpha=\"Fire in Kiel\"");
    cr_expect(hz_says_text(one("text ~ fire"), &r, &says));
    cr_expect_str_eq(says.reason, "Fire in Kiel");
    struct hz_says first = says;
    cr_expect(hz_says_text(one("alpha ~ ^fire"), &r, &says));
    cr_expect_str_eq(says.reason, "alpha Fire in Kiel");
    cr_expect_str_eq(says.same, first.same);
    cr_expect(hz_says_text(one("address ~ ^1234"), &r, &says));
    cr_expect_str_eq(says.reason, "address 1234567");
    cr_expect(!hz_says_text(one("text ~ 1234567"), &r, &says));
    cr_expect(!hz_says_text(one("nothing ~ ."), &r, &says));
    r = said("ais", "status=0");
    cr_expect(!hz_says_text(one("text ~ 0"), &r, &says)); /* a number, which nobody has written */
}

/* ---- templates ---- */

static void value(void *ctx, const char *name, char *text, size_t size)
{
    (void)ctx;
    snprintf(text, size, "%s",
             strcmp(name, "a") == 0   ? "x \"y\"\n\\é"
             : strcmp(name, "b") == 0 ? "&=?/"
                                      : "");
}

static const char *filled(const char *template, enum hz_escape escape)
{
    static char out[64];
    hz_template_fill(template, escape, value, NULL, out, sizeof out);
    return out;
}

Test(event, templates_are_filled_and_escaped)
{
    cr_expect_str_eq(filled("<{a}>", HZ_ESCAPE_RAW), "<x \"y\"\n\\é>");
    cr_expect_str_eq(filled("{\"t\":{\"u\":\"{a}\"}}", HZ_ESCAPE_JSON),
                     "{\"t\":{\"u\":\"x \\\"y\\\"\\n\\\\é\"}}");
    cr_expect_str_eq(filled("?q={a}{b}", HZ_ESCAPE_URL), "?q=x%20%22y%22%0A%5C%C3%A9%26%3D%3F%2F");
    cr_expect_str_eq(filled("{b:url}{b:raw}{b:json}", HZ_ESCAPE_JSON), "%26%3D%3F%2F&=?/&=?/");
    cr_expect_str_eq(filled("T: {a}{a:raw}", HZ_ESCAPE_HEADER), "T: x \"y\" \\éx \"y\" \\é");
    cr_expect_str_eq(filled("{nothing}{ a}{a b}{1}{}{{a}}{", HZ_ESCAPE_RAW), "{ a}{a b}{1}{}{a}}{");
    char small[6];
    cr_expect_eq(hz_template_fill("12345é", HZ_ESCAPE_RAW, value, NULL, small, sizeof small), 5);
    cr_expect_str_eq(small, "12345");
    cr_expect_eq(hz_template_fill("1234é", HZ_ESCAPE_RAW, value, NULL, small, sizeof small), 4);
    cr_expect_eq(hz_template_fill("12{a:url}4", HZ_ESCAPE_RAW, value, NULL, small, sizeof small),
                 3);
}

Test(event, wrong_escapes_are_told)
{
    cr_expect_eq(
        hz_template_check("{a} {a:json} {a:B} {a:} {:x} {\"x\":{\"y\":1}}", err, sizeof err), 0);
    cr_expect_eq(hz_template_check("x {name:xml}", err, sizeof err), -EINVAL);
    cr_expect_str_eq(err, "'{name:xml}': expected {name:json}, {name:url} or {name:raw}");
    char *big = malloc(HZ_TEMPLATE_MAX + 2);
    memset(big, 'x', HZ_TEMPLATE_MAX + 1);
    big[HZ_TEMPLATE_MAX + 1] = '\0';
    cr_expect_eq(hz_template_check(big, err, sizeof err), -EINVAL);
    free(big);
}

/* ---- memory ---- */

Test(event, memory_is_bounded_and_forgets_the_oldest)
{
    struct hz_memory *m = hz_memory_new();
    bool is_new;
    for (uint64_t i = 0; i < HZ_MEMORY_MAX + 10; i++) {
        hz_memory_touch(m, i * 0x9e3779b97f4a7c15, i, &is_new);
        cr_assert(is_new);
    }
    cr_expect_eq(hz_memory_count(m), HZ_MEMORY_MAX);
    hz_memory_touch(m, 20 * 0x9e3779b97f4a7c15, 100000, &is_new);
    cr_expect(!is_new);
    hz_memory_touch(m, 5 * 0x9e3779b97f4a7c15, 100000, &is_new);
    cr_expect(is_new); /* it was among those that had to go */
    cr_expect_null(hz_memory_old(m, 11));
    struct hz_held *h = hz_memory_old(m, 13);
    cr_assert_not_null(h);
    cr_expect_eq(h->last_ms, 11);
    hz_memory_drop(m, h);
    cr_expect_eq(hz_memory_count(m), HZ_MEMORY_MAX - 1);
    hz_memory_free(m);
    cr_expect_neq(hz_memory_key("a", "b", NULL), hz_memory_key("ab", "", NULL));
}

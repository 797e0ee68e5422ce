/* Filters that clients share, and the word `every`. */
#include "daemon/bus/cursor.h"
#include "daemon/bus/thin.h"
#include "proto/registry.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CURSORS = 8 };

static uv_loop_t loop;
static struct hz_bus *bus;
static struct hz_topic *adsb;
static struct hz_cursor cursors[CURSORS];
static char err[256];

static void begin(size_t frames)
{
    uv_loop_init(&loop);
    bus = hz_bus_new(&loop, frames, 64 << 20, "0123456789abcdef");
    adsb = hz_topic_new("roof", "1090", "adsb");
    for (int i = 0; i < CURSORS; i++)
        hz_cursor_init(&cursors[i], bus);
}

static void end(void)
{
    for (int i = 0; i < CURSORS; i++)
        hz_cursor_done(&cursors[i]);
    cr_assert_null(hz_bus_filters(bus)->first, "all are gone");
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&loop), 0);
    hz_topic_unref(adsb);
}

/* A message of a sender, at that second. */
static void tell(const char *id, double second, float snr_db)
{
    struct hz_record r = {.kind = HZ_KIND_MESSAGE,
                          .utc_ns = llround(second * 1e9),
                          .snr_db = snr_db,
                          .about = {.lat = NAN, .lon = NAN},
                          .json = "\"n\":1",
                          .json_len = 5};
    snprintf(r.about.id, sizeof r.about.id, "%s", id);
    hz_bus_publish(bus, hz_frame_new(adsb, &r, "", 0));
}

static void subscribe(struct hz_cursor *c, const char *words)
{
    struct hz_subscription s;
    cr_assert_eq(hz_subscription_from_query(&s, hz_decoders, words, strlen(words), err, sizeof err),
                 0, "%s", err);
    cr_assert_eq(hz_cursor_subscribe(c, &s, err, sizeof err), 0, "%s", err);
}

/* The seqs of up to `most` frames, as text. */
static const char *take(struct hz_cursor *c, int most)
{
    static char text[16384];
    int looks = 1000000;
    struct hz_frame *f;
    size_t n = 0;
    text[0] = '\0';
    while (most-- > 0 && (f = hz_cursor_next(c, &looks)))
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%llu", n ? " " : "",
                              (unsigned long long)f->seq);
    return text;
}

static const char *all(struct hz_cursor *c)
{
    return take(c, 10000);
}

Test(filter, equal_ones_are_one)
{
    begin(100);
    for (int i = 0; i < CURSORS; i++)
        subscribe(&cursors[i], i < 6 ? "id=4840d6&min_snr=6" : "id=4840d6&min_snr=7");
    cr_expect_eq(cursors[0].filter, cursors[5].filter);
    cr_expect_neq(cursors[0].filter, cursors[6].filter);
    cr_expect_eq(cursors[6].filter, cursors[7].filter);
    tell("4840d6", 1, 6.5f);
    tell("4840d6", 2, 7.5f);
    tell("4840d7", 3, 7.5f);
    for (int i = 0; i < CURSORS; i++)
        cr_expect_str_eq(all(&cursors[i]), i < 6 ? "1 2" : "2");
    subscribe(&cursors[0], "");
    cr_expect_null(cursors[0].filter, "nothing is said: there is nothing to share");
    end();
}

/* Whoever is at the front, at the back, or left the window of what is remembered behind. */
Test(filter, the_same_for_all_wherever_they_read)
{
    char whole[16384];
    begin(10000);
    for (int i = 0; i < 3; i++)
        subscribe(&cursors[i], "min_snr=10");
    for (int i = 0; i < 3000; i++) {
        tell("a", i, i % 50 == 0 ? 20 : 5);
        if (i % 100 == 0)
            take(&cursors[0], 1000);
        if (i == 500)
            take(&cursors[1], 3);
    }
    snprintf(whole, sizeof whole, "%s", all(&cursors[2]));
    cr_expect(strstr(whole, "1 51 101 ") == whole, "%s", whole);
    cr_expect_str_eq(all(&cursors[1]), strstr(whole, "151"));
    subscribe(&cursors[3], "min_snr=10&since=0");
    cr_expect_str_eq(all(&cursors[3]), whole);
    end();
}

Test(filter, every_passes_the_first_of_a_period)
{
    begin(1000);
    subscribe(&cursors[0], "every=10s");
    tell("a", 101, 9);   /* 1 */
    tell("b", 102, 9);   /* 2 */
    tell("a", 103, 9);   /* no */
    tell("", 104, 9);    /* 4: no sender */
    tell("", 104, 9);    /* 5 */
    tell("A", 109.9, 9); /* no: case does not count */
    tell("a", 110, 9);   /* 7 */
    tell("b", 108, 9);   /* no */
    tell("b", 111, 9);   /* 9 */
    tell("a", 109, 9);   /* no: late, from the period before */
    tell("a", 50, 9);    /* 11: the clock was set back */
    tell("a", 51, 9);    /* no */
    cr_expect_str_eq(all(&cursors[0]), "1 2 4 5 7 9 11");
    end();
}

Test(filter, every_counts_what_passes_the_other_words)
{
    begin(1000);
    subscribe(&cursors[0], "every=10s&min_snr=10");
    tell("a", 101, 9);
    tell("a", 102, 11);
    tell("a", 103, 12);
    cr_expect_str_eq(all(&cursors[0]), "2");
    end();
}

/* Twice in each period; half of the readers come late, or go on where they were. */
Test(filter, every_is_the_same_for_those_who_resume)
{
    char whole[16384], rest[16384];
    begin(10000);
    subscribe(&cursors[0], "every=10s");
    for (int i = 0; i < 4000; i++) {
        char id[8];
        snprintf(id, sizeof id, "a%d", i % 40);
        tell(id, 100 + i * 0.1, 9);
        if (i % 7 == 0)
            take(&cursors[0], 0);
    }
    subscribe(&cursors[1], "every=10s&since=0");
    snprintf(whole, sizeof whole, "%s", all(&cursors[1]));
    subscribe(&cursors[2], "every=10s&since=2049&stream=0123456789abcdef");
    snprintf(rest, sizeof rest, "%s", all(&cursors[2]));
    cr_expect_not_null(strstr(whole, rest), "%s", rest);
    cr_expect(strstr(rest, "2101 2102") == rest, "%s", rest);
    /* it begins within a period, whose first ones it had before */
    subscribe(&cursors[3], "every=10s&since=2115&stream=0123456789abcdef");
    cr_expect(strstr(all(&cursors[3]), "2116 2117 ") != NULL);
    subscribe(&cursors[3], "every=10s&since=2155&stream=0123456789abcdef");
    cr_expect(strstr(all(&cursors[3]), "2201 2202 ") != NULL);
    cr_expect_str_eq(all(&cursors[0]), whole);
    cr_expect_eq(cursors[0].filter, cursors[2].filter, "all have read all: they share again");
    cr_expect_eq(cursors[0].filter, cursors[3].filter);
    end();
}

Test(thin, remembers_a_bounded_number_of_senders)
{
    struct hz_thin *t = hz_thin_new(10);
    for (uint64_t i = 0; i < 1000; i++)
        cr_assert(hz_thin_passes(t, i * 0x9e3779b97f4a7c15, 5000000000));
    for (uint64_t i = 0; i < 1000; i++)
        cr_assert_not(hz_thin_passes(t, i * 0x9e3779b97f4a7c15, 6000000000));
    for (uint64_t i = 0; i < 100000; i++)
        hz_thin_passes(t, i * 0x9e3779b97f4a7c15, 7000000000);
    cr_expect(hz_thin_passes(t, 1, 15000000000));
    cr_expect_not(hz_thin_passes(t, 1, 16000000000));
    cr_expect(hz_thin_passes(t, 1, -1), "before 1970, and far back");
    hz_thin_free(t);
    hz_thin_free(NULL);
}

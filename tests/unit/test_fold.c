/* One burst that several channels heard is one message. */
#include "daemon/bus/fold.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct hz_decoder ais = {.name = "ais"}, nfm = {.name = "nfm"};

static uv_loop_t loop;
static struct hz_bus *bus;
static struct hz_fold *fold;
static struct hz_topic *a, *b, *far;
static int roof, mast; /* two receivers */
static char out[1 << 16];

static void on_frame(void *ctx, const struct hz_frame *f)
{
    (void)ctx;
    strncat(out, f->data, f->len);
}

static void begin(void)
{
    uv_loop_init(&loop);
    bus = hz_bus_new(&loop, 100, 65536, "test");
    hz_bus_tap(bus, on_frame, NULL);
    fold = hz_fold_new(&loop, bus);
    a = hz_topic_new("roof", "a", "ais");
    b = hz_topic_new("roof", "b", "ais");
    far = hz_topic_new("mast", "a", "ais");
    hz_fold_join(
        fold, &(struct hz_fold_from){.decoder = &ais, .topic = a, .stream = &roof, .timed = true});
    hz_fold_join(
        fold, &(struct hz_fold_from){.decoder = &ais, .topic = b, .stream = &roof, .timed = true});
    hz_fold_join(fold, &(struct hz_fold_from){
                           .decoder = &ais, .topic = far, .stream = &mast, .timed = true});
    out[0] = '\0';
}

static void end(void)
{
    hz_fold_close(fold);
    hz_topic_unref(a);
    hz_topic_unref(b);
    hz_topic_unref(far);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&loop), 0);
}

static void give(struct hz_topic *topic, const void *stream, bool timed, double ms, const char *raw,
                 double snr)
{
    char line[300];
    uint8_t bytes[8];
    size_t n = strlen(raw) / 2;
    for (size_t i = 0; i < n; i++)
        sscanf(raw + 2 * i, "%2hhx", &bytes[i]);
    struct hz_fold_from from = {.decoder = &ais,
                                .topic = topic,
                                .stream = stream,
                                .timed = timed,
                                .until_ns = (int64_t)((ms + 1) * 1e6)};
    int len = snprintf(line, sizeof line,
                       "\"channel\":\"%s\",\"snr_db\":%.1f,\"raw\":\"%s\",\"ais\":{\"type\":1}",
                       topic->channel, snr, raw);
    struct hz_record rec = {.kind = HZ_KIND_MESSAGE,
                            .utc_ns = (int64_t)(ms * 1e6),
                            .end_ns = (int64_t)((ms + 0.1) * 1e6),
                            .snr_db = (float)snr,
                            .raw = bytes,
                            .raw_len = n,
                            .json = line,
                            .json_len = (size_t)len};
    hz_fold_publish(fold, &from, &rec);
}

static size_t count(const char *what)
{
    size_t n = 0;
    for (const char *p = out; (p = strstr(p, what)); p++)
        n++;
    return n;
}

Test(fold, the_best_copy_becomes_the_message_and_names_all, .init = begin, .fini = end)
{
    give(a, &roof, false, 100, "0123", 5);
    give(b, &roof, false, 100.001, "0123", 9.5);
    give(far, &mast, false, 140, "0123", 2);
    cr_expect_eq(count("\"kind\":\"message\""), 0, "held: %s", out);
    cr_expect_eq(count("\"kind\":\"repeat\""), 2);
    hz_fold_flush(fold, &roof);
    cr_expect_eq(count("\"kind\":\"message\""), 1);
    cr_expect(strstr(out, "\"channel\":\"b\",\"snr_db\":9.5,\"raw\":\"0123\",\"ais\":{\"type\":1},"
                          "\"heard\":[{\"receiver\":\"roof\",\"channel\":\"a\",\"snr_db\":5},"
                          "{\"receiver\":\"roof\",\"channel\":\"b\",\"snr_db\":9.5},"
                          "{\"receiver\":\"mast\",\"channel\":\"a\",\"snr_db\":2}]}\n"),
              "%s", out);
    give(b, &roof, false, 99, "0123", 20);
    hz_fold_flush(fold, &roof);
    cr_expect_eq(count("\"kind\":\"message\""), 2, "the same channel: sent twice");
    give(far, &mast, false, 101, "0123", 20);
    hz_fold_flush(fold, &mast);
    cr_expect_eq(count("\"kind\":\"message\""), 2, "too late for the list, but no new message");
    cr_expect_eq(count("\"kind\":\"repeat\""), 3);
}

Test(fold, what_is_not_the_same_burst_stays, .init = begin, .fini = end)
{
    give(a, &roof, false, 100, "0123", 5);
    give(b, &roof, false, 103, "0123", 5);   /* later, on one clock */
    give(far, &mast, false, 300, "0123", 5); /* later, on another */
    give(b, &roof, false, 100, "0124", 5);   /* another frame */
    hz_fold_flush(fold, &roof);
    hz_fold_flush(fold, &mast);
    cr_expect_eq(count("\"kind\":\"message\""), 4, "%s", out);
    cr_expect_eq(count("heard"), 0);
    cr_expect_eq(count("repeat"), 0);
}

Test(fold, nothing_is_held_that_only_one_can_hear, .init = begin, .fini = end)
{
    hz_fold_leave(fold, b);
    hz_fold_leave(fold, far);
    hz_fold_join(
        fold, &(struct hz_fold_from){.decoder = &nfm, .topic = b, .stream = &roof, .timed = true});
    give(a, &roof, false, 100, "0123", 5);
    cr_expect_eq(count("\"kind\":\"message\""), 1);
}

Test(fold, live_ones_go_out_by_themselves, .init = begin, .fini = end)
{
    give(a, &roof, true, 100, "0123", 5);
    give(a, &roof, true, 200, "4567", 5);
    cr_expect_eq(count("message"), 0);
    uv_run(&loop, UV_RUN_DEFAULT); /* ends with the timer */
    cr_expect_eq(count("message"), 2);
    cr_expect_lt(strstr(out, "0123"), strstr(out, "4567"));
}

Test(fold, old_bursts_make_room_and_are_not_lost, .init = begin, .fini = end)
{
    char raw[8];
    size_t given = 0;
    hz_bus_tap(bus, NULL, NULL);
    for (int i = 0; i < 3000; i++, given++) {
        snprintf(raw, sizeof raw, "%06x", i);
        give(a, &roof, false, i % 1000, raw, 5);
    }
    hz_fold_flush(fold, &roof);
    cr_expect_eq(hz_bus_counts(bus).published, given);
}

static void pass(struct hz_topic *topic, const void *stream, double ms)
{
    hz_fold_passed(fold, &(struct hz_fold_from){.decoder = &ais,
                                                .topic = topic,
                                                .stream = stream,
                                                .timed = true,
                                                .until_ns = (int64_t)(ms * 1e6)});
}

/* The loop does not run here: no timer can have let it out. */
Test(fold, a_message_goes_out_when_all_have_passed_its_time, .init = begin, .fini = end)
{
    uv_update_time(&loop);
    pass(a, &roof, 90);
    pass(b, &roof, 90);
    pass(far, &mast, 90);
    give(a, &roof, true, 100, "0123", 5);
    pass(a, &roof, 104);
    cr_expect_eq(count("message"), 0);
    pass(b, &roof, 104);
    cr_expect_eq(count("message"), 0, "the other receiver has not passed it");
    pass(far, &mast, 100);
    cr_expect_eq(count("message"), 0, "it is in the middle of it");
    pass(far, &mast, 104);
    cr_expect_eq(count("message"), 1);
    give(a, &roof, true, 110, "4567", 5);
    give(b, &roof, true, 110, "4567", 6);
    give(far, &mast, true, 110, "4567", 7);
    cr_expect_eq(count("\"kind\":\"message\""), 1);
    pass(far, &mast, 111);
    cr_expect_eq(count("\"kind\":\"message\""), 2, "nobody is left who could hear it");
    cr_expect(strstr(out, "\"heard\":["), "%s", out);
}

Test(fold, who_does_not_say_how_far_it_is_holds_nobody_up, .init = begin, .fini = end)
{
    uv_update_time(&loop);
    pass(a, &roof, 90);
    pass(b, &roof, 90); /* far never has: its receiver is not there */
    give(a, &roof, true, 100, "0123", 5);
    pass(b, &roof, 104);
    cr_expect_eq(count("message"), 1);
}

/* A receiver whose clock is ahead gives its copies later than their times say. */
Test(fold, a_clock_that_is_ahead_is_waited_for, .init = begin, .fini = end)
{
    uv_update_time(&loop);
    hz_fold_leave(fold, b);
    pass(a, &roof, 90);
    pass(far, &mast, 90);
    give(a, &roof, true, 100, "0123", 5);
    give(far, &mast, true, 130, "0123", 9);
    pass(far, &mast, 131);
    pass(a, &roof, 195);
    pass(far, &mast, 195);
    give(a, &roof, true, 200, "4567", 5);
    pass(far, &mast, 210);
    cr_expect_eq(count("4567"), 0, "its copy may have the time 230");
    give(far, &mast, true, 230, "4567", 9);
    pass(far, &mast, 233);
    cr_expect_eq(count("\"kind\":\"message\""), 2);
    cr_expect_eq(count("\"heard\""), 2);
}

/* ---- stations of a hub ------------------------------------------------------------------ */

static void runs_out(void)
{
    uv_update_time(&loop);
    uv_run(&loop, UV_RUN_DEFAULT); /* ends with the timer */
}

Test(fold, copies_of_stations_are_one_message_that_names_all, .init = begin, .fini = end)
{
    struct hz_topic *north = hz_topic_of_station("north", "roof", "a", "ais");
    struct hz_topic *south = hz_topic_of_station("south", "roof", "a", "ais");
    uv_update_time(&loop);
    cr_assert_eq(hz_fold_far(fold, 20, 5000), 0);
    give(north, north, true, 100, "0123", 5);
    give(north, north, true, 101, "0123", 6); /* one station: sent twice */
    give(south, south, true, 181, "0123", 9);
    give(a, &roof, true, 60, "0123", 4);
    pass(a, &roof, 200);
    pass(b, &roof, 200);
    pass(far, &mast, 200);
    cr_expect_eq(count("\"kind\":\"message\""), 0, "%s", out);
    cr_expect_eq(hz_fold_settled(fold), 1);
    runs_out();
    cr_expect_eq(hz_fold_settled(fold), 5);
    cr_expect_eq(count("\"kind\":\"message\""), 2, "%s", out);
    cr_expect(strstr(out,
                     "\"heard\":[{\"station\":\"north\",\"receiver\":\"roof\",\"channel\":\"a\","
                     "\"snr_db\":6,\"time\":\"1970-01-01T00:00:00.101000000Z\"},"
                     "{\"station\":\"south\",\"receiver\":\"roof\",\"channel\":\"a\","
                     "\"snr_db\":9,\"time\":\"1970-01-01T00:00:00.181000000Z\"}]"),
              "%s", out);
    struct hz_fold_counts c = hz_fold_counts(fold);
    cr_expect_eq(c.taken, 4);
    cr_expect_eq(c.copies, 2);
    cr_expect_eq(c.late, 0);
    cr_expect_eq(c.remembered, 2);
    hz_topic_unref(north);
    hz_topic_unref(south);
}

/* A link was cut: the burst is remembered by time and frame long after it went out. */
Test(fold, what_a_station_sends_late_is_a_repeat, .init = begin, .fini = end)
{
    struct hz_topic *north = hz_topic_of_station("north", "roof", "a", "ais");
    struct hz_topic *south = hz_topic_of_station("south", "roof", "a", "ais");
    char raw[12];
    hz_bus_tap(bus, NULL, NULL);
    uv_update_time(&loop);
    cr_assert_eq(hz_fold_far(fold, 1, 5000), 0);
    for (int i = 0; i < 4000; i++) {
        snprintf(raw, sizeof raw, "%06x", i % 50); /* each frame again and again */
        give(north, north, true, i * 10, raw, 5);
    }
    runs_out();
    size_t first = (size_t)hz_bus_order(bus);
    for (int i = 0; i < 4000; i++) {
        snprintf(raw, sizeof raw, "%06x", i % 50);
        give(south, south, true, i * 10 + 60, raw, 9);
    }
    runs_out();
    cr_expect_eq(first, 4000);
    cr_expect_eq(hz_fold_counts(fold).late, 4000);
    cr_expect_eq(hz_bus_next(bus), 4001, "no message more");
    hz_topic_unref(north);
    hz_topic_unref(south);
}

Test(fold, of_many_the_strongest_are_named_and_all_counted, .init = begin, .fini = end)
{
    uv_update_time(&loop);
    cr_assert_eq(hz_fold_far(fold, 1, 5000), 0);
    for (int i = 0; i < 300; i++) {
        char name[8];
        snprintf(name, sizeof name, "s%d", i);
        struct hz_topic *t = hz_topic_of_station(name, "roof", "a", "ais");
        give(t, t, true, 100 + i * 0.1, "0123", i * 0.1);
        hz_topic_unref(t);
    }
    runs_out();
    cr_expect_eq(count("\"kind\":\"message\""), 1);
    cr_expect_eq(count("\"station\":"), 64);
    cr_expect(strstr(out, "\"station\":\"s299\""));
    cr_expect(strstr(out, "\"station\":\"s236\""));
    cr_expect_null(strstr(out, "\"station\":\"s235\""));
    cr_expect(strstr(out, "],\"heard_count\":300}"));
}

/* Where a receiver's blocks are in its count: what is missing before one moves it, once. */
#include "daemon/receive/receiver_parts.h"

#include <criterion/criterion.h>

enum { BLOCK = 1000 };

static const struct hz_source_ops live = {.live = true};

static uint64_t first_of(struct hz_receiver *r, uint64_t gap)
{
    struct hz_block b = {.n = BLOCK, .gap_before = gap, .epoch = r->count.source_epoch};
    hz_receiver_count(r, &b);
    return b.first_sample;
}

Test(receiver_count, what_is_missing_moves_the_samples_behind_it_once)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct hz_bus *bus = hz_bus_new(&loop, 16, 65536, "test");
    struct hz_topic *topic = hz_topic_new("roof", "", "");
    struct hz_source src = {.rate_hz = 2.4e6};
    struct hz_receiver r = {.ops = &live, .src = &src, .topic = topic, .env = {.bus = bus}};
    cr_expect_eq(first_of(&r, 0), 0);
    cr_expect_eq(first_of(&r, 0), 1000);
    cr_expect_eq(first_of(&r, 250), 2250, "250 that the source missed");
    cr_expect_eq(first_of(&r, 0), 3250);
    r.count.uncounted = 70; /* the clock has found a loss */
    cr_expect_eq(first_of(&r, 0), 4320, "70 that the clock found");
    cr_expect_eq(first_of(&r, 0), 5320, "which are counted once");
    r.count.uncounted = 5;
    cr_expect_eq(first_of(&r, 11), 6336, "both");
    cr_expect_eq(r.stats.gaps, 2);
    cr_expect_eq(r.stats.lost_samples, 261);
    struct hz_block retuned = {.n = BLOCK, .epoch = 7};
    r.count.uncounted = 5;
    hz_receiver_count(&r, &retuned);
    cr_expect_eq(retuned.first_sample, 0, "an epoch counts from 0");
    hz_topic_unref(topic);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

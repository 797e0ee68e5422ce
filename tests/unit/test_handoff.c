#include "daemon/source/handoff.h"

#include <criterion/criterion.h>
#include <string.h>

enum { BYTES = 64 };

static void wake(uv_async_t *a)
{
    (void)a;
}

struct rig {
    uv_loop_t loop;
    uv_async_t async;
    struct hz_handoff h;
    struct hz_block_pool *pool;
};

static void set_up(struct rig *r, size_t pool_blocks)
{
    uv_loop_init(&r->loop);
    uv_async_init(&r->loop, &r->async, wake);
    r->pool = hz_block_pool_new(pool_blocks, BYTES);
    hz_handoff_init(&r->h, &r->async, 1090e6);
    hz_handoff_restock(&r->h, r->pool);
}

static void tear_down(struct rig *r)
{
    hz_handoff_done(&r->h);
    hz_block_pool_release(r->pool);
    uv_close((uv_handle_t *)&r->async, NULL);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
}

static void put(struct rig *r, uint8_t value)
{
    uint8_t data[BYTES];
    memset(data, value, sizeof data);
    hz_handoff_put(&r->h, data, sizeof data, 2);
}

Test(handoff, blocks_come_out_in_order_with_what_went_in)
{
    struct rig r;
    set_up(&r, 100);
    for (uint8_t i = 0; i < 10; i++)
        put(&r, i);
    for (uint8_t i = 0; i < 10; i++) {
        struct hz_block *b = hz_handoff_get(&r.h);
        cr_assert_not_null(b);
        cr_assert_eq(b->data[BYTES - 1], i);
        cr_assert_eq(b->n, BYTES / 2);
        cr_assert_eq(b->gap_before, 0);
        hz_block_unref(b);
    }
    cr_assert_null(hz_handoff_get(&r.h));
    tear_down(&r);
}

Test(handoff, a_loop_that_does_not_come_costs_one_exact_gap)
{
    struct rig r;
    set_up(&r, 100);
    for (int i = 0; i < HZ_HANDOFF_BLOCKS + 7; i++) /* 7 find the stock empty */
        put(&r, 1);
    for (int i = 0; i < HZ_HANDOFF_BLOCKS / 2 - 1; i++)
        hz_block_unref(hz_handoff_get(&r.h));
    hz_handoff_restock(&r.h, r.pool);
    put(&r, 1); /* less than half is free: still dropped */
    while (1) {
        struct hz_block *b = hz_handoff_get(&r.h);
        if (!b)
            break;
        cr_assert_eq(b->gap_before, 0);
        hz_block_unref(b);
    }
    hz_handoff_restock(&r.h, r.pool);
    put(&r, 2);
    struct hz_block *b = hz_handoff_get(&r.h);
    cr_assert_eq(b->gap_before, 8 * BYTES / 2);
    cr_assert_eq(b->data[0], 2);
    hz_block_unref(b);
    struct hz_handoff_counts c = hz_handoff_counts(&r.h);
    cr_assert_eq(c.drops, 1);
    cr_assert_eq(c.dropped_bytes, 8 * BYTES);
    tear_down(&r);
}

Test(handoff, the_longest_call_is_kept)
{
    struct rig r;
    set_up(&r, 100);
    for (int i = 0; i < 1000; i++)
        put(&r, 1);
    struct hz_handoff_counts c = hz_handoff_counts(&r.h);
    cr_assert_gt(c.spent_ns, 0);
    cr_assert_leq(c.longest_ns, c.spent_ns);
    cr_assert_geq(c.longest_ns * c.calls, c.spent_ns); /* the longest is at least the mean */
    tear_down(&r);
}

/* The loop restocks between the two halves of a put: no block may be lost or come twice. */
enum { PUTS = 20000 };

static void capture(void *arg)
{
    for (int i = 0; i < PUTS; i++)
        put(arg, (uint8_t)i);
}

Test(handoff, no_block_is_lost_or_comes_twice_however_the_threads_meet)
{
    struct rig r;
    uv_thread_t thread;
    uint64_t got = 0, missing = 0;
    set_up(&r, 200);
    uv_thread_create(&thread, capture, &r);
    bool last;
    do {
        last = hz_handoff_counts(&r.h).calls == PUTS;
        hz_handoff_restock(&r.h, r.pool);
        struct hz_block *b;
        while ((b = hz_handoff_get(&r.h))) {
            missing += b->gap_before / (BYTES / 2);
            cr_assert_eq(b->data[0], (uint8_t)(got + missing), "block %zu",
                         (size_t)(got + missing));
            got++;
            hz_block_unref(b);
            hz_handoff_restock(&r.h, r.pool);
        }
    } while (!last);
    uv_thread_join(&thread);
    struct hz_block *b;
    while ((b = hz_handoff_get(&r.h))) { /* put after its call was counted */
        got++;
        hz_block_unref(b);
    }
    cr_assert_eq(got + hz_handoff_counts(&r.h).dropped_bytes / BYTES, PUTS);
    tear_down(&r);
}

Test(handoff, after_a_retune_the_first_blocks_are_discarded_and_a_new_epoch_begins)
{
    struct rig r;
    set_up(&r, 100);
    put(&r, 1);
    hz_handoff_mute(&r.h);
    put(&r, 2);
    hz_handoff_unmute(&r.h, 162e6, 2);
    put(&r, 3);
    put(&r, 4);
    put(&r, 5);
    struct hz_block *a = hz_handoff_get(&r.h), *b = hz_handoff_get(&r.h);
    cr_assert(a->data[0] == 1 && a->epoch == 0 && a->centre_hz == 1090e6);
    cr_assert(b->data[0] == 5 && b->epoch == 1 && b->centre_hz == 162e6);
    cr_assert_eq(b->gap_before, 0);
    cr_assert_null(hz_handoff_get(&r.h));
    hz_block_unref(a);
    hz_block_unref(b);
    tear_down(&r);
}

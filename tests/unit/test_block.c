#include "daemon/source/block.h"

#include <criterion/criterion.h>

static void count_wake(void *ctx)
{
    ++*(int *)ctx;
}

Test(block, an_empty_pool_gives_none_and_wakes_once_when_one_is_back)
{
    int woken = 0;
    struct hz_block_pool *p = hz_block_pool_new(2, 64);
    hz_block_pool_on_free(p, count_wake, &woken);
    struct hz_block *a = hz_block_take(p), *b = hz_block_take(p);
    cr_assert(a && b && a->data != b->data);
    hz_block_unref(a);
    cr_assert_eq(woken, 0, "nobody waited");
    a = hz_block_take(p);
    cr_assert_null(hz_block_take(p));
    hz_block_unref(hz_block_ref(b));
    cr_assert_eq(woken, 0, "one reference is left");
    hz_block_unref(b);
    cr_assert_eq(woken, 1);
    hz_block_unref(a);
    cr_assert_eq(woken, 1);
    hz_block_pool_release(p);
}

Test(block, a_taken_block_starts_clean_and_outlives_the_pools_owner)
{
    struct hz_block_pool *p = hz_block_pool_new(1, 64);
    struct hz_block *a = hz_block_take(p);
    a->gap_before = 5;
    a->epoch = 9;
    hz_block_unref(a);
    a = hz_block_take(p);
    cr_assert_eq(a->gap_before, 0);
    cr_assert_eq(a->epoch, 0);
    cr_assert_eq(a->cap, 64);
    hz_block_pool_release(p);
    a->data[63] = 1; /* still ours: a sanitizer tells if not */
    hz_block_unref(a);
}

/* What happens to live channels when the workers cannot follow. */
#include "daemon/receive/channels.h"
#include "daemon/source/source.h"
#include "proto/decoder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 1000, BLOCKS = 300 };

static int begin(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    (void)state;
    (void)setup;
    (void)err;
    (void)err_len;
    return 0;
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Where the samples after the last ones begin, if the decoder was not reset since. */
struct counting {
    uint64_t next;
};

static _Atomic size_t resets, holes;

/* Takes 1 ms, too long to go to work together with others. */
static void push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    struct counting *c = state;
    holes += c->next != 0 && s->first != c->next;
    c->next = s->first + s->n;
    for (double end = cpu_ms() + 1; cpu_ms() < end;)
        continue;
    uint8_t raw[1] = {0};
    struct hz_burst b = {.sample = s->first, .offset_hz = NAN, .raw = raw, .raw_len = 1};
    hz_sink_begin(sink, &b);
    hz_sink_end(sink);
}

static void nothing(void *state, struct hz_sink *sink)
{
    (void)state;
    (void)sink;
}

static void reset(void *state, struct hz_sink *sink)
{
    (void)sink;
    ((struct counting *)state)->next = 0;
    resets++;
}

static const struct hz_decoder plain = {
    .name = "plain",
    .title = "",
    .freqs_hz = (const double[]){100e6, 0},
    .state_size = sizeof(struct counting),
    .init = begin,
    .push = push,
    .reset = reset,
    .flush = nothing,
};

struct heard {
    size_t messages, gaps;
    uint64_t missing; /* samples that the gap lines tell */
};

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct heard *h = ctx;
    static const char *const names[] = {"\"channel\":\"high\"", "\"channel\":\"first\"",
                                        "\"channel\":\"last\""};
    for (int i = 0; i < 3; i++) {
        if (!memmem(f->data, f->len, names[i], strlen(names[i])))
            continue;
        h[i].messages += f->rec.kind == HZ_KIND_MESSAGE;
        h[i].gaps += f->rec.kind == HZ_KIND_GAP;
        const char *n = memmem(f->data, f->len, "\"samples\":", 10);
        if (f->rec.kind == HZ_KIND_GAP && n)
            h[i].missing += strtoull(n + 10, NULL, 10);
    }
}

static void on_progress(void *ctx)
{
    (void)ctx;
}

static void on_closed(void *ctx)
{
    (void)ctx;
}

/* One worker, and no more than one job done for each block that comes: of three channels only
 * one can be served. It is the one of the highest priority, though it was added last; of the two
 * others the later one goes without first. */
Test(channels, those_last_in_priority_are_shed_and_it_is_told, .timeout = 30)
{
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_channels c;
    struct heard heard[3] = {{0}};
    hz_jobs_size_pool(1);
    uv_loop_init(&loop);
    hz_jobs_init(&jobs, &loop, 1);
    struct hz_bus *bus = hz_bus_new(&loop, 16, 65536, "test");
    hz_bus_tap(bus, on_frame, heard);
    struct hz_conf_receiver *receiver = hz_conf_receiver_new(&hz_rtlsdr_kind, "rx");
    cr_assert(receiver);
    struct hz_channels_env env = {
        .jobs = &jobs, .bus = bus, .receiver = receiver, .live = true, .progress = on_progress};
    hz_channels_init(&c, &env);
    struct hz_conf_channel first = {.name = "first", .decoder = &plain},
                           last = {.name = "last", .decoder = &plain},
                           high = {.name = "high", .decoder = &plain, .priority = 1};
    cr_assert_eq(hz_channels_add(&c, &first), 0);
    cr_assert_eq(hz_channels_add(&c, &last), 0);
    cr_assert_eq(hz_channels_add(&c, &high), 0);
    hz_channels_begin(&c, HZ_CU8, 2.4e6, 100e6);

    struct hz_block_pool *pool = hz_block_pool_new(2 * BLOCKS, 2 * BLOCK);
    struct hz_stamp stamp = {.ns_per_sample = 1e9 / 2.4e6};
    for (uint64_t i = 0; i < BLOCKS; i++) {
        struct hz_block *b = hz_block_take(pool);
        b->n = BLOCK;
        b->rate_hz = 2.4e6;
        b->first_sample = i * BLOCK;
        memset(b->data, 0, 2 * BLOCK);
        hz_channels_push(&c, b, stamp);
        hz_block_unref(b);
        for (uint64_t done = jobs.stats.done; jobs.stats.done == done;)
            uv_run(&loop, UV_RUN_ONCE);
    }
    hz_channels_finish(&c, stamp);
    while (!hz_channels_done(&c))
        uv_run(&loop, UV_RUN_ONCE);

    struct hz_channel_stats s[3] = {hz_channel_stats(c.list[2]), hz_channel_stats(c.list[0]),
                                    hz_channel_stats(c.list[1])};
    cr_expect_eq(heard[0].messages, BLOCKS);
    cr_expect_eq(s[0].lost_samples, 0);
    cr_expect_lt(s[2].blocks, BLOCKS / 2, "the last got %llu", (unsigned long long)s[2].blocks);
    cr_expect_leq(heard[2].messages, heard[1].messages);
    for (int i = 1; i < 3; i++) {
        cr_expect_eq(s[i].samples + s[i].lost_samples, BLOCKS * BLOCK);
        cr_expect_eq(heard[i].messages, s[i].blocks);
        cr_expect_geq(s[i].overruns, 1);
        cr_expect_leq(heard[i].missing, s[i].lost_samples);
        cr_expect(heard[i].gaps >= 1 || heard[i].missing == 0);
    }
    hz_channels_close(&c, on_closed, NULL);
    hz_block_pool_release(pool);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    hz_jobs_close(&jobs);
    cr_assert_eq(uv_loop_close(&loop), 0);
    hz_conf_receiver_free(receiver);
}

/* Its worker is held up for longer than its inbox is, and then free again. */
Test(channels, a_decoder_is_reset_where_samples_were_shed, .timeout = 30)
{
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_channels c;
    struct heard heard[3] = {{0}};
    uv_loop_init(&loop);
    hz_jobs_init(&jobs, &loop, 1);
    struct hz_bus *bus = hz_bus_new(&loop, 16, 65536, "test");
    hz_bus_tap(bus, on_frame, heard);
    struct hz_conf_receiver *receiver = hz_conf_receiver_new(&hz_rtlsdr_kind, "rx");
    cr_assert(receiver);
    struct hz_channels_env env = {
        .jobs = &jobs, .bus = bus, .receiver = receiver, .live = true, .progress = on_progress};
    hz_channels_init(&c, &env);
    struct hz_conf_channel first = {.name = "first", .decoder = &plain};
    cr_assert_eq(hz_channels_add(&c, &first), 0);
    hz_channels_begin(&c, HZ_CU8, 2.4e6, 100e6);
    struct hz_block_pool *pool = hz_block_pool_new(2 * BLOCKS, 2 * BLOCK);
    struct hz_stamp stamp = {.ns_per_sample = 1e9 / 2.4e6};
    for (uint64_t i = 0; i < BLOCKS; i++) {
        struct hz_block *b = hz_block_take(pool);
        b->n = BLOCK;
        b->rate_hz = 2.4e6;
        b->first_sample = i * BLOCK;
        memset(b->data, 0, 2 * BLOCK);
        hz_channels_push(&c, b, stamp);
        hz_block_unref(b);
        while (i % 100 == 99 && !hz_channels_done(&c))
            uv_run(&loop, UV_RUN_ONCE);
    }
    hz_channels_finish(&c, stamp);
    while (!hz_channels_done(&c))
        uv_run(&loop, UV_RUN_ONCE);
    cr_expect_eq(heard[1].gaps, 2, "%zu", heard[1].gaps);
    cr_expect_eq(resets, 2, "%zu", (size_t)resets);
    cr_expect_eq(holes, 0, "%zu times samples were missing without a reset", (size_t)holes);
    hz_channels_close(&c, on_closed, NULL);
    hz_block_pool_release(pool);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    hz_jobs_close(&jobs);
    cr_assert_eq(uv_loop_close(&loop), 0);
    hz_conf_receiver_free(receiver);
}

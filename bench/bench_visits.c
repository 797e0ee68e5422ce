/* What it costs to open a channel in the past, at 2.4 Msps: the loop's own time until it is open
 * and what is held lies in its inbox, the time until that is cut out and at work, and the time
 * until all of it is decoded. */
#include "daemon/receive/channels.h"
#include "daemon/source/source.h"
#include "proto/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE_HZ   2400000.0
#define CENTRE_HZ 162000000.0

enum { BLOCK = 131072, BLOCKS = 8, VISITS = 200 };

struct bench {
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_channels channels;
    struct hz_block_pool *pool;
    uint64_t pushed;
};

static void on_progress(void *ctx)
{
    (void)ctx;
}

static double loop_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static double wall_us(void)
{
    return (double)uv_hrtime() * 1e-3;
}

/* The next block of noise, which is decoded when this returns. */
static void push(struct bench *b)
{
    struct hz_block *block = hz_block_take(b->pool);
    if (!block)
        exit(1);
    block->format = HZ_CU8;
    block->n = BLOCK;
    block->rate_hz = RATE_HZ;
    block->centre_hz = CENTRE_HZ;
    block->first_sample = b->pushed++ * BLOCK;
    block->ends_turn = true;
    for (size_t i = 0; i < 2 * BLOCK; i++)
        block->data[i] = (uint8_t)(120 + rand() % 16);
    hz_channels_push(&b->channels, block, (struct hz_stamp){.ns_per_sample = 1e9 / RATE_HZ});
    hz_block_unref(block);
    while (!hz_channels_done(&b->channels))
        uv_run(&b->loop, UV_RUN_ONCE);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void visits(struct bench *b, const char *decoder)
{
    static double open_us[VISITS], work_us[VISITS], all_us[VISITS];
    char err[200];
    for (int i = 0; i < VISITS; i++) {
        uint64_t now = b->pushed * BLOCK;
        struct hz_visit visit = {.offset_hz = -1e6 + 1e4 * i,
                                 .decoder = hz_decoder_find(decoder),
                                 .from = now - (uint64_t)(0.15 * RATE_HZ),
                                 .until = now};
        double cpu = loop_us(), wall = wall_us();
        if (hz_channels_visit(&b->channels, &visit, err, sizeof err) < 0) {
            fprintf(stderr, "bench_visits: %s\n", err);
            exit(1);
        }
        open_us[i] = loop_us() - cpu;
        const struct hz_channel *c = b->channels.list[b->channels.n - 1];
        while (hz_channel_stats(c).blocks == 0)
            uv_run(&b->loop, UV_RUN_ONCE);
        work_us[i] = wall_us() - wall;
        while (hz_channel_stats(c).queued > 0 || hz_channel_busy_since(c) != 0)
            uv_run(&b->loop, UV_RUN_ONCE);
        all_us[i] = wall_us() - wall;
        push(b); /* the visit ends */
    }
    qsort(open_us, VISITS, sizeof *open_us, by_size);
    qsort(work_us, VISITS, sizeof *work_us, by_size);
    qsort(all_us, VISITS, sizeof *all_us, by_size);
    printf(
        "%-10s %4.0f kHz  open %6.1f us (worst %6.1f)  first 55 ms decoded %6.0f us  all that is "
        "held %6.0f us\n",
        decoder, hz_decoder_find(decoder)->rate_hz / 1e3, open_us[VISITS / 2], open_us[VISITS - 1],
        work_us[VISITS / 2], all_us[VISITS / 2]);
}

int main(void)
{
    static const char *const decoders[] = {"ais", "aprs", "pocsag", "ax25-9600", "nfm"};
    struct bench b = {.pool = hz_block_pool_new(2, 2 * BLOCK)};
    struct hz_conf_receiver *receiver = hz_conf_receiver_new(&hz_file_kind, "rx");
    hz_jobs_size_pool(1);
    uv_loop_init(&b.loop);
    hz_jobs_init(&b.jobs, &b.loop, 1);
    struct hz_bus *bus = hz_bus_new(&b.loop, 1024, 1 << 20, "bench");
    if (!b.pool || !bus || !receiver)
        return 1;
    struct hz_channels_env env = {
        .jobs = &b.jobs, .bus = bus, .receiver = receiver, .progress = on_progress};
    hz_channels_init(&b.channels, &env);
    if (hz_channels_allow_visits(&b.channels, 4) != 0)
        return 1;
    hz_channels_begin(&b.channels, HZ_CU8, RATE_HZ, CENTRE_HZ);
    for (int i = 0; i < BLOCKS; i++)
        push(&b);
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++)
        visits(&b, decoders[i]);
    hz_channels_close(&b.channels, NULL, NULL);
    hz_block_pool_release(b.pool);
    hz_bus_close(bus);
    uv_run(&b.loop, UV_RUN_DEFAULT);
    hz_jobs_close(&b.jobs);
    hz_conf_receiver_free(receiver);
    return uv_loop_close(&b.loop) != 0;
}

/* The channels of a receiver of cu8 samples, with all that they need around them. Who includes this
 * has defined RATE_HZ, CENTRE_HZ and TURN, the samples of a turn. */
#ifndef HZ_TESTS_CHANNELS_RIG_H
#define HZ_TESTS_CHANNELS_RIG_H

#include "daemon/receive/channels.h"
#include "daemon/source/source.h"

#include <criterion/criterion.h>
#include <string.h>

struct channels_rig {
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_bus *bus;
    struct hz_conf_receiver *receiver;
    struct hz_channels channels;
    struct hz_block_pool *pool;
    bool wants_all; /* spectra are always those of the whole band */
};

static inline void rig_progress(void *ctx)
{
    (void)ctx;
}

static inline bool rig_wants_all(const void *ctx)
{
    return ((const struct channels_rig *)ctx)->wants_all;
}

static inline void rig_open(struct channels_rig *r, int workers, bool live)
{
    *r = (struct channels_rig){.receiver = hz_conf_receiver_new(&hz_file_kind, "rx")};
    uv_loop_init(&r->loop);
    hz_jobs_init(&r->jobs, &r->loop, workers);
    r->bus = hz_bus_new(&r->loop, 16, 1 << 20, "test");
    struct hz_channels_env env = {.jobs = &r->jobs,
                                  .bus = r->bus,
                                  .receiver = r->receiver,
                                  .live = live,
                                  .wants_all = rig_wants_all,
                                  .progress = rig_progress,
                                  .ctx = r};
    hz_channels_init(&r->channels, &env);
    hz_channels_patient(&r->channels, true);
    r->pool = hz_block_pool_new(6, 2 * TURN);
    hz_channels_begin(&r->channels, HZ_CU8, RATE_HZ, CENTRE_HZ);
}

/* The samples from `from` up to `to` of iq, in blocks that no border of a turn lies in. */
static inline void rig_feed(struct channels_rig *r, const uint8_t *iq, uint64_t from, uint64_t to,
                            size_t block)
{
    struct hz_stamp stamp = {.ns_per_sample = 1e9 / RATE_HZ};
    for (uint64_t at = from, n; at < to; at += n) {
        struct hz_block *b;
        while (!hz_channels_have_room(&r->channels) || !(b = hz_block_take(r->pool)))
            uv_run(&r->loop, UV_RUN_ONCE);
        n = TURN - at % TURN;
        n = n < block ? n : block;
        b->format = HZ_CU8;
        b->n = (size_t)n;
        b->rate_hz = RATE_HZ;
        b->centre_hz = CENTRE_HZ;
        b->first_sample = at;
        b->ends_turn = (at + n) % TURN == 0;
        memcpy(b->data, iq + 2 * at, (size_t)(2 * n));
        hz_channels_push(&r->channels, b, stamp);
        hz_block_unref(b);
    }
}

static inline void rig_settle(struct channels_rig *r)
{
    while (!hz_channels_done(&r->channels))
        uv_run(&r->loop, UV_RUN_ONCE);
}

/* The stream ends. */
static inline void rig_finish(struct channels_rig *r)
{
    hz_channels_finish(&r->channels, (struct hz_stamp){.ns_per_sample = 1e9 / RATE_HZ});
    rig_settle(r);
}

static inline void rig_close(struct channels_rig *r)
{
    hz_channels_close(&r->channels, NULL, NULL);
    hz_block_pool_release(r->pool);
    hz_bus_close(r->bus);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    hz_jobs_close(&r->jobs);
    cr_assert_eq(uv_loop_close(&r->loop), 0);
    hz_conf_receiver_free(r->receiver);
}

#endif

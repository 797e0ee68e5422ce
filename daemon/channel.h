/* A channel: one decoder on one receiver's samples. It is a *strand*: a bounded inbox of blocks and
 * at most one job in flight, so a decoder needs no lock and its messages are in order.
 *
 * What a job found is a *result*, one for each inbox item; it lies in the channel's arena until the
 * receiver lets it be published (at once when live; in the order of block, then channel, in a
 * replay), and only then does the next job start. Loop thread; the decoder and the sink belong to
 * the worker while a job runs. */
#ifndef HZ_DAEMON_CHANNEL_H
#define HZ_DAEMON_CHANNEL_H

#include "daemon/block.h"
#include "daemon/bus.h"
#include "daemon/jobs.h"
#include "proto/sink.h"

struct hz_channel;

struct hz_channel_env {
    struct hz_jobs *jobs;
    struct hz_bus *bus;
    const struct hz_conf_channel *conf;      /* copied */
    const struct hz_conf_receiver *receiver; /* copied: its name and position */
    size_t inbox;                            /* blocks that may wait; less than HZ_INBOX_MAX */
    uint64_t first_seq;                      /* of the first block that it will be given */
    /* A result lies ready, or there is room in the inbox again. */
    void (*progress)(void *ctx, struct hz_channel *c);
    void *ctx;
};

enum { HZ_INBOX_MAX = 64 };

/* Counters for status; the loop's own copy, taken when a job is done. */
struct hz_channel_stats {
    uint64_t blocks, samples;
    uint64_t count[HZ_REASONS];
    uint64_t arena_drops;            /* messages that found the arena full */
    uint64_t overruns, lost_samples; /* times the inbox was full, and what was lost then */
    uint64_t cpu_ns;                 /* in the decoder */
    int64_t last_message_mono_ns;    /* 0: none yet */
    size_t queued;                   /* blocks waiting now */
};

struct hz_channel *hz_channel_new(const struct hz_channel_env *env);

/* Frees it when the job in flight is done; closed (may be NULL) is called then. Publishes no more.
 */
void hz_channel_close(struct hz_channel *c, void (*closed)(void *ctx), void *ctx);

bool hz_channel_has_room(const struct hz_channel *c);

/* Queues a block (referenced by the channel) with its clock. When the inbox is full the block is
 * lost to this channel, and so are the next ones until half of it is free: one long gap, counted.
 */
void hz_channel_push(struct hz_channel *c, struct hz_block *b, struct hz_stamp stamp);

/* Queues the end of the stream: the decoder is flushed. `seq` as of a block. */
void hz_channel_finish(struct hz_channel *c, uint64_t seq, struct hz_stamp stamp);

/* Whether a result lies ready, and of which block. */
bool hz_channel_result(const struct hz_channel *c, uint64_t *seq);
/* Whether it listens to the block of that seq at all: it may have joined later. */
bool hz_channel_has_part_in(const struct hz_channel *c, uint64_t seq);
/* True when nothing is queued, in work or ready. */
bool hz_channel_idle(const struct hz_channel *c);
/* Puts the ready result on the bus and goes on with the inbox. */
void hz_channel_publish(struct hz_channel *c);

const struct hz_conf_channel *hz_channel_conf(const struct hz_channel *c);
struct hz_channel_stats hz_channel_stats(const struct hz_channel *c);
/* Why it does not decode, or NULL when it does. */
const char *hz_channel_error(const struct hz_channel *c);
/* When its job in flight began (uv_hrtime), 0: none. For the watchdog. */
uint64_t hz_channel_busy_since(const struct hz_channel *c);

#endif

/* Blocks of raw samples, from a pool of fixed size: the only way that samples travel.
 * Loop thread: everything here. A worker may read a block that its job pins. */
#ifndef HZ_DAEMON_SOURCE_BLOCK_H
#define HZ_DAEMON_SOURCE_BLOCK_H

#include "dsp/samples.h"

#include <stdbool.h>

struct hz_block_pool;

/* The most blocks that one consumer of a live source may hold back, waiting for a worker. */
enum { HZ_LIVE_BACKLOG_MAX = 64 };

/* One run of IQ samples as it came. Written by its source alone, immutable once handed on. */
struct hz_block {
    int refs; /* loop */
    struct hz_block_pool *pool;
    uint32_t epoch;        /* changes on retune and reopen; first_sample starts anew */
    uint64_t first_sample; /* index of the first sample within the epoch, lost ones counted */
    uint64_t gap_before;   /* samples known to be lost just before this block */
    size_t n;              /* samples */
    bool ends_turn;        /* of a replay: see daemon/receive/channels.h */
    enum hz_format format;
    double rate_hz, centre_hz;
    int64_t arrival_utc_ns, arrival_mono_ns; /* of the last byte; 0 for a recording */
    int64_t utc_ns; /* of the first sample, where a recording tells it anew; else 0 */
    uint8_t *data;
    size_t cap; /* bytes at data; a source may lower it for this time */
};

/* A pool of `count` blocks of `bytes` each. NULL: no memory. */
struct hz_block_pool *hz_block_pool_new(size_t count, size_t bytes);
/* The pool goes when its owner and the last block have let go of it. */
void hz_block_pool_release(struct hz_block_pool *p);

/* A free block with one reference, fields zeroed; NULL when all are in use. */
struct hz_block *hz_block_take(struct hz_block_pool *p);
/* How many are free. */
size_t hz_block_pool_room(const struct hz_block_pool *p);
struct hz_block *hz_block_ref(struct hz_block *b);
/* NULL is allowed. Calls the pool's wake when a block became free after hz_block_take failed. */
void hz_block_unref(struct hz_block *b);

/* Called on the loop when a block is free again after the pool was found empty. */
void hz_block_pool_on_free(struct hz_block_pool *p, void (*wake)(void *ctx), void *ctx);

#endif

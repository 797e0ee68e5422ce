/* Blocks of raw samples from a pool of fixed size. All samples are passed on in blocks.
 * Loop thread: everything here. A worker may read a block of which its job holds a reference. */
#ifndef HZ_DAEMON_SOURCE_BLOCK_H
#define HZ_DAEMON_SOURCE_BLOCK_H

#include "dsp/samples.h"

#include <stdbool.h>

struct hz_block_pool;

/* The number of blocks that one consumer of a live source may hold while it waits for a worker. */
enum { HZ_LIVE_BACKLOG_MAX = 64 };

/* A run of IQ samples in the format of the source. Written by its source, immutable afterwards. */
struct hz_block {
    int refs; /* loop */
    struct hz_block_pool *pool;
    uint32_t epoch;        /* changes with a retune or reopening; samples are then counted from 0 */
    uint64_t first_sample; /* index of the first sample in the epoch, lost samples included */
    uint64_t gap_before;   /* number of samples known to be lost just before this block */
    const char *gap_reason; /* a constant; NULL: hertzd was late, or a recording lacks them */
    size_t n;               /* samples */
    bool ends_turn;         /* of a replay: see daemon/receive/channels.h */
    enum hz_format format;
    double rate_hz, centre_hz;
    int64_t arrival_utc_ns, arrival_mono_ns; /* of the last byte; 0 for a recording */
    int64_t utc_ns; /* time of the first sample, if a recording states it here; else 0 */
    uint8_t *data;
    size_t cap; /* bytes at data; a source may lower it for one use */
};

/* A pool of `count` blocks of `bytes` bytes each. NULL: no memory. */
struct hz_block_pool *hz_block_pool_new(size_t count, size_t bytes);
/* Releases the owner's reference. The pool is freed when no block is in use any more. */
void hz_block_pool_release(struct hz_block_pool *p);

/* A free block with one reference and zeroed fields; NULL: all blocks are in use. */
struct hz_block *hz_block_take(struct hz_block_pool *p);
/* The number of free blocks. */
size_t hz_block_pool_room(const struct hz_block_pool *p);
struct hz_block *hz_block_ref(struct hz_block *b);
/* Releases a reference; NULL is allowed. Calls the pool's `wake` if a block becomes free after
 * hz_block_take has failed. */
void hz_block_unref(struct hz_block *b);

/* Sets `wake`, which is called on the loop when a block is free again after hz_block_take failed.
 */
void hz_block_pool_on_free(struct hz_block_pool *p, void (*wake)(void *ctx), void *ctx);

#endif

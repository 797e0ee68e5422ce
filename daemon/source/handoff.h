/* Hand-off of blocks from a capture thread to the loop. Both threads use it at the same time, under
 * a lock.
 *
 * The loop keeps a stock of empty blocks here. The capture thread takes one, copies its samples
 * into it and puts it on the ring. The loop empties the ring (several wake-ups may be merged). If
 * the stock is empty, samples are dropped until half of it is full again: one long gap instead of
 * many, which the next block carries. The capture thread never waits. */
#ifndef HZ_DAEMON_SOURCE_HANDOFF_H
#define HZ_DAEMON_SOURCE_HANDOFF_H

#include "daemon/base/shed.h"
#include "daemon/source/block.h"

#include <stdbool.h>
#include <uv.h>

enum { HZ_HANDOFF_BLOCKS = 32 }; /* nearly half a second */

/* Counters of the capture thread; copied under the lock. */
struct hz_handoff_counts {
    uint64_t calls, bytes;         /* calls of hz_handoff_put, and their bytes */
    uint64_t drops, dropped_bytes; /* how often the stock was empty, and the bytes lost */
    uint64_t longest_ns, spent_ns; /* time in hz_handoff_put: longest call, and sum */
    uint64_t overflows;            /* losses that the driver reported */
};

struct hz_handoff {
    uv_mutex_t lock;
    struct hz_block *stock[HZ_HANDOFF_BLOCKS]; /* empty; lock */
    size_t n_stock;
    struct hz_block *ring[HZ_HANDOFF_BLOCKS]; /* full; lock */
    size_t first, n_ring;
    size_t n_filling; /* taken from the stock, not yet on the ring; lock */
    struct hz_shed shed;
    uint64_t gap_bytes; /* dropped since the last block */
    uint64_t lost;      /* samples that the driver lost since the last block; lock */
    /* Epoch and centre of the blocks to come, and how many captures are discarded first: after a
     * retune the first ones still have the old frequency; lock */
    uint32_t epoch;
    double centre_hz;
    bool muted;
    int skip;
    struct hz_handoff_counts counts;
    uv_async_t *wake; /* constant after init */
};

/* `wake` is sent whenever the ring gets a block. Blocks get this centre and epoch 0. 0 or -errno.
 */
int hz_handoff_init(struct hz_handoff *h, uv_async_t *wake, double centre_hz);
/* Releases all blocks. The capture thread must have ended. Loop. */
void hz_handoff_done(struct hz_handoff *h);

/* Copies `bytes` bytes into a block and wakes the loop. Bytes beyond the size of a block are
 * dropped; transfers and blocks have the same size, so there are none. Capture thread. */
void hz_handoff_put(struct hz_handoff *h, const void *data, size_t bytes, size_t sample_bytes);

/* The driver reports that it lost samples; how many may be known later, or never. Capture thread.
 */
void hz_handoff_overflow(struct hz_handoff *h);
/* So many samples were lost before those of the next hz_handoff_put. Capture thread. */
void hz_handoff_lost(struct hz_handoff *h, uint64_t samples);

/* The oldest full block, with n, gap_before, gap_reason and the arrival times set; NULL: none.
 * Loop. */
struct hz_block *hz_handoff_get(struct hz_handoff *h);

/* Refills the stock from the pool as far as possible. Loop. */
void hz_handoff_restock(struct hz_handoff *h, struct hz_block_pool *pool);

/* A retune begins: captures are discarded from now on and not counted as lost. Any thread. */
void hz_handoff_mute(struct hz_handoff *h);
/* The retune is done: after `skip` more captures, blocks have a new epoch and this centre. Any
 * thread. */
void hz_handoff_unmute(struct hz_handoff *h, double centre_hz, int skip);

struct hz_handoff_counts hz_handoff_counts(struct hz_handoff *h);

#endif

/* From a capture thread to the loop: the one place in the program where two threads share memory
 * that neither of them gave up, so the one lock.
 *
 * The loop keeps a stock of empty blocks in here. The capture side takes one, copies its samples
 * into it and puts it on the ring; the loop drains the ring until it is empty (wake-ups coalesce).
 * When the stock runs out, samples are dropped until half of it is there again: one long gap, which
 * is told with the next block, instead of many. The capture side never waits. */
#ifndef HZ_DAEMON_SOURCE_HANDOFF_H
#define HZ_DAEMON_SOURCE_HANDOFF_H

#include "daemon/base/shed.h"
#include "daemon/source/block.h"

#include <stdbool.h>
#include <uv.h>

enum { HZ_HANDOFF_BLOCKS = 32 }; /* half a second of 16 ms blocks */

/* What the capture side did; copied under the lock. */
struct hz_handoff_counts {
    uint64_t calls, bytes;         /* capture calls, and what came with them */
    uint64_t drops, dropped_bytes; /* times the stock ran out, and what was lost to it */
    uint64_t longest_ns, spent_ns; /* in hz_handoff_put */
};

struct hz_handoff {
    uv_mutex_t lock;
    struct hz_block *stock[HZ_HANDOFF_BLOCKS]; /* empty; lock */
    size_t n_stock;
    struct hz_block *ring[HZ_HANDOFF_BLOCKS]; /* full; lock */
    size_t first, n_ring;
    size_t n_filling; /* taken from the stock, not yet on the ring; lock */
    struct hz_shed shed;
    uint64_t gap_bytes; /* dropped since the last block that was put */
    /* what the blocks that come are stamped with, and how many come first that are not to be used:
     * after a retune those under way still hold the old frequency; lock */
    uint32_t epoch;
    double centre_hz;
    bool muted;
    int skip;
    struct hz_handoff_counts counts;
    uv_async_t *wake; /* fixed after init */
};

/* `wake` is sent whenever the ring gets a block. Blocks are stamped with that centre, epoch 0. */
int hz_handoff_init(struct hz_handoff *h, uv_async_t *wake, double centre_hz);
/* Lets go of all blocks. The capture side has ended. Loop. */
void hz_handoff_done(struct hz_handoff *h);

/* Copies `bytes` into a block (dropping what is over its size: never, when transfers and blocks
 * have the same size) and wakes the loop. Capture. */
void hz_handoff_put(struct hz_handoff *h, const void *data, size_t bytes, size_t sample_bytes);

/* The oldest full block, n and gap_before and the arrival times filled in; NULL: none. Loop. */
struct hz_block *hz_handoff_get(struct hz_handoff *h);

/* Refills the stock from the pool as far as it goes. Loop. */
void hz_handoff_restock(struct hz_handoff *h, struct hz_block_pool *pool);

/* A retune begins: what is captured from now on is discarded, uncounted. Any thread. */
void hz_handoff_mute(struct hz_handoff *h);
/* It is over: after `skip` more captures the blocks are of a new epoch, at that centre. Any thread.
 */
void hz_handoff_unmute(struct hz_handoff *h, double centre_hz, int skip);

struct hz_handoff_counts hz_handoff_counts(struct hz_handoff *h);

#endif

/* A ring of frames: each gets the next place, and the oldest leave when their owner says so. Places
 * are counted from 0 and never used again. Loop thread. */
#ifndef HZ_DAEMON_BUS_RING_H
#define HZ_DAEMON_BUS_RING_H

#include "daemon/bus/frame.h"

struct hz_ring {
    struct hz_frame **slot; /* a place's frame, at place & (cap - 1) */
    size_t cap;             /* a power of two, grows as needed; 0: none yet */
    uint64_t first, next;   /* frames of the places first … next - 1 are here */
    size_t bytes;           /* of them, as hz_frame_size counts */
    uint64_t left_seq;      /* of the newest frame that has left; 0: none has */
};

/* Takes over the caller's reference. -ENOMEM: it did not, and the ring is as before. */
int hz_ring_push(struct hz_ring *r, struct hz_frame *f);
/* The oldest leaves. There is one. */
void hz_ring_drop(struct hz_ring *r);
/* Frees all. */
void hz_ring_clear(struct hz_ring *r);

/* The frame of a place that is here. */
static inline struct hz_frame *hz_ring_get(const struct hz_ring *r, uint64_t place)
{
    return r->slot[place & (r->cap - 1)];
}

/* The place of the first frame here that was published after that one; `next` when there is none.
 */
uint64_t hz_ring_after_order(const struct hz_ring *r, uint64_t order);
uint64_t hz_ring_after_seq(const struct hz_ring *r, uint64_t seq);

#endif

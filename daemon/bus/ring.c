#include "daemon/bus/ring.h"

#include <errno.h>
#include <stdlib.h>

enum { CAP_MIN = 64 };

static int grow(struct hz_ring *r)
{
    size_t cap = r->cap ? 2 * r->cap : CAP_MIN;
    struct hz_frame **slot = calloc(cap, sizeof(struct hz_frame *));
    if (!slot)
        return -ENOMEM;
    for (uint64_t place = r->first; place < r->next; place++)
        slot[place & (cap - 1)] = hz_ring_get(r, place);
    free(r->slot);
    r->slot = slot;
    r->cap = cap;
    return 0;
}

int hz_ring_push(struct hz_ring *r, struct hz_frame *f)
{
    int rc = r->next - r->first == r->cap ? grow(r) : 0;
    if (rc < 0)
        return rc;
    r->slot[r->next++ & (r->cap - 1)] = f;
    r->bytes += hz_frame_size(f);
    return 0;
}

void hz_ring_drop(struct hz_ring *r)
{
    struct hz_frame *f = hz_ring_get(r, r->first++);
    r->bytes -= hz_frame_size(f);
    r->left_seq = f->seq;
    hz_frame_unref(f);
}

void hz_ring_clear(struct hz_ring *r)
{
    while (r->first < r->next)
        hz_ring_drop(r);
    free(r->slot);
    *r = (struct hz_ring){0};
}

static uint64_t after(const struct hz_ring *r, uint64_t value, bool by_order)
{
    uint64_t low = r->first, high = r->next;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        const struct hz_frame *f = hz_ring_get(r, middle);
        if ((by_order ? f->order : f->seq) <= value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t hz_ring_after_order(const struct hz_ring *r, uint64_t order)
{
    return after(r, order, true);
}

uint64_t hz_ring_after_seq(const struct hz_ring *r, uint64_t seq)
{
    return after(r, seq, false);
}

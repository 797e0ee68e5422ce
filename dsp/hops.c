#include "dsp/hops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hz_hops_init(struct hz_hops *h, const struct hz_hops_shape *shape)
{
    h->shape = *shape;
    h->held = 0;
    h->x = malloc(shape->room * shape->width * sizeof *h->x);
    return h->x ? 0 : -ENOMEM;
}

void hz_hops_done(struct hz_hops *h)
{
    free(h->x);
    h->x = NULL;
}

bool hz_hops_continue(const struct hz_hops *h, const struct hz_samples *in)
{
    return h->held > 0 && in->first + h->shape.before == hz_hops_end(h);
}

void hz_hops_begin(struct hz_hops *h, uint64_t first)
{
    uint64_t grid = first / h->shape.hop * h->shape.hop;
    h->first = grid;
    h->next = grid + h->shape.before;
    h->held = h->shape.before + (size_t)(first - grid);
    memset(h->x, 0, h->held * h->shape.width * sizeof *h->x);
}

/* Samples still missing for the next hop. */
static size_t lacks(const struct hz_hops *h)
{
    uint64_t wanted = h->next + h->shape.hop + h->shape.behind, end = hz_hops_end(h);
    return wanted > end ? (size_t)(wanted - end) : 0;
}

/* Returns room for n more samples; drops samples that no hop needs any more if necessary. */
static float *make_room(struct hz_hops *h, size_t n)
{
    size_t width = h->shape.width;
    if (h->held + n > h->shape.room) {
        size_t drop = (size_t)(h->next - h->first) - h->shape.before;
        h->held -= drop;
        h->first += drop;
        memmove(h->x, h->x + width * drop, h->held * width * sizeof *h->x);
    }
    return h->x + width * h->held;
}

bool hz_hops_push(struct hz_hops *h, struct hz_samples *in)
{
    size_t n = lacks(h);
    bool enough = n <= in->n;
    n = enough ? n : in->n;
    if (n > 0)
        memcpy(make_room(h, n), in->data, n * h->shape.width * sizeof *h->x);
    h->held += n;
    hz_samples_pass(in, n);
    return enough;
}

bool hz_hops_drain(struct hz_hops *h, uint64_t until)
{
    if (h->next >= until)
        return false;
    size_t n = lacks(h);
    memset(make_room(h, n), 0, n * h->shape.width * sizeof *h->x);
    h->held += n;
    return true;
}

uint64_t hz_hops_end(const struct hz_hops *h)
{
    return h->first + h->held;
}

const float *hz_hops_at(const struct hz_hops *h, uint64_t index)
{
    return h->x + h->shape.width * (size_t)(index - h->first);
}

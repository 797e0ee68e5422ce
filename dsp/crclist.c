#include "dsp/crclist.h"

#include <stdlib.h>

enum { NONE = 0xffff };

struct
try {
    float cost;
    uint16_t event[3]; /* indices of events; NONE: unused */
};

struct tries {
    const struct hz_cpm_event *events;
    size_t n, max;
    struct try list[HZ_CRCLIST_TRIES];
};

/* Inserts a candidate into the list of the `max` cheapest, in ascending order. */
static void add(struct tries *t, size_t a, size_t b, size_t c)
{
    struct try new = {0, {(uint16_t)a, (uint16_t)b, (uint16_t)c}};
    for (int i = 0; i < 3; i++)
        new.cost += new.event[i] == NONE ? 0 : t->events[new.event[i]].cost;
    size_t at = t->n < t->max ? t->n++ : t->max;
    for (; at > 0 && t->list[at - 1].cost > new.cost; at--)
        if (at < t->max)
            t->list[at] = t->list[at - 1];
    if (at < t->max)
        t->list[at] = new;
}

static void flip(const struct hz_cpm_event *e, uint8_t *bits)
{
    for (uint32_t i = 0, m = e->mask; m; i++, m >>= 1)
        bits[e->last - i] ^= (uint8_t)(m & 1);
}

static int flip_all(const struct tries *t, const struct try *try, uint8_t *bits)
{
    int changed = 0;
    for (int i = 0; i < 3 && try->event[i] != NONE; i++) {
        const struct hz_cpm_event *e = &t->events[try->event[i]];
        flip(e, bits);
        changed += __builtin_popcount(e->mask);
    }
    return changed;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

int hz_crclist_run(const struct hz_crclist *how, const struct hz_cpm_event *events, size_t count,
                   uint8_t *bits, hz_crclist_fn *accept, void *ctx)
{
    struct tries t = {.events = events, .max = least(how->tries, HZ_CRCLIST_TRIES)};
    size_t singles = least(how->singles, count), pairs = least(how->pairs, count);
    size_t triples = least(how->triples, count);
    for (size_t a = 0; a < singles; a++)
        add(&t, a, NONE, NONE);
    for (size_t a = 0; a < pairs; a++)
        for (size_t b = a + 1; b < pairs; b++) {
            add(&t, a, b, NONE);
            for (size_t c = b + 1; c < triples; c++)
                add(&t, a, b, c);
        }
    for (size_t i = 0; i < t.n; i++) {
        int changed = flip_all(&t, &t.list[i], bits);
        if (accept(ctx, bits))
            return changed;
        flip_all(&t, &t.list[i], bits);
    }
    return 0;
}

#include "daemon/capture/past.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void destroy(struct hz_past *p)
{
    free(p->list);
    free(p->spare);
    free(p);
}

struct hz_past *hz_past_new(size_t sample_bytes, uint64_t samples, uint64_t memory)
{
    struct hz_past *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    /* one more, since the newest is not full */
    uint64_t need = (samples * sample_bytes + HZ_CHUNK_BYTES - 1) / HZ_CHUNK_BYTES + 1;
    uint64_t most = memory / HZ_CHUNK_BYTES;
    p->sample_bytes = sample_bytes;
    p->limit = (size_t)(need < most ? need : most);
    p->list = calloc(p->limit, sizeof(struct hz_chunk *));
    p->spare = calloc(p->limit, sizeof(struct hz_chunk *));
    if (p->list && p->spare)
        return p;
    destroy(p);
    return NULL;
}

static struct hz_chunk *chunk_at(const struct hz_past *p, size_t i)
{
    return p->list[(p->head + i) % p->limit];
}

static struct hz_chunk *newest(const struct hz_past *p)
{
    return chunk_at(p, p->n - 1);
}

struct hz_chunk *hz_chunk_ref(struct hz_chunk *c)
{
    c->refs++;
    return c;
}

void hz_chunk_unref(struct hz_chunk *c)
{
    struct hz_past *p = c->past;
    if (--c->refs > 0)
        return;
    if (!p->released) {
        p->spare[p->n_spare++] = c;
        return;
    }
    free(c);
    if (--p->made == 0)
        destroy(p);
}

static void drop_oldest(struct hz_past *p)
{
    struct hz_chunk *c = chunk_at(p, 0);
    p->head = (p->head + 1) % p->limit;
    p->n--;
    p->samples -= c->n;
    hz_chunk_unref(c);
}

void hz_past_release(struct hz_past *p)
{
    if (!p)
        return;
    while (p->n > 0)
        drop_oldest(p);
    while (p->n_spare > 0) {
        free(p->spare[--p->n_spare]);
        p->made--;
    }
    p->released = true;
    if (p->made == 0)
        destroy(p);
}

/* A chunk without samples: a spare one, a new one, or the oldest that nobody else holds. NULL:
 * there is none. */
static struct hz_chunk *find_chunk(struct hz_past *p)
{
    if (p->n_spare == 0 && p->made < p->limit) {
        struct hz_chunk *c = malloc(sizeof *c);
        p->made += c != NULL;
        if (c)
            return c;
    }
    while (p->n_spare == 0 && p->n > 0)
        drop_oldest(p);
    return p->n_spare > 0 ? p->spare[--p->n_spare] : NULL;
}

static bool begin_chunk(struct hz_past *p, const struct hz_block *b, uint64_t first,
                        struct hz_stamp stamp)
{
    struct hz_chunk *c = find_chunk(p);
    p->open = c != NULL;
    if (!c)
        return false;
    double ahead = (double)((int64_t)(first - stamp.sample)) * stamp.ns_per_sample;
    c->refs = 1;
    c->past = p;
    c->number = p->next++;
    c->epoch = b->epoch;
    c->first = first;
    c->n = 0;
    c->utc_ns = stamp.utc_ns + (int64_t)llround(ahead);
    c->centre_hz = b->centre_hz;
    p->list[(p->head + p->n++) % p->limit] = c;
    return true;
}

/* Whether the newest chunk goes on with that sample of the block. */
static bool goes_on(const struct hz_past *p, const struct hz_block *b, uint64_t first)
{
    if (!p->open || p->n == 0)
        return false;
    const struct hz_chunk *c = newest(p);
    return c->n < HZ_CHUNK_BYTES / p->sample_bytes && c->epoch == b->epoch &&
           c->first + c->n == first && c->centre_hz == b->centre_hz;
}

void hz_past_put(struct hz_past *p, const struct hz_block *b, struct hz_stamp stamp)
{
    for (size_t at = 0; at < b->n;) {
        uint64_t first = b->first_sample + at;
        if (!goes_on(p, b, first) && !begin_chunk(p, b, first, stamp)) {
            p->not_kept += b->n - at;
            return;
        }
        struct hz_chunk *c = newest(p);
        size_t room = HZ_CHUNK_BYTES / p->sample_bytes - c->n, n = b->n - at;
        n = n < room ? n : room;
        memcpy(c->data + c->n * p->sample_bytes, b->data + at * p->sample_bytes,
               n * p->sample_bytes);
        c->n += n;
        p->samples += n;
        at += n;
    }
}

void hz_past_seal(struct hz_past *p)
{
    p->open = false;
}

uint64_t hz_past_before(const struct hz_past *p, uint64_t samples)
{
    uint64_t number = p->next, got = 0;
    for (size_t i = p->n; i > 0 && got < samples; i--) {
        const struct hz_chunk *c = chunk_at(p, i - 1);
        got += c->n;
        number = c->number;
    }
    return number;
}

struct hz_chunk *hz_past_from(const struct hz_past *p, uint64_t number)
{
    if (p->n == 0)
        return NULL;
    uint64_t oldest = chunk_at(p, 0)->number;
    uint64_t i = number > oldest ? number - oldest : 0;
    if (i >= p->n)
        return NULL;
    struct hz_chunk *c = chunk_at(p, (size_t)i);
    bool full = c->n == HZ_CHUNK_BYTES / p->sample_bytes;
    return i + 1 == p->n && p->open && !full ? NULL : c;
}

uint64_t hz_past_bytes(const struct hz_past *p)
{
    return (uint64_t)p->made * sizeof(struct hz_chunk);
}

uint64_t hz_past_most(const struct hz_past *p)
{
    return (uint64_t)p->limit * sizeof(struct hz_chunk);
}

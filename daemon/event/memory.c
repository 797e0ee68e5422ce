#include "daemon/event/memory.h"

#include "daemon/base/hash.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

enum { BUCKETS = 2048 };

struct hz_memory {
    struct hz_held *first, *last; /* by last_ms */
    size_t n;
    struct hz_held *buckets[BUCKETS];
};

struct hz_memory *hz_memory_new(void)
{
    return calloc(1, sizeof(struct hz_memory));
}

void hz_memory_free(struct hz_memory *m)
{
    while (m && m->first)
        hz_memory_drop(m, m->first);
    free(m);
}

uint64_t hz_memory_key(const char *text, ...)
{
    uint64_t h = HZ_HASH;
    va_list more;
    va_start(more, text);
    for (const char *s = text; s; s = va_arg(more, const char *))
        h = hz_hash_byte(hz_hash_text(h, s), 0x1f); /* "a", "b" is not "ab" */
    va_end(more);
    return h;
}

static struct hz_held **bucket(struct hz_memory *m, uint64_t key)
{
    return &m->buckets[(key ^ key >> 32) % BUCKETS];
}

static void unlink_held(struct hz_memory *m, struct hz_held *h)
{
    if (h->prev)
        h->prev->next = h->next;
    else
        m->first = h->next;
    if (h->next)
        h->next->prev = h->prev;
    else
        m->last = h->prev;
}

static void append(struct hz_memory *m, struct hz_held *h)
{
    h->next = NULL;
    h->prev = m->last;
    if (m->last)
        m->last->next = h;
    else
        m->first = h;
    m->last = h;
}

void hz_memory_drop(struct hz_memory *m, struct hz_held *h)
{
    struct hz_held **at = bucket(m, h->key);
    while (*at != h)
        at = &(*at)->same_hash;
    *at = h->same_hash;
    unlink_held(m, h);
    m->n--;
    hz_topic_unref(h->topic);
    free(h);
}

struct hz_held *hz_memory_touch(struct hz_memory *m, uint64_t key, uint64_t now_ms, bool *is_new)
{
    struct hz_held *h = *bucket(m, key);
    while (h && h->key != key)
        h = h->same_hash;
    *is_new = !h;
    if (h) {
        unlink_held(m, h);
    } else {
        if (m->n == HZ_MEMORY_MAX)
            hz_memory_drop(m, m->first);
        h = calloc(1, sizeof *h);
        if (!h)
            return NULL;
        h->key = key;
        h->at = (struct hz_place){NAN, NAN};
        h->same_hash = *bucket(m, key);
        *bucket(m, key) = h;
        m->n++;
    }
    h->last_ms = now_ms;
    append(m, h);
    return h;
}

struct hz_held *hz_memory_old(struct hz_memory *m, uint64_t before_ms)
{
    return m->first && m->first->last_ms < before_ms ? m->first : NULL;
}

size_t hz_memory_count(const struct hz_memory *m)
{
    return m->n;
}

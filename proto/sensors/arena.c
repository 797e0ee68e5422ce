#include "proto/sensors/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 << 10 };

struct hz_arena_chunk {
    struct hz_arena_chunk *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

void *hz_arena_alloc(struct hz_arena *a, size_t n)
{
    const size_t align = alignof(max_align_t);
    n = (n + align - 1) / align * align;
    struct hz_arena_chunk *c = a->chunks;
    if (!c || n > c->size - c->used) {
        const size_t size = n > CHUNK ? n : CHUNK;
        c = calloc(1, sizeof *c + size);
        if (!c)
            return NULL;
        c->size = size;
        c->next = a->chunks;
        a->chunks = c;
    }
    void *p = c->bytes + c->used;
    c->used += n;
    return p;
}

void *hz_arena_copy(struct hz_arena *a, const void *from, size_t n)
{
    void *to = hz_arena_alloc(a, n ? n : 1);
    if (to && n)
        memcpy(to, from, n);
    return to;
}

char *hz_arena_text(struct hz_arena *a, const char *text)
{
    return hz_arena_copy(a, text, strlen(text) + 1);
}

void hz_arena_free(struct hz_arena *a)
{
    for (struct hz_arena_chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    a->chunks = NULL;
}

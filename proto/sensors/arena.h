/* Memory of a set: taken piece by piece while it is made, given back at once. */
#ifndef HZ_PROTO_SENSORS_ARENA_H
#define HZ_PROTO_SENSORS_ARENA_H

#include <stddef.h>

struct hz_arena_chunk;

struct hz_arena {
    struct hz_arena_chunk *chunks;
};

/* n bytes, zeroed, aligned for any type; NULL: no memory. */
void *hz_arena_alloc(struct hz_arena *a, size_t n);
/* A copy of n bytes; of a text with its end. */
void *hz_arena_copy(struct hz_arena *a, const void *from, size_t n);
char *hz_arena_text(struct hz_arena *a, const char *text);
void hz_arena_free(struct hz_arena *a);

#endif

/* For what, or whom, a condition holds at present: each is told once, and ends when it was not
 * heard for some time. At most HZ_MEMORY_MAX; beyond that the one not heard for longest is
 * forgotten. Loop thread. */
#ifndef HZ_DAEMON_EVENT_MEMORY_H
#define HZ_DAEMON_EVENT_MEMORY_H

#include "daemon/bus/frame.h"
#include "daemon/picture/earth.h"

enum { HZ_MEMORY_MAX = 10000 };

struct hz_held {
    uint64_t key;
    uint64_t last_ms; /* of the loop's clock */
    int64_t utc_ns;   /* of its last message */
    bool heard;       /* false: only known from the picture */
    const char *mark; /* static: "simulated", "replayed"; NULL: neither */
    char id[HZ_ID_MAX + 1], name[HZ_ID_MAX + 1]; /* name "": not told */
    struct hz_place at;                          /* NAN: not told */
    struct hz_topic *topic;                      /* referenced; NULL: none */
    struct hz_held *same_hash, *next, *prev;
};

struct hz_memory;

struct hz_memory *hz_memory_new(void);    /* NULL: no memory */
void hz_memory_free(struct hz_memory *m); /* NULL is allowed */

/* FNV-1a of several texts; ends with NULL. */
uint64_t hz_memory_key(const char *text, ...) __attribute__((sentinel));

/* The one with that key, moved to now_ms; *is_new: it was not there. NULL: no memory. */
struct hz_held *hz_memory_touch(struct hz_memory *m, uint64_t key, uint64_t now_ms, bool *is_new);
/* One that was not heard since before_ms; the caller takes it out with hz_memory_drop. NULL: none.
 */
struct hz_held *hz_memory_old(struct hz_memory *m, uint64_t before_ms);
void hz_memory_drop(struct hz_memory *m, struct hz_held *h);

size_t hz_memory_count(const struct hz_memory *m);

#endif

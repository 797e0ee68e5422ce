/* A queue on disk, for what a link cannot send now: records in order, which survive the end of the
 * program, also a kill (daemon/output/spool_disk.h says what a power cut takes). All work with
 * files is done in jobs, one at a time, on the thread that libuv reserves for files. Records that
 * are put wait in memory for their job, in a bounded number. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_SPOOL_H
#define HZ_DAEMON_OUTPUT_SPOOL_H

#include "daemon/output/spool_disk.h"

#include <uv.h>

/* A record: of its owner, who frees it with free(). */
struct hz_spooled {
    struct hz_spooled *next;
    uint64_t number; /* in the spool; 0: not from there */
    size_t n;
    char data[];
};

struct hz_spool;

/* Begins to open the folder; `changed` is called when something has: it is open, records can be
 * taken, there is room, or an error. Called from the loop, never from within these functions. A
 * folder that cannot be opened is tried again each few seconds. NULL: no memory. */
struct hz_spool *hz_spool_new(uv_loop_t *loop, const char *path, uint64_t max_bytes,
                              void (*changed)(void *ctx), void *ctx);

/* Open, and memory has room for another record. */
bool hz_spool_room(const struct hz_spool *s);
/* Appends a record, which it takes over, whether there is room or not. */
void hz_spool_put(struct hz_spool *s, struct hz_spooled *r);
/* The next record, which is the caller's; it stays on disk until it is released. NULL: none is read
 * yet, or there is none; `changed` tells when to ask again. */
struct hz_spooled *hz_spool_take(struct hz_spool *s);
/* Records up to this number are done with. */
void hz_spool_release(struct hz_spool *s, uint64_t number);

/* Open. Until then nobody knows what it holds from an earlier run. */
bool hz_spool_is_open(const struct hz_spool *s);
/* Records that are neither released nor dropped. */
uint64_t hz_spool_records(const struct hz_spool *s);
/* All that was put is on disk. */
bool hz_spool_is_written(const struct hz_spool *s);
/* What is on disk; `dropped` and `damaged` since it was opened. */
struct hz_spool_counts hz_spool_counts(const struct hz_spool *s);
/* What is wrong with it at present; "": nothing. */
const char *hz_spool_error(const struct hz_spool *s);

/* Each second. */
void hz_spool_tick(struct hz_spool *s);

/* Writes what was put, closes the folder, frees s, and then calls closed, never at once. It is told
 * how many records could not be written. */
void hz_spool_close(struct hz_spool *s, void (*closed)(void *ctx, uint64_t lost), void *ctx);

#endif

/* The bus: one bounded log of frames. A subscriber is a cursor into it, so a slow or idle client
 * costs no memory and holds nothing up. When the log is full its oldest frame leaves.
 *
 * Subscribers are woken in turns of at most 2 ms, so that a thousand of them never hold the loop.
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_BUS_BUS_H
#define HZ_DAEMON_BUS_BUS_H

#include "daemon/bus/frame.h"

#include <stdint.h>
#include <uv.h>

/* One who is told that there is something new. Embedded in its owner. */
struct hz_subscriber {
    void (*wake)(struct hz_subscriber *s); /* may unsubscribe itself or any other */
    struct hz_subscriber *next, *prev;     /* the bus's */
};

struct hz_bus;

struct hz_bus_counts {
    uint64_t published;   /* frames since the start */
    uint64_t dropped;     /* frames lost for want of memory, or larger than the whole log */
    size_t frames, bytes; /* kept now */
    size_t max_frames, max_bytes;
};

/* A bus that keeps at most `frames` frames and `bytes` bytes. `stream` (16 hex digits) names this
 * run; it is the client's proof that a seq is one of ours. NULL: no memory, or a limit of 0. */
struct hz_bus *hz_bus_new(uv_loop_t *loop, size_t frames, size_t bytes, const char *stream);
/* Drops the log, closes the bus's handles; freed in their close callback, so the loop must still
 * run. Subscribers are gone before. NULL is allowed. */
void hz_bus_close(struct hz_bus *b);

const char *hz_bus_stream(const struct hz_bus *b);
uint64_t hz_bus_first(const struct hz_bus *b); /* seq of the oldest frame kept; next: none is */
uint64_t hz_bus_next(const struct hz_bus *b); /* seq that the next frame will get; the first is 1 */
struct hz_bus_counts hz_bus_counts(const struct hz_bus *b);

/* The frame of that seq, not referenced; NULL when it has left or is not there yet. */
struct hz_frame *hz_bus_get(const struct hz_bus *b, uint64_t seq);

/* Numbers the frame and appends it; takes over the caller's reference. Returns its seq, or 0 when
 * it was dropped (counted): it is larger than the whole log, or NULL, for want of memory. */
uint64_t hz_bus_publish(struct hz_bus *b, struct hz_frame *f);
/* The same for what the daemon itself tells: json is the members of the line behind "kind", the
 * time among them. */
uint64_t hz_bus_tell(struct hz_bus *b, enum hz_kind kind, struct hz_topic *topic, int64_t utc_ns,
                     const char *json, size_t len);

/* Subscribers are woken from the loop at most every 10 ms, or as soon as 16 KiB are new. */
void hz_bus_subscribe(struct hz_bus *b, struct hz_subscriber *s);
void hz_bus_unsubscribe(struct hz_bus *b, struct hz_subscriber *s);
/* Wakes this one again in the next iteration of the loop, though nothing is new: it had more to do
 * than it would do at once. */
void hz_bus_again(struct hz_bus *b, struct hz_subscriber *s);

/* Called at once with every frame published, before publish returns: for a program's own standard
 * output, which must miss nothing. One only. */
void hz_bus_tap(struct hz_bus *b, void (*tap)(void *ctx, const struct hz_frame *f), void *ctx);

#endif

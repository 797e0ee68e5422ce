/* The bus: bounded logs of frames, which clients and outputs read with cursors (bus/cursor.h). So a
 * slow or idle reader costs no memory and holds nothing up.
 *
 * There are three logs, each with numbers and limits of its own:
 *
 *     HZ_LOG_MESSAGES   what everyone gets: messages, gaps, states. It is kept for those who were
 *                       away. Each protocol has its part; when there is no room for a new frame the
 *                       oldest one leaves of the protocol that holds most. So a protocol with many
 *                       messages does not push out one with few.
 *     HZ_LOG_REPEATS    copies of a message that others heard, too
 *     HZ_LOG_AUDIO      speech: a few seconds
 *
 * Readers are woken in turns of at most 2 ms, so that a thousand of them never hold the loop.
 * Loop thread: everything here. */
#ifndef HZ_DAEMON_BUS_BUS_H
#define HZ_DAEMON_BUS_BUS_H

#include "daemon/bus/ring.h"

#include <stdint.h>
#include <uv.h>

enum hz_log { HZ_LOG_MESSAGES, HZ_LOG_REPEATS, HZ_LOG_AUDIO, HZ_LOGS };

/* Parts of the logs: one for each protocol (the last one for all that come when there are no more),
 * and one for each other log. */
enum { HZ_BUS_PARTS = 24 };

struct hz_part {
    enum hz_log log;
    char protocol[HZ_NAME_MAX + 1]; /* of HZ_LOG_MESSAGES; "": of none, as states are */
    bool mixed;                     /* it holds all further protocols, too */
    struct hz_ring ring;
};

/* One who is told that there is something new. Embedded in its owner. */
struct hz_subscriber {
    void (*wake)(struct hz_subscriber *s); /* may unsubscribe itself or any other */
    struct hz_subscriber *next, *prev;     /* the bus's */
};

struct hz_bus;

struct hz_bus_counts {
    uint64_t published;   /* frames since the start */
    uint64_t dropped;     /* frames lost for want of memory, or larger than the whole log */
    uint64_t expired;     /* frames of all logs that left because of their age */
    size_t frames, bytes; /* of HZ_LOG_MESSAGES, kept now */
    size_t max_frames, max_bytes;
    uint64_t max_age_ms; /* 0: no limit */
};

/* A bus that keeps at most `frames` frames and `bytes` bytes of messages. `stream` (16 hex digits)
 * names this run; it is the client's proof that a seq is one of ours. NULL: no memory, or a limit
 * of 0. */
struct hz_bus *hz_bus_new(uv_loop_t *loop, size_t frames, size_t bytes, const char *stream);
/* From now on frames of all logs leave when they were published max_age_ms ago, or up to 1 s later:
 * that is how often the loop looks. 0, as after hz_bus_new: no limit. */
void hz_bus_limit_age(struct hz_bus *b, uint64_t max_age_ms);
/* Drops the frames that are too old at now_ms, a time of the loop's clock; the bus calls it. */
void hz_bus_expire(struct hz_bus *b, uint64_t now_ms);
/* Drops the logs, closes the bus's handles; freed in their close callback, so the loop must still
 * run. Subscribers are gone before. NULL is allowed. */
void hz_bus_close(struct hz_bus *b);

const char *hz_bus_stream(const struct hz_bus *b);
/* The seq of the oldest message kept; next: none is. */
uint64_t hz_bus_first(const struct hz_bus *b);
/* The seq that the next message will get; the first is 1. */
uint64_t hz_bus_next(const struct hz_bus *b);
/* How many frames were published in all: the order of the newest. */
uint64_t hz_bus_order(const struct hz_bus *b);
struct hz_bus_counts hz_bus_counts(const struct hz_bus *b);
/* Seconds since a frame was published. */
double hz_bus_age_s(const struct hz_bus *b, const struct hz_frame *f);

/* The parts of the logs, which only become more. */
size_t hz_bus_parts(const struct hz_bus *b);
const struct hz_part *hz_bus_part(const struct hz_bus *b, size_t i);

/* Numbers the frame and appends it; takes over the caller's reference. Returns its seq, or 0 when
 * it was dropped (counted): it is larger than the whole log, or NULL, for want of memory. */
uint64_t hz_bus_publish(struct hz_bus *b, struct hz_frame *f);
/* Publishes what the daemon itself reports, such as states and gaps. `json`, `len` bytes, is
 * copied: the members of the line after "kind", with the time among them and without the closing
 * brace. Returns the seq, or 0 when the frame was dropped (counted). */
uint64_t hz_bus_publish_json(struct hz_bus *b, enum hz_kind kind, struct hz_topic *topic,
                             int64_t utc_ns, const char *json, size_t len);

/* A receiver or channel that may publish came, or goes: what a filter may name (see hz_bus_knows).
 * The bus holds a reference meanwhile. A topic that was not announced, or whose bus was closed, may
 * be withdrawn. */
void hz_bus_announce(struct hz_bus *b, struct hz_topic *topic);
void hz_bus_withdraw(struct hz_topic *topic);
enum hz_word { HZ_WORD_RECEIVER, HZ_WORD_CHANNEL, HZ_WORD_PROTOCOL };
/* Whether one of those announced has that name. */
bool hz_bus_knows(const struct hz_bus *b, enum hz_word word, const char *name);

/* Subscribers are woken from the loop in its next iteration while frames are few. Under load, after
 * 10 wakes in a row, at most every 10 ms, or as soon as 16 KiB are new. */
void hz_bus_subscribe(struct hz_bus *b, struct hz_subscriber *s);
void hz_bus_unsubscribe(struct hz_bus *b, struct hz_subscriber *s);
/* Wakes this one again in the next iteration of the loop, though nothing is new: it had more to do
 * than it would do at once. */
void hz_bus_again(struct hz_bus *b, struct hz_subscriber *s);

/* Called at once with every frame published, before publish returns: for a program's own standard
 * output, which must miss nothing. One only. */
void hz_bus_tap(struct hz_bus *b, void (*tap)(void *ctx, const struct hz_frame *f), void *ctx);

#endif

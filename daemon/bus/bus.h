/* The bus: bounded logs of frames, which clients and outputs read with cursors (bus/cursor.h). A
 * slow or idle reader costs no memory and blocks nobody.
 *
 * There are four logs, each with its own numbering and limits:
 *
 * HZ_LOG_MESSAGES: messages, gaps and states, kept for clients that resume. Each protocol has a
 * part of its own. When the log is full, the oldest frame of the largest part is dropped, so a
 * protocol with many messages does not push out one with few.
 *
 * HZ_LOG_REPEATS: copies of messages that other channels received as well.
 *
 * HZ_LOG_AUDIO: a few seconds of speech.
 *
 * HZ_LOG_BURSTS: the latest transmissions that no declaration explains.
 *
 * Readers are woken for at most 2 ms in one iteration of the loop, so a thousand of them do not
 * block it. Loop thread: everything here. */
#ifndef HZ_DAEMON_BUS_BUS_H
#define HZ_DAEMON_BUS_BUS_H

#include "daemon/bus/ring.h"

#include <stdint.h>
#include <uv.h>

enum hz_log { HZ_LOG_MESSAGES, HZ_LOG_REPEATS, HZ_LOG_AUDIO, HZ_LOG_BURSTS, HZ_LOGS };

/* Limit of the parts of all logs: one part for each protocol (the last of them is shared by all
 * further protocols), and one for each other log. */
enum { HZ_BUS_PARTS = 24 };

struct hz_part {
    enum hz_log log;
    /* parts of HZ_LOG_MESSAGES; "": frames without a protocol, such as states */
    char protocol[HZ_NAME_MAX + 1];
    bool mixed; /* the part is shared by all further protocols */
    struct hz_ring ring;
};

/* A reader that is woken when frames are new. Embedded in its owner. */
struct hz_subscriber {
    /* called from the loop; may unsubscribe any subscriber */
    void (*wake)(struct hz_subscriber *s);
    struct hz_subscriber *next, *prev; /* links of the bus's lists */
};

struct hz_bus;
struct hz_audience; /* daemon/bus/audience.h */

struct hz_bus_counts {
    uint64_t published; /* frames since the start */
    /* frames lost because memory ran out or because they are larger than the whole log */
    uint64_t dropped;
    uint64_t expired;     /* frames of all logs that left because of their age */
    size_t frames, bytes; /* frames and bytes in HZ_LOG_MESSAGES at present */
    size_t max_frames, max_bytes;
    uint64_t max_age_ms; /* 0: no limit */
};

/* Makes a bus that keeps at most `frames` frames and `bytes` bytes of messages. `stream` (16 hex
 * digits) identifies this run of the daemon; a client that resumes gives it to show that its seq is
 * from this run. NULL: no memory, or a limit of 0. */
struct hz_bus *hz_bus_new(uv_loop_t *loop, size_t frames, size_t bytes, const char *stream);
/* Other limits of the frames and the bytes of messages, neither 0, from now on: the oldest leave at
 * once. */
void hz_bus_limit(struct hz_bus *b, size_t frames, size_t bytes);
/* From now on frames of all logs leave when they were published max_age_ms ago, or up to 1 s later:
 * that is how often the loop looks. 0, as after hz_bus_new: no limit. */
void hz_bus_limit_age(struct hz_bus *b, uint64_t max_age_ms);
/* Drops the frames that are too old at now_ms, a time of the loop's clock; the bus calls it. */
void hz_bus_expire(struct hz_bus *b, uint64_t now_ms);
/* Drops the logs and closes the bus's handles. The bus is freed in their close callback, so the
 * loop must still run. All subscribers must have unsubscribed. NULL is allowed. */
void hz_bus_close(struct hz_bus *b);

const char *hz_bus_stream(const struct hz_bus *b);
/* The seq of the oldest message in the log; equal to hz_bus_next if the log is empty. */
uint64_t hz_bus_first(const struct hz_bus *b);
/* The seq that the next message will get; the first is 1. */
uint64_t hz_bus_next(const struct hz_bus *b);
/* The number of frames published in all logs, which is the order of the newest one. */
uint64_t hz_bus_order(const struct hz_bus *b);
struct hz_bus_counts hz_bus_counts(const struct hz_bus *b);
/* Seconds since the frame was published. */
double hz_bus_age_s(const struct hz_bus *b, const struct hz_frame *f);

/* The number of parts of the logs. Parts are added, but never removed. */
size_t hz_bus_parts(const struct hz_bus *b);
const struct hz_part *hz_bus_part(const struct hz_bus *b, size_t i);

/* Numbers the frame and appends it to its log. Takes over the caller's reference. Returns the seq,
 * or 0 when the frame was dropped (counted): it is larger than the whole log, or NULL because its
 * memory could not be had. */
uint64_t hz_bus_publish(struct hz_bus *b, struct hz_frame *f);
/* Publishes what the daemon itself reports, such as states and gaps. `json`, `len` bytes, is
 * copied: the members of the line after "kind", with the time among them and without the closing
 * brace. Returns the seq, or 0 when the frame was dropped (counted). */
uint64_t hz_bus_publish_json(struct hz_bus *b, enum hz_kind kind, struct hz_topic *topic,
                             int64_t utc_ns, const char *json, size_t len);

/* Announces a receiver or channel that may publish, or withdraws it: the names that filters are
 * checked against (see hz_bus_knows). The bus holds a reference to an announced topic. Withdrawing
 * a topic that was not announced, or whose bus was closed, does nothing. */
void hz_bus_announce(struct hz_bus *b, struct hz_topic *topic);
void hz_bus_withdraw(struct hz_topic *topic);
enum hz_word { HZ_WORD_RECEIVER, HZ_WORD_CHANNEL, HZ_WORD_PROTOCOL };
/* Whether an announced topic has that receiver, channel or protocol name. */
bool hz_bus_knows(const struct hz_bus *b, enum hz_word word, const char *name);

/* The announced topics, linked by next_known. */
const struct hz_topic *hz_bus_known(const struct hz_bus *b);
/* Who listens to speech as Opus. */
struct hz_audience *hz_bus_audience(struct hz_bus *b);

/* Adds or removes a subscriber. Subscribers are woken in the loop's next iteration after a new
 * frame. Under load (10 wakes in a row) they are woken at most every 10 ms, or as soon as 16 KiB
 * are new; where they are so many that waking all takes longer than 5 ms, after twice that time or
 * as many bytes more, 40 ms and 64 KiB at most. */
void hz_bus_subscribe(struct hz_bus *b, struct hz_subscriber *s);
void hz_bus_unsubscribe(struct hz_bus *b, struct hz_subscriber *s);
/* Wakes this subscriber again in the loop's next iteration, even if no frame is new, to continue
 * work that it interrupted. */
void hz_bus_again(struct hz_bus *b, struct hz_subscriber *s);

/* The filters that cursors share: of daemon/bus/filter.h. */
struct hz_filters {
    struct hz_filter *first;
    uint64_t made;
};
struct hz_filters *hz_bus_filters(struct hz_bus *b);

/* Sets a callback that gets every frame before hz_bus_publish returns, for a program's own standard
 * output, which must miss nothing. There is one tap; a second call replaces it. */
void hz_bus_tap(struct hz_bus *b, void (*tap)(void *ctx, const struct hz_frame *f), void *ctx);

#endif

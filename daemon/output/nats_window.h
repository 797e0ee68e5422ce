/* What was published to JetStream and is not acknowledged yet, in the order of the first sending.
 * Each record has a token, by which its ack names it. What was refused, timed out, or was on its
 * way when a connection ended is *held*: it must be sent again before anything new. Plain data;
 * its owner's thread. */
#ifndef HZ_DAEMON_OUTPUT_NATS_WINDOW_H
#define HZ_DAEMON_OUTPUT_NATS_WINDOW_H

#include "daemon/output/spool.h"

enum { HZ_WINDOW = 2048, HZ_WINDOW_BYTES = 4 * 1024 * 1024, HZ_WINDOW_TIMES = 256 };

struct hz_window_entry {
    struct hz_spooled *r; /* own; NULL: it is done with */
    bool held;
    uint64_t sent_ns;
};

struct hz_window {
    struct hz_window_entry at[HZ_WINDOW]; /* token t is at t % HZ_WINDOW */
    uint64_t first, next;                 /* tokens: of the oldest not done with, of the next */
    size_t n, held, bytes;                /* records not done with; of these held; their bytes */
    uint64_t released;                    /* of the spool: all up to this number are done with */
    /* The latest times from sending to ack, in ns: of those sent once. */
    uint64_t times[HZ_WINDOW_TIMES], n_times;
};

void hz_window_init(struct hz_window *w);
/* Frees the records. */
void hz_window_done(struct hz_window *w);

bool hz_window_room(const struct hz_window *w);
/* Adds a record that is sent now, and takes it over. Only with room. Its token. */
uint64_t hz_window_add(struct hz_window *w, struct hz_spooled *r, uint64_t now_ns);
/* The record of that token; NULL: it is done with, or there was none. */
struct hz_spooled *hz_window_find(const struct hz_window *w, uint64_t token);
/* It is acknowledged. */
void hz_window_ack(struct hz_window *w, uint64_t token, uint64_t now_ns);
/* Takes it out, for another place. The record is the caller's. */
struct hz_spooled *hz_window_remove(struct hz_window *w, uint64_t token);
/* It must be sent again; all that are sent must; those that were sent before `before_ns`. How many
 * they are that were not held before. */
size_t hz_window_hold(struct hz_window *w, uint64_t token);
size_t hz_window_hold_all(struct hz_window *w, uint64_t before_ns);
/* The first one held, from `token` on; false: there is none. */
bool hz_window_held(const struct hz_window *w, uint64_t *token);
/* It is sent again. */
void hz_window_sent(struct hz_window *w, uint64_t token, uint64_t now_ns);

/* Of the latest times, the one that a fraction (0 to 1) of them do not pass, in ms; 0: none. */
double hz_window_time_ms(const struct hz_window *w, double fraction);

#endif

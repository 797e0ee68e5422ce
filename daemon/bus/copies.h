/* The bursts that a fold remembers (fold.h): the latest ones, found by their frame and time. A
 * burst is a transmission and who heard it. Memory is bounded by their number. Loop thread. */
#ifndef HZ_DAEMON_BUS_COPIES_H
#define HZ_DAEMON_BUS_COPIES_H

#include "daemon/bus/frame.h"

enum {
    HZ_HEARD_MAX = 64,  /* hearings named in one message */
    HZ_EARS_MAX = 1024, /* hearings of one burst that are told apart */
};

/* One copy. */
struct hz_hearing {
    struct hz_topic *topic; /* referenced */
    int64_t utc_ns;
    float snr_db;
};

struct hz_copied {
    const struct hz_decoder *decoder;
    uint64_t frame; /* hash of its frame */
    int64_t utc_ns, end_ns;
    const void *stream;       /* the receiver of the first copy */
    uint64_t serial;          /* of the first copy, in the fold's count */
    uint64_t due_ms;          /* of the loop's clock; 0: not timed */
    struct hz_frame *best;    /* while held, not numbered yet; else NULL */
    struct hz_hearing *heard; /* while held */
    uint64_t *ears;           /* who heard it: hz_ear_of, in order of arrival */
    uint32_t n_heard, n_ears, ears_room;
    struct hz_copied *next_held; /* that came after it */
    struct hz_copied *next;      /* of all, the one that came after it */
    struct hz_copied *same;      /* with the same slot */
};

struct hz_copies {
    struct hz_copied **slots;
    size_t n_slots, n, limit;
    struct hz_copied *oldest, *newest;
};

/* What gives each burst at most once: a channel, or a station, which folds what its channels hear.
 */
uint64_t hz_ear_of(const struct hz_topic *topic);

/* -ENOMEM: nothing was made. */
int hz_copies_init(struct hz_copies *s, size_t limit);
/* A larger limit. -ENOMEM: the limit stays. */
int hz_copies_widen(struct hz_copies *s, size_t limit);
/* Frees all; none may be held. */
void hz_copies_done(struct hz_copies *s);

/* Adds one of that frame and time. The caller has made room: s->n is below s->limit. NULL: no
 * memory. */
struct hz_copied *hz_copies_add(struct hz_copies *s, const struct hz_decoder *decoder,
                                uint64_t frame, int64_t utc_ns);
/* Frees the oldest one, which is not held. */
void hz_copies_drop(struct hz_copies *s);
/* The burst of that frame that is nearest in time and that the ear has not heard: at most near_ns
 * away if it is of that stream, else apart_ns. NULL: there is none. */
struct hz_copied *hz_copies_find(const struct hz_copies *s, const struct hz_copied *like,
                                 uint64_t ear, int64_t near_ns, int64_t apart_ns);

bool hz_copied_heard_by(const struct hz_copied *b, uint64_t ear);
/* One more copy. What does not fit is not noted. */
void hz_copied_hear(struct hz_copied *b, struct hz_topic *topic, int64_t utc_ns, float snr_db);
/* The burst is held no longer: only who heard it is kept. */
void hz_copied_settle(struct hz_copied *b);

#endif

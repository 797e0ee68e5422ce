/* Repeats folded: a burst that several channels or receivers heard is one message that names them.
 *
 * A message whose protocol more than one channel decodes is held until each of them has decoded the
 * air up to the end of the message, and 0.25 s at most. What comes meanwhile with the same frame
 * from another channel, at the same time, is the same burst: the copy with the best SNR becomes the
 * message, with a list `heard`, and the others are published as frames of kind "repeat", which only
 * those get who ask for them. A copy that comes too late for the list is a repeat all the same. Two
 * copies from one channel are two transmissions and are never folded.
 *
 * A hub (daemon/input/nats.c) gives the messages of many stations to the same fold. Then everything
 * is held for a fixed time, in which copies arrive over the network, and many more bursts are
 * remembered, so that what a station sends after an hour without a link is known. A station folds
 * what its own channels hear, so two copies from one station are two transmissions. Loop thread. */
#ifndef HZ_DAEMON_BUS_FOLD_H
#define HZ_DAEMON_BUS_FOLD_H

#include "daemon/bus/bus.h"

struct hz_fold;

/* Makes a fold that publishes on `bus`, which is borrowed. NULL: no memory. */
struct hz_fold *hz_fold_new(uv_loop_t *loop, struct hz_bus *bus);
/* Publishes all held messages. The fold is freed when its timer is closed. NULL is allowed. */
void hz_fold_close(struct hz_fold *f);

/* The channel that a message comes from. */
struct hz_fold_from {
    const struct hz_decoder *decoder;
    struct hz_topic *topic; /* of the channel: what tells it from others */
    const void *stream;     /* the receiver: its channels have one sample clock */
    bool timed;             /* its messages are held for a time; else until hz_fold_flush */
    int64_t until_ns;       /* UTC up to which the channel has decoded; 0: not known */
    int64_t apart_ns;       /* by how much its clock and those of others may differ; 0: 100 ms */
    const char
        *more; /* members that follow the record's own in its line, of more_len bytes; NULL: none */
    size_t more_len;
};

/* A channel comes or goes (one that is not there may go). topic is borrowed in between. */
void hz_fold_join(struct hz_fold *f, const struct hz_fold_from *from);
void hz_fold_leave(struct hz_fold *f, const struct hz_topic *topic);

/* From now on stations give copies too: all that is timed is held for hold_ms, and so many bursts
 * are remembered. Of several calls the largest counts. -ENOMEM: as many as before. */
int hz_fold_far(struct hz_fold *f, uint64_t hold_ms, size_t bursts);
void hz_fold_no_far(struct hz_fold *f); /* one of those calls no longer counts */

/* The channel has decoded, and given, all that it heard up to from->until_ns: what waited for it
 * alone is published. */
void hz_fold_passed(struct hz_fold *f, const struct hz_fold_from *from);

/* Passes a message through the fold; the record is copied. */
void hz_fold_publish(struct hz_fold *f, const struct hz_fold_from *from,
                     const struct hz_record *rec);

/* Publishes the held messages of a stream; NULL: of all streams. */
void hz_fold_flush(struct hz_fold *f, const void *stream);

struct hz_fold_counts {
    uint64_t taken;    /* messages given to hz_fold_publish */
    uint64_t copies;   /* of these, copies of another one */
    uint64_t late;     /* of these, such that came when their message was out already */
    size_t remembered; /* bursts */
};
struct hz_fold_counts hz_fold_counts(const struct hz_fold *f);
/* All messages before this one, counted from 1 as `taken` does, are on the bus. */
uint64_t hz_fold_settled(const struct hz_fold *f);

#endif

/* Repeats folded: a burst that several channels or receivers heard is one message that names them.
 *
 * A message whose protocol more than one channel decodes is held until each of them has decoded the
 * air up to the end of the message, and 0.25 s at most. What comes meanwhile with the same frame
 * from another channel, at the same time, is the same burst: the copy with the best SNR becomes the
 * message, with a list `heard`, and the others are published as frames of kind "repeat", which only
 * those get who ask for them. A copy that comes too late for the list is a repeat all the same. Two
 * copies from one channel are two transmissions and are never folded. Loop thread. */
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
};

/* A channel comes or goes (one that is not there may go). topic is borrowed in between. */
void hz_fold_join(struct hz_fold *f, const struct hz_fold_from *from);
void hz_fold_leave(struct hz_fold *f, const struct hz_topic *topic);

/* The channel has decoded, and given, all that it heard up to from->until_ns: what waited for it
 * alone is published. */
void hz_fold_passed(struct hz_fold *f, const struct hz_fold_from *from);

/* Passes a message through the fold; the record is copied. */
void hz_fold_publish(struct hz_fold *f, const struct hz_fold_from *from,
                     const struct hz_record *rec);

/* Publishes the held messages of a stream; NULL: of all streams. */
void hz_fold_flush(struct hz_fold *f, const void *stream);

#endif

/* Repeats folded: a burst that several channels or receivers heard is one message that names them.
 *
 * A message whose protocol more than one channel decodes is held for a moment. What comes meanwhile
 * with the same frame from another channel, at the same time, is the same burst: the copy with the
 * best SNR becomes the message, with a list `heard`, and the others go out as frames of kind
 * "repeat", which only those get who ask for them. A copy that comes too late for the list is a
 * repeat all the same. Two copies from the same channel are two transmissions and are never merged.
 * Loop thread. */
#ifndef HZ_DAEMON_BUS_FOLD_H
#define HZ_DAEMON_BUS_FOLD_H

#include "daemon/bus/bus.h"

struct hz_fold;

/* bus is borrowed. NULL: no memory. */
struct hz_fold *hz_fold_new(uv_loop_t *loop, struct hz_bus *bus);
/* Publishes what is held; freed when its timer is closed. NULL is allowed. */
void hz_fold_close(struct hz_fold *f);

/* A channel with that decoder comes or goes. */
void hz_fold_join(struct hz_fold *f, const struct hz_decoder *decoder);
void hz_fold_leave(struct hz_fold *f, const struct hz_decoder *decoder);

/* Who gives a message. */
struct hz_fold_from {
    const struct hz_decoder *decoder;
    struct hz_topic *topic;
    const void *stream; /* the receiver: its channels have one sample clock */
    bool timed;         /* held for a time; else until hz_fold_flush */
};

/* A message, which is copied. */
void hz_fold_publish(struct hz_fold *f, const struct hz_fold_from *from,
                     const struct hz_record *rec);

/* Publishes what is held of a stream; NULL: of all. */
void hz_fold_flush(struct hz_fold *f, const void *stream);

#endif

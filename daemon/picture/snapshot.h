/* The text of an answer with many targets: made in pieces over several turns of the loop, while the
 * picture is held, so that it is exactly the state of one moment; and shared by the clients that
 * ask for it at the same time. Loop thread.
 *
 * A client has a struct hz_snapshot_reader, which makes the snapshot with it, then gives out its
 * text. */
#ifndef HZ_DAEMON_PICTURE_SNAPSHOT_H
#define HZ_DAEMON_PICTURE_SNAPSHOT_H

#include "daemon/picture/format.h"

enum { HZ_SNAPSHOTS_MAX = 16 /* that clients hold at one time */ };

struct hz_snapshot {
    struct hz_snapshots *all;
    struct hz_snapshot *next;
    const struct hz_picture_format *format;
    int refs;
    char *text;
    size_t len, cap;
    bool complete, failed;
    /* of the loop's clock: when it was complete */
    uint64_t made_ms;
    /* where it goes on */
    int list;
    const struct hz_target *at;
};

struct hz_snapshots {
    struct hz_picture *picture; /* borrowed */
    struct hz_snapshot *first;
    size_t n, bytes;
    uint64_t made, shared, refused;
};

/* Whether the next one may have to be refused. */
bool hz_snapshots_full(const struct hz_snapshots *all);
/* A reference to the snapshot that is being made, to one of the last half second, or to a new one.
 * 0; -EBUSY: clients hold too many; -ENOMEM. */
int hz_snapshot_get(struct hz_snapshots *all, const struct hz_picture_format *format,
                    struct hz_snapshot **snapshot);
/* Makes the next piece, in about a millisecond. 1: it is complete; 0: not yet; -ENOMEM. */
int hz_snapshot_more(struct hz_snapshot *s);
void hz_snapshot_unref(struct hz_snapshot *s); /* NULL is allowed */

/* How a client takes a snapshot. */
struct hz_snapshot_reader {
    struct hz_snapshots *all;
    const struct hz_picture_format *format;
    struct hz_snapshot *snapshot; /* NULL: not begun */
    size_t given;
};

/* NULL: no memory. */
struct hz_snapshot_reader *hz_snapshot_reader_new(struct hz_snapshots *all,
                                                  const struct hz_picture_format *format);
/* The next piece of the text, at most 64 KiB, valid until the reader is freed. While the snapshot
 * is being made a piece is empty: such a call must follow the one before without waiting for the
 * client, since the picture is held. 1: there are more; 0: it was the last one; -EBUSY: clients
 * hold too many, try again later; -ENOMEM. */
int hz_snapshot_read(struct hz_snapshot_reader *r, const char **piece, size_t *n);
void hz_snapshot_reader_free(void *reader); /* NULL is allowed */

#endif

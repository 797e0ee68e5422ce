/* What the bursts of one channel have told of late. Each burst is decoded by itself, so this is the
 * only place that knows of those before it:
 *
 * A transmission that was heard in two bursts at one time (its carrier and its image, or a burst in
 * two parts of the band) is told once. A message that its decoder doubts ("confirmed":false) is no
 * longer doubted when its sender was heard in the last hour: an accident has another sender each
 * time.
 *
 * Judged in the order of publication, so that a replay gives the same bytes. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_SIGHTINGS_H
#define HZ_DAEMON_RECEIVE_SIGHTINGS_H

#include "proto/out/field.h"

enum {
    HZ_SIGHTINGS_SENDERS = 256, /* remembered; the one not heard for longest is forgotten */
    HZ_SIGHTINGS_LATEST = 32,   /* messages that a new one is compared with */
    HZ_SIGHTINGS_TEXT = 8192,   /* of a message that is changed, at most */
};

struct hz_sighting {
    uint64_t key; /* of the sender, or of what was told; 0: none */
    int64_t utc_ns, end_ns;
};

struct hz_sightings {
    struct hz_sighting sender[HZ_SIGHTINGS_SENDERS], latest[HZ_SIGHTINGS_LATEST];
    size_t at; /* in latest */
    uint64_t again, confirmed;
    char text[HZ_SIGHTINGS_TEXT]; /* of the message that was changed last */
    struct hz_marks marks;
};

/* Judges a message that is about to be published, and remembers it. True: publish it; its text may
 * be another one now, which is valid until the next call. False: it was told already. Records that
 * are no messages pass. `s` is all zero at first. */
bool hz_sightings_judge(struct hz_sightings *s, struct hz_record *rec);

#endif

/* What a protocol's messages mean for the picture: in which list their senders are, how long what
 * they tell is worth showing, and what can be believed. A new protocol is one line in family.c; one
 * without a line is a station as soon as it gives a position. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_FAMILY_H
#define HZ_DAEMON_PICTURE_FAMILY_H

#include "daemon/picture/track.h"
#include "proto/out/field.h"

enum hz_list { HZ_LIST_AIRCRAFT, HZ_LIST_SHIPS, HZ_LIST_STATIONS, HZ_LISTS };

/* What the targets of a list have in common. */
struct hz_list_rules {
    const char *name;         /* "aircraft": also the resource and the member of its answer */
    uint64_t forget_ms;       /* a target is forgotten so long after its last message */
    double speed_ms, slack_m; /* from one position to the next it gets so far, and not further */
    double reach_m;           /* no position further away counts for the coverage */
    struct hz_thinning thinning;
};

extern const struct hz_list_rules hz_lists[HZ_LISTS];

/* Protocols whose ids are of one kind: the same id is the same sender. */
struct hz_family {
    const char *name; /* NULL in the one for protocols without a line */
    enum hz_list list;
    bool only_placed;         /* a target begins with a position only */
    const char *const *names; /* fields that name the target, the best first; ends with NULL */
    const char *const *altitudes;
    /* Fields that are dropped when they are passing_s old: those in `listed`, or all but those. */
    uint32_t passing_s;
    bool listed_last;
    const char *const *listed;
    /* Whether its position is the target's. NULL: always. */
    bool (*locates)(const struct hz_record *rec);
    /* Whether the sender itself is where the message says, and was heard without a relay. NULL:
     * always. */
    bool (*direct)(const struct hz_record *rec);
    /* What the message is about, where that is not who sent it. NULL: it always is. */
    bool (*subject)(const struct hz_record *rec, char id[HZ_ID_MAX + 1]);
    /* The message says that its target is no more. NULL: there are no such. */
    bool (*ends)(const struct hz_record *rec);
};

/* NULL: its messages are not about anybody in the picture, as pages and speech. */
const struct hz_family *hz_family_of(const char *protocol);
/* Where the message says that its target is; NAN: nowhere. */
struct hz_place hz_family_place(const struct hz_family *f, const struct hz_record *rec);
/* Whether a field so old is still shown. */
bool hz_family_shows(const struct hz_family *f, struct hz_value name, uint32_t age_s);

#endif

/* The sentences of AIS messages that need several, until all of one are there: known by their
 * number, channel and sender, in any order. A bounded table; what is not complete after 10 s is
 * given up. Pure; one thread at a time. */
#ifndef HZ_PROTO_READER_FRAGMENTS_H
#define HZ_PROTO_READER_FRAGMENTS_H

#include "proto/reader/reader.h"

enum {
    HZ_FRAGMENTS = 16,     /* messages at a time; the oldest is given up */
    HZ_FRAGMENT_PARTS = 9, /* sentences of one message */
    HZ_FRAGMENT_TEXT = 90, /* characters of one sentence's payload */
    HZ_FRAGMENT_WAIT_MS = 10000,
};

/* One sentence. */
struct hz_fragment {
    unsigned count, number; /* number from 1 to count, which is 9 at most */
    char id, channel;       /* 0: none is given; a channel that is missing may be any */
    bool own;
    const char *station; /* "": not told */
    const char *text;    /* its payload */
};

struct hz_pending {
    bool used;
    uint64_t since_ms;
    unsigned count, got; /* got: bit n for sentence n + 1 */
    char id, channel;
    bool own;
    int64_t utc_ns; /* told by its first sentence */
    char station[HZ_UNIT_STATION_MAX + 1];
    char part[HZ_FRAGMENT_PARTS][HZ_FRAGMENT_TEXT + 1];
};

struct hz_fragments { /* all zero: none */
    struct hz_pending list[HZ_FRAGMENTS];
    char whole[HZ_FRAGMENT_PARTS * HZ_FRAGMENT_TEXT + 1];
};

/* Takes a sentence of a message of several. The payload of the message that it completes, valid
 * until the next call, with the time and station of its first sentence in unit; or NULL, with *why
 * set if something is given up. */
const char *hz_fragments_put(struct hz_fragments *f, const struct hz_fragment *s, uint64_t now_ms,
                             struct hz_unit *unit, const char **why);

#endif

/* What belongs together over frames: the fragments of a message, and the pagers of a group. Both
 * are bounded; what is never completed is forgotten. Pure; one thread at a time. */
#ifndef HZ_PROTO_FLEX_JOIN_H
#define HZ_PROTO_FLEX_JOIN_H

#include "proto/flex/page.h"

enum {
    HZ_FLEX_JOINED_TEXT = 4096, /* bytes of a message of several fragments */
    HZ_FLEX_JOINED_WORDS = 512, /* codewords of it */
    HZ_FLEX_OPEN = 16,          /* messages that wait for a fragment, at most */
    HZ_FLEX_MEMBERS = 32,       /* pagers of a group, at most */
    HZ_FLEX_FRAMES_KEPT = 128,  /* frames that a network may take until the next fragment */
};

/* A message, perhaps of several fragments. */
struct hz_flex_message {
    struct hz_flex_page page; /* the first fragment that was received; its own text is not used */
    char text[HZ_FLEX_JOINED_TEXT];
    size_t len;
    uint32_t raw[HZ_FLEX_JOINED_WORDS];
    size_t words;
    char phase;
    unsigned fragments, last;         /* received, and the fragment number of the latest */
    bool truncated;                   /* one is missing */
    uint64_t frame;                   /* of the latest, counted from the beginning of the stream */
    uint64_t member[HZ_FLEX_MEMBERS]; /* capcodes of the group that it was sent to */
    unsigned members;
};

struct hz_flex_join {
    struct hz_flex_message open[HZ_FLEX_OPEN]; /* fragments == 0: not in use */
    struct hz_flex_group {
        uint64_t until; /* frame after which it is forgotten */
        uint64_t member[HZ_FLEX_MEMBERS];
        unsigned members;
    } group[HZ_FLEX_GROUPS];
};

/* Takes a page of frame number `frame` of the stream, whose number in its cycle is `number`. True:
 * *out is a whole message, or one that had to make room. */
bool hz_flex_join_page(struct hz_flex_join *j, const struct hz_flex_page *page, char phase,
                       uint64_t frame, unsigned number, struct hz_flex_message *out);

/* A message that waited for its next fragment for too long by that frame, marked as truncated;
 * UINT64_MAX: any that waits. False: there is none. */
bool hz_flex_join_expired(struct hz_flex_join *j, uint64_t frame, struct hz_flex_message *out);

#endif

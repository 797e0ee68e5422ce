/* Joins the blocks of an ACARS message. They belong together by registration, label and message
 * number; they are in order by the letter behind the number in a downlink, by the block id in an
 * uplink. Blocks may come twice, when an acknowledgement was not heard.
 *
 * Bounded: HZ_ACARS_OPEN messages of HZ_ACARS_WHOLE bytes. The oldest one makes room, and one that
 * was not completed is forgotten HZ_ACARS_KEPT_MS after its latest block. Pure; one thread at a
 * time. */
#ifndef HZ_PROTO_ACARS_JOIN_H
#define HZ_PROTO_ACARS_JOIN_H

#include "proto/acars/block.h"

enum {
    HZ_ACARS_OPEN = 32,        /* messages that wait for a block */
    HZ_ACARS_WHOLE = 16 * 220, /* bytes of a whole text; what is over is cut */
    HZ_ACARS_KEPT_MS = 90000,  /* the time in which an uplink must be complete (ARINC 618) */
};

/* What came of a block, with the names that libacars and acarsdec give it. */
enum hz_acars_part {
    HZ_ACARS_ALONE,    /* "skipped": the message has one block */
    HZ_ACARS_BEGUN,    /* "in progress": others will follow */
    HZ_ACARS_COMPLETE, /* "complete": the last one */
    HZ_ACARS_REPEATED, /* "duplicate": it was there already */
    HZ_ACARS_STRAY,    /* "out of sequence": one before it is missing */
    HZ_ACARS_PARTS
};

extern const char *const hz_acars_part_name[HZ_ACARS_PARTS];

struct hz_acars_message {
    char address[8], label[3], number[4];
    char next, latest; /* the letter or block id that is awaited, and that of the latest block */
    unsigned blocks;   /* received; 0: not in use */
    int64_t ms;        /* when the latest block came */
    bool cut;          /* not all of the text found room */
    size_t len;
    char text[HZ_ACARS_WHOLE + 1];
};

/* All zeros at first. */
struct hz_acars_join {
    struct hz_acars_message open[HZ_ACARS_OPEN];
    struct hz_acars_message whole;
};

/* The result; the text is the block's or the join's, and valid until the next block. */
struct hz_acars_joined {
    enum hz_acars_part part;
    const char *text; /* of the whole message if it is complete, else of the block */
    size_t len;
    unsigned blocks; /* of it, up to now */
    bool cut;        /* the whole text did not find room */
};

/* Takes a block that was received at ms, a time in milliseconds from any origin. A time before that
 * of a message's latest block counts as too late. */
struct hz_acars_joined hz_acars_join_block(struct hz_acars_join *j,
                                           const struct hz_acars_block *block, int64_t ms);

#endif

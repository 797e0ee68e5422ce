/* From the words of a phase to pages: block information, addresses, vectors, messages. What has a
 * checksum is judged by it; where it fails, the second best codewords of the weakest words are
 * tried. Pure; any thread.
 *
 * Sources: data sheets of the decoders PCD5008/PCD5013 (Philips) and MC68181 (Motorola), written
 * after the FLEX specification G1.8. */
#ifndef HZ_PROTO_FLEX_PAGE_H
#define HZ_PROTO_FLEX_PAGE_H

#include "proto/flex/phase.h"

enum hz_flex_kind {
    HZ_FLEX_TONE,
    HZ_FLEX_NUMERIC,
    HZ_FLEX_ALPHA,
    HZ_FLEX_BINARY,
    HZ_FLEX_SECURE,
    HZ_FLEX_INSTRUCTION,
    HZ_FLEX_KINDS
};

enum {
    HZ_FLEX_PAGE_WORDS = HZ_FLEX_WORDS + 3,        /* two of address, the vector, the message */
    HZ_FLEX_TEXT_MAX = 21 * HZ_FLEX_WORDS / 4 + 4, /* bytes of a fragment: digits of four bits */
};

/* Capcodes of groups: temporary address n of 0 to 15 is HZ_FLEX_GROUP + n. */
enum { HZ_FLEX_GROUP = 2029568, HZ_FLEX_GROUPS = 16 };

struct hz_flex_page {
    uint64_t capcode;
    bool is_long; /* the address has two words */
    enum hz_flex_kind kind;
    unsigned vector;                  /* its type, 0 to 7 */
    uint32_t vector_value;            /* 21 bits */
    uint32_t raw[HZ_FLEX_PAGE_WORDS]; /* codewords: address, vector, message */
    size_t words;
    unsigned fixed; /* bits changed in them */
    float quality;  /* of the worst word that no checksum covers */
    bool checked;   /* it has a checksum, and that is right */
    bool unchecked; /* it has one, which is wrong: the message may be wrong */
    /* Text: 7-bit characters of alpha and secure; digits of numeric; hexadecimal digits of binary.
     */
    char text[HZ_FLEX_TEXT_MAX];
    size_t len;
    bool numbered;     /* `number` is told */
    unsigned number;   /* of the message, 0 to 63 */
    unsigned fragment; /* 3: the first; then 0, 1, 2, 0, ... */
    bool more;         /* fragments follow */
    bool maildrop;
    unsigned bits_per_character; /* binary: 1 to 16; 0: not told */
    /* Instruction 0: the pager also gets the message to a group in that frame. */
    bool joins;
    unsigned group, group_frame;
    int tone; /* number of a tone-only page, 0 to 7; -1: not told */
};

/* Goes through the pages of a phase. */
struct hz_flex_walk {
    const struct hz_flex_phase *phase;
    unsigned next, vectors, first; /* words: next address, the vectors, the first address */
    bool trusted;     /* all words of the frame are as received: sums that are wrong are not sent */
    unsigned refused; /* pages that were not told since a check failed */
};

/* False: the phase has no pages, or its block information is lost. */
bool hz_flex_walk_begin(struct hz_flex_walk *w, const struct hz_flex_phase *phase);
/* The next page; false: there is none. */
bool hz_flex_walk_next(struct hz_flex_walk *w, struct hz_flex_page *page);

/* Whether the checksum over the nibbles of block information, vectors and the frame information is
 * right. */
bool hz_flex_sum_right(uint32_t value);

#endif

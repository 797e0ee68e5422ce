/* A phase of a FLEX frame: 88 codewords, sent in eleven blocks of eight by columns. A frame has
 * one, two or four phases, which are received at the same time and do not depend on each other.
 * Pure. */
#ifndef HZ_PROTO_FLEX_PHASE_H
#define HZ_PROTO_FLEX_PHASE_H

#include "proto/link/bch.h"

#include <stddef.h>

enum {
    HZ_FLEX_WORDS = 88,  /* of a phase */
    HZ_FLEX_PHASES = 4,  /* of a frame, at most */
    HZ_FLEX_BLOCK = 256, /* bits */
    HZ_FLEX_PHASE_BITS = HZ_FLEX_WORDS * HZ_BCH_BITS,
};

/* Bits of a phase as they were received, 1 being the higher frequency, and how sure each is, in any
 * unit. */
struct hz_flex_soft {
    uint8_t bit[HZ_FLEX_PHASE_BITS];
    float sure[HZ_FLEX_PHASE_BITS];
};

struct hz_flex_phase {
    struct hz_bch_word word[HZ_FLEX_WORDS];
    float overruled; /* mean over the words */
    bool plain;      /* all words are within two bits of what was received */
    bool whole;      /* all words are as received */
};

/* The 21 bits of information of a codeword; bit i is the one sent as number i. */
uint32_t hz_flex_value(uint32_t code);

/* Decodes the words. `sure` is capped at twice the mean of its word. */
void hz_flex_phase_read(const struct hz_bch *c, struct hz_flex_soft *soft,
                        struct hz_flex_phase *out);

#endif

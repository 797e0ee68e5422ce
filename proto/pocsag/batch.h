/* A batch of POCSAG (ITU-R M.584-2, annex 1) from soft bits: the sync word and sixteen codewords,
 * 544 bits; and whether these bits are one. Pure; any thread. */
#ifndef HZ_PROTO_POCSAG_BATCH_H
#define HZ_PROTO_POCSAG_BATCH_H

#include "proto/link/bch.h"

#define HZ_POCSAG_SYNC UINT32_C(0x7cd215d8)
#define HZ_POCSAG_IDLE UINT32_C(0x7a89c197)

enum {
    HZ_POCSAG_WORDS = 16,
    HZ_POCSAG_BATCH_BITS = (1 + HZ_POCSAG_WORDS) * HZ_BCH_BITS,
};

/* The idle word, and how much it is preferred. */
extern const struct hz_bch_usual hz_pocsag_usual;

/* Bits as a receiver decided them, and the reliability of each, in any unit. */
struct hz_pocsag_soft {
    uint8_t bit[HZ_POCSAG_BATCH_BITS];
    float sure[HZ_POCSAG_BATCH_BITS];
};

struct hz_pocsag_batch {
    struct hz_bch_word word[HZ_POCSAG_WORDS];
    float overruled; /* mean over the words */
    float sync;      /* fraction of the sync word's sureness that was overruled */
    bool plain;      /* all words are within two bits of what was received */
};

/* Fraction of the sync word's reliability that contradicts it; only its 32 bits of `soft` are used.
 */
float hz_pocsag_batch_sync(const struct hz_pocsag_soft *soft);

/* Decodes the words; soft->sure is capped at twice its mean. */
void hz_pocsag_batch_read(const struct hz_bch *c, struct hz_pocsag_soft *soft,
                          struct hz_pocsag_batch *out);

/* True if word i and its neighbour are zeros, which one tone alone is decided as: the transmission
 * is lost. A single word of zeros is a page of function 0 for one of the addresses 0 to 7. */
bool hz_pocsag_batch_silent(const struct hz_pocsag_batch *b, unsigned place);

/* Whether it is a batch: the sync word is there, and the words are codewords. */
bool hz_pocsag_batch_good(const struct hz_pocsag_batch *b);

/* Whether it is a batch where one is expected: the sync word may then be damaged if the words leave
 * no doubt. */
bool hz_pocsag_batch_follows(const struct hz_pocsag_batch *b);

#endif

/* A batch of POCSAG (ITU-R M.584-2, annex 1) from soft bits: the sync word and sixteen codewords,
 * 544 bits; and whether these bits are one. Pure; any thread. */
#ifndef HZ_PROTO_POCSAG_BATCH_H
#define HZ_PROTO_POCSAG_BATCH_H

#include "proto/pocsag/word.h"

enum {
    HZ_POCSAG_WORDS = 16,
    HZ_POCSAG_BATCH_BITS = (1 + HZ_POCSAG_WORDS) * HZ_POCSAG_WORD_BITS,
};

/* Bits as a receiver decided them, and how sure it is of each, in any unit. */
struct hz_pocsag_soft {
    uint8_t bit[HZ_POCSAG_BATCH_BITS];
    float sure[HZ_POCSAG_BATCH_BITS];
};

struct hz_pocsag_batch {
    struct hz_pocsag_word word[HZ_POCSAG_WORDS];
    float overruled; /* mean over the words */
    float sync;      /* fraction of the sync word's sureness that was overruled */
    bool plain;      /* all words are within two bits of what was received */
};

/* Share of the sync word's sureness that speaks against it; of `soft` its bits are used alone. */
float hz_pocsag_batch_sync(const struct hz_pocsag_soft *soft);

/* Reads the words; soft->sure is capped at twice its mean. */
void hz_pocsag_batch_read(const struct hz_pocsag_code *c, struct hz_pocsag_soft *soft,
                          struct hz_pocsag_batch *out);

/* Zeros there and beside it, which is what one tone without the other reads as: the transmission is
 * lost. A word of zeros by itself is a page of function 0 for one of the addresses 0 to 7. */
bool hz_pocsag_batch_silent(const struct hz_pocsag_batch *b, unsigned place);

/* It is a batch: the sync word is there, and the words are codewords. */
bool hz_pocsag_batch_good(const struct hz_pocsag_batch *b);

/* It is one where one is due: the sync word may be damaged when the words leave no doubt. */
bool hz_pocsag_batch_follows(const struct hz_pocsag_batch *b);

#endif

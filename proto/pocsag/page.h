/* From codewords to pages: an address word begins one, message words follow it over words and
 * batches, an idle word or the next address ends it (ITU-R M.584-2, annex 1). Pure. */
#ifndef HZ_PROTO_POCSAG_PAGE_H
#define HZ_PROTO_POCSAG_PAGE_H

#include "proto/pocsag/batch.h"

#include <stddef.h>

enum { HZ_POCSAG_PAGE_WORDS = 256 }; /* the address and 255 of message: 728 characters */

struct hz_pocsag_page {
    uint32_t word[HZ_POCSAG_PAGE_WORDS]; /* codewords, the address first */
    size_t words;                        /* 0: no page has begun */
    uint32_t address;                    /* 21 bits: 18 of the word, 3 of its frame */
    unsigned function;                   /* 0 to 3 */
    unsigned fixed;                      /* bits changed */
    float quality;                       /* how sure it is, 0 to 1: that of the worst word */
    bool truncated;                      /* the transmission was lost or ended within the page */
};

/* Takes the word at place 0 to 15 of a batch. True: it ended a page, which is in *done; *p may have
 * begun the next one. */
bool hz_pocsag_page_word(struct hz_pocsag_page *p, const struct hz_bch_word *w, unsigned place,
                         struct hz_pocsag_page *done);

/* No word follows. True: a page was open; it is in *done, marked as truncated. */
bool hz_pocsag_page_end(struct hz_pocsag_page *p, struct hz_pocsag_page *done);

#endif

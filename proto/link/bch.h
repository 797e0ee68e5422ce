/* Codewords of pagers, POCSAG (ITU-R M.584-2, annex 1) and FLEX: 21 bits, ten check bits of a
 * BCH(31,21) code, even parity, in the order in which they are sent. Any two differ in at least six
 * bits.
 *
 * Soft decoding after D. Chase, "A class of algorithms for decoding block codes with channel
 * measurement information", IEEE Trans. Inf. Theory 18, 1972 (algorithm 2, with eight bits): the
 * eight least reliable bits are flipped in all combinations, each trial is taken to its nearest
 * codeword by its syndrome, and the codeword with the least reliability of overruled bits is
 * chosen. Pure; any thread. */
#ifndef HZ_PROTO_LINK_BCH_H
#define HZ_PROTO_LINK_BCH_H

#include <stdbool.h>
#include <stdint.h>

enum { HZ_BCH_BITS = 32 };

/* For each syndrome the one or two bits whose errors cause it; 0: there are more. */
struct hz_bch {
    uint32_t errors[1024];
    uint16_t syndrome[HZ_BCH_BITS]; /* syndrome of each bit alone; the last one sent is 0 */
};

struct hz_bch_word {
    uint32_t code;   /* a codeword; the bit sent first is the most significant one */
    uint32_t second; /* the next one, as far as one was met; else the same */
    uint8_t fixed;   /* bits changed */
    bool plain;      /* it is within two bits of what was received, as no noise would often be */
    float overruled; /* fraction of all the sureness that the changed bits had */
    float margin;    /* how much more the next codeword would have overruled */
    float quality;   /* how sure it is, 0 to 1; what surrounds it tells */
};

void hz_bch_init(struct hz_bch *c);

/* The codeword for 21 bits of data. */
uint32_t hz_bch_encode(uint32_t data);

/* A codeword that is sent more often than others: it is taken if it overrules at most `bonus` more,
 * as a fraction of all the sureness. */
struct hz_bch_usual {
    uint32_t code;
    float bonus;
};

/* Decodes the word bits[32], the first one sent first, each 0 or 1; sure[i] (>= 0) is the
 * reliability, in any unit. usual: NULL, or a codeword to be preferred; the code of a word without
 * any reliability is that one, or 0. */
struct hz_bch_word hz_bch_read(const struct hz_bch *c, const uint8_t *bits, const float *sure,
                               const struct hz_bch_usual *usual);

/* Quality of a word, 0 to 1: its margin against the noise, which the words around it estimate
 * better than the word alone: `overruled` is their mean. In a fade the word itself counts, by what
 * it overruled and by its level, relative to theirs. If all of them are plain, that supports each.
 */
float hz_bch_quality(const struct hz_bch_word *w, float level, float overruled, bool plain);

#endif

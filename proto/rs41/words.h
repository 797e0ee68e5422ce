/* From the decided bits of a frame to its octets: Reed-Solomon decoding of both words, hard, with
 * erasures, and by a random list of the detector's error events. Pure; one thread at a time. */
#ifndef HZ_PROTO_RS41_WORDS_H
#define HZ_PROTO_RS41_WORDS_H

#include "dsp/cpm.h"
#include "dsp/rslist.h"
#include "proto/rs41/sizes.h"

enum { HZ_RS41_EVENTS = 400 };

/* A frame at work. */
struct hz_rs41_words {
    size_t len;                      /* octets */
    uint8_t octet[HZ_RS41_EXTENDED]; /* de-whitened */
    bool right[HZ_RS41_WORDS];       /* the word is a codeword */
    int fixed;                       /* bits changed */
};

/* What the detector knows of its decisions, in the order of cost. */
struct hz_rs41_doubts {
    struct hz_cpm_event event[HZ_RS41_EVENTS];
    size_t n;
    float scale; /* cost times this is a log-likelihood ratio */
};

/* Takes the octets of the words that are not right yet from bits[8 len], which begin with the
 * header, and decodes these words. True: both are right. */
bool hz_rs41_words_hard(const struct hz_rs *rs, const uint8_t *bits, struct hz_rs41_words *w);

/* Decodes the words that are not right with up to ten of their least sure octets erased, then by
 * `tries` draws of the list for each. The events count bits as `bits` of hz_rs41_words_hard does.
 * True: both are right. *spent grows by the tries used. */
bool hz_rs41_words_soft(const struct hz_rs *rs, const struct hz_rs41_doubts *doubts, unsigned tries,
                        struct hz_rs41_words *w, unsigned *spent);

#endif

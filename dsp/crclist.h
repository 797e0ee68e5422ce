/* List decoding with a CRC: repairs the bits of a message that failed its check.
 *
 * Signal model: the decided bits differ from the sent ones by a few error events of the sequence
 * detector (dsp/cpm.h). Metric: the summed metric deficit of the events. Estimate: the combination
 * of at most three events with the lowest sum that the protocol accepts as a message. Each
 * candidate goes through the protocol's own bit pipeline (descrambling, NRZI, stuffing, flags, CRC,
 * plausibility), since one event may become many wrong bits there. (N. Seshadri and C.-E. W.
 * Sundberg, List Viterbi decoding algorithms with applications, IEEE Trans. Commun. 42, 1994.)
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_CRCLIST_H
#define HZ_DSP_CRCLIST_H

#include "dsp/cpm.h"

#include <stdbool.h>

enum { HZ_CRCLIST_TRIES = 256 };

struct hz_crclist {
    size_t singles, pairs, triples; /* how many of the cheapest events are tried singly, in pairs,
                                     * and in triples */
    size_t tries;                   /* candidates in all; at most HZ_CRCLIST_TRIES */
};

/* True when the bits are a message that is to be accepted. */
typedef bool hz_crclist_fn(void *ctx, const uint8_t *bits);

/* Tries combinations of events[count] (in ascending cost) in the order of their summed cost. bits
 * holds one bit per byte, and the repaired bits after success. Returns the number of changed bits,
 * or 0 when no candidate was accepted; the bits are then unchanged. */
int hz_crclist_run(const struct hz_crclist *how, const struct hz_cpm_event *events, size_t count,
                   uint8_t *bits, hz_crclist_fn *accept, void *ctx);

#endif

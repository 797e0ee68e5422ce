/* Bits that failed their check, repaired by the most likely errors: error events of a sequence
 * detector, cheapest first, one, two and three at a time, until the protocol says that they make a
 * message. Each try goes through the protocol's own bit pipeline (descrambling, NRZI, stuffing,
 * flags, check, what makes sense), since one event there may become many wrong bits. Pure. */
#ifndef HZ_DSP_CRCLIST_H
#define HZ_DSP_CRCLIST_H

#include "dsp/cpm.h"

#include <stdbool.h>

enum { HZ_CRCLIST_TRIES = 256 };

struct hz_crclist {
    size_t singles, pairs, triples; /* events, of the cheapest, that are combined so */
    size_t tries;                   /* in all; at most HZ_CRCLIST_TRIES */
};

/* True when the bits make a message that is to be believed. */
typedef bool hz_crclist_fn(void *ctx, const uint8_t *bits);

/* Tries combinations of events[count] (ascending cost) in the order of their summed cost; bits are
 * one a byte, and hold the repaired ones after success. Returns the number of bits changed, or 0
 * when nothing was found: then the bits are as they were. */
int hz_crclist_run(const struct hz_crclist *how, const struct hz_cpm_event *events, size_t count,
                   uint8_t *bits, hz_crclist_fn *accept, void *ctx);

#endif

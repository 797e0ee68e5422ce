/* The latest samples of a stream, copied, while they may be needed again: a band strand that is to
 * change its band collects them first (daemon/receive/band.c). Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_LEAD_IN_H
#define HZ_DAEMON_RECEIVE_LEAD_IN_H

#include "daemon/source/block.h"

/* All zero: nothing is held. */
struct hz_lead_in {
    struct hz_samples held; /* its data belong to this */
    uint32_t epoch;
    size_t cap; /* bytes */
};

/* Adds a block. What was held is dropped first if the block does not follow it, or if there is no
 * memory for both. */
void hz_lead_in_add(struct hz_lead_in *p, const struct hz_block *b);
/* Frees what is held. */
void hz_lead_in_drop(struct hz_lead_in *p);

#endif

/* Measures one block of a receiver per second on a worker: level, noise, clipping. Loop thread. */
#ifndef HZ_DAEMON_RECEIVE_METER_H
#define HZ_DAEMON_RECEIVE_METER_H

#include "daemon/receive/strand.h"
#include "dsp/level.h"

struct hz_meter {
    struct hz_strand strand;
    struct hz_piece current; /* the block being measured */
    struct hz_level working; /* the worker's while it runs */
    struct hz_level level;   /* the latest */
    bool known;
    uint64_t last_ns;
};

void hz_meter_init(struct hz_meter *m, struct hz_jobs *jobs);

/* Measures the block if a second has passed. */
void hz_meter_offer(struct hz_meter *m, struct hz_block *b);

/* Calls `closed` when no job is under way, possibly at once. */
void hz_meter_close(struct hz_meter *m, void (*closed)(void *ctx), void *ctx);

#endif

/* Listens for the sensors of one class at one carrier of a burst: level stream, sync, the symbols
 * of each frame, and what each sensor makes of them.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_HEAR_H
#define HZ_PROTO_SENSORS_HEAR_H

#include "proto/sensors/carriers.h"
#include "proto/sensors/classes.h"
#include "proto/sensors/dp.h"
#include "proto/sensors/frames.h"
#include "proto/sensors/sync.h"

enum { HZ_HEAR_STEPS = 1 << 17 }; /* of a grid; what is longer is heard in parts */

/* Memory, taken once: HZ_HEAR_STEPS of each. */
struct hz_hear {
    float *v, *on, *off, *scratch, *cost[2][2];
    uint8_t *clock;
    struct hz_dp dp;
    struct hz_frames frames;
    struct hz_sync_peak peaks[HZ_SYNC_PEAKS];
};

int hz_hear_init(struct hz_hear *e); /* 0 or -ENOMEM */
void hz_hear_done(struct hz_hear *e);

/* A carrier of a burst, as it is heard. */
struct hz_hearing {
    const struct hz_tone *upper, *lower; /* lower: NULL for OOK */
    size_t from, to;                     /* samples */
    double rate_hz;
    float noise; /* per sample */
    /* For each family of classes, the clock that was found in symbols of it, against those of its
     * first class; 0: not yet. */
    float *clock;
};

/* Writes at most `room` readings and returns how many. *work grows by the operations spent. */
size_t hz_hear(struct hz_hear *e, const struct hz_classes *c, const struct hz_class *k,
               const struct hz_hearing *h, struct hz_reading *out, size_t room, uint64_t *work);

#endif

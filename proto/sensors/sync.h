/* Where frames may begin in a level stream, and at which clock: the correlation of the sync of a
 * shape with the stream at 13 clocks.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_SENSORS_SYNC_H
#define HZ_PROTO_SENSORS_SYNC_H

#include "proto/sensors/level.h"
#include "proto/sensors/shape.h"

enum {
    HZ_SYNC_CLOCKS = 13, /* 1 % apart: -6 % to +6 % */
    HZ_SYNC_PEAKS = 24,
};

/* What durations are multiplied by at clock i. */
static inline float hz_sync_clock(int i)
{
    return 1 + 0.01f * (float)(i - HZ_SYNC_CLOCKS / 2);
}

struct hz_sync_peak {
    size_t at;   /* step of the grid at which the data begins */
    int clock;   /* the best one */
    float score; /* 1: as a burst of this level should give */
};

/* Memory for the search: n / 2 of each. */
struct hz_sync_memory {
    float *sum, *best, *coarse;
    float *before; /* sum of coarse before each step: one more than steps */
    uint8_t *clock;
};

/* Searches v[n], of a burst with these levels, and writes at most HZ_SYNC_PEAKS peaks, the best
 * first. Returns how many. *work grows by the number of multiplications. */
size_t hz_sync_search(const struct hz_shape *s, const struct hz_level_stats *level, const float *v,
                      size_t n, struct hz_sync_memory *m, struct hz_sync_peak *peaks,
                      uint64_t *work);

#endif

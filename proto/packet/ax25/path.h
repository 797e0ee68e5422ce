/* The survivor memory of a trellis of eight states, a state being the last three levels, for the
 * modems that listen to audio without end. It is kept until enough bits follow, then traced back to
 * a chunk of levels and the error events in it. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_AX25_PATH_H
#define HZ_PROTO_PACKET_AX25_PATH_H

#include "proto/packet/ax25/frames.h"

#include <stdbool.h>

enum {
    HZ_AX25_STATES = 8,       /* newest level << 2 | before << 1 | before that */
    HZ_AX25_PATH_BEFORE = 32, /* bits of the chunk before that an event may change */
    HZ_AX25_PATH_BEHIND = 32, /* bits after which all survivors have merged */
    HZ_AX25_PATH_BITS = HZ_AX25_PATH_BEFORE + HZ_AX25_CHUNK + HZ_AX25_PATH_BEHIND,
};

/* Zeroed before use. */
struct hz_ax25_path {
    uint8_t from[HZ_AX25_PATH_BITS]; /* bit s: state s was reached from 2 (s & 3) + 1 and not from 2
                                        (s & 3) */
    float gap[HZ_AX25_PATH_BITS]
             [HZ_AX25_STATES];        /* metric of the winner less that of the loser, by state */
    uint8_t state[HZ_AX25_PATH_BITS]; /* on the best path, from the last trace */
    size_t n;
};

/* The state of the highest metric. */
unsigned hz_ax25_best_state(const float metric[HZ_AX25_STATES]);

/* Appends a bit. True when a chunk is complete: it must be traced before the next bit. */
bool hz_ax25_path_push(struct hz_ax25_path *p, uint8_t from, const float *gap);

/* Traces back the complete chunk from `best`, the best state now: its levels and events. state[]
 * from HZ_AX25_PATH_BEFORE on belongs to the chunk until the next push. */
void hz_ax25_path_trace(struct hz_ax25_path *p, unsigned best, struct hz_ax25_chunk *out);

#endif

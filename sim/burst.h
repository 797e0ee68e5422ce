/* What all modulators share: the piece of band that is being made, and how one transmission comes
 * in over the air. Pure. */
#ifndef HZ_SIM_BURST_H
#define HZ_SIM_BURST_H

#include <stddef.h>
#include <stdint.h>

/* A run of complex baseband samples (I, Q) under construction; 1.0 is full scale. Modulators add to
 * it what of their burst falls inside, so a long burst can be made span by span. */
struct hz_span {
    float *iq; /* 2n floats */
    size_t n;
    uint64_t first; /* index of iq[0] in the stream */
    double rate_hz;
};

struct hz_sim_burst {
    double start;     /* where it begins: an index into the stream, with its fraction */
    double power;     /* mean over the burst, full scale 1.0 */
    double offset_hz; /* carrier against the middle of the band */
    double phase;     /* of the carrier at the start, in cycles */
    double clock;     /* the symbol clock over its nominal speed, as 1.000010 */
};

#endif

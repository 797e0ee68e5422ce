/* Types that all modulators share: the span of samples under construction, and how one transmission
 * is received. Pure: any thread; nothing here owns memory. */
#ifndef HZ_SIM_BURST_H
#define HZ_SIM_BURST_H

#include <stddef.h>
#include <stdint.h>

/* A run of complex baseband samples (I, Q) under construction; 1.0 is full scale. A modulator adds
 * the part of its burst that is inside, so a long burst is generated span by span. */
struct hz_span {
    float *iq; /* 2n floats; the caller's */
    size_t n;
    uint64_t first; /* index of iq[0] in the stream */
    double rate_hz;
};

struct hz_sim_burst {
    double start;     /* sample index of its start in the stream, with fraction */
    double power;     /* mean over the burst, full scale 1.0 */
    double offset_hz; /* carrier from the band's centre */
    double phase;     /* of the carrier at the start, in cycles */
    double clock;     /* ratio of the symbol clock to its nominal value, as 1.000010 */
};

#endif

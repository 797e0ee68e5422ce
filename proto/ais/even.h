/* Evens out the strength of a burst. An AIS transmitter's is constant: what comes and goes over ten
 * bits is fading, and what sticks out of it for a sample is a spark of something else. The detector
 * weighs samples by their strength, so that a spark would outweigh the bits around it, and what is
 * remembered from before a fade all that is heard in it. Pure. */
#ifndef HZ_PROTO_AIS_EVEN_H
#define HZ_PROTO_AIS_EVEN_H

#include "proto/ais/sizes.h"

#include <stddef.h>

/* Writes out[2 n]: iq[2 n] with a mean amplitude of 1 all along, sparks cut out; and strength[one
 * for each HZ_AIS_BIT samples]: the amplitude that it had there. n is HZ_AIS_LONGEST at most. */
void hz_ais_even(const float *iq, size_t n, float *out, float *strength);

#endif

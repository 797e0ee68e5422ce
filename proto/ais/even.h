/* Removes fading and impulses from a burst. An AIS transmitter's amplitude is constant: changes
 * over ten bits or more are fading, and a sample that exceeds its neighbours is an impulse. The
 * metric of dsp/cpm.h weighs samples by their amplitude, so an impulse would outweigh the bits
 * around it, and the phase reference from before a fade would outweigh everything in it. Pure; any
 * thread. */
#ifndef HZ_PROTO_AIS_EVEN_H
#define HZ_PROTO_AIS_EVEN_H

#include "proto/ais/sizes.h"

#include <stddef.h>

/* Writes out[2 n]: iq[2 n] with a mean amplitude of 1 throughout, impulses clipped; and strength[],
 * one for each HZ_AIS_BIT samples: the amplitude before. n is at most HZ_AIS_LONGEST. What lies
 * before sample `from` is kept as it is. */
void hz_ais_even(const float *iq, size_t from, size_t n, float *out, float *strength);

#endif

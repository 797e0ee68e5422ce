/* One RS41 frame, from its header to its message. Internal to the detector. */
#ifndef HZ_PROTO_RS41_BURST_H
#define HZ_PROTO_RS41_BURST_H

#include "proto/rs41/detect.h"

/* Decodes the frame whose header the gate found in the hop at hand, and writes its message. iq: the
 * hop's begin, of the channel or of audio as phase. Returns the sample index at which the frame
 * ends, counted as the hops are, or d->after if there was none. */
uint64_t hz_rs41_burst(struct hz_rs41_detect *d, const float *iq,
                       const struct hz_headgate_peak *peak, struct hz_sink *sink);

#endif

/* One AIS burst from its exact start to its message. Internal to the detector. */
#ifndef HZ_PROTO_AIS_BURST_H
#define HZ_PROTO_AIS_BURST_H

#include "proto/ais/detect.h"

/* The modulation at 48 kHz. */
extern const struct hz_cpm_mode hz_ais_gmsk;

/* Decodes the burst that begins there, from the samples before `here`, and writes its message; then
 * d->after is behind it. 0; or the index up to which samples are needed, when these do not suffice:
 * then it is called again with them, before any other burst. */
uint64_t hz_ais_burst(struct hz_ais_detect *d, const struct hz_ais_start *start, uint64_t here,
                      struct hz_sink *sink);

#endif

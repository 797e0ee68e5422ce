/* One AIS burst from its exact start to its message. Internal to the detector. */
#ifndef HZ_PROTO_AIS_BURST_H
#define HZ_PROTO_AIS_BURST_H

#include "proto/ais/detect.h"

/* The modulation at 48 kHz. */
extern const struct hz_cpm_mode hz_ais_gmsk;

/* Decodes the burst that begins there and writes its message. Returns the index up to which d's
 * samples belong to a message now, or d->after when there was none. */
uint64_t hz_ais_burst(struct hz_ais_detect *d, const struct hz_ais_start *start,
                      struct hz_sink *sink);

#endif

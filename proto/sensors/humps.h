/* Transmitters of two tones in the spectrum of a burst: pairs of humps, each about as wide as the
 * keying is fast. Part of the search for carriers, which is the interface. */
#ifndef HZ_PROTO_SENSORS_HUMPS_H
#define HZ_PROTO_SENSORS_HUMPS_H

#include "proto/sensors/carriers.h"

/* Frames of one transmission follow each other so closely, in seconds. */
#define HZ_JOIN_S 0.12

/* Adds those that differ from the `found` in out[room], and returns how many there are then. Lines
 * of keyed carriers, of which there are `lines`, are left out of the spectrum. */
size_t hz_humps_find(const struct hz_cells *r, double rate_hz, const struct hz_carrier *line,
                     size_t lines, struct hz_carrier_memory *m, struct hz_carrier *out,
                     size_t found, size_t room);

#endif

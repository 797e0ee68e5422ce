/* Packets of ISO 8208 (X.25) in frames of VDL2: what kind they are, and whose protocol they carry.
 * What is inside is not decoded. Names are dumpvdl2's. Pure; any thread. */
#ifndef HZ_PROTO_VDL2_X25_H
#define HZ_PROTO_VDL2_X25_H

#include "proto/out/json.h"

/* Whether it is a packet that is known here. */
bool hz_vdl2_is_x25(const uint8_t *packet, size_t n);

/* Writes the members of the object "x25", which is open in j. */
void hz_vdl2_x25(const uint8_t *packet, size_t n, struct hz_json *j);

#endif

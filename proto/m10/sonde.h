/* What a frame of an M10 or M20 tells. Each frame has all of it. Pure; any thread. */
#ifndef HZ_PROTO_M10_SONDE_H
#define HZ_PROTO_M10_SONDE_H

#include "proto/decoder.h"
#include "proto/m10/frame.h"

extern const struct hz_field hz_m10_fields[];

/* Whether a frame is told: those with the signal levels of satellites have nothing for people. */
bool hz_m10_tells(const struct hz_m10_frame *f);

/* Writes its fields. */
void hz_m10_describe(const struct hz_m10_frame *f, struct hz_json *j);

#endif

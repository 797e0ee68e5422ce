/* What a frame of an RS41 tells, with the names of auto_rx and rs41mod. Pure; any thread. */
#ifndef HZ_PROTO_RS41_DESCRIBE_H
#define HZ_PROTO_RS41_DESCRIBE_H

#include "proto/decoder.h"
#include "proto/rs41/known.h"

extern const struct hz_field hz_rs41_fields[];

/* Writes the fields of a frame of that sonde, whose pages hold what was sent before. */
void hz_rs41_describe(const uint8_t *frame, size_t len, const struct hz_rs41_sonde *sonde,
                      struct hz_json *j);

#endif

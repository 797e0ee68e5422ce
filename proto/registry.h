/* All decoders that are built in. */
#ifndef HZ_PROTO_REGISTRY_H
#define HZ_PROTO_REGISTRY_H

#include "proto/decoder.h"

/* In the order of the documentation; ends with NULL. */
extern const struct hz_decoder *const hz_decoders[];

/* By name; NULL when there is none. */
const struct hz_decoder *hz_decoder_find(const char *name);

#endif

/* A decoder that tells of every strong burst as of one that nothing explains (burst.h): for `hertzd
 * learn`, which asks before there is a declaration. It is in no registry. */
#ifndef HZ_PROTO_SENSORS_COLLECT_H
#define HZ_PROTO_SENSORS_COLLECT_H

#include "proto/decoder.h"

extern const struct hz_decoder hz_collect_decoder;

#endif

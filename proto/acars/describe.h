/* The fields of an ACARS message received on VHF. Pure. */
#ifndef HZ_PROTO_ACARS_DESCRIBE_H
#define HZ_PROTO_ACARS_DESCRIBE_H

#include "proto/acars/join.h"
#include "proto/acars/repair.h"
#include "proto/decoder.h"

extern const struct hz_field hz_acars_fields[];

void hz_acars_describe(const struct hz_acars_block *block, const struct hz_acars_joined *joined,
                       const struct hz_acars_found *found, struct hz_json *j);

#endif

/* The fields of what a station tells, under redsea's names. Pure. */
#ifndef HZ_PROTO_RDS_DESCRIBE_H
#define HZ_PROTO_RDS_DESCRIBE_H

#include "proto/decoder.h"
#include "proto/rds/names.h"
#include "proto/rds/station.h"

extern const struct hz_field hz_rds_fields[];

/* Writes PI, programme type and traffic programme, and what is in `about`, of enum hz_rds_about.
 * all: lists of what is known, in place of what the latest group told. */
void hz_rds_describe(const struct hz_rds_station *s, unsigned about, bool all,
                     enum hz_rds_region region, struct hz_json *j);

#endif

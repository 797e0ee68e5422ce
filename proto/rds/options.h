/* What may be set of a channel with the rds decoder. */
#ifndef HZ_PROTO_RDS_OPTIONS_H
#define HZ_PROTO_RDS_OPTIONS_H

#include "proto/option.h"
#include "proto/rds/names.h"

enum hz_rds_keep {
    HZ_RDS_KEEP_CHANGES, /* what changed, and the state each five seconds */
    HZ_RDS_KEEP_ALL,     /* each group, too */
};

struct hz_rds_options {
    enum hz_rds_keep keep;
    enum hz_rds_region region;
};

extern const struct hz_option hz_rds_options[];

#endif

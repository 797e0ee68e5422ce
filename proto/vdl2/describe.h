/* A frame of VDL2 (AVLC) as a message, with dumpvdl2's names. Pure; any thread. */
#ifndef HZ_PROTO_VDL2_DESCRIBE_H
#define HZ_PROTO_VDL2_DESCRIBE_H

#include "proto/acars/join.h"
#include "proto/decoder.h"

/* What is known of the transmission that a frame came in. */
struct hz_vdl2_heard {
    unsigned burst_octets;      /* of data in it */
    unsigned header_fixed;      /* bits of its header that were wrong */
    unsigned octets_fixed;      /* of its data */
    unsigned index;             /* of the frame in it */
    int64_t ms;                 /* when, from any origin */
    struct hz_acars_join *join; /* of the channel */
};

/* Writes the fields of a frame of n octets, its check sequence included. */
void hz_vdl2_describe(const uint8_t *frame, size_t n, const struct hz_vdl2_heard *heard,
                      struct hz_json *j);

extern const struct hz_field hz_vdl2_fields[];

#endif

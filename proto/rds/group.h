/* Groups of four blocks out of soft bits: where they begin, and what they say.
 *
 * Acquisition: the evidence of each offset word at every bit (block.h), summed over the 104 places
 * at which a group may begin. Once one place stands out, only its blocks are decoded; the programme
 * identification, which is in every group, is then known, and helps. Pure; one thread at a time. */
#ifndef HZ_PROTO_RDS_GROUP_H
#define HZ_PROTO_RDS_GROUP_H

#include "proto/rds/block.h"

#include <stddef.h>

enum {
    HZ_RDS_BLOCKS = 4,
    HZ_RDS_GROUP_BITS = HZ_RDS_BLOCKS * HZ_RDS_BLOCK_BITS,
    HZ_RDS_BITS_HELD = 24 * HZ_RDS_GROUP_BITS /* two seconds: what came before it is locked */
};

struct hz_rds_group {
    struct hz_rds_block block[HZ_RDS_BLOCKS];     /* A to D */
    float bits[HZ_RDS_BLOCKS][HZ_RDS_BLOCK_BITS]; /* each bit by itself: log P(1) / P(0) */
    float sure;                                   /* that all four are right */
    double at, end;                               /* sample of 15 kHz */
};

struct hz_rds_groups {
    float llr[HZ_RDS_BITS_HELD];
    double place[HZ_RDS_BITS_HELD]; /* of each bit, in samples */
    size_t n;
    uint64_t first;                 /* number of llr[0] in the stream of bits */
    uint64_t looked;                /* bits whose evidence was taken */
    float score[HZ_RDS_GROUP_BITS]; /* of a group that begins there, bit number modulo 104 */
    bool locked;
    uint64_t next; /* bit at which the next group begins */
    uint64_t good,
        lost_at; /* bit behind the latest group that was sure; the same when it was last lost */
    float trust; /* evidence of late, while locked */
    bool known;  /* pi is known */
    uint16_t pi;
    /* Bits of blocks A and B, summed over late groups: the PI, and TP and PTY. */
    float a[HZ_RDS_BLOCK_BITS], b[HZ_RDS_BLOCK_BITS];
    float errors; /* share of blocks that were not sure, of late */
    struct hz_rds_trellis trellis;
};

void hz_rds_groups_reset(struct hz_rds_groups *g);
/* Takes n soft bits, at most HZ_RDS_BITS_HELD / 2, and their samples. */
void hz_rds_groups_push(struct hz_rds_groups *g, const float *llr, const double *place, size_t n);
/* The next group; false: more bits are needed. */
bool hz_rds_groups_next(struct hz_rds_groups *g, struct hz_rds_group *out);

#endif

/* A text that is sent again and again in segments, each in one block or two: programme service
 * name, RadioText, name of the programme type. The soft bits of each segment are summed over its
 * repeats, until another text comes. Pure. */
#ifndef HZ_PROTO_RDS_REPEATS_H
#define HZ_PROTO_RDS_REPEATS_H

#include "proto/rds/group.h"

enum { HZ_RDS_SEGMENTS = 16, HZ_RDS_TEXT = 64 };

struct hz_rds_repeats {
    /* Of the two blocks of a segment, C and D; in a text of one block each only the second. */
    float sum[HZ_RDS_SEGMENTS][2][HZ_RDS_BLOCK_BITS];
    uint8_t times[HZ_RDS_SEGMENTS];
    uint16_t info[HZ_RDS_SEGMENTS][2];
    unsigned got;              /* segments that are sure, a bit each */
    int latest;                /* segment of the latest group; -1: none */
    unsigned top;              /* highest segment since the text began, plus one */
    unsigned turns;            /* how often the segments began anew with the same `top` */
    uint8_t text[HZ_RDS_TEXT]; /* the latest whole text */
    unsigned len;              /* 0: there was none yet */
};

/* Another text begins. The latest whole one stays. */
void hz_rds_repeats_clear(struct hz_rds_repeats *r);

/* Takes a segment: its number, and its blocks: 1 (only D) or 2 (C and D). segments: of the longest
 * text. True: the text is whole, and another one than before. */
bool hz_rds_repeats_take(struct hz_rds_repeats *r, struct hz_rds_trellis *t,
                         const struct hz_rds_group *group, unsigned segment, unsigned blocks,
                         unsigned segments);

/* What is there of the text, with spaces where it is not; *n: its length. */
void hz_rds_repeats_partial(const struct hz_rds_repeats *r, unsigned blocks, unsigned segments,
                            uint8_t text[HZ_RDS_TEXT], unsigned *n);

#endif

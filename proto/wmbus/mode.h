/* The radio modes of EN 13757-4 as the receiver tells them apart: by chip rate and sync word. Plain
 * constants; any thread. */
#ifndef HZ_PROTO_WMBUS_MODE_H
#define HZ_PROTO_WMBUS_MODE_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_WMBUS_PATTERN = 42 }; /* chips of the longest pattern */

struct hz_wmbus_mode {
    double chips_s;
    uint8_t pattern[HZ_WMBUS_PATTERN]; /* the end of the preamble and the sync word: as many ones as
                                        * zeros, so that an offset of the carrier cancels */
    size_t chips;                      /* of the pattern */
    unsigned pairs_log2;               /* it begins with 2^pairs_log2 times 01 */
    float least;                       /* of r (search.h) that is looked into */
    const double *clocks;              /* ratios of chip rates to try, their number, */
    size_t n_clocks;
    double clock_off; /* and how far from these one may be */
};

/* T and C share the chip rate and the sync word; what follows it tells which. */
extern const struct hz_wmbus_mode hz_wmbus_tc, hz_wmbus_s;

#endif

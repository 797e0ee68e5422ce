/* How long frames of an RS41 and their parts are, in bits and samples at the detector's rate. */
#ifndef HZ_PROTO_RS41_SIZES_H
#define HZ_PROTO_RS41_SIZES_H

#include "proto/rs41/frame.h"

enum {
    HZ_RS41_RATE_HZ = 24000,
    HZ_RS41_BIT = 5,   /* samples of a bit, 4800 bit/s */
    HZ_RS41_LEAD = 32, /* bits of the preamble that are used */
    HZ_RS41_KNOWN = HZ_RS41_LEAD + 8 * HZ_RS41_HEADER,
    HZ_RS41_BITS_MAX = HZ_RS41_LEAD + 8 * HZ_RS41_EXTENDED,
    HZ_RS41_MARGIN = 16,
    /* Samples before a header that are needed; and from the lead on, for a clock 0.5 % slow. */
    HZ_RS41_BEFORE = HZ_RS41_LEAD * HZ_RS41_BIT + HZ_RS41_MARGIN,
    HZ_RS41_LONGEST = HZ_RS41_BITS_MAX * HZ_RS41_BIT * 201 / 200 + 2 * HZ_RS41_MARGIN,
};

#endif

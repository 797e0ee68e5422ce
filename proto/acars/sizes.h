/* Sizes of ACARS on VHF: AM, 2400 bit/s by MSK of 1200 and 2400 Hz (ARINC 618). */
#ifndef HZ_PROTO_ACARS_SIZES_H
#define HZ_PROTO_ACARS_SIZES_H

#include "proto/acars/block.h"

enum {
    HZ_ACARS_RATE_HZ = 14400, /* of the samples: the audio reaches 2.4 kHz and more, 2 kHz off */
    HZ_ACARS_BIT = 6,         /* samples of a bit */
    HZ_ACARS_KEY = 16,        /* known ones before the sync: the pre-key has 128 or more */
    HZ_ACARS_SYNC = 40,       /* bits of "+*", SYN, SYN, SOH */
    HZ_ACARS_KNOWN = HZ_ACARS_KEY + HZ_ACARS_SYNC,
    HZ_ACARS_TAIL = 3,                                    /* check sequence and DEL */
    HZ_ACARS_BITS = 8 * (HZ_ACARS_BYTES + HZ_ACARS_TAIL), /* from the mode on, at most */
};

#endif

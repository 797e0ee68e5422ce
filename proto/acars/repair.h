/* From soft bits to a block: its end, the parity of its characters and its check sequence, used as
 * codes.
 *
 * A character with wrong parity has its weakest bit changed. If the check sequence does not fit
 * then, it is tried what costs least: the second choice of such a character, two bits of a good
 * one, a bit of the check sequence; one, two or three of these. What the list finds must look like
 * a block. Pure: any thread. */
#ifndef HZ_PROTO_ACARS_REPAIR_H
#define HZ_PROTO_ACARS_REPAIR_H

#include "proto/acars/sizes.h"

#include <stdbool.h>

struct hz_acars_found {
    uint8_t bytes[HZ_ACARS_BYTES + 2]; /* with parity, the check sequence behind them */
    size_t len;                        /* up to ETX or ETB */
    int fixed;                         /* bits changed */
    unsigned parity;                   /* characters that had wrong parity */
};

enum hz_acars_verdict {
    HZ_ACARS_FOUND,
    HZ_ACARS_NO_END,  /* there is no end */
    HZ_ACARS_BAD_CRC, /* the check sequence fails */
};

/* soft[bits] from the mode on, positive for a 1; list: whether more than wrong parity is repaired.
 */
enum hz_acars_verdict hz_acars_repair(const float *soft, size_t bits, bool list,
                                      struct hz_acars_found *found);

#endif

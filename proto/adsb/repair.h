/* Which few of the least sure bits must flip for the parity to agree? Pure. */
#ifndef HZ_PROTO_ADSB_REPAIR_H
#define HZ_PROTO_ADSB_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

enum { HZ_ADSB_REPAIR_BITS = 5 };

struct hz_adsb_repair {
    int n; /* bits to flip */
    int bit[HZ_ADSB_REPAIR_BITS];
    float cost; /* sum of |sure| of those bits, in units of the frame's mean */
};

/* Looks among the least sure bits from `first` on for the cheapest set of at most five whose
 * syndromes add up to the residual: singles of 24, pairs of 18, triples of 11, fours of 8, fives of
 * 7, 433 patterns in all, so that of 40,000 hopeless frames one passes by chance. syndrome[k]
 * belongs to bit k. False: none. */
bool hz_adsb_repair_find(const float *sure, float mean, int first, int bits,
                         const uint32_t *syndrome, uint32_t residual, struct hz_adsb_repair *out);

#endif

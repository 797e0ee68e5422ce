/* Repair of a frame by its parity and the reliabilities of its bits (a bounded ordered-statistics
 * search: D. Chase, IEEE Trans. Inf. Theory 18, 1972, with the syndrome in place of an algebraic
 * decoder).
 *
 * Signal model: a few of the least reliable bits are wrong. Metric: the sum of |sure| of the
 * flipped bits. Estimate: the set of at most five bits with the smallest sum whose syndromes add up
 * to the residual of the parity. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_REPAIR_H
#define HZ_PROTO_ADSB_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

enum { HZ_ADSB_REPAIR_BITS = 5 };

struct hz_adsb_repair {
    int n; /* bits to flip */
    int bit[HZ_ADSB_REPAIR_BITS];
    float cost; /* sum of |sure| of those bits, in units of the mean */
};

/* Searches the least reliable bits from `first` on: single flips among 24 bits, pairs among 18,
 * triples among 11, sets of four among 8, of five among 7. These are 433 patterns, so one of 40,000
 * random frames passes by chance. syndrome[k] belongs to bit k. False: no pattern found. */
bool hz_adsb_repair_find(const float *sure, float mean, int first, int bits,
                         const uint32_t *syndrome, uint32_t residual, struct hz_adsb_repair *out);

#endif

/* How some transmissions were received: their number, and running means of level and carrier in
 * which the latest weigh most. Pure. The memory is the caller's; all zero: none yet. */
#ifndef HZ_PROTO_OUT_MEANS_H
#define HZ_PROTO_OUT_MEANS_H

#include <stdint.h>

enum { HZ_MEANS_RECENT = 30 }; /* transmissions that weigh most */

struct hz_means {
    uint64_t n;
    double snr_db, offset_hz; /* 0 while n is 0 */
};

/* One transmission more. One of unknown level or carrier (NAN) is left out. */
void hz_means_add(struct hz_means *h, double snr_db, double offset_hz);

/* All of another count more. */
void hz_means_join(struct hz_means *h, const struct hz_means *more);

#endif

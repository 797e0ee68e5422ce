/* The last frames and their places, so that one burst gives one message. Pure. One thread at a
 * time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_RECENT_H
#define HZ_PROTO_ADSB_RECENT_H

#include "proto/adsb/found.h"

/* Of two turns, those near the border between them: of 2.4 Msps at most 40 short frames follow each
 * other without a pause in a turn's overlap and the block before it. */
enum { HZ_ADSB_RECENT = 64 };

struct hz_adsb_recent {
    size_t noted; /* so far */
    int64_t sample[HZ_ADSB_RECENT];
    uint32_t low[HZ_ADSB_RECENT]; /* the lower bits of `sample`, which are compared first */
    uint8_t byte[HZ_ADSB_RECENT][HZ_MODES_LONG_BYTES];
};

/* Whether the same frame was noted at the same place, give or take a few samples; of one that is
 * doubted or repeated, any frame. */
bool hz_adsb_recent_has(const struct hz_adsb_recent *r, const struct hz_adsb_found *f);
void hz_adsb_recent_note(struct hz_adsb_recent *r, const struct hz_adsb_found *f);

#endif

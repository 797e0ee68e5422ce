/* Addresses heard in frames that need no trust themselves. They vouch for what a 24-bit parity
 * alone does not prove: replies whose parity carries the address, and repaired frames.
 * Bounded (the address unheard for longest leaves) and expiring. Pure, no memory of its own. */
#ifndef HZ_PROTO_ADSB_TRUST_H
#define HZ_PROTO_ADSB_TRUST_H

#include <stdbool.h>
#include <stdint.h>

enum { HZ_ADSB_TRUST_SETS = 1024, HZ_ADSB_TRUST_WAYS = 4 };

/* Time is a count of the caller's own ticks, never 0. */
struct hz_adsb_trust {
    uint32_t renewed;      /* tick at which the map was made anew */
    uint64_t map[1 << 10]; /* a bit for the low 16 bits of each address: no means no */
    uint32_t hold;         /* ticks for which an address stays trusted */
    uint32_t address[HZ_ADSB_TRUST_SETS][HZ_ADSB_TRUST_WAYS];
    uint32_t heard[HZ_ADSB_TRUST_SETS][HZ_ADSB_TRUST_WAYS]; /* tick; 0: free */
};

/* An empty table in zeroed memory. */
void hz_adsb_trust_init(struct hz_adsb_trust *t, uint32_t hold);

/* The address was heard in a good frame at tick now. */
void hz_adsb_trust_add(struct hz_adsb_trust *t, uint32_t address, uint32_t now);

/* False when no address with these low 16 bits is there; quick. */
static inline bool hz_adsb_trust_maybe(const struct hz_adsb_trust *t, uint32_t address)
{
    return t->map[(address & 0xffff) >> 6] >> (address & 63) & 1;
}

/* True when the address was heard within the last `hold` ticks. */
bool hz_adsb_trust_has(const struct hz_adsb_trust *t, uint32_t address, uint32_t now);

#endif

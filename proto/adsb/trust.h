/* Addresses received in frames that are certain. They confirm frames for which a 24-bit parity
 * alone is not enough: replies whose parity is combined with the address, and repaired frames. The
 * table is bounded (the address not received for longest is dropped) and entries expire. Pure. One
 * thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_TRUST_H
#define HZ_PROTO_ADSB_TRUST_H

#include <stdbool.h>
#include <stdint.h>

enum { HZ_ADSB_TRUST_SETS = 1024, HZ_ADSB_TRUST_WAYS = 4 };

/* Time is counted in ticks of the caller, never 0. */
struct hz_adsb_trust {
    uint32_t renewed;      /* tick at which the map was rebuilt */
    uint64_t map[1 << 10]; /* a bit for the low 16 bits of each address; 0: certainly unknown */
    uint32_t hold;         /* ticks for which an address stays trusted */
    uint32_t address[HZ_ADSB_TRUST_SETS][HZ_ADSB_TRUST_WAYS];
    uint32_t heard[HZ_ADSB_TRUST_SETS][HZ_ADSB_TRUST_WAYS]; /* tick; 0: unused */
};

/* Initialises an empty table in zeroed memory. */
void hz_adsb_trust_init(struct hz_adsb_trust *t, uint32_t hold);

/* Notes that the address was received in a certain frame at tick `now`. */
void hz_adsb_trust_add(struct hz_adsb_trust *t, uint32_t address, uint32_t now);

/* A quick test: false when no address with these low 16 bits is in the table. */
static inline bool hz_adsb_trust_maybe(const struct hz_adsb_trust *t, uint32_t address)
{
    return t->map[(address & 0xffff) >> 6] >> (address & 63) & 1;
}

/* True when the address was received within the last `hold` ticks. */
bool hz_adsb_trust_has(const struct hz_adsb_trust *t, uint32_t address, uint32_t now);

#endif

#include "proto/adsb/trust.h"

#include <string.h>

/* A hash of the address. Addresses are assigned in blocks by country, so the low bits are well
 * distributed. */
static uint32_t set_of(uint32_t address)
{
    return (address ^ address >> 10) % HZ_ADSB_TRUST_SETS;
}

static void set_bit(struct hz_adsb_trust *t, uint32_t address)
{
    t->map[(address & 0xffff) >> 6] |= UINT64_C(1) << (address & 63);
}

void hz_adsb_trust_init(struct hz_adsb_trust *t, uint32_t hold)
{
    t->hold = hold;
}

/* Where the address is in its set or, if it is not there, the one not received for longest. */
static int way_of(const struct hz_adsb_trust *t, uint32_t s, uint32_t address)
{
    for (int w = 0; w < HZ_ADSB_TRUST_WAYS; w++)
        if (t->heard[s][w] != 0 && t->address[s][w] == address)
            return w;
    int oldest = 0;
    for (int w = 1; w < HZ_ADSB_TRUST_WAYS; w++)
        oldest = t->heard[s][w] < t->heard[s][oldest] ? w : oldest;
    return oldest;
}

/* Rebuilds the map without expired addresses; in between it only grows. */
static void renew_map(struct hz_adsb_trust *t, uint32_t now)
{
    memset(t->map, 0, sizeof(t->map));
    for (int s = 0; s < HZ_ADSB_TRUST_SETS; s++)
        for (int w = 0; w < HZ_ADSB_TRUST_WAYS; w++)
            if (t->heard[s][w] != 0 && now - t->heard[s][w] <= t->hold)
                set_bit(t, t->address[s][w]);
    t->renewed = now;
}

void hz_adsb_trust_add(struct hz_adsb_trust *t, uint32_t address, uint32_t now)
{
    const uint32_t s = set_of(address);
    const int w = way_of(t, s, address);
    t->address[s][w] = address;
    t->heard[s][w] = now;
    set_bit(t, address);
    if (now - t->renewed > t->hold)
        renew_map(t, now);
}

bool hz_adsb_trust_has(const struct hz_adsb_trust *t, uint32_t address, uint32_t now)
{
    uint32_t s = set_of(address);
    for (int w = 0; w < HZ_ADSB_TRUST_WAYS; w++)
        if (t->heard[s][w] != 0 && t->address[s][w] == address)
            return now - t->heard[s][w] <= t->hold;
    return false;
}

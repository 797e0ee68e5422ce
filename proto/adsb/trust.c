#include "proto/adsb/trust.h"

/* Addresses are handed out in blocks by country, so their low bits alone spread well. */
static uint32_t set_of(uint32_t address)
{
    return (address ^ address >> 10) % HZ_ADSB_TRUST_SETS;
}

void hz_adsb_trust_init(struct hz_adsb_trust *t, uint32_t hold)
{
    t->hold = hold;
}

void hz_adsb_trust_add(struct hz_adsb_trust *t, uint32_t address, uint32_t now)
{
    uint32_t s = set_of(address);
    int oldest = 0;
    for (int w = 0; w < HZ_ADSB_TRUST_WAYS; w++) {
        if (t->heard[s][w] != 0 && t->address[s][w] == address) {
            oldest = w;
            break;
        }
        if (t->heard[s][w] < t->heard[s][oldest])
            oldest = w;
    }
    t->address[s][oldest] = address;
    t->heard[s][oldest] = now;
}

bool hz_adsb_trust_has(const struct hz_adsb_trust *t, uint32_t address, uint32_t now)
{
    uint32_t s = set_of(address);
    for (int w = 0; w < HZ_ADSB_TRUST_WAYS; w++)
        if (t->heard[s][w] != 0 && t->address[s][w] == address)
            return now - t->heard[s][w] <= t->hold;
    return false;
}

#include "proto/ais/known.h"

static const uint64_t memory = UINT64_C(30) * 60 * 48000;

static unsigned place(uint32_t mmsi)
{
    return mmsi * UINT32_C(2654435761) >> 22; /* Fibonacci hashing to ten bits */
}

void hz_ais_known_add(struct hz_ais_known *k, uint32_t mmsi, uint64_t sample)
{
    unsigned at = place(mmsi);
    k->mmsi[at] = mmsi;
    k->heard[at] = sample;
}

bool hz_ais_known_find(const struct hz_ais_known *k, uint32_t mmsi, uint64_t sample)
{
    unsigned at = place(mmsi);
    return mmsi != 0 && k->mmsi[at] == mmsi && sample - k->heard[at] < memory;
}

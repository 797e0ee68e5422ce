/* The stations whose messages were recently decoded without repair; messages of these may be
 * repaired with more trials. Bounded: a newer station replaces an older one. Pure; one thread at a
 * time. */
#ifndef HZ_PROTO_AIS_KNOWN_H
#define HZ_PROTO_AIS_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

enum { HZ_AIS_KNOWN = 1024 };

struct hz_ais_known {
    uint32_t mmsi[HZ_AIS_KNOWN];
    uint64_t heard[HZ_AIS_KNOWN]; /* index of the sample at 48 kHz */
};

void hz_ais_known_add(struct hz_ais_known *k, uint32_t mmsi, uint64_t sample);

/* Whether the station was decoded without repair in the 30 minutes before that sample. */
bool hz_ais_known_find(const struct hz_ais_known *k, uint32_t mmsi, uint64_t sample);

#endif

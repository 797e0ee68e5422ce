/* What depends on the version of ADS-B that an aircraft follows: 0 DO-260, 1 DO-260A, 2 DO-260B,
 * 3 DO-260C. All of it in one place, as tables. Before a version is known only what holds in all of
 * them is said: where they differ, the poorest integrity, and no speed or emergency. Pure. */
#ifndef HZ_PROTO_ADSB_VERSION_H
#define HZ_PROTO_ADSB_VERSION_H

#include <stdbool.h>
#include <stdint.h>

enum hz_adsb_version { HZ_ADSB_UNKNOWN, HZ_ADSB_V0, HZ_ADSB_V1, HZ_ADSB_V2, HZ_ADSB_V3 };

/* The version that a number of an operational status stands for. Numbers over 3 are to come; what
 * is newer is to be read as the newest that is known (DO-260C, 2.2.7.1). */
enum hz_adsb_version hz_adsb_version_of(unsigned number);

/* NIC supplements: A and C come with the operational status, B with an airborne position, D (2
 * bits) with a velocity of version 3. One that is not known is 0. */
struct hz_nic_supplements {
    bool a, b, c;
    uint8_t d;
};

struct hz_integrity {
    int nic, rc_m; /* radius of containment in metres, rounded up; 0: not known */
};

/* Integrity of a position by its type code, 5 to 18 and 20 to 22. */
struct hz_integrity hz_adsb_integrity(unsigned typecode, enum hz_adsb_version version,
                                      const struct hz_nic_supplements *s);

/* Movement on the ground in knots, the lower end of the step sent. False when the code says
 * nothing, or another thing in each version while that is not known. */
bool hz_adsb_movement(unsigned code, enum hz_adsb_version version, double *kt);

/* Emergency/priority status in readsb's words; NULL when the code means different things and the
 * version is not known. */
const char *hz_adsb_emergency(unsigned code, enum hz_adsb_version version);

#endif

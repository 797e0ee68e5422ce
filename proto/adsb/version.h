/* Tables of everything that depends on the version of ADS-B: 0 DO-260, 1 DO-260A, 2 DO-260B, 3
 * DO-260C. While the version of an aircraft is unknown, only values that hold in all versions are
 * given: where they differ, the lowest integrity, and no speed or emergency. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_VERSION_H
#define HZ_PROTO_ADSB_VERSION_H

#include <stdbool.h>
#include <stdint.h>

enum hz_adsb_version { HZ_ADSB_UNKNOWN, HZ_ADSB_V0, HZ_ADSB_V1, HZ_ADSB_V2, HZ_ADSB_V3 };

/* The version for the number in an operational status. Numbers over 3 are reserved for the future
 * and treated as the newest known version (DO-260C, 2.2.7.1). */
enum hz_adsb_version hz_adsb_version_of(unsigned number);

/* NIC supplements: A and C are sent in the operational status, B in an airborne position, D (2
 * bits) in a velocity of version 3. An unknown one is 0. */
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

/* Movement on the ground in knots: the lower end of the step that was sent. False when the code has
 * no value, or when it depends on the version and that is unknown. */
bool hz_adsb_movement(unsigned code, enum hz_adsb_version version, double *kt);

/* Emergency/priority status in readsb's words; NULL when the meaning of the code depends on the
 * version and that is unknown. */
const char *hz_adsb_emergency(unsigned code, enum hz_adsb_version version);

#endif

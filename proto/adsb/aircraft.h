/* The state of each aircraft, in a bounded table. Pure. One thread at a time; the memory is the
 * caller's. Private to proto/adsb. */
#ifndef HZ_PROTO_ADSB_AIRCRAFT_H
#define HZ_PROTO_ADSB_AIRCRAFT_H

#include "proto/adsb/describe.h"
#include "proto/adsb/track.h"
#include "proto/adsb/version.h"

#include <stdint.h>

#define HZ_AIRCRAFT_MAX 4096

/* Set in the key of an address that is not assigned by ICAO: the same number may be two aircraft.
 */
#define HZ_NON_ICAO (UINT32_C(1) << 24)

enum hz_north { HZ_NORTH_UNKNOWN, HZ_NORTH_TRUE, HZ_NORTH_MAGNETIC };

struct hz_aircraft {
    uint32_t key;          /* address, with HZ_NON_ICAO if it applies */
    int64_t heard_ns;      /* time of the last frame */
    uint16_t newer, older; /* neighbours in order of the last frame */
    uint16_t chain;        /* next one with the same hash */

    struct hz_track track;
    double track_deg; /* last true track over ground, meaningful with track_known */
    int64_t track_ns;
    bool track_known;
    int alt_baro_ft; /* last barometric altitude, meaningful with alt_known */
    int64_t alt_ns;
    bool alt_known;
    enum hz_adsb_version version;
    struct hz_nic_supplements nic; /* as last received; b is not kept here */
    bool ground_heading;           /* on the ground it sends its heading, not its track */
    enum hz_north north;           /* the reference of its headings */
};

struct hz_aircraft_table {
    struct hz_position antenna;
    bool antenna_known;
    uint16_t used, newest, oldest;
    uint16_t bucket[HZ_AIRCRAFT_MAX];
    struct hz_aircraft slot[HZ_AIRCRAFT_MAX];
};

/* The aircraft of that key, received now; a new one when the key is unknown or its last frame was
 * more than 5 minutes ago. Never NULL: a full table drops the one not received for longest. */
struct hz_aircraft *hz_aircraft_heard(struct hz_aircraft_table *t, uint32_t key, int64_t time_ns);

#endif

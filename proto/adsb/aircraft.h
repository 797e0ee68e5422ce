/* What is known of each aircraft: a bounded table, no allocation. */
#ifndef HZ_PROTO_ADSB_AIRCRAFT_H
#define HZ_PROTO_ADSB_AIRCRAFT_H

#include "proto/adsb/describe.h"
#include "proto/adsb/track.h"
#include "proto/adsb/version.h"

#include <stdint.h>

#define HZ_AIRCRAFT_MAX 4096

/* Set in the key of an address that is none of ICAO's: the same number may be two aircraft. */
#define HZ_NON_ICAO (UINT32_C(1) << 24)

enum hz_north { HZ_NORTH_UNKNOWN, HZ_NORTH_TRUE, HZ_NORTH_MAGNETIC };

struct hz_aircraft {
    uint32_t key; /* address, with HZ_NON_ICAO where it is none */
    int64_t heard_ns;
    uint16_t newer, older; /* neighbours by time heard */
    uint16_t chain;        /* next with the same hash */

    struct hz_track track;
    double track_deg; /* last true track over ground, meaningful with track_known */
    int64_t track_ns;
    bool track_known;
    int alt_baro_ft; /* last barometric altitude, meaningful with alt_known */
    int64_t alt_ns;
    bool alt_known;
    enum hz_adsb_version version;
    struct hz_nic_supplements nic; /* as last said; b is not kept here */
    bool ground_heading;           /* on the ground it sends its heading, not its track */
    enum hz_north north;           /* what its headings are against */
};

struct hz_aircraft_table {
    struct hz_position antenna;
    bool antenna_known;
    uint16_t used, newest, oldest;
    uint16_t bucket[HZ_AIRCRAFT_MAX];
    struct hz_aircraft slot[HZ_AIRCRAFT_MAX];
};

/* The aircraft of that key, heard now; a fresh one when it is new, or was last heard more than
 * 5 minutes ago. Never NULL: a full table gives up the one that was heard longest ago. */
struct hz_aircraft *hz_aircraft_heard(struct hz_aircraft_table *t, uint32_t key, int64_t time_ns);

#endif

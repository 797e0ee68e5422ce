/* Comm-B replies (DF 20 and 21): 56 bits of one of the transponder's registers, which they do not
 * name; only the radar that asked knows which it was. Pure. */
#ifndef HZ_PROTO_ADSB_COMMB_H
#define HZ_PROTO_ADSB_COMMB_H

#include "proto/adsb/cpr.h"

#include <stdbool.h>
#include <stdint.h>

/* Numbered as BDS codes, first digit times 16 plus second. These are told; all others take part in
 * the decision (commb_rivals.c) and are left without a name. */
enum hz_register {
    HZ_BDS_UNKNOWN = 0,
    HZ_BDS_10 = 0x10, /* data link capability */
    HZ_BDS_17 = 0x17, /* common-usage capability */
    HZ_BDS_20 = 0x20, /* identification */
    HZ_BDS_30 = 0x30, /* ACAS resolution advisory */
    HZ_BDS_40 = 0x40, /* selected vertical intention */
    HZ_BDS_50 = 0x50, /* track and turn */
    HZ_BDS_60 = 0x60  /* heading and speed */
};

/* What else is known of the aircraft now. */
struct hz_commb_known {
    bool altitude, speed, track, position;
    bool ground; /* it is on the ground */
    int alt_baro_ft;
    double gs_kt, track_deg; /* over ground, true */
    struct hz_position at;
};

/* The register that the 7 bytes are beyond doubt; unknown when none fits, when more than one does,
 * or when what they say cannot be checked against itself. */
enum hz_register hz_commb_infer(const uint8_t *mb, const struct hz_commb_known *known);

#endif

/* Inference of the register of a Comm-B reply (DF 20 and 21). A reply holds the 56 bits of a
 * register without its number; only the radar that asked knows it.
 *
 * Model: each register R has a probability P(bits | R), from its layout and the known state of the
 * aircraft (commb_cost.h). Metric: the cost -log2 P in bits. Estimate: the register with the lowest
 * cost, if it is lower than all others by a margin. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_COMMB_H
#define HZ_PROTO_ADSB_COMMB_H

#include "proto/adsb/cpr.h"

#include <stdbool.h>
#include <stdint.h>

/* Numbered as BDS codes, first digit times 16 plus second. These registers are decoded. All others
 * take part in the decision (commb_rivals.c) but are reported as unknown. */
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

/* The known state of the aircraft. */
struct hz_commb_known {
    bool altitude, speed, track, position;
    bool ground; /* it is on the ground */
    int alt_baro_ft;
    double gs_kt, track_deg; /* over ground, true */
    struct hz_position at;
};

/* The register of these 7 bytes, if there is no doubt; HZ_BDS_UNKNOWN when none fits, when more
 * than one does, or when the contents cannot be checked against each other. */
enum hz_register hz_commb_infer(const uint8_t *mb, const struct hz_commb_known *known);

#endif

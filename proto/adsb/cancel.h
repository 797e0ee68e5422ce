/* Takes a burst whose bits are known out of the envelope, so that what it covered can be heard.
 *
 * What was received is, over some 25 us, c1 m(t) + c2 m'(t): the burst made anew from its bits, and
 * its derivative, which stands for what is wrong with the timing. c1 and c2 are complex and least
 * squares finds them. Pure. */
#ifndef HZ_PROTO_ADSB_CANCEL_H
#define HZ_PROTO_ADSB_CANCEL_H

#include "proto/adsb/burst.h"

enum { HZ_ADSB_REACH = 8 }; /* samples that a pulse touches */

/* Pulses by phase, as samples see them; fixed after init. */
struct hz_adsb_cancel {
    float pulse[HZ_ADSB_PHASES][HZ_ADSB_REACH];
    float slope[HZ_ADSB_PHASES][HZ_ADSB_REACH];
};

/* A stretch of elements of the envelope. */
struct hz_adsb_stretch {
    size_t from, end;
};

void hz_adsb_cancel_init(struct hz_adsb_cancel *c, const struct hz_adsb_shape *s);

/* Subtracts the frame found from the samples; returns the elements it touched. */
struct hz_adsb_stretch hz_adsb_cancel_burst(const struct hz_adsb_cancel *c,
                                            const struct hz_adsb_shape *s,
                                            const struct hz_adsb_burst *burst,
                                            struct hz_adsb_envelope *b);

#endif

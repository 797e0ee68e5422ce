/* Interference cancellation: subtracts a decoded burst, so that a burst that it covered can be
 * decoded.
 *
 * Signal model: over about 40 us, without the carrier, x(t) = c1 m(t) + c2 m'(t) + rest. m is the
 * burst modelled from its bits with the pulse of fine.h; its derivative m' accounts for a timing
 * error. Estimate: the complex c1 and c2 by least squares, without the means of all signals: the
 * pulses of another burst with the same carrier have a mean too and would be taken for this one.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_ADSB_CANCEL_H
#define HZ_PROTO_ADSB_CANCEL_H

#include "proto/adsb/burst.h"

enum { HZ_ADSB_REACH = 8 }; /* length of a pulse in samples */

/* The sampled pulse and its derivative for each phase; constant after init. */
struct hz_adsb_cancel {
    float pulse[HZ_ADSB_PHASES][HZ_ADSB_REACH];
    float slope[HZ_ADSB_PHASES][HZ_ADSB_REACH];
};

/* Elements of the envelope from `from` up to `end`. */
struct hz_adsb_stretch {
    size_t from, end;
};

void hz_adsb_cancel_init(struct hz_adsb_cancel *c, const struct hz_adsb_shape *s);

/* Subtracts the decoded frame from the samples; returns the elements that it changed. */
struct hz_adsb_stretch hz_adsb_cancel_burst(const struct hz_adsb_cancel *c,
                                            const struct hz_adsb_shape *s,
                                            const struct hz_adsb_burst *burst,
                                            struct hz_adsb_envelope *b);

#endif

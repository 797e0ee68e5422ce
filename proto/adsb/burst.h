/* One candidate through all ways to make a frame of it: bits by energy, soft decisions at several
 * timings, repair. Pure. */
#ifndef HZ_PROTO_ADSB_BURST_H
#define HZ_PROTO_ADSB_BURST_H

#include "proto/adsb/credit.h"
#include "proto/adsb/gate.h"
#include "proto/adsb/judge.h"
#include "proto/adsb/soft.h"

struct hz_adsb_burst {
    struct hz_adsb_window window;
    struct hz_adsb_frame frame;
    int step;    /* timing within the window that the frame was found at */
    float omega; /* carrier, radians per us; NAN: does not hold */
};

/* HZ_MESSAGE, with burst->frame complete, or why it came to nothing; HZ_SHED: the credit does not
 * pay for soft decisions. */
enum hz_reason hz_adsb_burst_try(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                 struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                                 const struct hz_adsb_candidate *c, struct hz_adsb_credit *credit);

/* The same for a burst of a trusted address whose first byte is lost, at burst->step of a window
 * that is filtered: DF 17 or DF 11 is what it must have been. */
enum hz_reason hz_adsb_burst_headless(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                      struct hz_adsb_judge *j);

#endif

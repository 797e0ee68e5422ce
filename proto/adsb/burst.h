/* Decodes one candidate: first bits by energy (the sign of |Z|^2 of the first half of a bit minus
 * the second), then soft decisions at several timings, then repair. The first result that the judge
 * accepts is the frame. Pure. One thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_BURST_H
#define HZ_PROTO_ADSB_BURST_H

#include "proto/adsb/credit.h"
#include "proto/adsb/gate.h"
#include "proto/adsb/judge.h"
#include "proto/adsb/soft.h"

enum { HZ_ADSB_READINGS = 4 };

/* A frame, and its timing within the window. */
struct hz_adsb_reading {
    struct hz_adsb_frame frame;
    int step;
};

struct hz_adsb_burst {
    struct hz_adsb_window window;
    struct hz_adsb_frame frame;
    int step;    /* timing of the frame within the window */
    float omega; /* carrier, radians per us; NAN: its phase is not coherent */
    /* of a burst that was rejected: complete frames that are only doubted, the likeliest first */
    struct hz_adsb_reading doubted[HZ_ADSB_READINGS];
    int n_doubted;
};

/* HZ_MESSAGE with burst->frame complete, or the reason of rejection. HZ_SHED: the credit does not
 * allow soft decisions. */
enum hz_reason hz_adsb_burst_try(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                 struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                                 const struct hz_adsb_candidate *c, struct hz_adsb_credit *credit);

/* As hz_adsb_burst_try, for a burst of a trusted address whose first byte is damaged, at
 * burst->step of a window that is filtered. The format is taken to be DF 17 or DF 11, by length. */
enum hz_reason hz_adsb_burst_headless(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                      struct hz_adsb_judge *j);

#endif

/* AX.25 frames of Bell 202 tones on a narrow FM channel: a cheap gate, a search where it opens,
 * then the transmission followed chunk by chunk to its end, its tones to frames. Its audio is heard
 * beside that.
 *
 * Samples are HZ_CF32 at 24 kHz, the channel in the middle. The work is done in hops on the
 * stream's own index, so that it does not matter how pushes are cut, and is bounded by a credit of
 * work that each hop refills. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_DETECT_H
#define HZ_PROTO_PACKET_BELL202_DETECT_H

#include "proto/packet/ax25/follow.h"
#include "proto/packet/bell202/beside.h"
#include "proto/packet/bell202/gate.h"
#include "proto/packet/bell202/track.h"

struct hz_bell202_detect {
    struct hz_ax25_follow follow;
    struct hz_bell202_decider decider;
    struct hz_bell202_gate gate;
    struct hz_bell202_beside beside;
    struct hz_bell202_lock lock;
    unsigned vain; /* transmissions in a row without a frame or two flags since the gate opened */
    bool clocks;   /* clocks other than the usual one were tried since the gate opened, or since a
                    * proven transmission */
};

/* refill: work that may be done in each hop of 10 ms, in units of about 60 ns. 0 or -ENOMEM; zeroed
 * before. */
int hz_bell202_detect_init(struct hz_bell202_detect *d, long refill);
void hz_bell202_detect_done(struct hz_bell202_detect *d);

/* HZ_CF32 samples that continue those before; if they do not, the stream begins anew. */
void hz_bell202_detect_push(struct hz_bell202_detect *d, const struct hz_samples *samples,
                            struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_bell202_detect_flush(struct hz_bell202_detect *d, struct hz_sink *sink);

#endif

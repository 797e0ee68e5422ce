/* Detector of AX.25 frames sent with Bell 202 tones on narrow FM (1200 baud; 1200 Hz is mark, 2200
 * Hz space).
 *
 * Signal model: y(t) = A exp(j (theta(t) + phi(t))) + noise, where phi(t) = 2 pi D int sin(2 pi
 * f(t) t) dt is the frequency modulation by a tone of constant deviation D whose frequency f(t) is
 * one of two in each bit, and theta(t) the carrier's phase. Within a bit phi is a sine itself
 * (tones.h), so the bits, the tone's phase and the carrier's phase can be decided jointly as a
 * sequence (trellis.h), without a discriminator. Noise below the threshold of an FM discriminator
 * therefore costs no clicks.
 *
 * Metric: the sum over bits of |a v + z| - |a v| of trellis.h.
 *
 * Estimates, in this order: whether a transmission may be there (gate.h); its carrier, timing,
 * tones and deviations from 64 bits (search.h); then, chunk by chunk, the levels with their error
 * events, frequency, drift and clock (track.h). The levels go to the frame reader
 * (proto/packet/ax25/frames.h). The channel's audio is decoded beside that (beside.h), for
 * transmitters that differ from the model.
 *
 * Reference: "Data Sets 202S and 202T Interface Specification", Bell System Data Communications
 * Technical Reference, 1976; AX.25 Link Access Protocol 2.2, 1998.
 *
 * Samples are HZ_CF32 at 24 kHz, the channel at 0 Hz. Hops, cutting and the bound on work:
 * proto/packet/ax25/follow.h. Memory is allocated in init only. Pure; one thread at a time. */
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

/* refill: work that may be done in each hop of 10 ms, in units of about 60 ns. 0 or -ENOMEM;
 * zeroed before. Push and flush with hz_ax25_follow_push and hz_ax25_follow_flush on d->follow. */
int hz_bell202_detect_init(struct hz_bell202_detect *d, long refill);
void hz_bell202_detect_done(struct hz_bell202_detect *d);

#endif

/* Detector of AX.25 frames sent with G3RUH's modem: scrambled bits as shaped FSK at 9600 baud.
 *
 * Signal model: y(t) = A exp(j (theta(t) + phi(t; b))) + noise, the continuous-phase modulation of
 * dsp/cpm.h, with modulation index h = 2 D / 9600 for a deviation D of 2 to 5 kHz (about 3 kHz is
 * usual) and a frequency pulse that depends on the transmitter's filters: a Gaussian one of unknown
 * BT describes it well.
 *
 * Metric: that of dsp/cpm.h.
 *
 * Estimates: whether a carrier is there (gate.h); carrier, clock, timing, deviation and pulse from
 * some hundred unknown bits (search.h); then, chunk by chunk, the levels with their error events,
 * and frequency, drift, clock and deviation (track.h). The levels go to the frame reader
 * (proto/packet/ax25/frames.h), which descrambles them.
 *
 * Reference: J. Miller (G3RUH), "9600 Baud Packet Radio Modem Design", 7th ARRL Computer Networking
 * Conference, 1988; AX.25 Link Access Protocol 2.2, 1998.
 *
 * Samples are HZ_CF32 at 48 kHz, the channel at 0 Hz. Hops, cutting and the bound on work:
 * proto/packet/ax25/follow.h. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_G3RUH_DETECT_H
#define HZ_PROTO_PACKET_G3RUH_DETECT_H

#include "proto/packet/ax25/follow.h"
#include "proto/packet/g3ruh/gate.h"
#include "proto/packet/g3ruh/track.h"

struct hz_g3ruh_detect {
    struct hz_ax25_follow follow;
    struct hz_g3ruh_track track;
    struct hz_g3ruh_gate gate;
    struct hz_g3ruh_lock lock;
    uint64_t from;      /* where the search began that found the lock */
    bool kept;          /* the lock is kept until a second search, a little later, has run */
    float vain;         /* least energy since a fruitless search; 0: there was none */
    unsigned chunks;    /* of the transmission, so far */
    float power, least; /* of the last chunk; the least of all chunks */
};

/* refill: bit steps that may be spent in each hop of 5 ms, about 40 ns each. 0 or -ENOMEM; zeroed
 * before. Push and flush with hz_ax25_follow_push and hz_ax25_follow_flush on d->follow. */
int hz_g3ruh_detect_init(struct hz_g3ruh_detect *d, long refill);
void hz_g3ruh_detect_done(struct hz_g3ruh_detect *d);

#endif

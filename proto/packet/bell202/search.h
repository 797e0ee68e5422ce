/* Search for a transmission of Bell 202 tones on FM in 64 bits of samples: carrier, timing, tones
 * and their deviations, then its clock. Each candidate is decided with the Viterbi algorithm of
 * proto/packet/bell202/trellis.h, whose metric says which is the most likely. Pure; one thread at a
 * time. */
#ifndef HZ_PROTO_PACKET_BELL202_SEARCH_H
#define HZ_PROTO_PACKET_BELL202_SEARCH_H

#include "proto/packet/bell202/decide.h"

enum {
    HZ_BELL202_SEARCH_BITS = 64,
    HZ_BELL202_SEARCH = (HZ_BELL202_SEARCH_BITS + 3) * HZ_BELL202_BIT, /* samples */
    HZ_BELL202_SEARCH_ROOM =
        HZ_BELL202_SEARCH + 4 * HZ_BELL202_BIT, /* samples that a search may read, with long bits */
    HZ_BELL202_SEARCH_STEPS = 66 * HZ_BELL202_SEARCH_BITS, /* bit steps at most */
    HZ_BELL202_UNSURE = 2, /* chunks in which a clock that looks right is tested */
    HZ_BELL202_CLOCKS_STEPS = 68 * HZ_BELL202_SEARCH_BITS /* bit steps for trying other clocks */
};

/* State of a transmission that is followed. */
struct hz_bell202_lock {
    double at;             /* sample at which the next bit begins */
    double bit;            /* samples of a bit */
    bool follow;           /* the clock is followed inside chunks */
    unsigned unsure;       /* good chunks in which following is still tried */
    double freq;           /* carrier at that sample, in cycles per sample */
    double drift;          /* cycles per sample per sample */
    bool doubt;            /* the drift is from a search only: a chunk must confirm it */
    double steady;         /* carrier if it does not drift */
    float amplitude;       /* amplitude of the carrier, roughly */
    float off;             /* relative error of the tones' frequencies; positive: too high */
    unsigned deviation[2]; /* of either tone: hz_bell202_deviation_hz */
};

/* Finds the transmission in iq[2 HZ_BELL202_SEARCH_ROOM], near that carrier frequency and
 * amplitude; lock->at counts from iq. *clocks is set to whether its clock looks wrong; other clocks
 * are then tried if `may`. */
void hz_bell202_search(struct hz_bell202_decider *d, const float *iq, double freq, float amplitude,
                       bool may, bool *clocks, struct hz_bell202_lock *lock);

#endif

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
    HZ_BELL202_SEARCH_ROOM = HZ_BELL202_SEARCH + 4 * HZ_BELL202_BIT,   /* the same with long bits */
    HZ_BELL202_SEARCH_STEPS = 66 * HZ_BELL202_SEARCH_BITS,             /* bit steps at most */
    HZ_BELL202_UNSURE = 2, /* chunks in which a clock that looks right is put to the test */
    HZ_BELL202_CLOCKS_STEPS = 68 * HZ_BELL202_SEARCH_BITS /* and for other clocks */
};

/* What is known of a transmission where it is followed. */
struct hz_bell202_lock {
    double at;             /* sample at which the next bit begins */
    double bit;            /* samples of a bit */
    bool follow;           /* the clock, inside a chunk */
    unsigned unsure;       /* good chunks in which that is still tried */
    double freq;           /* cycles per sample, there */
    double drift;          /* cycles per sample per sample */
    bool doubt;            /* the drift is what a search saw: a chunk is to prove it */
    double steady;         /* frequency if it does not drift */
    float amplitude;       /* about */
    float off;             /* of the tones: this part of their frequency too high */
    unsigned deviation[2]; /* of either tone: hz_bell202_deviation_hz */
};

/* The transmission in iq[HZ_BELL202_SEARCH_ROOM], its carrier near `freq`, its amplitude near that;
 * lock->at counts from iq. *clocks: whether its clock looks wrong; whether others
 * are tried then, `may` says. */
void hz_bell202_search(struct hz_bell202_decider *d, const float *iq, double freq, float amplitude,
                       bool may, bool *clocks, struct hz_bell202_lock *lock);

#endif

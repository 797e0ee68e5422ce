/* A run of bits of Bell 202 tones on FM, decided by the Viterbi algorithm of
 * proto/packet/bell202/trellis.h, and what the decided bits show of carrier, clock and tones.
 * Samples are at 24 kHz, the carrier near 0 Hz. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_DECIDE_H
#define HZ_PROTO_PACKET_BELL202_DECIDE_H

#include "proto/packet/ax25/frames.h"
#include "proto/packet/bell202/trellis.h"

enum {
    HZ_BELL202_BEFORE = 16,
    HZ_BELL202_BEHIND = 16,
    HZ_BELL202_RUN = HZ_BELL202_BEFORE + HZ_AX25_CHUNK + HZ_BELL202_BEHIND, /* bits */
    HZ_BELL202_LEAD = 60, /* samples before a run's bits: a clock may be moved by so much */
    /* samples of a run whose bits are 6 % longer, with the lead at either end */
    HZ_BELL202_SPAN = 2 * HZ_BELL202_LEAD + (HZ_BELL202_RUN + 4) * HZ_BELL202_BIT * 106 / 100,
    HZ_BELL202_BLOCK = 4, /* bits whose carriers are summed up */
    HZ_BELL202_BLOCKS = HZ_AX25_CHUNK / HZ_BELL202_BLOCK,
    HZ_BELL202_QUARTER = 5 /* samples in which the tones' phases advance by whole steps */
};

/* Working memory. */
struct hz_bell202_decider {
    struct hz_bell202_tones tones;
    float mixed[2 * HZ_BELL202_SPAN]; /* the samples, the carrier taken out */
    double start[HZ_BELL202_RUN + 1]; /* of each bit in them */
    struct hz_bell202_sums sums[HZ_BELL202_RUN];
    struct hz_bell202_choice choices[HZ_BELL202_RUN];
    struct hz_bell202_path path[HZ_BELL202_RUN];
};

/* Hypothesis about a run of bits. */
struct hz_bell202_guess {
    struct hz_bell202_modulation modulation;
    double at, bit; /* sample at which the first begins; samples of one */
    float price;    /* of a step of the tone's phase: hz_bell202_survivors_init */
    float off;      /* relative error of the tones' frequencies */
};

/* The carrier of decided bits, in blocks. */
struct hz_bell202_carrier {
    size_t n;
    float re[HZ_BELL202_BLOCKS], im[HZ_BELL202_BLOCKS];
    float blocks, bits; /* sums of the squares: of blocks, of bits */
};

void hz_bell202_decider_init(struct hz_bell202_decider *d);

/* Price of a step of the tone's phase (hz_bell202_survivors_init) for a carrier of that amplitude.
 */
float hz_bell202_price(float amplitude);

/* Decides so many bits of d->mixed into d->path. Returns the metric. */
float hz_bell202_decide(struct hz_bell202_decider *d, const struct hz_bell202_guess *g,
                        size_t bits);

/* Decides HZ_BELL202_RUN bits and follows their clock, of which g->at and g->bit are first
 * estimates. Returns the length of a bit at the end. */
double hz_bell202_decide_followed(struct hz_bell202_decider *d, const struct hz_bell202_guess *g);

void hz_bell202_measure(const struct hz_bell202_decider *d, const struct hz_bell202_modulation *m,
                        size_t from, size_t bits, struct hz_bell202_carrier *out);

/* Errors of frequency (in the middle) and drift: from the phase difference of consecutive blocks,
 * and its change. Blocks of noise add little to either. Fading rotates the carrier too, but not for
 * long in one direction: then the drift is 0. */
struct hz_cpm_offset hz_bell202_offset_error(const struct hz_bell202_carrier *c);

/* Relative error of the tones' frequencies, from the phase that they advanced beyond their nominal
 * steps. */
float hz_bell202_tones_off(const struct hz_bell202_path *path, size_t bits);

/* Lateness in samples of the bits from .. from + bits - 1, decided as path[] says; 0 if their mean
 * power is below `least`. */
double hz_bell202_late(const struct hz_bell202_decider *d, const struct hz_bell202_modulation *m,
                       const struct hz_bell202_path *path, size_t from, size_t bits, float least);

/* Position of the maximum of a parabola through three powers at -1, 0 and 1. */
double hz_bell202_top_of(float before, float middle, float after);

#endif

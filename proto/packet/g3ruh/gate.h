/* The gate in front of the 9600 baud detector: a cheap test of each hop for a carrier.
 *
 * y(n) y*(n - 2) at 48 kHz: two samples on, the noise of a channel 25 kHz wide has nothing to do
 * with itself (the same holds for white noise), while a carrier that swings by 3 kHz has turned by
 * 45 degrees at most. So the magnitude of its sum over the energy is the carrier's fraction of the
 * power, whatever the level: no noise floor has to be known, a station that never pauses is seen
 * like one that comes and goes, and the sum's angle is the carrier's frequency.
 *
 * A receiver's DC is not a carrier: the mean of each hop is left out of the sums. The mean DC while
 * the gate is closed is to be subtracted from the samples. It is taken from the first hops at once
 * and then followed slowly, since a bare carrier ahead of a packet may lie at 0 Hz as well.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_G3RUH_GATE_H
#define HZ_PROTO_PACKET_G3RUH_GATE_H

#include <stdbool.h>

enum {
    HZ_G3RUH_HOP = 240,   /* samples: 5 ms, 48 bits */
    HZ_G3RUH_LAG = 2,     /* lag in samples; twice as many must be in memory before a hop */
    HZ_G3RUH_SUM = 4,     /* hops over which the fraction is taken */
    HZ_G3RUH_QUIET = 64,  /* hops among which the quietest is taken */
    HZ_G3RUH_RECENT = 16, /* hops whose sums are remembered */
    HZ_G3RUH_DC = 2000,   /* hops over which the DC is averaged: 10 s */
};

struct hz_g3ruh_hop {
    float energy, re, im; /* without the hop's mean, if there is a carrier */
    float far_re,
        far_im; /* real and imaginary part at twice the lag, if there is a carrier; else 0 */
};

struct hz_g3ruh_gate {
    struct hz_g3ruh_hop hop[HZ_G3RUH_RECENT]; /* a ring */
    float power[HZ_G3RUH_QUIET];              /* of the last hops while closed, a ring; 0: none */
    float dc[2], dc_spread; /* mean of the hops' means: I, Q; mean square about it */
    unsigned dc_hops;
    unsigned at, power_at;
    bool open;
};

/* iq: HZ_G3RUH_HOP samples, those of twice the lag before them in memory. Sets and returns g->open.
 */
bool hz_g3ruh_gate_push(struct hz_g3ruh_gate *g, const float *iq);

/* Whether the gate was opened by a strong carrier without modulation, as some transmitters send it
 * ahead: the magnitudes at both lags are then the same. For a deviation of 1 kHz the second is 6 %
 * less. */
bool hz_g3ruh_gate_steady(const struct hz_g3ruh_gate *g);

/* The receiver's DC: I, Q. Zeros if the signal at 0 Hz is not steady. */
void hz_g3ruh_gate_dc(const struct hz_g3ruh_gate *g, float out[2]);

/* Energy of the last HZ_G3RUH_SUM hops, and of as many hops like the weakest one of the last `hops`
 * (at most HZ_G3RUH_RECENT). */
float hz_g3ruh_gate_energy(const struct hz_g3ruh_gate *g);
float hz_g3ruh_gate_least(const struct hz_g3ruh_gate *g, unsigned hops);

/* Power of the quietest of the last hops without a carrier; INFINITY before there was one. */
float hz_g3ruh_gate_floor(const struct hz_g3ruh_gate *g);

#endif

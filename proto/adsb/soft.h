/* Soft decisions on a burst, for neighbouring timings at once: its carrier's phase from bit to bit,
 * then the most likely sequence of bits with a confidence for each. Pure.
 *
 * With known amplitude A and phase, samples x, pulses p_k and s_k = 1 where half-chip k holds a
 * pulse, |x - A sum s_k p_k|^2 is least where
 *     M = sum s_k (2 y_k - gram(k, k)) - 2 sum_{k<l} s_k s_l gram(k, l)
 * is greatest, y_k being Re(Z_k e^-j phase) / A. A bit is a pair of half-chips of which one holds a
 * pulse, and pulses reach into the next bit only: a trellis of two states, walked both ways
 * (max-log). */
#ifndef HZ_PROTO_ADSB_SOFT_H
#define HZ_PROTO_ADSB_SOFT_H

#include "proto/adsb/fine.h"

/* Bits to either side that give the phase of one: as many as a steady carrier holds over, or next
 * to none for one that wanders. With 0 it would be |Z_1|^2 - |Z_0|^2, energy alone; 1 is the least
 * that tells what leaks from a neighbour. */
enum hz_adsb_reach { HZ_ADSB_STEADY = 8, HZ_ADSB_WANDERING = 1 };

struct hz_adsb_soft {
    int step; /* timing of the first lane */
    int bits; /* 56 or 112 */
    enum hz_adsb_reach reach;
    float omega;                    /* carrier, radians per us */
    float hold;                     /* 0 to 1: how well its phase holds for a bit */
    float coherence[HZ_ADSB_LANES]; /* the same over the bits that give it */
    float fit[HZ_ADSB_LANES];       /* energy that the sequence explains: compares timings */
    float mean[HZ_ADSB_LANES];      /* mean of |sure| */
    float sure[HZ_MODES_LONG_BITS][HZ_ADSB_LANES]; /* > 0: the bit is 1; its size: how sure */
};

/* The carrier of a burst of `bits` bits at `step` to *omega, in radians per us, exact only where
 * its phase is steady. Returns how well the phase holds from one bit to the next: 0.7 and more in
 * bursts that are steady, 0.2 to 0.4 in noise and fragments. */
float hz_adsb_soft_carrier(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step,
                           int bits, float *omega);

/* Bits by coherent detection; step, bits, reach, omega and hold are given. False, and no bits, when
 * the phase of a steady carrier holds at no timing. */
bool hz_adsb_soft_detect(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         struct hz_adsb_soft *out);

/* e^(j k omega) for k < n, to ci and cq; up to seven more are written. */
void hz_adsb_soft_phasors(float omega, int n, float *ci, float *cq);

/* Packs signs into bytes, the first bit highest. */
void hz_adsb_soft_bytes(const float *sure, int bits, uint8_t *bytes);

#endif

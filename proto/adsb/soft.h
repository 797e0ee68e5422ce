/* Soft decisions on a burst, for four neighbouring timings at a time.
 *
 * Signal model: x = A e^(j phi(t)) sum over k of s_k p_k + noise (see demod.h and fine.h), with the
 * pulse p_k and s_k = 1 where half-chip k holds a pulse. Metric: for known A and phi the squared
 * error |x - A sum s_k p_k|^2 is smallest where
 *     M = sum over k of s_k (2 y_k - gram(k, k)) - 2 sum over k < l of s_k s_l gram(k, l)
 * is greatest, with y_k = Re(Z_k e^(-j phi)) / A. A bit is a pair of half-chips of which one holds
 * a pulse, and pulses leak into the next bit only. So the bits form a trellis of two states, and
 * the max-log BCJR algorithm (L. R. Bahl et al., IEEE Trans. Inf. Theory 20, 1974) gives the most
 * likely bits and the log-likelihood ratio of each.
 *
 * Estimates: omega from the phase of the bits' sums at lags of 1, 6 and 32 bits; phi of each bit
 * from its neighbours; A as the mean of Re(Z_k e^(-j phi)); the bits, with reliabilities.
 *
 * Pure. One thread at a time. */
#ifndef HZ_PROTO_ADSB_SOFT_H
#define HZ_PROTO_ADSB_SOFT_H

#include "proto/adsb/fine.h"

/* The number of bits on each side that are used to estimate the phase of a bit: many for a steady
 * carrier, few for one that wanders. With 0 the metric would be the energy |Z_1|^2 - |Z_0|^2 alone;
 * 1 is the smallest value that allows for the leakage between neighbours. */
enum hz_adsb_reach { HZ_ADSB_STEADY = 8, HZ_ADSB_WANDERING = 1 };

struct hz_adsb_soft {
    int step; /* timing of the first lane */
    int bits; /* 56 or 112 */
    enum hz_adsb_reach reach;
    float omega;                    /* carrier, radians per us */
    float hold;                     /* 0 to 1: coherence of the phase from bit to bit */
    float coherence[HZ_ADSB_LANES]; /* 0 to 1: coherence of the phase over the reach */
    float fit[HZ_ADSB_LANES];       /* energy explained by the sequence, to compare timings */
    float mean[HZ_ADSB_LANES];      /* mean of |sure| */
    float sure[HZ_MODES_LONG_BITS][HZ_ADSB_LANES]; /* likelihood ratios: > 0: the bit is 1 */
};

/* Estimates the carrier of a burst of `bits` bits at `step`: *omega in radians per us, exact only
 * for a steady phase. Returns the coherence of the phase from bit to bit: 0.7 or more in steady
 * bursts, 0.2 to 0.4 in noise and fragments. */
float hz_adsb_soft_carrier(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step,
                           int bits, float *omega);

/* Coherent detection. The caller sets step, bits, reach, omega and hold. False, and no bits, when
 * the carrier should be steady but is not coherent enough at any timing. */
bool hz_adsb_soft_detect(const struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         struct hz_adsb_soft *out);

/* Packs the signs of sure[bits] into bytes, the first bit most significant. */
void hz_adsb_soft_bytes(const float *sure, int bits, uint8_t *bytes);

#endif

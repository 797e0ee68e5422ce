/* The matched filter of Bell 202 on an FM transmitter, as IQ: for both tones, every phase of the
 * tone and any deviation, from a few sums over the samples of a bit.
 *
 * Signal model: in a bit with the tone f, whose phase at the bit's start is theta, the carrier's
 * phase is
 *     psi - b cos(2 pi f t + theta),  b = deviation / f.
 * psi stays the same from bit to bit, also when the tone's frequency is a little off. At a change
 * of tone from g to f it gains (b_f - b_g) cos theta, since the carrier's phase does not jump.
 *
 * Metric: the matched sum of a bit is, by the expansion of Jacobi and Anger (Abramowitz and Stegun,
 * 9.1.44 and 9.1.45; J_n: Bessel functions),
 *     z(theta) = sum y(t) exp(j b cos(2 pi f t + theta))
 *              = J_0(b) Y_0 + sum over n of 2 j^n J_n(b) (A_n cos n theta - B_n sin n theta),
 * with A_n = sum y(t) cos 2 pi n f t, B_n the same with the sine, and Y_0 = sum y(t). So the sums
 * over samples are made once, and each phase and deviation costs a few products. The odd terms
 * change their sign from theta to theta + pi.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_TONES_H
#define HZ_PROTO_PACKET_BELL202_TONES_H

#include <stddef.h>

enum {
    HZ_BELL202_RATE_HZ = 24000,
    HZ_BELL202_BIT = 20, /* samples: 1200 baud */
    HZ_BELL202_PHASES =
        24, /* steps of a tone's phase: 2200 Hz advances by 44 of them in a bit, 1200 Hz by 24 */
    HZ_BELL202_SHIFTS = 8,  /* positions of the bit's start within a sample */
    HZ_BELL202_SERIES = 16, /* cosines and sines of 5 harmonics of 1200 Hz, 3 of 2200 Hz */
    HZ_BELL202_DEVIATIONS = 17
};

enum hz_bell202_tone { HZ_BELL202_MARK /* 1200 Hz */, HZ_BELL202_SPACE /* 2200 Hz */ };

/* Constants for all deviations. */
struct hz_bell202_tones {
    float wave[HZ_BELL202_SHIFTS][HZ_BELL202_BIT][HZ_BELL202_SERIES];
    float factor[HZ_BELL202_DEVIATIONS][HZ_BELL202_SERIES][HZ_BELL202_PHASES / 2];
    float carrier[HZ_BELL202_DEVIATIONS][2]; /* J_0 for either tone */
};

/* The sums over one bit. */
struct hz_bell202_sums {
    float re[HZ_BELL202_SERIES], im[HZ_BELL202_SERIES];
    float carrier_re, carrier_im; /* Y_0 */
};

/* z(theta) of either tone, for all phases. */
struct hz_bell202_match {
    float re[2][HZ_BELL202_PHASES], im[2][HZ_BELL202_PHASES];
};

/* A transmitter's modulation: the deviation of either tone (pre-emphasis makes them differ), and
 * the rotation of psi at a change to the 1200 Hz tone; at a change to 2200 Hz it is the opposite.
 */
struct hz_bell202_modulation {
    unsigned deviation[2]; /* of hz_bell202_deviation_hz */
    float rot_re[HZ_BELL202_PHASES], rot_im[HZ_BELL202_PHASES];
};

/* 1.2 to 5.5 kHz in steps of 10 %. */
double hz_bell202_deviation_hz(unsigned index);

void hz_bell202_tones_init(struct hz_bell202_tones *t);
void hz_bell202_modulation_init(struct hz_bell202_modulation *m, unsigned mark, unsigned space);

/* Sums over 20 samples for each of `bits` bits, `length` samples apart. The first begins `start`
 * (>= 0) samples after iq; the carrier is at 0 Hz. Reads up to start + bits * length + 21 samples.
 */
void hz_bell202_sum(const struct hz_bell202_tones *t, const float *iq, double start, size_t bits,
                    double length, struct hz_bell202_sums *out);

void hz_bell202_match(const struct hz_bell202_tones *t, const struct hz_bell202_modulation *m,
                      const struct hz_bell202_sums *sums, struct hz_bell202_match *z);

#endif

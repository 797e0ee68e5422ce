/* Shapes of the frequency of one bit in two-level FM. Pure. */
#ifndef HZ_DSP_CPM_PULSE_H
#define HZ_DSP_CPM_PULSE_H

enum { HZ_CPM_PULSE_STEPS = 256 }; /* of a bit */

/* Integral of a bit's frequency from the pulse's middle on, in bits: at t bits from the middle it
 * is sum[(t + 1.5) HZ_CPM_PULSE_STEPS], for t from -1.5 to 1.5. A steady frequency sums up to t. */
struct hz_cpm_pulse {
    float sum[3 * HZ_CPM_PULSE_STEPS + 1];
};

/* A bit behind a Gaussian filter of bandwidth bt (times a bit's length), over 0.1; from about 10 on
 * it is rectangular. */
void hz_cpm_pulse_gaussian(struct hz_cpm_pulse *p, double bt);

/* cos^2 over two bits: the soft edges of sound-card modems (direwolf). */
void hz_cpm_pulse_cosine(struct hz_cpm_pulse *p);

/* Raised cosine of Nyquist's first criterion with that roll-off, 0 to 1; its tails beyond a bit and
 * a half are left out. */
void hz_cpm_pulse_raised_cosine(struct hz_cpm_pulse *p, double rolloff);

#endif

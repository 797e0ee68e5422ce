/* Frequency pulses of binary FM. Pure: any thread; the memory is the caller's. */
#ifndef HZ_DSP_CPM_PULSE_H
#define HZ_DSP_CPM_PULSE_H

enum { HZ_CPM_PULSE_STEPS = 256 }; /* per bit */

/* q(t): the integral of the frequency pulse g from its middle to t, with t in bits from -1.5
 * to 1.5: sum[(t + 1.5) HZ_CPM_PULSE_STEPS] = integral of g from 0 to t. A constant frequency g = 1
 * has q(t) = t. */
struct hz_cpm_pulse {
    float sum[3 * HZ_CPM_PULSE_STEPS + 1];
};

/* A rectangular bit behind a Gaussian filter with bandwidth-time product bt, over 0.1; from about
 * 10 on the pulse is rectangular. */
void hz_cpm_pulse_gaussian(struct hz_cpm_pulse *p, double bt);

/* g = cos^2 over two bits: the soft edges of sound-card modems (direwolf). */
void hz_cpm_pulse_cosine(struct hz_cpm_pulse *p);

/* The raised-cosine pulse of Nyquist's first criterion with a roll-off of 0 to 1. Its tails beyond
 * 1.5 bits are cut off. */
void hz_cpm_pulse_raised_cosine(struct hz_cpm_pulse *p, double rolloff);

#endif

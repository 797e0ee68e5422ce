/* Second-order low-pass sections (R. Bristow-Johnson, Audio EQ Cookbook). Pure. One thread at a
 * time; the memory is the caller's. */
#ifndef HZ_DSP_BIQUAD_H
#define HZ_DSP_BIQUAD_H

#include <stddef.h>

struct hz_biquad {
    float b0, b1, b2, a1, a2;
    float z1, z2; /* state (transposed direct form II) */
};

/* freq: the corner frequency in cycles per sample (0 to 0.5), which is -3 dB for q = 0.7071. Two
 * sections in series with q = 0.5412 and 1.3066 are a Butterworth filter of fourth order. */
void hz_biquad_lowpass(struct hz_biquad *f, double freq, double q);

/* Filters x[n] in place. */
void hz_biquad_run(struct hz_biquad *f, float *x, size_t n);

#endif

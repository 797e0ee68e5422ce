/* Frequency discriminator: f(n) = arg(x(n) x*(n-1)) / 2 pi. Pure. One thread at a time; the memory
 * is the caller's. */
#ifndef HZ_DSP_FM_H
#define HZ_DSP_FM_H

#include <stddef.h>

struct hz_fm {
    float i, q; /* the previous sample */
};

/* Call it before the first sample and after a gap. The next output is 0. */
void hz_fm_init(struct hz_fm *fm);

/* Demodulates n samples x (I, Q pairs) to out[n], in cycles per sample (-0.5 to 0.5), within 3e-6.
 * x and out do not overlap. */
void hz_fm_push(struct hz_fm *fm, const float *x, size_t n, float *out);

#endif

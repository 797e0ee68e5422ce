/* Frequency discriminator: how fast the phase turns, sample by sample. */
#ifndef HZ_DSP_FM_H
#define HZ_DSP_FM_H

#include <stddef.h>

struct hz_fm {
    float i, q; /* the sample before */
};

/* Before the first sample, or after a break: the first output is then 0. */
void hz_fm_init(struct hz_fm *fm);

/* n samples x (I, Q pairs) to out[n]: cycles per sample, -0.5 to 0.5, within 3e-6. x and out do not
 * overlap. */
void hz_fm_push(struct hz_fm *fm, const float *x, size_t n, float *out);

#endif

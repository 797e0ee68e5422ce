/* Envelope detector. Pure: any thread. */
#ifndef HZ_DSP_AM_H
#define HZ_DSP_AM_H

#include <stddef.h>

/* out[n] = |x[n]|; x holds I, Q pairs. */
void hz_am_envelope(const float *x, size_t n, float *out);

#endif

/* Converts raw samples to float. Full scale becomes 1.0: cu8 is (v - 127.5) / 127.5, cs8 v / 128,
 * cs16 v / 32768, and wider formats and audio likewise. Floats are unchanged, but NaN and values
 * beyond +-HZ_CONVERT_MAX become 0. Stereo audio becomes the mean of both channels. Pure: any
 * thread. */
#ifndef HZ_DSP_CONVERT_H
#define HZ_DSP_CONVERT_H

#include "dsp/samples.h"

#define HZ_CONVERT_MAX 1e6f

/* Converts n samples of `format` at `in` (any alignment): IQ to out[2 n] as I, Q pairs, audio to
 * out[n]. */
void hz_convert(enum hz_format format, const void *in, size_t n, float *out);

#endif

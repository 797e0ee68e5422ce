/* Raw samples to float. Full scale becomes 1.0: cu8 is (v - 127.5) / 127.5, cs8 v / 128, cs16
 * v / 32768, wider ones and audio likewise; floats stay as they are, but what is no number or
 * beyond
 * +-HZ_CONVERT_MAX becomes 0. Of audio with two channels comes the mean of both. */
#ifndef HZ_DSP_CONVERT_H
#define HZ_DSP_CONVERT_H

#include "dsp/samples.h"

#define HZ_CONVERT_MAX 1e6f

/* n samples from `in` in `format`, any alignment, to out[2 n] (I, Q pairs), of audio to out[n]. */
void hz_convert(enum hz_format format, const void *in, size_t n, float *out);

#endif

/* Raw IQ to float. Full scale becomes 1.0: cu8 is (v - 127.5) / 127.5, cs8 v / 128, cs16
 * v / 32768; cf32 stays as it is, but what is no number or beyond +-HZ_CONVERT_MAX becomes 0. */
#ifndef HZ_DSP_CONVERT_H
#define HZ_DSP_CONVERT_H

#include "dsp/samples.h"

#define HZ_CONVERT_MAX 1e6f

/* n samples (I, Q pairs) from `in` in `format`, any alignment, to out[2 n]. Formats of IQ only:
 * for audio nothing is written. */
void hz_convert(enum hz_format format, const void *in, size_t n, float *out);

#endif

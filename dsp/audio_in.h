/* Real audio as a recording has it, to float at the rate that a decoder wants. Pure; one thread at
 * a time. */
#ifndef HZ_DSP_AUDIO_IN_H
#define HZ_DSP_AUDIO_IN_H

#include "dsp/samples.h"

struct hz_audio_in;

/* From rate_in to rate_out, whole numbers of Hz whose ratio is one of numbers up to 1000. NULL with
 * the reason in err. */
struct hz_audio_in *hz_audio_in_new(double rate_in, double rate_out, char *err, size_t err_len);
void hz_audio_in_free(struct hz_audio_in *a);

/* Of audio with two channels, from now on; at first the mean of both. */
void hz_audio_in_choose(struct hz_audio_in *a, enum hz_ear ear);

/* The next samples of audio, of one or two channels, as HZ_F32 at rate_out: sample m stands for the
 * instant m / rate_out of the input. Valid until the next push; n may be 0. */
struct hz_samples hz_audio_in_push(struct hz_audio_in *a, const struct hz_samples *in);

#endif

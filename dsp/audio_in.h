/* Converts the audio of a recording to float at a decoder's sample rate. Pure; one thread at a
 * time. */
#ifndef HZ_DSP_AUDIO_IN_H
#define HZ_DSP_AUDIO_IN_H

#include "dsp/samples.h"

struct hz_audio_in;

/* From rate_in to rate_out: whole numbers of Hz whose ratio, in lowest terms, has no number over
 * 1000. NULL with the reason in err. The caller frees it with hz_audio_in_free (NULL is allowed).
 */
struct hz_audio_in *hz_audio_in_new(double rate_in, double rate_out, char *err, size_t err_len);
void hz_audio_in_free(struct hz_audio_in *a);

/* Selects the channel of stereo audio that is used from now on. The default is the mean of both. */
void hz_audio_in_choose(struct hz_audio_in *a, enum hz_ear ear);

/* Converts the next samples (audio of one or two channels) to HZ_F32 at rate_out. Sample m belongs
 * to the instant m / rate_out of the input. The result is valid until the next push; its n may be
 * 0. When memory is short the rest of the input is lost. */
struct hz_samples hz_audio_in_push(struct hz_audio_in *a, const struct hz_samples *in);

#endif

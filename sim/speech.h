/* Generator of speech-like audio: pitch, formants, syllables, and hiss between them. Pure: any
 * thread. */
#ifndef HZ_SIM_SPEECH_H
#define HZ_SIM_SPEECH_H

#include "sim/rng.h"

#include <stddef.h>

#define HZ_SIM_SPEECH_RATE_HZ 32000

/* Writes n samples in -1 to 1, with frequencies of 300 to 3000 Hz, to audio. */
void hz_sim_speech(float *audio, size_t n, struct hz_rng *r);

#endif

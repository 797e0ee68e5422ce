/* Something that sounds like talk: pitch, formants, syllables, hiss between them. Pure. */
#ifndef HZ_SIM_SPEECH_H
#define HZ_SIM_SPEECH_H

#include "sim/rng.h"

#include <stddef.h>

#define HZ_SIM_SPEECH_RATE_HZ 32000

/* n samples within -1 .. 1, of 300 to 3000 Hz. */
void hz_sim_speech(float *audio, size_t n, struct hz_rng *r);

#endif

/* Turns the audio of a discriminator into the samples that it came from, at constant amplitude:
 * phase is the sum of the audio, at a deviation that its header shows. Polarity and the mean level
 * are those of the header. Pure; any thread. */
#ifndef HZ_PROTO_RS41_AUDIO_H
#define HZ_PROTO_RS41_AUDIO_H

#include "dsp/headgate.h"
#include "proto/rs41/sizes.h"

enum { HZ_RS41_PHASED = HZ_RS41_BEFORE + HZ_RS41_LONGEST };

/* Of the modulation that is made: twice the sonde's own, so that neighbouring bits, which audio
 * filters smear, stay apart. */
extern const double hz_rs41_audio_h;

/* iq[2 HZ_RS41_PHASED]: from HZ_RS41_BEFORE samples before the header that the gate found at
 * audio[peak->at] on. The carrier of *peak becomes 0. */
void hz_rs41_phase(const float *audio, struct hz_headgate_peak *peak, float *iq);

#endif

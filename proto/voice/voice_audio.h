/* Audio of voice channels: one filter that brings demodulated samples to 16 kHz, keeps 300 Hz to
 * 3 kHz (so neither the sub-audible tone of FM nor the carrier of AM) and, for FM, undoes the
 * transmitter's pre-emphasis. Linear phase: speech keeps its shape. */
#ifndef HZ_PROTO_VOICE_VOICE_AUDIO_H
#define HZ_PROTO_VOICE_VOICE_AUDIO_H

#include "dsp/resample.h"

#define HZ_VOICE_AUDIO_RATE 16000

enum hz_voice_audio {
    HZ_VOICE_AUDIO_AM,
    HZ_VOICE_AUDIO_FM, /* falls by 6 dB an octave, as it was pre-emphasised (TIA-603) */
};

/* For samples at `rate_hz`, a multiple of 1 kHz; `gain` at 1 kHz. NULL when memory is short. */
struct hz_resample *hz_voice_audio_new(unsigned rate_hz, double gain, enum hz_voice_audio kind);

#endif

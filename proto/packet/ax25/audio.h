/* What the modems that listen to audio share: the audio hop by hop, with impulses clipped, a bit
 * clock, and the burst of a frame. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_AX25_AUDIO_H
#define HZ_PROTO_PACKET_AX25_AUDIO_H

#include "dsp/samples.h"
#include "proto/packet/ax25/frames.h"

enum { HZ_AX25_AUDIO_HOP = 240 /* samples of audio in a hop */ };

/* A hop of audio under construction; zeroed before a stream. */
struct hz_ax25_hop {
    float audio[HZ_AX25_AUDIO_HOP];
    size_t filled;
    uint64_t first; /* index of the stream's first sample */
    bool begun;
};

/* Takes HZ_F32 samples from *in. True when a hop is complete; it is then to be called again. */
bool hz_ax25_hop_push(struct hz_ax25_hop *h, struct hz_samples *in);

/* Completes the hop with silence. */
void hz_ax25_hop_pad(struct hz_ax25_hop *h);

/* The burst of a frame that was found in audio: `step` samples of audio make one of the frame's,
 * and frames lag by `late` samples of audio. The amplitude of audio is what the volume was set to,
 * so no level is known. The frame's bytes are borrowed. */
struct hz_burst hz_ax25_audio_burst(const struct hz_ax25_hop *h, const struct hz_ax25_frame *frame,
                                    double step, double late);

/* NaN, infinity and values beyond any audio count as silence. */
static inline float hz_ax25_sane(float a)
{
    return a >= -1e6f && a <= 1e6f ? a : 0;
}

/* Copies a hop of audio to out[], clipped to `times` the median of its magnitude or of that of the
 * hop before (*median, which is replaced), whichever is larger. */
void hz_ax25_limit(const float *audio, float times, float *median, float *out);

/* A clock that follows the bits of a transmission and waits for the next one. */
struct hz_ax25_clock {
    double pull,
        push; /* gains of a bit's timing error: for the position, and for the length of the bit */
    double nominal; /* samples of a bit */
    double most;    /* largest relative error of the length */
    double at, bit; /* sample at which the next bit begins; samples of a bit */
};

/* Moves on to the next bit. The edge before this one was found `late` samples after it was expected
 * (0: there was none). */
void hz_ax25_clock_on(struct hz_ax25_clock *c, double late);

#endif

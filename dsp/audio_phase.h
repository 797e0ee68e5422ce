/* Audio of an FM discriminator turned back into a carrier: y(n) = exp(j 2 pi sum g a(m)), so that a
 * detector that decides on IQ can be used where only audio is left. How far a volt moved the
 * frequency is not known: g comes from the audio's running level, and the caller names a few
 * factors on it, each of which gives a signal of its own. Pure; one thread at a time.
 *
 * Works in hops of 20 ms on the stream's own index, so cutting it differently changes nothing; a
 * sample comes out up to 40 ms after it went in. */
#ifndef HZ_DSP_AUDIO_PHASE_H
#define HZ_DSP_AUDIO_PHASE_H

#include "dsp/samples.h"

#include <stdbool.h>

enum { HZ_AUDIO_GAINS = 3, HZ_AUDIO_HOP_MAX = 1920 /* samples: 96 kHz */ };

struct hz_audio_phase_mode {
    double rate_hz;     /* 1000 to 96000, a multiple of 50 */
    double highpass_hz; /* what lies below is hum and direct voltage; 0: kept */
    double rms_hz;      /* root mean square of the frequency that the audio's level stands for */
    float gain[HZ_AUDIO_GAINS]; /* times that */
};

struct hz_audio_phase {
    struct hz_audio_phase_mode mode;
    size_t hop;
    float keep;            /* of the high-pass: 1 less its pole's distance */
    float in_was, out_was; /* its memory */
    size_t filled;         /* samples of the hop that comes in */
    float audio[2]
               [HZ_AUDIO_HOP_MAX]; /* the hop that waits for the level after it; the one coming */
    float power[3];                /* of the hop before these two, and of both */
    size_t held;                   /* samples in audio[0] */
    bool begun;                    /* a sample has come since the reset */
    uint64_t first;                /* index of audio[0][0] */
    double turns[HZ_AUDIO_GAINS];  /* phase so far */
    float iq[HZ_AUDIO_GAINS][2 * HZ_AUDIO_HOP_MAX];
};

/* 0, or -EINVAL for a number out of range. */
int hz_audio_phase_init(struct hz_audio_phase *p, const struct hz_audio_phase_mode *mode);

/* Forgets what is held: the next sample begins a stream. */
void hz_audio_phase_reset(struct hz_audio_phase *p);

/* Takes HZ_F32 samples off the front of *in until a hop is complete: then out[HZ_AUDIO_GAINS] are
 * HZ_CF32 runs of amplitude 1, one for each gain and all of the same length and place, valid until
 * the next call, and true is returned, to be called again. False when all are taken. Samples must
 * continue those before unless reset came between. */
bool hz_audio_phase_push(struct hz_audio_phase *p, struct hz_samples *in, struct hz_samples *out);

/* The end of the stream: the same for what is still held. Call until it returns false. */
bool hz_audio_phase_flush(struct hz_audio_phase *p, struct hz_samples *out);

#endif

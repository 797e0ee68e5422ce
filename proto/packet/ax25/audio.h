/* What the modems that listen to audio share: the audio hop by hop, sparks cut off, a bit clock,
 * and how they tell of frames. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_AX25_AUDIO_H
#define HZ_PROTO_PACKET_AX25_AUDIO_H

#include "dsp/samples.h"
#include "proto/packet/ax25/frames.h"
#include "proto/packet/ax25/tell.h"

enum { HZ_AX25_AUDIO_HOP = 240 /* samples of audio that are taken at a time */ };

/* The hop of audio that comes in; zeroed before a stream. */
struct hz_ax25_hop {
    float audio[HZ_AX25_AUDIO_HOP];
    size_t filled;
    uint64_t first; /* index of the stream's first sample */
    bool begun;
};

/* Takes HZ_F32 samples off *in until a hop is complete: then true, to be called again. */
bool hz_ax25_hop_push(struct hz_ax25_hop *h, struct hz_samples *in);

/* Completes it with silence. */
void hz_ax25_hop_pad(struct hz_ax25_hop *h);

/* Frames on their way to `out`. */
struct hz_ax25_relay {
    const struct hz_ax25_hop *hop;
    const struct hz_ax25_out *out;
    double step; /* samples of audio in one of the frames' */
    double late; /* samples of audio by which frames lag */
};

/* Tells through r, which is borrowed. */
struct hz_ax25_listener hz_ax25_relay(struct hz_ax25_relay *r);

/* What is no number, or beyond any audio, counts as silence. */
static inline float hz_ax25_sane(float a)
{
    return a >= -1e6f && a <= 1e6f ? a : 0;
}

/* A hop of audio to out[], in which nothing is beyond `times` the median of its magnitude, or of
 * that of the hop before, *median, which is replaced. */
void hz_ax25_limit(const float *audio, float times, float *median, float *out);

/* A clock that follows the bits of a transmission and waits for the next one. */
struct hz_ax25_clock {
    double pull, push; /* what a bit's edge moves: its place, the length of all bits to come */
    double nominal;    /* samples of a bit */
    double most;       /* of it, that the length may be off */
    double at, bit;    /* sample at which the next bit begins; samples of a bit */
};

/* To the next bit, the edge before this one having been found `late` samples after it was
 * expected (0: there was none). */
void hz_ax25_clock_on(struct hz_ax25_clock *c, double late);

#endif

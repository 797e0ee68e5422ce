/* What the modems that listen to audio share: sparks cut off, and a bit clock. Pure. */
#ifndef HZ_PROTO_AX25_AUDIO_H
#define HZ_PROTO_AX25_AUDIO_H

#include <stddef.h>

enum { HZ_AX25_AUDIO_HOP = 240 /* samples of audio that are taken at a time */ };

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

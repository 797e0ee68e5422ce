/* From audio to what Bell 202's tones have in it over any stretch of time: sparks cut off, a filter
 * for the tones' band that undoes a receiver's emphasis, and the running sum of the signal brought
 * down by each tone. The difference of two sums is a matched filter for a tone of that length,
 * wherever it begins. Pure; one thread at a time. */
#ifndef HZ_PROTO_APRS_AFSK_SUMS_H
#define HZ_PROTO_APRS_AFSK_SUMS_H

#include "proto/ax25/audio.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_AFSK_IN_HZ = 24000,               /* of the audio */
    HZ_AFSK_HZ = 12000,                  /* of the sums */
    HZ_AFSK_HOP = HZ_AX25_AUDIO_HOP / 2, /* sums that a hop of audio makes */
    HZ_AFSK_TAPS = 64,
    HZ_AFSK_KEEP = 80, /* sums kept before a hop */
    HZ_AFSK_TWISTS = 3,
};

struct hz_afsk_sum {
    double re[2], im[2]; /* of the lower tone, 1200 Hz, and of the upper one, 2200 Hz */
};

/* The sums of one filter, at instants first .. first + KEEP + HOP. */
struct hz_afsk_sums {
    float taps[2][HZ_AFSK_TAPS]; /* real and imaginary part */
    struct hz_afsk_sum sum[HZ_AFSK_KEEP + HZ_AFSK_HOP + 1];
    int64_t first;
};

/* The audio that the filters still need, and what they share. */
struct hz_afsk_audio {
    float audio[HZ_AFSK_TAPS + HZ_AX25_AUDIO_HOP];
    float median;          /* of the hop before, of its magnitude */
    float tone[2][2][120]; /* the tones' cosines and sines at HZ_AFSK_HZ, which repeat after this */
};

void hz_afsk_audio_init(struct hz_afsk_audio *a);

/* slope: of the filter, in powers of the frequency: 0 is flat, 1 is 6 dB an octave. */
void hz_afsk_sums_init(struct hz_afsk_sums *s, double slope);

/* The next HZ_AX25_AUDIO_HOP samples; then hz_afsk_sums_push for each filter. */
void hz_afsk_audio_push(struct hz_afsk_audio *a, const float *audio);
void hz_afsk_sums_push(struct hz_afsk_sums *s, const struct hz_afsk_audio *a);

/* The sum at an instant in samples of HZ_AFSK_HZ, which must lie in first .. first + KEEP + HOP. */
struct hz_afsk_sum hz_afsk_sums_at(const struct hz_afsk_sums *s, double at);

#endif

/* From audio to the sums of which the matched filters of Bell 202 are made: emphasis undone,
 * impulses clipped, a band-pass filter for the tones, and for each tone f the running sum S_f(n) =
 * sum over k <= n of x(k) exp(-j 2 pi f k). The difference S_f(n) - S_f(m) is a matched filter for
 * a tone between any two instants. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_AUDIO_SUMS_H
#define HZ_PROTO_PACKET_BELL202_AUDIO_SUMS_H

#include "proto/packet/ax25/audio.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_BELL202_AUDIO_IN_HZ = 24000,               /* of the audio */
    HZ_BELL202_AUDIO_HZ = 12000,                  /* of the sums */
    HZ_BELL202_AUDIO_HOP = HZ_AX25_AUDIO_HOP / 2, /* sums from a hop of audio */
    HZ_BELL202_AUDIO_TAPS = 64,
    HZ_BELL202_AUDIO_KEEP = 80,                        /* sums kept before a hop */
    HZ_BELL202_AUDIO_BIT = HZ_BELL202_AUDIO_HZ / 1200, /* sums in a bit */
    HZ_BELL202_AUDIO_PHASORS = 1024, /* steps of a cycle in the table of phasors */
};

/* The lower tone and the upper one. */
extern const double hz_bell202_audio_tone_hz[2];

struct hz_bell202_audio_sum {
    double re[2], im[2]; /* of either tone */
};

/* What the filters share; constant after init. */
struct hz_bell202_audio_tables {
    float taps[2][HZ_BELL202_AUDIO_TAPS]; /* of the band: real and imaginary part */
    float tone[2][2][120]; /* the tones' cosines and sines at HZ_BELL202_AUDIO_HZ, which repeat
                              after this */
    float phasor[HZ_BELL202_AUDIO_PHASORS]
                [2]; /* cosine and sine in the middle of each step of a turn */
};

/* The sums of one way to undo emphasis, at the instants first .. first + KEEP + HOP. */
struct hz_bell202_audio_sums {
    const struct hz_bell202_audio_tables *tables; /* borrowed */
    float zero, pole, in_was, out_was;
    float median; /* of the magnitude in the hop before */
    float audio[HZ_BELL202_AUDIO_TAPS + HZ_AX25_AUDIO_HOP];
    struct hz_bell202_audio_sum sum[HZ_BELL202_AUDIO_KEEP + HZ_BELL202_AUDIO_HOP + 1];
    int64_t first;
};

void hz_bell202_audio_tables_init(struct hz_bell202_audio_tables *t);

/* *s for audio that is first filtered by y(n) = x(n) - zero x(n - 1) + pole y(n - 1). `tables` is
 * borrowed. */
void hz_bell202_audio_sums_init(struct hz_bell202_audio_sums *s,
                                const struct hz_bell202_audio_tables *tables, float zero,
                                float pole);

/* Takes the next HZ_AX25_AUDIO_HOP samples. */
void hz_bell202_audio_sums_push(struct hz_bell202_audio_sums *s, const float *audio);

/* The sum at an instant in samples of HZ_BELL202_AUDIO_HZ, which must lie in first .. first + KEEP
 * + HOP. */
struct hz_bell202_audio_sum hz_bell202_audio_sums_at(const struct hz_bell202_audio_sums *s,
                                                     double at);

#endif

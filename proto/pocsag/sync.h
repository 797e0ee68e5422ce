/* Search for the sync word of POCSAG at 512, 1200 and 2400 baud and in either polarity, at any
 * deviation and carrier.
 *
 * Signal model: bit k of the word, with sign s_k = +-1, is a tone of one bit's length T: of f_1 for
 * ones and f_0 for zeros.
 *
 * Metric: for sixteen tones f where the gate saw power, Z_k(f) = sum over bit k of y(n) exp(-j 2 pi
 * f n), and A(f) = sum over k of s_k |Z_k(f)|. A(f) is largest at the tone of the zeros and
 * smallest at that of the ones, whatever lies between them; a steady carrier cancels, since the
 * word is balanced. The best pair is then compared with the word bit by bit, and with the end of
 * the preamble before it. (Noncoherent detection of FSK: J. Proakis, "Digital Communications".)
 *
 * Estimates: place, rate, polarity, both tones. 64 bits tolerate a clock that is off by 1 %.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_POCSAG_SYNC_H
#define HZ_PROTO_POCSAG_SYNC_H

#include "dsp/fsk_gate.h"
#include "proto/pocsag/narrow.h"

enum {
    HZ_POCSAG_RATE_HZ = 24000,
    HZ_POCSAG_BAUDS = 3,
    HZ_POCSAG_SYNC_BEFORE = 1600, /* samples before a hop that the search reads */
    HZ_POCSAG_SYNC_AFTER = 1600,  /* samples after it */
    HZ_POCSAG_HOP = HZ_FSK_GATE_HOP,
    HZ_POCSAG_SYNC_SPAN = HZ_POCSAG_SYNC_BEFORE + HZ_POCSAG_HOP + HZ_POCSAG_SYNC_AFTER,
    HZ_POCSAG_STARTS = 16, /* found in a hop at most */
    HZ_POCSAG_TRIED = 16,  /* tones */
    HZ_POCSAG_PLACES = 896 /* of a bit in what the search looks at, at most: at 2400 baud */
};

extern const unsigned hz_pocsag_baud[HZ_POCSAG_BAUDS];

/* Samples of a bit. */
double hz_pocsag_bit(unsigned baud);

struct hz_pocsag_start {
    double at;              /* samples from the hop's first to the sync word's */
    unsigned baud;          /* index into hz_pocsag_baud */
    bool inverted;          /* 1 is the higher tone */
    double low_hz, high_hz; /* its tones, within a fifth of the baud; 0 in audio */
    float likeness;         /* of the sync word: 1 without noise */
};

/* Memory of the search. */
struct hz_pocsag_sync {
    struct hz_pocsag_narrow narrow;
    float filtered[2 * HZ_POCSAG_SYNC_SPAN];
    float hz[HZ_POCSAG_TRIED];     /* tones that are tried */
    float excess[HZ_POCSAG_TRIED]; /* power over the floor there, over the floor */
    float re[HZ_POCSAG_PLACES][HZ_POCSAG_TRIED], im[HZ_POCSAG_PLACES][HZ_POCSAG_TRIED];
    float tone[HZ_POCSAG_PLACES][HZ_POCSAG_TRIED]; /* |Z| of a bit from each place on */
    float word[HZ_POCSAG_PLACES][HZ_POCSAG_TRIED]; /* A of the sync word */
    float sum[HZ_POCSAG_SYNC_SPAN + 1];            /* audio up to each sample */
    float level[HZ_POCSAG_SYNC_SPAN];              /* of a bit of audio */
    float match[HZ_POCSAG_SYNC_SPAN]; /* likeness of the sync word from each sample on */
};

void hz_pocsag_sync_init(struct hz_pocsag_sync *s);

/* Finds sync words that begin in the hop at iq[0 .. 2 HZ_POCSAG_HOP), in the narrow channel or in
 * all of it, the likeliest first. HZ_POCSAG_SYNC_BEFORE + HZ_POCSAG_NARROW_HALF samples before it
 * and as many after must be in memory. Returns how many. */
size_t hz_pocsag_sync_find(struct hz_pocsag_sync *s, const float *iq,
                           const struct hz_fsk_view *view, bool narrow,
                           struct hz_pocsag_start out[HZ_POCSAG_STARTS]);

/* Finds sync words in the audio of a discriminator, likewise. */
size_t hz_pocsag_sync_find_audio(struct hz_pocsag_sync *s, const float *audio,
                                 struct hz_pocsag_start out[HZ_POCSAG_STARTS]);

/* Bit k of the sync word, or, under 0, of the preamble before it: +1 is the higher tone of a usual
 * transmitter. */
float hz_pocsag_sync_sign(int k);

/* Adds a start to the n found, ordered by likeness; if there is no room the last one is dropped.
 * Returns the new number. */
size_t hz_pocsag_sync_keep(struct hz_pocsag_start *out, size_t n, const struct hz_pocsag_start *s);

#endif

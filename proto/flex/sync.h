/* Search for the first synchronisation of a FLEX frame: A, B and the complement of A, 80
 * bits at 1600 baud on two tones, whatever follows. A tells the mode of the frame.
 *
 * Metric: for tones 4.8 kHz on either side of a carrier, d = |z+| - |z-| with z the sum over a bit;
 * the likeness of the bits to the word is their correlation with d, over what all d could give
 * (noncoherent detection of FSK: J. Proakis, "Digital Communications"). First with the bits that
 * all modes share, then with those of each mode too. In audio d is the sum over a bit.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_FLEX_SYNC_H
#define HZ_PROTO_FLEX_SYNC_H

#include "dsp/fsk_gate.h"

enum {
    HZ_FLEX_RATE_HZ = 24000,
    HZ_FLEX_BIT = 15,                      /* samples of a bit at 1600 baud */
    HZ_FLEX_SYNC_BITS = 80,                /* A, B and the complement of A */
    HZ_FLEX_DOTTING = 32,                  /* bits before them */
    HZ_FLEX_SYNC_STEP = 3,                 /* samples between places that are tried */
    HZ_FLEX_SYNC_BEFORE = 300,             /* samples before a hop that the search reads */
    HZ_FLEX_SYNC_APART = 50 * HZ_FLEX_BIT, /* within which only the likeliest place counts */
    HZ_FLEX_SYNC_AFTER = HZ_FLEX_SYNC_APART + 1290, /* and behind it */
    HZ_FLEX_SYNC_PLACES =
        (HZ_FLEX_SYNC_BEFORE + HZ_FSK_GATE_HOP + HZ_FLEX_SYNC_AFTER) / HZ_FLEX_SYNC_STEP,
    HZ_FLEX_CARRIERS = 4, /* tried in a hop */
    HZ_FLEX_STARTS = 6,   /* found in a hop at most */
    HZ_FLEX_MODES = 4
};

struct hz_flex_mode {
    unsigned baud, levels;
    uint16_t code;      /* the first half of A; the second is 0x5939 */
    const char *phases; /* their letters */
};
extern const struct hz_flex_mode hz_flex_modes[HZ_FLEX_MODES];

struct hz_flex_start {
    double at;         /* samples from the hop's first to the first bit of A */
    double carrier_hz; /* within 300 Hz; 0 in audio */
    unsigned mode;     /* index into hz_flex_modes */
    bool inverted;     /* a 1 is the lower frequency */
    float likeness;    /* 1 without noise */
};

struct hz_flex_sync {
    float mixed[2 * HZ_FLEX_SYNC_STEP * HZ_FLEX_SYNC_PLACES];
    float tone[2][HZ_FLEX_SYNC_PLACES]; /* of a bit from each place on: the upper and the lower */
    float level[HZ_FLEX_SYNC_PLACES];   /* d */
    float power[HZ_FLEX_SYNC_PLACES];   /* its square */
    float match[HZ_FLEX_SYNC_PLACES];   /* likeness of what the modes share */
};

/* Bit k of the synchronisation in a mode, +1 or -1; under 0: of the dotting. */
float hz_flex_sync_sign(unsigned mode, int k);

/* Finds synchronisations whose A begins in the hop at iq[0 .. 2 HZ_FSK_GATE_HOP), the likeliest
 * first; HZ_FLEX_SYNC_BEFORE samples before it and HZ_FLEX_SYNC_AFTER behind must be in memory.
 * Returns how many. */
size_t hz_flex_sync_find(struct hz_flex_sync *s, const float *iq, const struct hz_fsk_view *view,
                         struct hz_flex_start out[HZ_FLEX_STARTS]);
/* Likewise in the audio of a discriminator. */
size_t hz_flex_sync_find_audio(struct hz_flex_sync *s, const float *audio,
                               struct hz_flex_start out[HZ_FLEX_STARTS]);

#endif

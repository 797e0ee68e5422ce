/* Where batches begin: the sync word, at 512, 1200 and 2400 baud and in either polarity, in how
 * much more of one tone than of the other there is. Pure; one thread at a time. */
#ifndef HZ_PROTO_POCSAG_SYNC_H
#define HZ_PROTO_POCSAG_SYNC_H

#include "proto/pocsag/gate.h"

enum {
    HZ_POCSAG_RATE_HZ = 24000,
    HZ_POCSAG_BAUDS = 3,
    HZ_POCSAG_SYNC_BEFORE = 1600, /* samples before a hop that the search looks at */
    HZ_POCSAG_SYNC_AFTER = 1600,  /* and after it */
    HZ_POCSAG_SYNC_SPAN = HZ_POCSAG_SYNC_BEFORE + HZ_POCSAG_HOP + HZ_POCSAG_SYNC_AFTER,
    HZ_POCSAG_STARTS = 16, /* found in a hop at most */
};

extern const unsigned hz_pocsag_baud[HZ_POCSAG_BAUDS];

/* Samples of a bit. */
double hz_pocsag_bit(unsigned baud);

struct hz_pocsag_start {
    double at;      /* samples from the hop's first to the sync word's */
    unsigned baud;  /* index into hz_pocsag_baud */
    bool inverted;  /* 1 is the higher tone */
    float likeness; /* of the sync word: 1 without noise */
};

/* Memory of the search. */
struct hz_pocsag_sync {
    float mixed[2 * HZ_POCSAG_SYNC_SPAN];
    float sum[2][2][HZ_POCSAG_SYNC_SPAN + 1]; /* of each tone, I and Q, up to each sample */
    float level[HZ_POCSAG_SYNC_SPAN];         /* high tone less low tone in a bit from there */
    float match[HZ_POCSAG_SYNC_SPAN];         /* likeness of the sync word from there */
};

/* Sync words that begin in the hop at iq[0 .. 2 HZ_POCSAG_HOP), the most alike first; the samples
 * before and after it are in memory. Returns how many. */
size_t hz_pocsag_sync_find(struct hz_pocsag_sync *s, const float *iq,
                           const struct hz_pocsag_tones *tones,
                           struct hz_pocsag_start out[HZ_POCSAG_STARTS]);

/* The same in the audio of a discriminator. */
size_t hz_pocsag_sync_find_audio(struct hz_pocsag_sync *s, const float *audio,
                                 struct hz_pocsag_start out[HZ_POCSAG_STARTS]);

#endif

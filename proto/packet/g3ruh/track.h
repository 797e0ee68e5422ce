/* From a transmission of G3RUH's modem to its line levels: found once (search.h), then followed
 * chunk by chunk. Each chunk is decided by the sequence detector of dsp/cpm.h with the frequency,
 * timing, clock and deviation that the chunks before it showed, and its clock is followed inside
 * it. So a transmission may last as long as it likes, and its carrier and clock may drift.
 *
 * Chunks overlap: the detector runs over HZ_G3RUH_BEFORE more bits ahead (its phase reference
 * settles there) and HZ_G3RUH_BEHIND more behind (so that the last bits are decided with what
 * follows). Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_G3RUH_TRACK_H
#define HZ_PROTO_PACKET_G3RUH_TRACK_H

#include "proto/packet/ax25/frames.h"
#include "proto/packet/g3ruh/search.h"

#include <stdbool.h>

enum {
    HZ_G3RUH_CHUNK = HZ_AX25_CHUNK,
    HZ_G3RUH_BEFORE = 32,
    HZ_G3RUH_BEHIND = 16,
    HZ_G3RUH_RUN = HZ_G3RUH_BEFORE + HZ_G3RUH_CHUNK + HZ_G3RUH_BEHIND, /* bits */
    HZ_G3RUH_SPAN = (HZ_G3RUH_RUN + 14) * HZ_G3RUH_BIT, /* samples of a run, with slow clocks */
};

/* State of a transmission that is followed. */
struct hz_g3ruh_lock {
    struct hz_g3ruh_sender now; /* its `at`: of the next bit */
    double drift;               /* drift of the carrier: cycles per sample per sample */
    double found_h;             /* modulation index that the search found */
    double h_off;               /* sum of the errors of h since it was set */
    unsigned h_seen;            /* number of these errors */
    float fraction;             /* largest fraction of signal power so far */
    bool begun;                 /* a chunk was full of it */
    bool clear;                 /* the chunks before had much more signal than noise */
};

struct hz_g3ruh_chunk {
    struct hz_ax25_chunk line;
    float power;    /* mean power of the chunk */
    float fraction; /* Fraction of the signal in it */
    unsigned runs;  /* runs of the detector that it took: 1 or 2 */
};

struct hz_g3ruh_track {
    struct hz_g3ruh_search search;
    struct hz_cpm *follow; /* owned */
    float mixed[2 * HZ_G3RUH_SPAN];
};

/* 0 or -ENOMEM; zeroed before. */
int hz_g3ruh_track_init(struct hz_g3ruh_track *t);
void hz_g3ruh_track_done(struct hz_g3ruh_track *t);

/* Index of the first sample that a chunk at the lock needs; it needs HZ_G3RUH_SPAN samples from
 * there. */
double hz_g3ruh_track_from(const struct hz_g3ruh_lock *lock);

/* Decides the next chunk. iq is the sample of index `first`; HZ_G3RUH_SPAN samples from
 * hz_g3ruh_track_from on must be in memory. Moves the lock on by a chunk; a weak chunk leaves its
 * frequency and timing as they are. */
void hz_g3ruh_track_run(struct hz_g3ruh_track *t, const float *iq, uint64_t first,
                        struct hz_g3ruh_lock *lock, struct hz_g3ruh_chunk *out);

/* Whether a chunk is strong enough for a transmission of this kind. */
bool hz_g3ruh_chunk_good(const struct hz_g3ruh_chunk *c);

/* Whether its levels may be scrambled ones (hz_g3ruh_scrambled). */
bool hz_g3ruh_chunk_scrambled(const struct hz_g3ruh_chunk *c);

#endif

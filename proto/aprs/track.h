/* From a transmission of Bell 202 tones on an FM carrier to its tones: found once by a search over
 * carrier, timing and the tones' deviations, then followed chunk by chunk. A chunk is decided by
 * the detector of proto/aprs/trellis.h at the carrier, its drift and the timing that the search or
 * the chunks before it showed.
 *
 * Chunks overlap: the detector runs over HZ_APRS_BEFORE bits more ahead (its references settle
 * there) and HZ_APRS_BEHIND more after (so that the last bits are decided with what follows).
 * Samples are at 24 kHz, the carrier near 0 Hz. Pure; one thread at a time. */
#ifndef HZ_PROTO_APRS_TRACK_H
#define HZ_PROTO_APRS_TRACK_H

#include "proto/aprs/trellis.h"
#include "proto/ax25/frames.h"

enum {
    HZ_APRS_BEFORE = 16,
    HZ_APRS_BEHIND = 16,
    HZ_APRS_RUN = HZ_APRS_BEFORE + HZ_AX25_CHUNK + HZ_APRS_BEHIND, /* bits */
    HZ_APRS_LEAD = 10,                                             /* samples before a run's bits */
    HZ_APRS_SPAN = (HZ_APRS_RUN + 2) * HZ_APRS_BIT,                /* samples of a run */
    HZ_APRS_SEARCH_BITS = 64,
    HZ_APRS_SEARCH = (HZ_APRS_SEARCH_BITS + 3) * HZ_APRS_BIT /* samples of a search */
};

/* What is known of a transmission where it is followed. */
struct hz_aprs_lock {
    double at;             /* sample at which the next bit begins */
    double freq;           /* cycles per sample, there */
    double drift;          /* cycles per sample per sample */
    bool doubt;            /* the drift is what a search saw: a chunk is to prove it */
    double steady;         /* frequency if it does not drift */
    float amplitude;       /* about */
    float off;             /* of the tones: this part of their frequency too high */
    unsigned deviation[2]; /* of either tone: hz_aprs_deviation_hz */
};

struct hz_aprs_chunk {
    struct hz_ax25_chunk bits;
    float share;   /* signal over all power in the span */
    unsigned runs; /* that it took: 1 to 3 */
};

struct hz_aprs_track {
    struct hz_aprs_tones tones;
    float mixed[2 * HZ_APRS_SPAN];
    struct hz_aprs_sums sums[HZ_APRS_RUN];
    struct hz_aprs_choice choices[HZ_APRS_RUN];
    struct hz_aprs_path path[HZ_APRS_RUN];
};

void hz_aprs_track_init(struct hz_aprs_track *t);

/* Bit steps that a search takes at most. */
enum { HZ_APRS_SEARCH_STEPS = 60 * HZ_APRS_SEARCH_BITS };

/* The transmission in iq[HZ_APRS_SEARCH], its carrier near `freq`, its amplitude near that;
 * lock->at counts from iq. */
void hz_aprs_search(struct hz_aprs_track *t, const float *iq, double freq, float amplitude,
                    struct hz_aprs_lock *lock);

/* Moves the lock to the bit so many later. */
void hz_aprs_lock_move(struct hz_aprs_lock *lock, double bits);

/* The first sample that a chunk at the lock needs; it needs HZ_APRS_SPAN from there. */
double hz_aprs_track_from(const struct hz_aprs_lock *lock);

/* The next chunk: iq is the sample of index `first`, from which HZ_APRS_SPAN on are in memory.
 * Moves the lock on by a chunk; where the chunk is weak it keeps its frequency and timing. */
void hz_aprs_track_run(struct hz_aprs_track *t, const float *iq, uint64_t first,
                       struct hz_aprs_lock *lock, struct hz_aprs_chunk *out);

/* Whether a chunk is a transmission of this kind at all. */
bool hz_aprs_chunk_good(const struct hz_aprs_chunk *c);

#endif

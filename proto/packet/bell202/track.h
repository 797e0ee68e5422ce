/* From a transmission of Bell 202 tones on an FM carrier to its tones: found once by a search
 * (proto/packet/bell202/search.h), then followed chunk by chunk. Each chunk is decided with the
 * carrier, drift and clock that the search or the chunks before it showed.
 *
 * The clock is assumed to be right, 20 samples a bit, until a search or one of the first chunks
 * shows that it is not. Only then is it followed inside the chunks too, because following costs the
 * weakest transmissions whose clock is right. Chunks overlap: the detector runs over
 * HZ_BELL202_BEFORE more bits ahead (its phase references settle there) and HZ_BELL202_BEHIND more
 * behind (so that the last bits are decided with what follows). Samples are at 24 kHz, the carrier
 * near 0 Hz. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_TRACK_H
#define HZ_PROTO_PACKET_BELL202_TRACK_H

#include "proto/packet/bell202/search.h"

struct hz_bell202_chunk {
    struct hz_ax25_chunk bits;
    float fraction; /* signal over all power in the span */
    unsigned runs;  /* runs of the detector that it took: 1 to 5 */
};

/* Moves the lock by so many bits; negative: back. */
void hz_bell202_lock_move(struct hz_bell202_lock *lock, double bits);

/* Index of the first sample that a chunk at the lock needs; it needs HZ_BELL202_SPAN samples from
 * there. */
double hz_bell202_track_from(const struct hz_bell202_lock *lock);

/* Decides the next chunk. iq is the sample of index `first`; HZ_BELL202_SPAN samples from
 * hz_bell202_track_from on must be in memory. Moves the lock on by a chunk; a weak chunk leaves its
 * frequency and timing as they are. */
void hz_bell202_track_run(struct hz_bell202_decider *d, const float *iq, uint64_t first,
                          struct hz_bell202_lock *lock, struct hz_bell202_chunk *out);

/* Whether a chunk holds a transmission of Bell 202 tones. */
bool hz_bell202_chunk_good(const struct hz_bell202_chunk *c);

#endif

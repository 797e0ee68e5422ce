/* AX.25 frames of G3RUH's 9600 baud modem out of the samples of one channel: a cheap gate, a search
 * where it opens, then the transmission followed chunk by chunk to its end, its levels to frames.
 *
 * Samples are HZ_CF32 at 48 kHz, the channel in the middle. The work is done in hops on the
 * stream's own index, so that it does not matter how pushes are cut, and is bounded by a credit of
 * bit steps that each hop refills. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_G3RUH_DETECT_H
#define HZ_PROTO_PACKET_G3RUH_DETECT_H

#include "proto/packet/ax25/follow.h"
#include "proto/packet/g3ruh/gate.h"
#include "proto/packet/g3ruh/track.h"

struct hz_g3ruh_detect {
    struct hz_ax25_follow follow;
    struct hz_g3ruh_track track;
    struct hz_g3ruh_gate gate;
    struct hz_g3ruh_lock lock;
    uint64_t from;      /* where the search began that found what is followed */
    bool kept;          /* the lock is kept until a second search, a little later, has run */
    float vain;         /* least energy since a search in vain; 0: there was none */
    unsigned chunks;    /* of the transmission, so far */
    float power, least; /* of the last chunk; the least of all chunks */
};

/* refill: bit steps that may be spent in each hop of 5 ms, about 40 ns each. 0 or
 * -ENOMEM; zeroed before. */
int hz_g3ruh_detect_init(struct hz_g3ruh_detect *d, long refill);
void hz_g3ruh_detect_done(struct hz_g3ruh_detect *d);

/* HZ_CF32 samples that continue those before; if they do not, the stream begins anew. */
void hz_g3ruh_detect_push(struct hz_g3ruh_detect *d, const struct hz_samples *samples,
                          struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_g3ruh_detect_flush(struct hz_g3ruh_detect *d, struct hz_sink *sink);

#endif

/* AX.25 frames of G3RUH's 9600 baud modem out of the samples of one channel: a cheap gate, a search
 * where it opens, then the transmission followed chunk by chunk to its end, its levels to frames.
 *
 * Samples are HZ_CF32 at 48 kHz, the channel in the middle. The work is done in hops on the
 * stream's own index, so that it does not matter how pushes are cut, and is bounded by a credit of
 * bit steps that each hop refills. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_G3RUH_DETECT_H
#define HZ_PROTO_PACKET_G3RUH_DETECT_H

#include "dsp/hops.h"
#include "proto/packet/ax25/frames.h"
#include "proto/packet/ax25/tell.h"
#include "proto/packet/g3ruh/gate.h"
#include "proto/packet/g3ruh/track.h"

enum hz_g3ruh_state { HZ_G3RUH_IDLE, HZ_G3RUH_RISING, HZ_G3RUH_FOLLOWING };

struct hz_g3ruh_detect {
    struct hz_g3ruh_track track;
    struct hz_ax25_frames frames;
    struct hz_g3ruh_gate gate;
    struct hz_g3ruh_lock lock;
    enum hz_g3ruh_state state;
    struct hz_hops hops;
    uint64_t search;         /* where the next search begins */
    uint64_t from;           /* where the one began that found what is followed */
    bool kept;               /* it did, and is to be done again a little later */
    uint64_t opened, silent; /* where the gate opened and closed of late */
    float vain;              /* the least energy since a search in vain; 0: none was */
    double after;            /* a frame that begins before this was told already */
    unsigned weak;           /* chunks in a row that were not good */
    bool heard;              /* one was */
    unsigned chunks;         /* of it, so far */
    float power, least;      /* of the last chunk, and the least of all */
    float share;             /* of the last good chunk */
    long credit, refill;     /* bit steps; those that come with each hop */
};

/* refill: bit steps that may be spent in each hop of 5 ms, about 40 ns each. 0 or
 * -ENOMEM; zeroed before. */
int hz_g3ruh_detect_init(struct hz_g3ruh_detect *d, long refill);
void hz_g3ruh_detect_done(struct hz_g3ruh_detect *d);

/* HZ_CF32 samples that continue those before; if they do not, the stream begins anew. */
void hz_g3ruh_detect_push(struct hz_g3ruh_detect *d, const struct hz_samples *samples,
                          const struct hz_ax25_out *out);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_g3ruh_detect_flush(struct hz_g3ruh_detect *d, const struct hz_ax25_out *out);

#endif

/* AX.25 frames of Bell 202 tones on a narrow FM channel: a cheap gate, a search where it opens,
 * then the transmission followed chunk by chunk to its end, its tones to frames. Its audio is heard
 * beside that.
 *
 * Samples are HZ_CF32 at 24 kHz, the channel in the middle. The work is done in hops on the
 * stream's own index, so that it does not matter how pushes are cut, and is bounded by a credit of
 * work that each hop refills. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_DETECT_H
#define HZ_PROTO_PACKET_BELL202_DETECT_H

#include "dsp/hops.h"
#include "proto/packet/ax25/frames.h"
#include "proto/packet/ax25/tell.h"
#include "proto/packet/bell202/beside.h"
#include "proto/packet/bell202/gate.h"
#include "proto/packet/bell202/track.h"

enum hz_bell202_state { HZ_BELL202_IDLE, HZ_BELL202_RISING, HZ_BELL202_FOLLOWING };

struct hz_bell202_detect {
    struct hz_bell202_decider decider;
    struct hz_ax25_frames frames;
    struct hz_bell202_gate gate;
    struct hz_bell202_beside beside;
    struct hz_bell202_lock lock;
    enum hz_bell202_state state;
    struct hz_hops hops;
    uint64_t search;         /* where the next search begins */
    uint64_t opened, silent; /* where the gate opened and closed of late */
    double after;            /* a frame that begins before this was told already */
    unsigned weak;           /* chunks in a row that were not good */
    bool heard;              /* one was */
    float share;             /* of the last good chunk */
    unsigned vain;           /* searches in a row, while the gate was open, that led to neither */
    bool clocks;         /* others than the usual one were tried since the gate opened, or since a
                          * transmission that was proven */
    long credit, refill; /* work that may be done; what each hop adds */
};

/* refill: work that may be done in each hop of 10 ms, in units of about 60 ns. 0 or -ENOMEM; zeroed
 * before. */
int hz_bell202_detect_init(struct hz_bell202_detect *d, long refill);
void hz_bell202_detect_done(struct hz_bell202_detect *d);

/* HZ_CF32 samples that continue those before; if they do not, the stream begins anew. */
void hz_bell202_detect_push(struct hz_bell202_detect *d, const struct hz_samples *samples,
                            const struct hz_ax25_out *out);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_bell202_detect_flush(struct hz_bell202_detect *d, const struct hz_ax25_out *out);

#endif

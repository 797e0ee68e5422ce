/* Detector of ACARS on VHF: finds a block by its pre-key (gate.h) and its sync, takes the carrier
 * out, decides the bits (audio.h), repairs them (repair.h), joins blocks (join.h), writes messages.
 *
 * Samples are HZ_CF32 at 14.4 kHz, or the audio of an AM receiver. The work is done in hops on the
 * stream's own index, so the result does not depend on how pushes are cut. A block is told 0.95 s
 * after its sync: when the longest one is in memory. Memory is allocated in init only. Pure; one
 * thread at a time. */
#ifndef HZ_PROTO_ACARS_DETECT_H
#define HZ_PROTO_ACARS_DETECT_H

#include "dsp/hops.h"
#include "proto/acars/audio.h"
#include "proto/acars/gate.h"
#include "proto/acars/join.h"
#include "proto/acars/repair.h"
#include "proto/out/sink.h"

struct hz_acars_detect {
    struct hz_hops hops;
    struct hz_acars_gate gate;
    uint64_t after; /* a sync that ends before this is not looked at: it is in a block, or failed */
    double *sums;   /* owned, as the next four: work space */
    float *audio, *clean, *z, *soft;
    float *phased; /* owned: a push of audio as AM; NULL without audio */
    struct hz_acars_join join;
};

/* 0, or -ENOMEM; zeroed before. */
int hz_acars_detect_init(struct hz_acars_detect *d, bool audio);
void hz_acars_detect_done(struct hz_acars_detect *d);

/* Samples that continue those before. Messages are written to the sink; candidates without a
 * message are counted there. */
void hz_acars_detect_push(struct hz_acars_detect *d, const struct hz_samples *samples,
                          struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. Messages that
 * wait for a block are kept. */
void hz_acars_detect_flush(struct hz_acars_detect *d, struct hz_sink *sink);

#endif

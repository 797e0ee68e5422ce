/* Detector of frames of the radiosonde RS41: GFSK at 4800 bit/s, one frame a second, 0.6 or 0.9 s
 * long.
 *
 * Signal model: y(t) = A(t) exp(j (2 pi (f t + d t^2 / 2) + phi(t; b))) + noise with the modulation
 * phi of dsp/cpm.h, h about 1 and BT 0.5; f is up to 3 kHz and more off the channel, d its drift.
 *
 * Metric: that of dsp/cpm.h over the whole frame, with loops that follow clock and carrier.
 *
 * Estimates, in this order: where a header may begin (dsp/headgate.h); its exact start, carrier and
 * deviation (sync.h); the bits of the frame, whose two Reed-Solomon words judge (words.h). If they
 * fail: what is known of the frame beforehand (known.h) and a word that is right are given to the
 * detector for another run; erasures; a random list of error events; a shorter memory, for a
 * carrier that fades or is not steady.
 *
 * Samples are HZ_CF32 at 24 kHz, or the audio of a discriminator, HZ_F32, of which a phase is made
 * (audio.h). The work is done in hops on the stream's own index, so the result does not depend on
 * how pushes are cut. A frame is found 1 s after its first sample: when the longest one is in
 * memory. Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_RS41_DETECT_H
#define HZ_PROTO_RS41_DETECT_H

#include "dsp/cpm.h"
#include "dsp/headgate.h"
#include "dsp/hops.h"
#include "proto/out/sink.h"
#include "proto/rs41/known.h"
#include "proto/rs41/sizes.h"
#include "proto/rs41/sync.h"
#include "proto/rs41/words.h"

struct hz_rs41_detect {
    bool audio;
    struct hz_cpm *cpm; /* owned */
    float *mixed;       /* owned: the frame, its carrier at 0 Hz */
    float *phased;      /* owned: audio as phase; NULL without audio */
    struct hz_hops hops;
    uint64_t after;        /* a header before this is inside a frame already found */
    double failed_end;     /* of the last frame that was not decoded, if no other began since */
    float failed_fraction; /* how clear its header was */
    unsigned credit;       /* work allowed now, in tries of the list */
    struct hz_rs hard;     /* the code */
    struct hz_headgate gate;
    struct hz_rs41_known known;
    struct hz_rs41_words words; /* of the frame at hand */
    struct hz_rs41_hints hints;
    struct hz_rs41_doubts doubts;
    uint8_t bits[HZ_RS41_BITS_MAX];
    float carrier[2 * HZ_RS41_BITS_MAX];
};

/* 0, or -ENOMEM; zeroed before. */
int hz_rs41_detect_init(struct hz_rs41_detect *d, bool audio);
void hz_rs41_detect_done(struct hz_rs41_detect *d);

/* Samples that continue those before. Messages are written to the sink; candidates without a
 * message are counted there. */
void hz_rs41_detect_push(struct hz_rs41_detect *d, const struct hz_samples *samples,
                         struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. What is known of
 * sondes is remembered. */
void hz_rs41_detect_flush(struct hz_rs41_detect *d, struct hz_sink *sink);

#endif

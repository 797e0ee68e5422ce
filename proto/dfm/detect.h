/* Detector of frames of the radiosondes DFM (frame.h).
 *
 * Binary FM of the half-bits with h about 2 (dsp/headfsk.h). From how sure each half-bit is, the
 * likeliest codewords follow.
 *
 * Samples are HZ_CF32 at 24 kHz. The work is done in hops on the stream's own index, so the result
 * does not depend on how pushes are cut. Memory is allocated in init only. Pure; one thread at a
 * time. */
#ifndef HZ_PROTO_DFM_DETECT_H
#define HZ_PROTO_DFM_DETECT_H

#include "dsp/headfsk.h"
#include "dsp/hops.h"
#include "proto/dfm/sonde.h"

enum {
    HZ_DFM_RATE_HZ = 24000,
    HZ_DFM_MARGIN = 24, /* samples before the header, and behind the frame */
    HZ_DFM_LONGEST = HZ_DFM_HALF_BITS * 96 / 10 * 201 / 200 + 2 * HZ_DFM_MARGIN,
};

struct hz_dfm_detect {
    struct hz_headfsk frames;
    struct hz_hops hops;
    uint64_t after; /* a header before this is inside a frame already found */
    struct hz_dfm_sonde sonde;
};

/* 0, or -ENOMEM; zeroed before. */
int hz_dfm_detect_init(struct hz_dfm_detect *d);
void hz_dfm_detect_done(struct hz_dfm_detect *d);
void hz_dfm_detect_push(struct hz_dfm_detect *d, const struct hz_samples *samples,
                        struct hz_sink *sink);

/* Decodes what is held, then forgets it. What is known of the sonde is remembered. */
void hz_dfm_detect_flush(struct hz_dfm_detect *d, struct hz_sink *sink);

#endif

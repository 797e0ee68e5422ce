/* Detector of frames of the radiosondes M10 and M20 (frame.h).
 *
 * Binary FM of the half-bits with h about 1 (dsp/headfsk.h), at 9615 half-bits a second (M10) or
 * 9600 (M20): both are tried.
 *
 * Samples are HZ_CF32 at 48 kHz. The work is done in hops on the stream's own index, so the result
 * does not depend on how pushes are cut. Memory is allocated in init only. Pure; one thread at a
 * time. */
#ifndef HZ_PROTO_M10_DETECT_H
#define HZ_PROTO_M10_DETECT_H

#include "dsp/headfsk.h"
#include "dsp/hops.h"
#include "proto/m10/sonde.h"

enum {
    HZ_M10_RATE_HZ = 48000,
    HZ_M10_MARGIN = 24, /* samples before the header, and behind the frame */
    HZ_M10_HALF_BITS = HZ_M10_HEADER + 16 * HZ_M10_OCTETS,
    HZ_M10_LONGEST = HZ_M10_HALF_BITS * 5 * 201 / 200 + 2 * HZ_M10_MARGIN,
};

struct hz_m10_detect {
    struct hz_headfsk frames;
    struct hz_hops hops;
    uint64_t after; /* a header before this is inside a frame already found */
};

/* 0, or -ENOMEM; zeroed before. */
int hz_m10_detect_init(struct hz_m10_detect *d);
void hz_m10_detect_done(struct hz_m10_detect *d);
void hz_m10_detect_push(struct hz_m10_detect *d, const struct hz_samples *samples,
                        struct hz_sink *sink);

/* Decodes what is held, then forgets it. */
void hz_m10_detect_flush(struct hz_m10_detect *d, struct hz_sink *sink);

#endif

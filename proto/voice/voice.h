/* What the decoders of analogue voice share: samples cut into frames of 10 ms, and a gate that
 * finds the beginning and end of a transmission.
 *
 * A decoder gives for each frame a measure of a carrier's presence, called `sure`: 0 for noise
 * alone, 1 for a carrier without noise, about (S / (S + N))^2 between. It is taken from the shape
 * of the signal and not from its level against a floor, so no silence is needed to learn from:
 *
 * FM (nfm.c): y = A exp(j phi) + noise has the relative variance of power var |y|^2 / (mean
 * |y|^2)^2 = 1 - (S / (S + N))^2 (S. O. Rice, Bell Syst. Tech. J. 27, 1948), which is 1 for noise
 * alone.
 * AM (am.c): the fraction of the frame's power that lies in a spectral line (dsp/am_carrier.h).
 *
 * Estimates: first and last sample, mean power, noise and carrier offset over the frames that held
 * the carrier. Pure; one thread at a time. */
#ifndef HZ_PROTO_VOICE_VOICE_H
#define HZ_PROTO_VOICE_VOICE_H

#include "dsp/samples.h"

#include <stdbool.h>

#define HZ_VOICE_SURE 0.5f /* threshold: noise alone reaches 0.2 rms in this measure */
#define HZ_VOICE_LEAST                                                                             \
    1e-10f /* power below which a frame is empty: the rounding errors of filters */
#define HZ_VOICE_FRAME_MAX 480 /* samples: 10 ms at 48 kHz */

/* Cuts pushes into frames. The frames do not depend on the pushes. */
struct hz_voice_cut {
    size_t frame, have; /* samples of a frame; samples in x */
    uint64_t next;      /* index after the last sample consumed */
    float x[2 * HZ_VOICE_FRAME_MAX];
};

/* `rate_hz`: a multiple of 100 up to 48000. */
void hz_voice_cut_init(struct hz_voice_cut *c, unsigned rate_hz);
/* Takes HZ_CF32 samples from the front of *in. True when a frame is complete in c->x; it is then to
 * be called again. The frame's first sample is c->next - c->frame. */
bool hz_voice_cut_push(struct hz_voice_cut *c, struct hz_samples *in);
void hz_voice_cut_reset(struct hz_voice_cut *c);

enum hz_voice_event {
    HZ_VOICE_NOTHING,
    HZ_VOICE_MAYBE, /* a transmission may have begun with this frame: start measuring */
    HZ_VOICE_GOES,  /* it goes on, or may: measure this frame */
    HZ_VOICE_NOT,   /* it was not a transmission: discard what was measured */
    HZ_VOICE_ENDS,  /* it ended at gate.last: report it */
};

/* State of the present transmission; sums are over its frames with a carrier. */
struct hz_voice_gate {
    float sure;           /* smoothed */
    bool maybe, on;       /* `on` implies `maybe` */
    uint64_t first, last; /* first sample of the transmission; the one after its last */
    unsigned quiet;       /* frames since the last one with the carrier */
    double power, noise;  /* sums over `frames` */
    double offset_hz;     /* likewise */
    unsigned frames;
};

/* One frame as the decoder measured it. */
struct hz_voice_frame {
    uint64_t first;
    size_t n;
    float sure;
    float power, noise, offset_hz; /* mean power, the noise in it; carrier against the channel */
};

void hz_voice_gate_init(struct hz_voice_gate *g);
enum hz_voice_event hz_voice_gate_push(struct hz_voice_gate *g, const struct hz_voice_frame *f);
/* The stream ends or breaks: ENDS or NOTHING. */
enum hz_voice_event hz_voice_gate_end(struct hz_voice_gate *g);

struct hz_burst;
struct hz_burst hz_voice_burst(const struct hz_voice_gate *g);

/* Quantile: the value, in bins, below which `share` of n counts in equal bins lie. */
double hz_voice_quantile(const unsigned *counts, size_t n, double share);

#endif

/* What the decoders of analogue voice share: samples cut into frames of 10 ms, and the beginning
 * and end of a transmission.
 *
 * A decoder gives for each frame how surely it holds a carrier: 0 for noise alone, 1 for a carrier
 * without noise, about (snr / (1 + snr))^2 between. It takes this from the shape of the signal, not
 * from its level against a floor, so it needs no silence to learn from. */
#ifndef HZ_PROTO_VOICE_VOICE_H
#define HZ_PROTO_VOICE_VOICE_H

#include "dsp/samples.h"

#include <stdbool.h>

#define HZ_VOICE_SURE 0.5f /* a frame that is surely no noise, which reaches 0.2 in the rms */
#define HZ_VOICE_LEAST                                                                             \
    1e-10f /* power under which a frame is empty: what filters leave of nothing */
#define HZ_VOICE_FRAME_MAX 480 /* samples: 10 ms at 48 kHz */

/* Cuts pushes into frames, at the same places however they are pushed. */
struct hz_voice_cut {
    size_t frame, have;
    uint64_t next; /* position of the sample after the last taken */
    float x[2 * HZ_VOICE_FRAME_MAX];
};

/* `rate_hz`: a multiple of 100 up to 48000. */
void hz_voice_cut_init(struct hz_voice_cut *c, unsigned rate_hz);
/* Takes HZ_CF32 samples off the front of *in until a frame is complete in c->x: then true, to be
 * called again. Its first sample is c->next - c->frame. */
bool hz_voice_cut_push(struct hz_voice_cut *c, struct hz_samples *in);
void hz_voice_cut_reset(struct hz_voice_cut *c);

enum hz_voice_event {
    HZ_VOICE_NOTHING,
    HZ_VOICE_MAYBE, /* a transmission may have begun with this frame: start measuring */
    HZ_VOICE_GOES,  /* it may be, or is, going on: measure this frame */
    HZ_VOICE_NOT,   /* it was none: forget what was measured */
    HZ_VOICE_ENDS,  /* it ended at gate.last: report it */
};

/* Means of a transmission so far, over the frames that held the carrier. */
struct hz_voice_gate {
    float sure;           /* smoothed */
    bool maybe, on;       /* `on` implies `maybe` */
    uint64_t first, last; /* first sample of the transmission; the one after its last */
    unsigned quiet;       /* frames since the carrier was last there */
    double power, noise;  /* sums over `frames` */
    double offset_hz;     /* likewise */
    unsigned frames;
};

/* One frame as the decoder measured it. */
struct hz_voice_frame {
    uint64_t first;
    size_t n;
    float sure;
    float power, noise, offset_hz; /* mean power, of it noise; carrier against the channel */
};

void hz_voice_gate_init(struct hz_voice_gate *g);
enum hz_voice_event hz_voice_gate_push(struct hz_voice_gate *g, const struct hz_voice_frame *f);
/* The stream ends or breaks: ENDS or NOTHING. */
enum hz_voice_event hz_voice_gate_end(struct hz_voice_gate *g);

struct hz_burst;
struct hz_burst hz_voice_burst(const struct hz_voice_gate *g);

/* The value below which `share` of n counts in equal bins lie, in bins. */
double hz_voice_quantile(const unsigned *counts, size_t n, double share);

#endif

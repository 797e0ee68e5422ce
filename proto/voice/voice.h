/* Common parts of the decoders of analogue voice: division into frames of 10 ms, and detection of
 * start and end of a transmission.
 *
 * For each frame a decoder gives a measure of the carrier: 0 for noise alone, 1 for a carrier
 * without noise, about (snr / (1 + snr))^2 in between. It derives this from the shape of the
 * signal, not from its level over a noise floor, so it needs no silence to learn the floor.
 *
 * Pure. One thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_VOICE_VOICE_H
#define HZ_PROTO_VOICE_VOICE_H

#include "dsp/samples.h"

#include <stdbool.h>

#define HZ_VOICE_SURE      0.5f   /* threshold: noise alone has an RMS of 0.2 in this measure */
#define HZ_VOICE_LEAST     1e-10f /* a frame with less power is empty: residues of filters */
#define HZ_VOICE_FRAME_MAX 480    /* samples: 10 ms at 48 kHz */

/* Divides the stream into frames. The result does not depend on how the stream is cut into pushes.
 */
struct hz_voice_cut {
    size_t frame, have; /* samples of a frame; samples in x */
    uint64_t next;      /* index after the last sample consumed */
    float x[2 * HZ_VOICE_FRAME_MAX];
};

/* `rate_hz`: a multiple of 100 up to 48000. */
void hz_voice_cut_init(struct hz_voice_cut *c, unsigned rate_hz);
/* Consumes HZ_CF32 samples from the front of *in until a frame is complete in c->x: then true; call
 * again. The index of its first sample is c->next - c->frame. */
bool hz_voice_cut_push(struct hz_voice_cut *c, struct hz_samples *in);
void hz_voice_cut_reset(struct hz_voice_cut *c);

enum hz_voice_event {
    HZ_VOICE_NOTHING,
    HZ_VOICE_MAYBE, /* a transmission may have begun with this frame: begin to measure */
    HZ_VOICE_GOES,  /* a possible or certain transmission continues: measure this frame */
    HZ_VOICE_NOT,   /* it was no transmission: forget the measurements */
    HZ_VOICE_ENDS,  /* the transmission ended at gate.last: report it */
};

/* State of the present transmission; sums are over its frames with a carrier. */
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

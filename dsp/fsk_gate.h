/* The gate in front of the searches for FSK of pagers (POCSAG, FLEX): short power spectra of half
 * of the samples, and a test whether two frequencies at least 2.2 kHz apart exceed the noise, as
 * the tones of any page do, at any deviation and carrier, down to 10 dB under the noise of the
 * channel. A bare carrier fails the test; a voice passes.
 *
 * Estimates: noise power, from the quiet bins; the frequencies that exceed it; the movement of a
 * page's tones from spectrum to spectrum (drift). Memory is allocated in init only. Pure; one
 * thread at a time. */
#ifndef HZ_DSP_FSK_GATE_H
#define HZ_DSP_FSK_GATE_H

#include "dsp/fft.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_FSK_GATE_HOP = 1024,  /* samples of 24 kHz: 43 ms */
    HZ_FSK_GATE_BINS = 128,  /* of 187.5 Hz */
    HZ_FSK_GATE_SPAN = 6,    /* hops that are examined together */
    HZ_FSK_GATE_RING = 64,   /* hops whose spectra are kept */
    HZ_FSK_GATE_LOOKS = 512, /* hops whose noise is remembered: 22 s */
};

#define HZ_FSK_GATE_BIN_HZ (24000.0 / HZ_FSK_GATE_BINS)

struct hz_fsk_gate {
    struct hz_fft *fft; /* owned */
    float *in, *out;    /* owned */
    float window[HZ_FSK_GATE_BINS];
    float power[HZ_FSK_GATE_RING][HZ_FSK_GATE_BINS]; /* of hop number % RING */
    bool whole[HZ_FSK_GATE_RING];                    /* the hop was complete */
    float noise[HZ_FSK_GATE_LOOKS]; /* power in a bin between the tones; 0: not known */
};

/* Result of the gate for a span. */
struct hz_fsk_view {
    float power[HZ_FSK_GATE_BINS]; /* mean over the span, from -12 kHz upwards */
    float floor;                   /* of the noise in a bin */
    bool neighbour; /* the power beyond the narrow channel is as large as that within */
};

/* 0, or -ENOMEM; zeroed before. */
int hz_fsk_gate_init(struct hz_fsk_gate *g);
void hz_fsk_gate_done(struct hz_fsk_gate *g);

/* Takes the next hop's samples, iq[2 * HZ_FSK_GATE_HOP], at 24 kHz. Hops that are not whole, at the
 * beginning and end of a stream, do not count for the noise. */
void hz_fsk_gate_push(struct hz_fsk_gate *g, uint64_t hop, const float *iq, bool whole);

/* Whether two tones are significant in the hops from `hop` on, all of which have been pushed. */
bool hz_fsk_gate_open(struct hz_fsk_gate *g, uint64_t hop, struct hz_fsk_view *view);

/* Carrier frequency in the span from `hop` on of a page whose tones were near low_hz and high_hz.
 */
double hz_fsk_gate_carrier(const struct hz_fsk_gate *g, uint64_t hop, double low_hz,
                           double high_hz);

/* Noise power in 12.5 kHz, the minimum over the hops kept; INFINITY if it is not known. */
float hz_fsk_gate_noise(const struct hz_fsk_gate *g);

#endif

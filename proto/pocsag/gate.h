/* The cheap gate in front of the POCSAG search: power spectra of half of the samples, and the test
 * whether two tones 8 to 10 kHz apart stand out on both sides of a valley. Noise, carriers and
 * voices do not look like that, at any level; pages do, 10 dB under the noise.
 *
 * It also tells where the two tones are. Memory is allocated in init only. One thread at a time. */
#ifndef HZ_PROTO_POCSAG_GATE_H
#define HZ_PROTO_POCSAG_GATE_H

#include "dsp/fft.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_POCSAG_HOP = 1024,       /* samples of 24 kHz: 43 ms */
    HZ_POCSAG_BINS = 128,       /* of 187.5 Hz */
    HZ_POCSAG_GATE_SPAN = 6,    /* hops that are looked at together */
    HZ_POCSAG_GATE_RING = 64,   /* hops whose spectra are kept */
    HZ_POCSAG_GATE_LOOKS = 512, /* hops of which it is known how quiet they were: 22 s */
};

struct hz_pocsag_gate {
    struct hz_fft *fft; /* owned */
    float *in, *out;    /* owned */
    float window[HZ_POCSAG_BINS];
    float power[HZ_POCSAG_GATE_RING][HZ_POCSAG_BINS]; /* of hop number % RING */
    bool whole[HZ_POCSAG_GATE_RING];                  /* the stream filled it */
    float noise[HZ_POCSAG_GATE_LOOKS]; /* power in a bin between the tones; 0: not known */
};

struct hz_pocsag_tones {
    double low_hz, high_hz;
};

/* 0, or -ENOMEM; zeroed before. */
int hz_pocsag_gate_init(struct hz_pocsag_gate *g);
void hz_pocsag_gate_done(struct hz_pocsag_gate *g);

/* The next hop's samples, iq[2 * HZ_POCSAG_HOP], at the channel's rate of 24 kHz. Of those that are
 * not whole, as where the stream begins and ends, nothing is learnt about noise. */
void hz_pocsag_gate_push(struct hz_pocsag_gate *g, uint64_t hop, const float *iq, bool whole);

/* There are two tones in the hops from `hop` on; all of them have been pushed. */
bool hz_pocsag_gate_open(struct hz_pocsag_gate *g, uint64_t hop, struct hz_pocsag_tones *tones);

/* Noise power in 12.5 kHz, the least of the hops kept; INFINITY when nothing is known. */
float hz_pocsag_gate_noise(const struct hz_pocsag_gate *g);

#endif

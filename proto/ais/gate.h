/* The gate in front of the AIS detector: finds where a training sequence may have ended.
 *
 * Signal model: after NRZI the training sequence 0101... has a period of 4 T (four bits).
 *
 * Metric: R = sum of y(n) y*(n - 4 T) over the twenty bits in which both samples lie in it. |R| is
 * then the signal's energy there, and the angle of R is 2 pi f 4 T: the carrier's frequency,
 * ambiguous by 2400 Hz (delay-and-multiply: U. Mengali and A. D'Andrea, "Synchronization Techniques
 * for Digital Receivers", 1997, chapter 3).
 *
 * It runs at a quarter of the detector's 48 kHz, after a low-pass filter of 5 kHz. It opens on all
 * bursts of 0 dB, and on noise a few times a second. Pure; one thread at a time. */
#ifndef HZ_PROTO_AIS_GATE_H
#define HZ_PROTO_AIS_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_AIS_GATE_STEP = 4,    /* samples per sample of the gate */
    HZ_AIS_GATE_TAPS = 16,   /* taps of the low-pass filter, which reads as many samples before */
    HZ_AIS_GATE_LAG = 5,     /* 4 bits in the gate's samples */
    HZ_AIS_GATE_WINDOW = 25, /* 20 bits */
    HZ_AIS_GATE_PIECE = 128  /* the gate's samples that are worked on at a time, at most */
};

struct hz_ais_peak {
    uint64_t end; /* sample at which a training sequence may have ended */
    float freq;   /* carrier in cycles per sample, ambiguous by multiples of 0.05 */
};

struct hz_ais_gate {
    float taps[2 * HZ_AIS_GATE_TAPS]; /* each twice, for I and Q */
    /* The filtered samples of a piece, and those before it. */
    float y_re[HZ_AIS_GATE_LAG + HZ_AIS_GATE_PIECE], y_im[HZ_AIS_GATE_LAG + HZ_AIS_GATE_PIECE];
    /* The summands of R and of the energy, as many before the piece as a window holds. */
    float q_re[HZ_AIS_GATE_WINDOW + HZ_AIS_GATE_PIECE];
    float q_im[HZ_AIS_GATE_WINDOW + HZ_AIS_GATE_PIECE];
    float q_energy[HZ_AIS_GATE_WINDOW + HZ_AIS_GATE_PIECE];
    double re, im, energy; /* their sums over the window */
    unsigned since;
    float best;       /* fraction of the energy, squared; 0: no peak is near */
    float best_angle; /* in cycles */
};

void hz_ais_gate_init(struct hz_ais_gate *g);

/* Takes the next n samples iq[2 n], the first of index `first`; n is a multiple of
 * HZ_AIS_GATE_STEP, and HZ_AIS_GATE_TAPS samples before iq are in memory. Writes the peaks found to
 * out and returns their number, at most n / 40 + 1. */
size_t hz_ais_gate_push(struct hz_ais_gate *g, const float *iq, size_t n, uint64_t first,
                        struct hz_ais_peak *out);

#endif

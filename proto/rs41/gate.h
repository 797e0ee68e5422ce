/* The gate in front of the RS41 detector: finds where a frame's header may begin.
 *
 * Signal model: y(n) of dsp/cpm.h with bits of 5 samples, and a carrier w anywhere in the channel.
 * With u(n) = y(n) / |y(n)|, the product q(n) = u(n + 2) u*(n) has the phase 2 w + b_k x, where b_k
 * = +-1 is the bit and x about 2 pi h / 5.
 *
 * Metric: C(n) = sum over the 64 known bits of b_k times the sum of q over the bit. |C| does not
 * depend on the carrier, and its angle is 2 w + pi / 2 (differential correlation: U. Mengali and A.
 * D'Andrea, Synchronization Techniques for Digital Receivers, 1997, section 3.5). The amplitude
 * drops out, so |C| has a fixed limit. The sums over bits are differences of the running sum of q,
 * which only changes of the header's bits need.
 *
 * At 2 dB in 12.5 kHz |C| is 0.45 of its maximum; noise has over 0.28 some times an hour. Stateless
 * from call to call. Pure; one thread at a time. */
#ifndef HZ_PROTO_RS41_GATE_H
#define HZ_PROTO_RS41_GATE_H

#include "proto/rs41/sizes.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    HZ_RS41_GATE_TURNS = 65, /* where the header's bits change, and its two ends, at most */
    HZ_RS41_GATE_APART = 24, /* samples: a peak is the highest for so long before and after */
    HZ_RS41_GATE_BEFORE = HZ_RS41_GATE_APART + 2,
    HZ_RS41_GATE_BEHIND = HZ_RS41_GATE_APART + 64 * HZ_RS41_BIT + 8,
    HZ_RS41_GATE_ROOM = HZ_RS41_HOP + HZ_RS41_GATE_BEFORE + HZ_RS41_GATE_BEHIND + 16,
    HZ_RS41_PEAKS = HZ_RS41_HOP / HZ_RS41_GATE_APART + 1,
};

struct hz_rs41_gate {
    unsigned turns;
    unsigned at[HZ_RS41_GATE_TURNS]; /* in samples from the header's begin */
    float x[2][HZ_RS41_GATE_ROOM], sum[2][HZ_RS41_GATE_ROOM], c[2][HZ_RS41_GATE_ROOM];
};

struct hz_rs41_peak {
    int at; /* sample at which the header begins, from the hop's begin */
    float fraction;
    double freq; /* IQ: the carrier in cycles per sample */
    /* Audio: what a bit 1 adds to the mean of the samples, which is `middle`. */
    float level, middle;
};

void hz_rs41_gate_init(struct hz_rs41_gate *g);

/* Finds the headers that begin in iq[0 .. HZ_RS41_HOP - 1], where so many samples before and behind
 * as the enum says are in memory. Writes the peaks and returns their number. */
size_t hz_rs41_gate_iq(struct hz_rs41_gate *g, const float *iq, struct hz_rs41_peak *out);

/* The same in the audio of a discriminator, of either polarity. */
size_t hz_rs41_gate_audio(struct hz_rs41_gate *g, const float *audio, struct hz_rs41_peak *out);

#endif

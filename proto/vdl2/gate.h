/* Finds where the known start of a VDL2 transmission may be, at any carrier near the channel.
 *
 * Signal model: x(n) = A e^(j (w n + pi/4 phi_k)) at the middle of symbol k of the sixteen, plus
 * noise. Metric: with the products p(n) = x(n) x*(n - T) of samples a symbol apart
 *     S(n) = sum over k = 1 … 15 of p(n + k T) e^(-j pi/4 (phi_k - phi_(k - 1)))
 *     r(n) = |S(n)|^2 / (sum |x|^2 at the same instants)^2
 * which is 1 without noise, and 1/15 on average in noise. arg S = w T.
 *
 * Pure; it owns nothing. */
#ifndef HZ_PROTO_VDL2_GATE_H
#define HZ_PROTO_VDL2_GATE_H

#include "proto/vdl2/sizes.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_VDL2_HOP = 1024,
    HZ_VDL2_ALONE = 32, /* samples around a peak without a higher one */
    HZ_VDL2_PEAKS = HZ_VDL2_HOP / HZ_VDL2_ALONE,
    /* samples that are read ahead of and behind a hop */
    HZ_VDL2_GATE_BEFORE = HZ_VDL2_ALONE,
    HZ_VDL2_GATE_BEHIND = HZ_VDL2_ALONE + HZ_VDL2_PREAMBLE * HZ_VDL2_SYMBOL,
};

/* Phases of the known start, in eighths of a cycle. */
extern const uint8_t hz_vdl2_preamble[HZ_VDL2_PREAMBLE];

struct hz_vdl2_peak {
    int at;     /* sample of the first symbol's middle, counted from the hop */
    float freq; /* cycles per sample */
};

/* iq: the hop's first sample, HZ_CF32. Returns how many peaks there are. */
size_t hz_vdl2_gate(const float *iq, struct hz_vdl2_peak peak[HZ_VDL2_PEAKS]);

#endif

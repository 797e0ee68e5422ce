/* Receive filter of D8PSK, evaluated at any instant.
 *
 * Signal model: a transmitter sends sum a_k h(t - k T), whose spectrum H is a raised cosine with a
 * roll-off of 0.6, or the root of one. Filter: G = H / (H^2 + H'^2), H' = H at the frequency that
 * folds onto it at the symbol rate. H G then has no intersymbol interference, and of all such
 * filters G lets the least noise through. (For the root G is H itself, the matched filter; for the
 * full raised cosine it costs 0.26 dB against the bound of the matched filter.)
 *
 * Pure; constant after init. */
#ifndef HZ_PROTO_VDL2_PULSE_H
#define HZ_PROTO_VDL2_PULSE_H

#include "proto/vdl2/sizes.h"

#include <stdbool.h>

enum {
    HZ_VDL2_STEPS = 16,                /* to a sample, at which the filter is known */
    HZ_VDL2_SPAN = 5 * HZ_VDL2_SYMBOL, /* samples that it takes on either side */
    HZ_VDL2_TAPS = 2 * HZ_VDL2_SPAN,
};

struct hz_vdl2_pulse {
    float tap[HZ_VDL2_STEPS][2 * HZ_VDL2_TAPS]; /* each twice, for I and Q */
};

/* root: for transmitters that send the root of the raised cosine. */
void hz_vdl2_pulse_init(struct hz_vdl2_pulse *p, bool root);

/* The filtered signal out[2] at the instant t, in samples, of iq: HZ_CF32, whose samples from
 * t - HZ_VDL2_SPAN to t + HZ_VDL2_SPAN + 1 must exist. t >= 0. */
void hz_vdl2_pulse_at(const struct hz_vdl2_pulse *p, const float *iq, double t, float out[2]);

#endif

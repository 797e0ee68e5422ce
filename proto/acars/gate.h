/* The gate in front of the search for ACARS: finds the pre-key, which is a carrier with a tone of
 * 2400 Hz in AM.
 *
 * Signal model: y(t) = A (1 + m cos(2 pi 2400 t + b)) exp(j (2 pi f t + c)) + noise: three lines, f
 * and f +- 2400 Hz. Metric: over 36 ms first the part of the scatter of |y|^2 that a tone of 2400
 * Hz explains, whatever the carrier; then, in a Hann spectrum, the weakest of three lines that far
 * apart against the median bin. Estimate: f to some Hz.
 *
 * Memory is allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_ACARS_GATE_H
#define HZ_PROTO_ACARS_GATE_H

#include "dsp/fft.h"

#include <stdbool.h>

enum {
    HZ_ACARS_LOOK = 512,      /* samples of a look */
    HZ_ACARS_LOOK_STEP = 256, /* from one to the next */
};

struct hz_acars_gate {
    struct hz_fft *fft; /* owned, as the next two */
    float *in, *out;
    float window[HZ_ACARS_LOOK];
    float tone_re[2 * HZ_ACARS_LOOK], tone_im[2 * HZ_ACARS_LOOK]; /* each twice, for I and Q */
};

/* 0 or -ENOMEM; zeroed before. */
int hz_acars_gate_init(struct hz_acars_gate *g);
void hz_acars_gate_done(struct hz_acars_gate *g);

/* Whether there is a pre-key in iq[2 * HZ_ACARS_LOOK]. *freq is its carrier in cycles per sample.
 */
bool hz_acars_gate_open(struct hz_acars_gate *g, const float *iq, double *freq);

#endif

/* Matched filters and timing of one burst.
 *
 * With the pulse p of proto/adsb/demod.h, the output of the matched filter at time t is
 *     Z(t) = sum over n of x(n) p(n - t),
 * computed at 5 or 6 times ("steps") per sample. Half-chip k of a burst at step t0 is Z(t0 + k Tc).
 * All Z are in one array, in order of time, so neighbouring timings are neighbours in memory.
 *
 * A pulse behind a receiver filter of about 1.1 MHz leaks into its neighbours. The matched filter
 * at half-chip k responds to a pulse at half-chip l with gram(k, l) = sum over n of p(n - k) p(n -
 * l); l = k, k + 1 and k + 2 matter.
 *
 * Metric of a timing: |Z|^2 of the preamble's pulses, doubled, plus the difference of |Z|^2 between
 * the halves of the first 40 bits. Estimates: the best t0; and omega, the mean phase advance from
 * sample to sample, which is removed before the filters if it is over 200 kHz.
 *
 * Pure. One thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_FINE_H
#define HZ_PROTO_ADSB_FINE_H

#include "dsp/lanes.h"
#include "proto/adsb/crc.h"
#include "proto/adsb/gate.h"
#include "proto/adsb/matched.h"

enum {
    HZ_ADSB_LANES = 4, /* neighbouring timings processed at a time */
    HZ_ADSB_CYCLE = 2 * HZ_ADSB_PHASES + HZ_ADSB_LANES,
    HZ_ADSB_LEAD = 16,                           /* half-chips of the preamble */
    HZ_ADSB_CHIPS = 16 + 2 * HZ_MODES_LONG_BITS, /* half-chips of a long frame */
    HZ_ADSB_SPAN = 408,                          /* filtered samples per window */
    HZ_ADSB_STEPS = HZ_ADSB_PHASES * HZ_ADSB_SPAN,
    HZ_ADSB_TIMINGS = 2 * HZ_ADSB_LANES, /* timings that are compared */
};

/* Tables for one sample rate; constant after init. Tables by phase are repeated, so that they can
 * be read for neighbouring timings from any sum of two phases on. */
struct hz_adsb_shape {
    const struct hz_adsb_kernels *kernels;
    struct hz_adsb_matched filter; /* of each phase */
    int phases;                    /* steps per sample */
    float rate_hz;                 /* of the samples */
    float near_slope;              /* a little less than the tangent of the largest angle per sample
                                      that the filters tolerate */
    uint16_t chip[HZ_ADSB_CHIPS];  /* steps from half-chip 0 to each half-chip */
    uint16_t sample[HZ_ADSB_CHIPS]; /* chip over phases */
    uint8_t phase[HZ_ADSB_CHIPS];   /* chip modulo phases */
    float gram0[HZ_ADSB_CYCLE];     /* gram(k, k) by the phase of k */
    float twice1[HZ_ADSB_CYCLE];    /* 2 gram(k, k + 1) */
    float twice2[HZ_ADSB_CYCLE];    /* 2 gram(k, k + 2) */
    float level[HZ_ADSB_CYCLE];     /* mean of Z for a burst of that phase with amplitude 1 */
};

struct hz_adsb_window {
    size_t at;    /* element of the envelope where it begins */
    size_t taken; /* samples copied so far */
    size_t ready; /* samples filtered so far */
    float most;   /* samples with more power are impulses and replaced by 0 */
    float omega;  /* carrier removed from the samples before filtering, radians per sample */
    float i[HZ_ADSB_SPAN + 2 * HZ_ADSB_TAPS], q[HZ_ADSB_SPAN + 2 * HZ_ADSB_TAPS];
    /* Z and |Z|^2 by step. The filter of step 0 is centred on sample 1. */
    float zi[HZ_ADSB_STEPS + HZ_ADSB_WIDE], zq[HZ_ADSB_STEPS + HZ_ADSB_WIDE];
    float energy[HZ_ADSB_STEPS + HZ_ADSB_WIDE];
};

/* Z or |Z|^2 at the first of each two of the next eight steps in *chip: the same halves of four
 * bits. */
static inline hz_four hz_adsb_four_halves(const float *z, const uint16_t *chip)
{
    return (hz_four){z[chip[0]], z[chip[2]], z[chip[4]], z[chip[6]]};
}

void hz_adsb_shape_init(struct hz_adsb_shape *s, float rate_hz,
                        const struct hz_adsb_kernels *kernels);

/* p(t): the pulse behind the receiver's filter, 1 at its centre. */
float hz_adsb_shape_pulse(float t_us);

/* Opens a window for a candidate, filters as much of it as the timing needs, and removes a carrier
 * that is too far off for the filters. Returns the step of the best timing. */
int hz_adsb_window_open(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                        const struct hz_adsb_envelope *b, const struct hz_adsb_candidate *c);

/* Filters the rest of a long frame. */
void hz_adsb_window_rest(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                         const struct hz_adsb_envelope *b);

/* Opens a window on the n samples from element `at` on and filters all of it. */
void hz_adsb_window_place(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                          const struct hz_adsb_envelope *b, size_t at, size_t n);

/* The start of the preamble of a burst at `step`, in samples from element 0 of the envelope. */
float hz_adsb_window_start(const struct hz_adsb_window *w, const struct hz_adsb_shape *s, int step);

#endif

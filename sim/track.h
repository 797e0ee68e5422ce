/* A transmission as frequency and amplitude over time. Every modulator of a narrow channel produces
 * a track, which is then added to the band at any sample rate. Pure: any thread, one at a time for
 * each track. */
#ifndef HZ_SIM_TRACK_H
#define HZ_SIM_TRACK_H

#include "sim/burst.h"

/* Values at equally spaced knots, linear in between. */
struct hz_sim_track {
    double rate_hz; /* knots per second */
    size_t n;
    float *freq_hz;   /* from the carrier */
    float *amplitude; /* mean square 1 */
    double *cycles;   /* phase at each knot, from hz_sim_track_seal */
    float *iq;        /* of a modulation of both: in place of amplitude, complex; else NULL */
};

/* n (>= 2) knots of frequency 0 and amplitude 1. The track owns its memory. 0 or -ENOMEM. */
int hz_sim_track_init(struct hz_sim_track *t, double rate_hz, size_t n);
/* The same with iq, all zeros. */
int hz_sim_track_init_iq(struct hz_sim_track *t, double rate_hz, size_t n);
void hz_sim_track_done(struct hz_sim_track *t);

/* Completes the track after frequency and amplitude were filled in: integrates the phase and scales
 * the amplitude to a mean square of 1. */
void hz_sim_track_seal(struct hz_sim_track *t);

/* Adds a drift of hz_s Hz per second to a sealed track; the frequency in the middle is unchanged.
 */
void hz_sim_track_drift(struct hz_sim_track *t, double hz_s);

/* The length of the burst in samples at rate_hz. */
double hz_sim_track_samples(const struct hz_sim_track *t, const struct hz_sim_burst *burst,
                            double rate_hz);

/* Adds the part of the burst that is inside the span; burst->start is the first knot. */
void hz_sim_track_add(const struct hz_sim_track *t, const struct hz_sim_burst *burst,
                      const struct hz_span *span);

#endif

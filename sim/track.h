/* A transmission as frequency and amplitude over time: what every modulator of a narrow channel
 * makes, and what is then added to the band at any rate. Pure. */
#ifndef HZ_SIM_TRACK_H
#define HZ_SIM_TRACK_H

#include "sim/burst.h"

/* Values at equally spaced knots, straight lines between them. */
struct hz_sim_track {
    double rate_hz; /* knots per second */
    size_t n;
    float *freq_hz;   /* against the carrier */
    float *amplitude; /* mean square 1 */
    double *cycles;   /* phase at each knot, from hz_sim_track_seal */
};

/* n (>= 2) knots of frequency 0 and amplitude 1. The track owns its memory. 0 or -ENOMEM. */
int hz_sim_track_init(struct hz_sim_track *t, double rate_hz, size_t n);
void hz_sim_track_done(struct hz_sim_track *t);

/* To be called when frequency and amplitude are filled in: sums up the phase and scales the
 * amplitude to a mean square of 1. */
void hz_sim_track_seal(struct hz_sim_track *t);

/* Lets the carrier of a sealed track move by hz_s a second, through its own in the middle. */
void hz_sim_track_drift(struct hz_sim_track *t, double hz_s);

/* How many samples of a span at that rate the burst lasts. */
double hz_sim_track_samples(const struct hz_sim_track *t, const struct hz_sim_burst *burst,
                            double rate_hz);

/* Adds what falls into the span; burst->start is the first knot. */
void hz_sim_track_add(const struct hz_sim_track *t, const struct hz_sim_burst *burst,
                      const struct hz_span *span);

#endif

/* The front end of a simulated receiver: its crystal is off and drifts, and its gain matters. What
 * arrives at the antenna is shifted by the error of the oscillator that the crystal runs,
 * amplified, and mixed with what the receiver itself adds: the noise of the converter, which drowns
 * signals at low gain, and what strong stations outside of the band mix to, which rises by 3 dB for
 * each dB of gain. The converter then clips. The sample clock of a simulation is exact; what that
 * of such a crystal would show is told by hz_front_clock. Pure; one thread at a time; owns nothing.
 */
#ifndef HZ_SIM_FRONT_H
#define HZ_SIM_FRONT_H

#include "sim/burst.h"
#include "sim/noise.h"

#include <stdbool.h>

struct hz_front_settings {
    double crystal_ppm, drift_ppm; /* error of the crystal at the start (positive: it is fast), and
                                    * what is added in each minute */
    double correction_ppm;         /* by which the tuner is corrected */
    double gain_db;                /* NAN: automatic, the levels stay as they are */
};

/* At this gain the levels of the antenna stay as they are. */
#define HZ_FRONT_UNITY_DB 30.0

struct hz_front {
    struct hz_front_settings now;
    double cycles; /* the oscillator's phase against an exact one */
    struct hz_noise noise;
};

void hz_front_init(struct hz_front *f, uint64_t seed);
/* Whether these settings change nothing. */
bool hz_front_is_ideal(const struct hz_front_settings *s);
/* Passes a span (signals and the antenna's noise) through; `own` is room for 2 n floats. */
void hz_front_run(struct hz_front *f, const struct hz_span *span, double centre_hz, float *own);

/* What the arrival times of a live receiver's samples would show of its crystal: the error in ppm
 * that the correction leaves at_s after the start, wrong by as much as its own uncertainty sigma,
 * which falls as the time since_s since the correction was set, to the power of 1.5. False: it is
 * too early. */
bool hz_front_clock(const struct hz_front_settings *s, double at_s, double since_s, double *ppm,
                    double *sigma);

#endif

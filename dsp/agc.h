/* Automatic gain control: divides by a level that follows the signal with a one-pole filter, with
 * separate time constants for rise (attack) and fall (release). Pure. One thread at a time; the
 * memory is the caller's. */
#ifndef HZ_DSP_AGC_H
#define HZ_DSP_AGC_H

#include <stddef.h>

struct hz_agc {
    float attack, release; /* filter coefficients */
    float level, least;    /* the present level, and its lower bound */
};

/* Time constants in samples; least > 0 is the lower bound of the level. */
void hz_agc_init(struct hz_agc *a, float attack, float release, float least);

/* Scales x[n] (0 or more) in place: a signal of constant level becomes 1. */
void hz_agc_run(struct hz_agc *a, float *x, size_t n);

#endif

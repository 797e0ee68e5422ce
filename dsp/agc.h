/* Automatic gain: divides by a level that follows the signal up quickly and down slowly. */
#ifndef HZ_DSP_AGC_H
#define HZ_DSP_AGC_H

#include <stddef.h>

struct hz_agc {
    float attack, release; /* share of the way to the signal in one sample */
    float level, least;
};

/* Time constants in samples; `least` is the smallest level that is divided by (over 0). */
void hz_agc_init(struct hz_agc *a, float attack, float release, float least);

/* x[n] (0 and more) in place: 1 where the signal stands at its level. */
void hz_agc_run(struct hz_agc *a, float *x, size_t n);

#endif

/* What lies below speech in the output of an FM discriminator, at 1,000 samples a second: the way
 * of the tones of CTCSS and the bits of DCS. */
#ifndef HZ_DSP_SUBAUDIO_H
#define HZ_DSP_SUBAUDIO_H

#include "dsp/biquad.h"

#include <stdbool.h>

#define HZ_SUBAUDIO_RATE 1000

struct hz_subaudio {
    struct hz_biquad low[2];
    unsigned down, left; /* every down-th sample is kept; samples to the next */
};

/* `rate_hz`: a multiple of 1 kHz. */
void hz_subaudio_init(struct hz_subaudio *s, unsigned rate_hz);
void hz_subaudio_reset(struct hz_subaudio *s);

/* Takes samples off the front of *hz, *n of them, until one comes out: then true, to be called
 * again. */
bool hz_subaudio_push(struct hz_subaudio *s, const float **hz, size_t *n, float *out);

#endif

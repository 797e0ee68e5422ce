/* Low-pass filter and decimator to 1,000 samples per second, for the sub-audible part of an FM
 * discriminator's output: CTCSS tones and DCS codes. Pure. One thread at a time; the memory is the
 * caller's. */
#ifndef HZ_DSP_SUBAUDIO_H
#define HZ_DSP_SUBAUDIO_H

#include "dsp/biquad.h"

#include <stdbool.h>

#define HZ_SUBAUDIO_RATE 1000

struct hz_subaudio {
    struct hz_biquad low[2]; /* a Butterworth low-pass of fourth order */
    unsigned down, left;     /* decimation; input samples until the next output */
};

/* rate_hz of the input: a multiple of 1 kHz. */
void hz_subaudio_init(struct hz_subaudio *s, unsigned rate_hz);
void hz_subaudio_reset(struct hz_subaudio *s);

/* Consumes samples from *hz (there are *n) until one output is ready: writes it to *out and returns
 * true; call again for the rest. Returns false when the input is used up. */
bool hz_subaudio_push(struct hz_subaudio *s, const float **hz, size_t *n, float *out);

#endif

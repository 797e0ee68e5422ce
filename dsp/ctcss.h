/* The sub-audible tone of an FM transmission (CTCSS): one of 50 frequencies of TIA-603 and of
 * common sets, 67.0 to 254.1 Hz, looked for in windows of half a second by Goertzel filters. */
#ifndef HZ_DSP_CTCSS_H
#define HZ_DSP_CTCSS_H

#include "dsp/biquad.h"

#include <stdbool.h>

#define HZ_CTCSS_TONES  50
#define HZ_CTCSS_WINDOW 500 /* samples of a window, at 1 kHz */

struct hz_ctcss {
    struct hz_biquad low[2]; /* leaves the tones of the discriminator's output */
    unsigned down, left;     /* every down-th sample is kept; samples to the next */
    float window[HZ_CTCSS_WINDOW];
    size_t have;
    unsigned windows, votes[HZ_CTCSS_TONES];
};

/* `rate_hz` of the discriminator's output: a multiple of 1 kHz. */
void hz_ctcss_init(struct hz_ctcss *c, unsigned rate_hz);

/* A new transmission. */
void hz_ctcss_reset(struct hz_ctcss *c);

/* n samples of the discriminator's output, in Hz. */
void hz_ctcss_push(struct hz_ctcss *c, const float *hz, size_t n);

/* The tone that was found in most of the windows since the reset, in Hz; 0: none. */
double hz_ctcss_tone(const struct hz_ctcss *c);

#endif

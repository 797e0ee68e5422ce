/* The sub-audible tone of an FM transmission (CTCSS).
 *
 * Signal model: x(t) = A cos(2 pi f t + phi) + s(t), the frequency in Hz at the discriminator. The
 * tone f lasts as long as the transmission and is within 0.5 % of a tone of EIA RS-220, TIA-603 or
 * of common radios (62.5 to 254.1 Hz). s(t) is speech, which may reach down to the tone.
 *
 * Metric: X_w(k) is line k (6.25 Hz apart) of the Hann spectrum of window w, 160 ms long. Windows
 * 80 ms = T apart are compared:
 *     S(k) = sum over w of X_w(k) X*_{w-1}(k) / sqrt |X_w(k) X_{w-1}(k)|.
 * For a tone all terms have the same phase, for speech they do not. The coherence is |S|^2 over n
 * times the sum of the terms' squared lengths: 1 for a tone alone.
 *
 * Estimate: f = 6.25 k + arg S(k) / (2 pi T) at the line with the greatest |S|, within 0.1 Hz. Only
 * then the standard tone is chosen; neighbouring tones are 1.4 % apart. A strong tone is found
 * within 0.25 s, a weak one under loud speech after more windows.
 *
 * Pure. One thread at a time. The memory is the caller's; there is nothing to free. */
#ifndef HZ_DSP_CTCSS_H
#define HZ_DSP_CTCSS_H

#include "dsp/subaudio.h"

#define HZ_CTCSS_BLOCK 40 /* samples at 1 kHz */
#define HZ_CTCSS_LOW   8  /* first line, of 6.25 Hz each */
#define HZ_CTCSS_LINES 37

struct hz_ctcss {
    struct hz_subaudio decimator;
    float twiddle[4 * HZ_CTCSS_BLOCK][2]; /* e^(-j 2 pi i / 160) */
    double also_hz;                       /* a tone to accept beside the standard ones; 0: none */
    /* all that follows is cleared by a reset */
    float block[HZ_CTCSS_BLOCK];         /* the last samples */
    size_t have;                         /* samples in it */
    unsigned blocks;                     /* complete blocks since the reset */
    bool faded;                          /* the samples to come hold no carrier */
    unsigned noisy[8];                   /* samples without a carrier, in each of the last blocks */
    float parts[4][HZ_CTCSS_LINES][2];   /* transforms of the last blocks; a window is four */
    float spectra[3][HZ_CTCSS_LINES][2]; /* X_w of the last windows */
    float sum[HZ_CTCSS_LINES][2];        /* S */
    float amplitude[HZ_CTCSS_LINES];     /* sum of the squared lengths of the terms of S */
    float power;                         /* of all lines, summed over the compared windows */
    unsigned compared;                   /* n: terms in S */
    double tone;                         /* the final decision, in Hz; 0: none yet */
};

/* rate_hz of the discriminator's output: a multiple of 1 kHz. */
void hz_ctcss_init(struct hz_ctcss *c, unsigned rate_hz);

/* Accepts the tone `hz` too, unless a standard tone is within 0.5 Hz of it. */
void hz_ctcss_also(struct hz_ctcss *c, double hz);

/* Starts a new transmission, with a carrier. */
void hz_ctcss_reset(struct hz_ctcss *c);

/* Says whether the samples that follow hold a carrier. Windows with too many samples without one
 * are not compared. */
void hz_ctcss_carrier(struct hz_ctcss *c, bool there);

/* Processes n samples of the discriminator's output, in Hz. */
void hz_ctcss_push(struct hz_ctcss *c, const float *hz, size_t n);

/* The standard tone found since the reset, in Hz; 0: none, or not certain yet. */
double hz_ctcss_tone(const struct hz_ctcss *c);

#endif

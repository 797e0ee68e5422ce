/* The sub-audible tone of an FM transmission (CTCSS).
 *
 * Signal model: a sine of 67.0 to 254.1 Hz under all of the transmission, 0.5 % beside one of the
 * tones of EIA RS-220 and TIA-603 and of common sets, under speech that may reach down to it.
 * Metric: spectra of 160 ms, and how a line's phase goes on from one to the next that does not
 * share its samples: in a tone always alike, in speech each time otherwise. What agrees is
 * summed up, so a weak tone under loud speech is found in time and a strong one within a quarter
 * second. Estimate: the frequency from that phase, within 0.1 Hz; neighbouring tones are 1.4 %
 * apart, and only then is it decided which of them it is. */
#ifndef HZ_DSP_CTCSS_H
#define HZ_DSP_CTCSS_H

#include "dsp/subaudio.h"

#define HZ_CTCSS_BLOCK 40 /* samples at 1 kHz */
#define HZ_CTCSS_LOW   8  /* first line, of 6.25 Hz each */
#define HZ_CTCSS_LINES 37

struct hz_ctcss {
    struct hz_subaudio way;
    float twiddle[4 * HZ_CTCSS_BLOCK][2]; /* a circle */
    double also_hz;                       /* a tone of no list that is looked for; 0: none */
    /* from here on of one transmission */
    float block[HZ_CTCSS_BLOCK];
    size_t have;                         /* samples in it */
    unsigned blocks;                     /* since the reset */
    bool faded;                          /* what comes holds no carrier */
    unsigned noisy[8];                   /* samples of the last blocks that hold none */
    float parts[4][HZ_CTCSS_LINES][2];   /* of the last blocks: a window is all of them */
    float spectra[3][HZ_CTCSS_LINES][2]; /* of the last windows */
    float sum[HZ_CTCSS_LINES][2];        /* phase from window to window, weighed by the amplitude */
    float amplitude[HZ_CTCSS_LINES];     /* sum of their squares */
    float power;                         /* of all lines, summed over the windows compared */
    unsigned compared;
    double tone; /* found for good; 0: none so far */
};

/* `rate_hz` of the discriminator's output: a multiple of 1 kHz. */
void hz_ctcss_init(struct hz_ctcss *c, unsigned rate_hz);

/* Another tone is known too, where no standard one is within 0.5 Hz. */
void hz_ctcss_also(struct hz_ctcss *c, double hz);

/* A new transmission. */
void hz_ctcss_reset(struct hz_ctcss *c);

/* Whether the samples that follow hold a carrier, as those after a reset do: noise where it fades
 * is no part of what is compared. */
void hz_ctcss_carrier(struct hz_ctcss *c, bool there);

/* n samples of the discriminator's output, in Hz. */
void hz_ctcss_push(struct hz_ctcss *c, const float *hz, size_t n);

/* The tone since the reset as its standard names it, in Hz; 0: none, or not sure yet. */
double hz_ctcss_tone(const struct hz_ctcss *c);

#endif

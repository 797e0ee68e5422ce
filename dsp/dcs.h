/* The digital code below an FM transmission (DCS, also CDCSS, DPL, DTCS).
 *
 * Signal model: a word of 23 bits, sent over and over as two frequencies at 134.4 bit/s, 200 to
 * 1000 Hz to each side of the carrier, wherever that stands, clock 0.5 % off at most; under speech.
 * Metric: at eight places of the bit clock, how many bits in a row are those of 23 bits before,
 * while these are a word of the Golay code. Estimate: the word, at which of its bits it begins
 * being unknown.
 *
 * A word holds, first bit first: the nine bits of a code of three octal digits from the lowest on,
 * 0, 0, 1, and eleven check bits (TIA-603). The Golay code is cyclic and holds each word's inverse,
 * so several codes sound alike: 023, 340, 766 and, sent inverted, 047. One of each lot is in use,
 * of either polarity: that is its name, told as 023N. N, normal: a 1 is the higher frequency. */
#ifndef HZ_DSP_DCS_H
#define HZ_DSP_DCS_H

#include "dsp/subaudio.h"

#include <stdint.h>

#define HZ_DCS_BITS  23 /* of a word */
#define HZ_DCS_STEPS 8  /* places of the clock that are tried, in a bit */

/* One place of the bit clock. */
struct hz_dcs_clock {
    float bits[HZ_DCS_BITS]; /* the last, averaged with those a word before; mean frequencies */
    unsigned have;           /* bits so far */
    int alike;               /* score of bits like those a word before */
};

struct hz_dcs {
    struct hz_subaudio way;
    double total;                /* sum of all samples */
    double totals[HZ_DCS_STEPS]; /* at the last steps of the clock */
    double next;                 /* step of the clock, in samples from the reset */
    uint64_t samples, steps;
    struct hz_dcs_clock clocks[HZ_DCS_STEPS];
    int code;
};

/* `rate_hz` of the discriminator's output: a multiple of 1 kHz. */
void hz_dcs_init(struct hz_dcs *d, unsigned rate_hz);

/* A new transmission. */
void hz_dcs_reset(struct hz_dcs *d);

/* n samples of the discriminator's output, in Hz. */
void hz_dcs_push(struct hz_dcs *d, const float *hz, size_t n);

/* The code that was found first since the reset, 0 to 511, of normal polarity; -1: none. */
int hz_dcs_code(const struct hz_dcs *d);

/* The word of a code, first bit lowest. */
uint32_t hz_dcs_word(unsigned code);

/* The code in use, or else the lowest, whose word this is, from whichever bit on; -1: of none. */
int hz_dcs_name(uint32_t word);

/* The code that sent inverted sounds as this one sent normal: 047 for 023; -1: there is none. */
int hz_dcs_inverse(unsigned code);

/* "023N", "023I", and as radios show it too "D023N", "023" → the code in use that sounds like that,
 * sent normal. -EINVAL. */
int hz_dcs_parse(const char *text, unsigned *code);
/* What it takes, for those who refuse something else. */
#define HZ_DCS_EXPECTED "three octal digits, and N or I for the polarity, as in 023N"

#endif

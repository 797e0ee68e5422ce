/* The digital code below an FM transmission (DCS, also CDCSS, DPL, DTCS).
 *
 * Signal model: a word of 23 bits, repeated without a gap as two-level FSK: x(t) = c + d b(t) +
 * s(t) in Hz, with b = +-1 at 134.4 bit/s (clock error up to 0.5 %), deviation d of 200 to 1000 Hz,
 * any carrier offset c, and speech s. Metric: the mean of x over each bit, at eight phases of the
 * bit clock. A score counts bits that equal the bit one word (23 bits) earlier. Estimate: when the
 * score of a phase is high enough and the last 23 bits are a word of the Golay (23,12) code, that
 * word. Its first bit is unknown, so all 23 rotations are looked up.
 *
 * A word holds, in order of transmission: the nine bits of a code of three octal digits, least
 * significant first; 0, 0, 1; eleven check bits (TIA-603). The Golay code is cyclic and contains
 * the inverse of each word, so several codes have the same signal: 023, 340, 766 and, inverted,
 * 047. Of each such group one code is in use with either polarity; the signal is named after it, as
 * 023N. N (normal): a 1 is the higher frequency.
 *
 * Pure. One thread at a time. The memory is the caller's; there is nothing to free. */
#ifndef HZ_DSP_DCS_H
#define HZ_DSP_DCS_H

#include "dsp/subaudio.h"

#include <stdint.h>

#define HZ_DCS_BITS  23 /* of a word */
#define HZ_DCS_STEPS 8  /* phases of the bit clock that are tried */

/* One phase of the bit clock. */
struct hz_dcs_clock {
    float bits[HZ_DCS_BITS]; /* mean frequency of the last bits, averaged with the word before */
    unsigned have;           /* bits so far */
    int alike;               /* score of bits that equal the bit one word earlier */
};

struct hz_dcs {
    struct hz_subaudio decimator;
    double total;                /* sum of all samples */
    double totals[HZ_DCS_STEPS]; /* `total` at the last steps of the clock */
    double next;                 /* the next step of the clock, in samples from the reset */
    uint64_t samples, steps;     /* since the reset */
    struct hz_dcs_clock clocks[HZ_DCS_STEPS];
    int code; /* the result; -1: none yet */
};

/* rate_hz of the discriminator's output: a multiple of 1 kHz. */
void hz_dcs_init(struct hz_dcs *d, unsigned rate_hz);

/* Starts a new transmission. */
void hz_dcs_reset(struct hz_dcs *d);

/* Processes n samples of the discriminator's output, in Hz. */
void hz_dcs_push(struct hz_dcs *d, const float *hz, size_t n);

/* The first code found since the reset, 0 to 511, normal polarity; -1: none. */
int hz_dcs_code(const struct hz_dcs *d);

/* The word of a code; its first bit is the least significant. */
uint32_t hz_dcs_word(unsigned code);

/* The code that has this word, starting at any bit: the one in use, or else the lowest; -1: none.
 */
int hz_dcs_name(uint32_t word);

/* The code whose inverted signal is this code's normal signal: 047 for 023; -1: none. */
int hz_dcs_inverse(unsigned code);

/* Parses "023N" or "023I", and also "D023N" and "023". Writes the code in use that has this signal
 * with normal polarity. 0, or -EINVAL when it is no such text. */
int hz_dcs_parse(const char *text, unsigned *code);
/* What hz_dcs_parse accepts, for messages of error. */
#define HZ_DCS_EXPECTED "three octal digits, and N or I for the polarity, as in 023N"

#endif

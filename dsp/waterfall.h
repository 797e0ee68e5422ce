/* The picture of a band: a row of levels for each frame. The band is cut into displayed bins of
 * equal width. A level is the power in the width of one displayed bin, and of all spectra of a
 * frame the highest counts (peak hold), so a burst shows however short the frame's rate makes it.
 *
 * Spectra come as *powers*: the power in each bin of a transform, behind a Hann window, full scale
 * 1, in equal steps of frequency. A displayed bin adds up what it covers, parts of bins in
 * proportion. So white noise shows its density times the width, and a tone its whole power unless
 * it is so near to an edge that its two or three bins lie on both sides.
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_WATERFALL_H
#define HZ_DSP_WATERFALL_H

#include "dsp/band.h"

#include <stdint.h>

#define HZ_WATERFALL_STEP_DB 0.5f
#define HZ_WATERFALL_MIN_DB  (-120.0f) /* of value 0, where everything then fits */

/* The powers of one spectrum. */
struct hz_powers {
    const float *power; /* n of them */
    size_t n;
    double from_hz; /* lower edge of the first bin, from the receiver's centre */
    double bin_hz;
};

/* Writes the power of `count` bins from bin `first` on (negative: below the middle; bins outside of
 * -n/2 to n/2 wrap around) to out: each as hz_spectrum_power of one bin. */
void hz_spectrum_powers(const struct hz_spectrum *s, long first, size_t count, float *out);

struct hz_waterfall;

/* n displayed bins over from_hz to to_hz, from the receiver's centre. NULL: no memory. The caller
 * frees it with hz_waterfall_free (NULL is allowed). */
struct hz_waterfall *hz_waterfall_new(size_t n, double from_hz, double to_hz);
void hz_waterfall_free(struct hz_waterfall *w);

/* Adds one spectrum: each displayed bin keeps the highest power. What the powers do not cover is
 * unchanged. */
void hz_waterfall_add(struct hz_waterfall *w, const struct hz_powers *p);

/* Writes a row of n levels, the power in dBFS being min + value * HZ_WATERFALL_STEP_DB, and begins
 * the next. Returns min: HZ_WATERFALL_MIN_DB or, if a level would not fit, a multiple of 10 dB with
 * which the highest does, and the lowest too if there are less than 117 dB between them; lower ones
 * become 0, and so does no power at all. */
float hz_waterfall_take(struct hz_waterfall *w, uint8_t *levels);
/* Forgets what was added. */
void hz_waterfall_reset(struct hz_waterfall *w);

#endif

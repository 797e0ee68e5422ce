/* Symbols of a channel as the sizes of their sums at tones, and their clock. Pure. */
#ifndef HZ_PROTO_FLEX_LEVELS_H
#define HZ_PROTO_FLEX_LEVELS_H

#include "dsp/cpm_line.h"
#include "proto/flex/sync.h"

/* Where the tones of a transmitter are. */
struct hz_flex_tones {
    double low_hz, high_hz; /* the outer ones */
};

/* Improves place and tones by the bits of the synchronisation, which is at sample `at` of iq.
 * Returns the likeness of what is there: 1 without noise, about 0 where it is not. */
float hz_flex_tones_find(const float *iq, double *at, const struct hz_flex_start *start,
                         struct hz_flex_tones *tones);

/* Symbols of `length` samples, the first one beginning at sample `at` of iq[2 n], on four tones:
 * a[k] and b[k] as in struct hz_flex_symbols. Returns the mean power of a symbol's largest tone. */
float hz_flex_four(const float *iq, size_t n, double at, double length, size_t symbols,
                   const struct hz_flex_tones *tones, float *a, float *b);

/* The line of the clock of so many symbols (dsp/cpm_line.h) on four tones. */
void hz_flex_four_line(const float *iq, size_t n, double at, double length, size_t symbols,
                       const struct hz_flex_tones *tones, struct hz_cpm_line *line);

#endif

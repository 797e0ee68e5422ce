/* Low-pass filters by the Kaiser window (J. F. Kaiser, 1974; the formulas are in Oppenheim and
 * Schafer, Discrete-Time Signal Processing, "FIR filter design by the Kaiser window"). */
#ifndef HZ_DSP_KAISER_H
#define HZ_DSP_KAISER_H

#include <stddef.h>

/* The window's shape for a stop band `atten_db` (over 21) down; the pass band's ripple is then as
 * small. */
double hz_kaiser_beta(double atten_db);

/* Width between the edges of pass band and stop band, in cycles per sample, of a filter of `taps`;
 * and the fewest taps (always odd) for a width. */
double hz_kaiser_transition(double atten_db, size_t taps);
size_t hz_kaiser_taps(double atten_db, double transition);

/* h[taps]: -6 dB at `cutoff` cycles per sample (0 to 0.5), 1 at 0, symmetric. */
void hz_kaiser_lowpass(double *h, size_t taps, double cutoff, double atten_db);

#endif

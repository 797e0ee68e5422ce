/* Design of low-pass filters with the Kaiser window (J. F. Kaiser, 1974; the formulas are in A. V.
 * Oppenheim and R. W. Schafer, Discrete-Time Signal Processing, section "FIR filter design by the
 * Kaiser window method"). Pure: any thread. */
#ifndef HZ_DSP_KAISER_H
#define HZ_DSP_KAISER_H

#include <stddef.h>

/* The window's shape parameter beta for a stop-band attenuation over 21 dB. The ripple of the pass
 * band is then as small. */
double hz_kaiser_beta(double atten_db);

/* The width of the transition from pass band to stop band, in cycles per sample, for a number of
 * taps; and the smallest odd number of taps for a width. */
double hz_kaiser_transition(double atten_db, size_t taps);
size_t hz_kaiser_taps(double atten_db, double transition);

/* Writes the taps of a symmetric filter to h[taps]: gain 1 at 0 Hz, -6 dB at `cutoff` cycles per
 * sample (0 to 0.5). */
void hz_kaiser_lowpass(double *h, size_t taps, double cutoff, double atten_db);

#endif

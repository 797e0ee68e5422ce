/* One channel out of a band: its bins of a shared spectrum, filtered, transformed back at its own
 * rate and mixed to its exact frequency (the second half of the overlap-save channelizer).
 *
 * A slice is a function of the spectrum alone. It keeps nothing from block to block, so slices
 * come and go without a sample of the others changing, and blocks may be run late (the one before
 * the squelch opened) or not at all.
 *
 * The filter is symmetric and its delay is taken out: channel sample m is the band at
 * the instant m / rate_hz, that of receiver sample m * band rate / rate_hz. Its phase is that of a
 * mixer that began with 0 at sample 0. A tone keeps its level.
 *
 * Flat within 0.01 dB over bandwidth_hz, 75 dB down and more from 1.01 kHz beyond each edge. */
#ifndef HZ_DSP_SLICE_H
#define HZ_DSP_SLICE_H

#include "dsp/band.h"

struct hz_slice;

/* The channel of `bandwidth_hz` around `offset_hz` from the band's centre, at `rate_hz`. Borrows
 * nothing. A rate / 200 with factors over 5 costs more (much more over 13). NULL, with the reason
 * in err, when the rate is no multiple of 200 Hz, over the band's, or too low for the bandwidth;
 * when the channel is not inside the band; when memory is short. Made and freed by the thread that
 * makes wide transforms (dsp/fft.h). */
struct hz_slice *hz_slice_new(const struct hz_band *band, double offset_hz, double rate_hz,
                              double bandwidth_hz, char *err, size_t err_len);
void hz_slice_free(struct hz_slice *s);

/* The lowest rate that takes `bandwidth_hz`. */
double hz_slice_rate_min(double bandwidth_hz);

/* The samples of one block: rate_hz / 50 of them (fewer in block 0, whose head lies before the
 * stream), HZ_CF32. They stay valid until the next run. One thread at a time. */
struct hz_samples hz_slice_run(struct hz_slice *s, const struct hz_spectrum *x);

/* Power in the channel's bandwidth, full scale 1; and the number of bins that it is taken from.
 * This is all that an idle channel costs. */
float hz_slice_power(const struct hz_slice *s, const struct hz_spectrum *x);
size_t hz_slice_bins(const struct hz_slice *s);

#endif

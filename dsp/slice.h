/* A slice of a spectrum: one channel of a band. The second half of the overlap-save channelizer
 * (dsp/band.h is the first; the mathematics is in slice.c). The channel's bins of the shared
 * spectrum are filtered, transformed back at the channel's rate, and mixed to its exact frequency.
 *
 * The output depends on the spectrum alone. A slice has no state from block to block, so adding or
 * removing a slice changes no sample of another one, and blocks may be processed late (the block
 * before the squelch opened) or not at all.
 *
 * The delay of the filter is compensated: channel sample m belongs to the instant m / rate_hz. The
 * phase is that of a mixer with phase 0 at sample 0. The level of a tone is unchanged. The response
 * is flat within 0.01 dB over bandwidth_hz, and at least 75 dB down from 1.01 kHz beyond each edge.
 *
 * Pure. One thread at a time, but see hz_slice_new. */
#ifndef HZ_DSP_SLICE_H
#define HZ_DSP_SLICE_H

#include "dsp/band.h"

struct hz_slice;

/* By so much of a block, at most, the samples of a channel end before the block does. */
#define HZ_SLICE_DELAY 0.125

/* Where a channel lies in the spectra of a band. */
struct hz_bins {
    size_t middle;  /* the bin nearest to its frequency */
    double rest_hz; /* its distance from there */
    long low;       /* first bin of its bandwidth, negative below the centre */
    size_t n;       /* bins of its bandwidth */
};

/* The channel of bandwidth_hz around offset_hz (from the band's centre), at rate_hz. 0; or -EINVAL,
 * with the reason in err: the rate is not a multiple of 200 Hz, higher than the band's or too low
 * for the bandwidth, or the channel is not inside the band. */
int hz_bins_find(struct hz_bins *p, const struct hz_band *band, double offset_hz, double rate_hz,
                 double bandwidth_hz, char *err, size_t err_len);
/* Power in the channel's bandwidth, full scale 1. This is what an idle channel costs. */
float hz_bins_power(const struct hz_bins *p, const struct hz_spectrum *x);

/* The slice of a channel, as for hz_bins_find. `band` is not kept. NULL, with the reason in err:
 * there is no such place, or memory is short. Prime factors over 5 in rate_hz / 200 cost more, over
 * 13 much more. Created and freed by the thread that creates wide transforms (dsp/fft.h).
 * hz_slice_free allows NULL. */
struct hz_slice *hz_slice_new(const struct hz_band *band, double offset_hz, double rate_hz,
                              double bandwidth_hz, char *err, size_t err_len);
void hz_slice_free(struct hz_slice *s);

/* Moves a slice to another place, as hz_slice_new would make it with the same rate and bandwidth;
 * costs nothing. False, with the slice as it was: its filter is another one there (the offsets
 * differ by no multiple of 40 Hz), the band is another one, or the place is outside of it. */
bool hz_slice_move(struct hz_slice *s, const struct hz_band *band, double offset_hz, double rate_hz,
                   double bandwidth_hz);

/* The same for a slice that goes on with that block: the mixer keeps its phase, so a carrier has no
 * step there. Until hz_slice_move. */
bool hz_slice_shift(struct hz_slice *s, const struct hz_band *band, double offset_hz,
                    uint64_t block);

/* The lowest rate_hz for a bandwidth. */
double hz_slice_rate_min(double bandwidth_hz);

/* The samples of one block: rate_hz / 50 of them (fewer in block 0, which begins before the
 * stream), HZ_CF32, valid until the next run. */
struct hz_samples hz_slice_run(struct hz_slice *s, const struct hz_spectrum *x);

const struct hz_bins *hz_slice_bins(const struct hz_slice *s);

#endif

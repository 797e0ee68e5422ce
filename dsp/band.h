/* The band of one receiver as spectra that all its channels share. The first half of an
 * overlap-save channelizer; dsp/slice.h is the second.
 *
 * The stream is cut into blocks of 20 ms. Block b holds the samples b * fresh to (b + 1) * fresh -
 * 1 of the epoch, with fresh = rate / 50. Each block is transformed together with the last quarter
 * of the block before it (the overlap, which the channels' filters need): n = fresh * 5/4 points,
 * bins 40 Hz apart at any rate.
 *
 * The noise of a spectrum is estimated as the median power of 128 groups of bins: signals that
 * occupy less than half of the band do not change it.
 *
 * Pure. A band is used by one thread at a time, but for hz_band_transform; it is created and freed
 * by the thread that creates wide transforms (dsp/fft.h). A spectrum is written once and then read
 * by any thread. */
#ifndef HZ_DSP_BAND_H
#define HZ_DSP_BAND_H

#include "dsp/samples.h"

#include <stdbool.h>

#define HZ_BAND_BLOCKS_HZ 50   /* blocks per second */
#define HZ_BAND_BIN_HZ    40   /* distance between bins */
#define HZ_BAND_MARGIN_HZ 2000 /* a part of a band reaches this far beyond what was asked for */
#define HZ_BAND_STEP_HZ   200  /* the rates of bands and channels are multiples of this */

struct hz_band;

struct hz_spectrum {
    uint64_t block; /* its number */
    size_t n;       /* bins */
    float *bins;    /* I, Q pairs. Bin k is 40 k Hz above the middle, or 40 (n - k) Hz below it. A
                     * tone of amplitude A on a bin has the value A * n there. */
    float noise;    /* noise power in the width of one bin, full scale 1 */
};

/* A band of rate_hz samples per second. NULL, with the reason in err, when the rate is not a
 * multiple of 200 Hz, has a prime factor over 19, or memory is short. The caller frees it with
 * hz_band_free (NULL is allowed). */
struct hz_band *hz_band_new(double rate_hz, char *err, size_t err_len);
/* As hz_band_new, when only low_hz to high_hz (from the centre) are needed. Where that is cheaper,
 * the samples are first decimated (dsp/zoom.h). Levels, phases and sample positions of the channels
 * are the same, within 75 dB. NULL also when low_hz to high_hz is not within the band. */
struct hz_band *hz_band_new_part(double rate_hz, double low_hz, double high_hz, char *err,
                                 size_t err_len);
void hz_band_free(struct hz_band *b);

/* Whether b serves for low_hz to high_hz as what hz_band_new_part would make for it: it has all of
 * it, and no lower rate would do. */
bool hz_band_suits(const struct hz_band *b, double low_hz, double high_hz);
/* Whether it is a part, of a lower rate than the samples. */
bool hz_band_is_part(const struct hz_band *b);

/* The rate of the spectra (that of the samples, or lower), and the frequency of their bin 0, from
 * the receiver's centre. */
double hz_band_rate(const struct hz_band *b);
double hz_band_middle(const struct hz_band *b);
/* The lowest and the highest frequency in the spectra, from the receiver's centre. */
double hz_band_low(const struct hz_band *b);
double hz_band_high(const struct hz_band *b);
/* Bins of a spectrum, and new samples per block at the rate of the spectra. */
size_t hz_band_bins(const struct hz_band *b);
size_t hz_band_fresh(const struct hz_band *b);

/* Consumes IQ samples from the front of *in. When a block is complete, writes its spectrum and
 * returns true; call again. Returns false when all samples are consumed. Samples missing before
 * in->first count as zeros; blocks of nothing but such zeros are left out (out->block jumps).
 * Samples that were consumed before are skipped. */
bool hz_band_push(struct hz_band *b, struct hz_samples *in, struct hz_spectrum *out);

/* How many samples of the receiver behind its own a block waits for: those of a part's filter. */
size_t hz_band_delay(const struct hz_band *b);

/* The end of the stream: writes the remaining spectra, as if zeros followed. Call until it returns
 * false. */
bool hz_band_flush(struct hz_band *b, struct hz_spectrum *out);

/* The parts of the two functions above, for who transforms several blocks at the same time. Samples
 * are gathered in their order, until one of these returns true: a block is complete, of which
 * *block is the number. */
bool hz_band_gather(struct hz_band *b, struct hz_samples *in, uint64_t *block);
bool hz_band_gather_rest(struct hz_band *b, uint64_t *block);
/* Then: its samples, overlap and all. */
const float *hz_band_gathered(const struct hz_band *b);
/* Then: goes on to the next block, in the buffer `spare` (hz_fft_buffer of hz_band_bins samples),
 * which the band takes over; returns the buffer of the complete block, which is the caller's. With
 * NULL it goes on in the same buffer, and returns NULL. */
float *hz_band_advance(struct hz_band *b, float *spare);
/* Any thread, several at the same time, also while another gathers: makes the spectrum of such a
 * buffer; the number of its block is the caller's to set. */
void hz_band_transform(const struct hz_band *b, const float *x, struct hz_spectrum *out);

/* Starts a new epoch: the next sample has index 0. */
void hz_band_reset(struct hz_band *b);

/* Allocates a spectrum for this band; 0 or -ENOMEM. Freed by hz_spectrum_done. */
int hz_spectrum_init(struct hz_spectrum *s, const struct hz_band *b);
void hz_spectrum_done(struct hz_spectrum *s);

/* Power in `count` bins from bin `first` on (negative: below the centre), full scale 1. A Hann
 * window keeps strong neighbours from leaking in. */
float hz_spectrum_power(const struct hz_spectrum *s, long first, size_t count);

#endif

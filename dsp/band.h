/* The band of one receiver, as spectra that all its channels share (the first half of an
 * overlap-save channelizer; dsp/slice.h is the second).
 *
 * The stream is cut into blocks of 20 ms: block b brings the samples from b * fresh to
 * (b + 1) * fresh, `fresh` = rate / 50, counted from the start of the epoch. Each is transformed
 * together with the quarter of a block before it, so that the filters of the channels have
 * run in: n = fresh * 5/4 points, bins 40 Hz apart whatever the rate is.
 *
 * A band is used by one thread at a time; it is made and freed by the thread that makes wide
 * transforms (dsp/fft.h). A spectrum is written once and then only read, by any thread. */
#ifndef HZ_DSP_BAND_H
#define HZ_DSP_BAND_H

#include "dsp/samples.h"

#include <stdbool.h>

#define HZ_BAND_BLOCKS_HZ 50   /* blocks a second */
#define HZ_BAND_BIN_HZ    40   /* distance of bins */
#define HZ_BAND_MARGIN_HZ 2000 /* what a part holds beyond the frequencies asked for */
#define HZ_BAND_STEP_HZ   200  /* rates of band and channels are multiples of this */

struct hz_band;

struct hz_spectrum {
    uint64_t block;
    size_t n;    /* bins */
    float *bins; /* I, Q pairs; bin k is 40 k Hz above the middle, or 40 (n - k) Hz below it. A
                  * tone of amplitude A on a bin is A * n there. */
    float noise; /* power of the band's noise in one bin's width, full scale 1 */
};

/* A band of `rate_hz` samples a second; NULL, with the reason in err, when the rate is no multiple
 * of 200 Hz, has a prime factor over 13, or memory is short. */
struct hz_band *hz_band_new(double rate_hz, char *err, size_t err_len);
/* A band of which only low_hz to high_hz from the centre are wanted, for one or two channels or
 * some that lie side by side: where that is cheaper, the samples are first brought to a lower rate
 * (dsp/zoom.h). Levels, phases and sample positions of the channels are the same, within 75 dB.
 * NULL also when low to high is not within the band. */
struct hz_band *hz_band_new_part(double rate_hz, double low_hz, double high_hz, char *err,
                                 size_t err_len);
void hz_band_free(struct hz_band *b);

/* The rate of the spectra (that of the samples, or lower), and where their bin 0 lies from the
 * receiver's centre. */
double hz_band_rate(const struct hz_band *b);
double hz_band_middle(const struct hz_band *b);
/* The frequencies that it holds, from the receiver's centre. */
double hz_band_low(const struct hz_band *b);
double hz_band_high(const struct hz_band *b);
size_t hz_band_bins(const struct hz_band *b);
size_t hz_band_fresh(const struct hz_band *b);

/* Takes IQ samples off the front of *in until a block is complete: then writes its spectrum and
 * returns true, to be called again; false when all are taken. Samples missing before in->first
 * count as zeros; blocks of nothing but such zeros are left out (spectrum->block jumps). Samples
 * before those already taken are passed over. */
bool hz_band_push(struct hz_band *b, struct hz_samples *in, struct hz_spectrum *out);

/* The end of the stream: zeros after it until all that was pushed has gone through every filter.
 * Call until it returns false. */
bool hz_band_flush(struct hz_band *b, struct hz_spectrum *out);

/* A new epoch: the next samples are counted from its start. */
void hz_band_reset(struct hz_band *b);

/* Memory of a spectrum of this band; -ENOMEM. */
int hz_spectrum_init(struct hz_spectrum *s, const struct hz_band *b);
void hz_spectrum_done(struct hz_spectrum *s);

/* Power in `count` bins from bin `first` (negative: below the centre), full scale 1, seen through
 * a Hann window, so that a strong neighbour does not leak in. */
float hz_spectrum_power(const struct hz_spectrum *s, long first, size_t count);

#endif

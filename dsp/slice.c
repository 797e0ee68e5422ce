/* Overlap-save filtering with decimation in the frequency domain (e.g. A. V. Oppenheim and R. W.
 * Schafer, Discrete-Time Signal Processing, section 8.7.3).
 *
 * Block b of the band is x_b[0..N): N / 5 samples of the block before, then 4 N / 5 new ones.
 * X_b(k) is its transform. A channel at f lies around bin k = round(f / 40 Hz). Take the Ns bins
 * around k, multiply them by the transform H of a filter h, and transform back with Ns points:
 *     y_b(m) = sum over i of X_b(k + i) H(i) e^(j 2 pi i m / Ns) / N.
 * This is x_b shifted by k bins to 0, circularly convolved with h, and decimated by N / Ns. The
 * convolution wraps around at the start of the block. h is not longer than the overlap, so the Ns /
 * 5 samples that are affected are dropped.
 *
 * The shift has phase 0 at the block's first sample, but the mixer must have phase 0 at the first
 * sample of the stream. Block b begins (4 b - 1) N / 5 samples into the stream, where a mixer at
 * bin k has gone through (4 b - 1) k / 5 cycles, so the block is multiplied by e^(j 2 pi k (b + 1)
 * / 5). The rest f - 40 k is removed by a mixer at the output, and the filter is shifted by as
 * much. */
#include "dsp/slice.h"

#include "dsp/clones.h"
#include "dsp/fft.h"
#include "dsp/kaiser.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTEN_DB 80.0

struct hz_slice {
    double rate_hz, bandwidth_hz;
    size_t band_n;      /* N */
    size_t n, fresh;    /* Ns, and the new samples per block */
    size_t skip, delay; /* samples dropped from a block; delay of the filter in samples */
    struct hz_bins bins;
    double turn; /* cycles by which the mixer is ahead since it was shifted; 0 otherwise */
    struct hz_fft *fft;
    float *gain;  /* [n] H(i) / N, each value twice (for I and Q) */
    float *mixer; /* [fresh] e^(-j 2 pi rest_hz m / rate_hz); NULL when rest_hz is 0 */
    float *y, *out;
};

/* The largest odd number of taps that fits the overlap of a block with `fresh` new samples. */
static size_t taps_of(size_t fresh)
{
    return (fresh / 4) % 2 ? fresh / 4 : fresh / 4 + 1;
}

/* Width of the transition from pass band to stop band: about 1 kHz at any rate. */
static double transition_hz(double rate_hz)
{
    size_t taps = taps_of((size_t)(rate_hz / HZ_BAND_BLOCKS_HZ));
    return taps < 3 ? rate_hz : rate_hz * hz_kaiser_transition(ATTEN_DB, taps);
}

double hz_slice_rate_min(double bandwidth_hz)
{
    double rate = ceil(bandwidth_hz / HZ_BAND_STEP_HZ) * HZ_BAND_STEP_HZ;
    while (bandwidth_hz + 2 * transition_hz(rate) > rate)
        rate += HZ_BAND_STEP_HZ;
    return rate;
}

static int check(const struct hz_band *band, double offset_hz, double rate_hz, double bandwidth_hz,
                 char *err, size_t err_len)
{
    double steps = rate_hz / HZ_BAND_STEP_HZ, band_hz = hz_band_rate(band);
    double low = hz_band_low(band), high = hz_band_high(band);
    if (!(bandwidth_hz > 0 && bandwidth_hz < band_hz))
        snprintf(err, err_len, "bandwidth %.10g Hz: expected more than 0 and less than %.10g Hz",
                 bandwidth_hz, band_hz);
    else if (!(offset_hz - bandwidth_hz / 2 >= low && offset_hz + bandwidth_hz / 2 <= high))
        snprintf(err, err_len,
                 "%.10g Hz wide at %+.10g Hz from the centre: expected within %+.10g to %+.10g Hz",
                 bandwidth_hz, offset_hz, low, high);
    else if (!(steps >= 1 && steps == floor(steps) && rate_hz <= band_hz))
        snprintf(err, err_len, "rate %.10g Hz: expected a multiple of %d Hz up to %.10g Hz",
                 rate_hz, HZ_BAND_STEP_HZ, band_hz);
    else if (rate_hz < hz_slice_rate_min(bandwidth_hz))
        snprintf(err, err_len,
                 "rate %.10g Hz: expected at least %.10g Hz for a bandwidth of %.10g Hz", rate_hz,
                 hz_slice_rate_min(bandwidth_hz), bandwidth_hz);
    else
        return 0;
    return -1;
}

int hz_bins_find(struct hz_bins *p, const struct hz_band *band, double offset_hz, double rate_hz,
                 double bandwidth_hz, char *err, size_t err_len)
{
    if (check(band, offset_hz, rate_hz, bandwidth_hz, err, err_len))
        return -EINVAL;
    double from_middle = offset_hz - hz_band_middle(band);
    long k = lround(from_middle / HZ_BAND_BIN_HZ),
         reach = (long)(bandwidth_hz / 2 / HZ_BAND_BIN_HZ);
    *p = (struct hz_bins){.middle = (size_t)(k < 0 ? k + (long)hz_band_bins(band) : k),
                          .rest_hz = from_middle - (double)k * HZ_BAND_BIN_HZ,
                          .low = k - reach,
                          .n = (size_t)(2 * reach + 1)};
    return 0;
}

float hz_bins_power(const struct hz_bins *p, const struct hz_spectrum *x)
{
    return hz_spectrum_power(x, p->low, p->n);
}

/* H: the transform of the taps, placed symmetrically around time 0 and shifted by rest_hz to the
 * channel's frequency. The shifted taps are conjugate symmetric, so H is real. */
static int make_gain(struct hz_slice *s, double bandwidth_hz)
{
    size_t taps = taps_of(s->fresh);
    double cutoff_hz = bandwidth_hz / 2 + transition_hz(s->rate_hz) / 2;
    double *h = calloc(taps, sizeof *h);
    struct hz_fft *fft = hz_fft_new(s->n, HZ_FFT_FORWARD);
    int e = -1;
    if (h && fft) {
        hz_kaiser_lowpass(h, taps, cutoff_hz / s->rate_hz, ATTEN_DB);
        memset(s->y, 0, 2 * s->n * sizeof *s->y);
        for (size_t i = 0; i < taps; i++) {
            size_t at = (i + s->n - s->delay) % s->n;
            double phase = 2 * M_PI * s->bins.rest_hz * ((double)i - (double)s->delay) / s->rate_hz;
            s->y[2 * at] = (float)(h[i] * cos(phase));
            s->y[2 * at + 1] = (float)(h[i] * sin(phase));
        }
        hz_fft_run(fft, s->y, s->out);
        for (size_t k = 0; k < s->n; k++)
            s->gain[2 * k] = s->gain[2 * k + 1] = s->out[2 * k] / (float)s->band_n;
        e = 0;
    }
    hz_fft_free(fft);
    free(h);
    return e;
}

static int make_mixer(struct hz_slice *s)
{
    if (s->bins.rest_hz == 0)
        return 0;
    s->mixer = hz_fft_room(s->fresh);
    if (!s->mixer)
        return -1;
    for (size_t i = 0; i < s->fresh; i++) {
        double phase = -2 * M_PI * s->bins.rest_hz * (double)i / s->rate_hz;
        s->mixer[2 * i] = (float)cos(phase);
        s->mixer[2 * i + 1] = (float)sin(phase);
    }
    return 0;
}

bool hz_slice_move(struct hz_slice *s, const struct hz_band *band, double offset_hz, double rate_hz,
                   double bandwidth_hz)
{
    char err[200];
    struct hz_bins p;
    if (hz_band_bins(band) != s->band_n || rate_hz != s->rate_hz ||
        bandwidth_hz != s->bandwidth_hz ||
        hz_bins_find(&p, band, offset_hz, rate_hz, bandwidth_hz, err, sizeof err) ||
        p.rest_hz != s->bins.rest_hz)
        return false;
    s->bins = p;
    s->turn = 0;
    return true;
}

/* Index of the first output sample of a block; negative for the first block. */
static int64_t first_of(const struct hz_slice *s, uint64_t block)
{
    return (int64_t)(block * s->fresh) - (int64_t)s->delay;
}

/* The distance between two bins of the band, the short way round. */
static double bins_between(const struct hz_slice *s, size_t from, size_t to)
{
    double d = (double)to - (double)from, all = (double)s->band_n;
    return d > all / 2 ? d - all : d < -all / 2 ? d + all : d;
}

bool hz_slice_shift(struct hz_slice *s, const struct hz_band *band, double offset_hz,
                    uint64_t block)
{
    size_t was = s->bins.middle;
    double turn = s->turn;
    if (!hz_slice_move(s, band, offset_hz, s->rate_hz, s->bandwidth_hz))
        return false;
    double hz = bins_between(s, was, s->bins.middle) * HZ_BAND_BIN_HZ;
    s->turn = fmod(turn + hz * (double)first_of(s, block) / s->rate_hz, 1);
    return true;
}

struct hz_slice *hz_slice_new(const struct hz_band *band, double offset_hz, double rate_hz,
                              double bandwidth_hz, char *err, size_t err_len)
{
    struct hz_bins bins;
    if (hz_bins_find(&bins, band, offset_hz, rate_hz, bandwidth_hz, err, err_len))
        return NULL;
    struct hz_slice *s = calloc(1, sizeof *s);
    if (s) {
        s->bins = bins;
        s->rate_hz = rate_hz;
        s->bandwidth_hz = bandwidth_hz;
        s->band_n = hz_band_bins(band);
        s->fresh = (size_t)(rate_hz / HZ_BAND_BLOCKS_HZ);
        s->n = s->fresh + s->fresh / 4;
        s->delay = (taps_of(s->fresh) - 1) / 2;
        s->skip = s->n - s->fresh - s->delay;
        s->gain = hz_fft_room(s->n);
        s->y = hz_fft_room(s->n);
        s->out = hz_fft_room(s->n);
        s->fft = hz_fft_new_wide(s->n, HZ_FFT_INVERSE);
        if (s->gain && s->y && s->out && s->fft && !make_gain(s, bandwidth_hz) && !make_mixer(s))
            return s;
    }
    hz_slice_free(s);
    snprintf(err, err_len, "out of memory for a channel of %.10g Hz", rate_hz);
    return NULL;
}

void hz_slice_free(struct hz_slice *s)
{
    if (!s)
        return;
    hz_fft_free(s->fft);
    free(s->gain);
    free(s->mixer);
    free(s->y);
    free(s->out);
    free(s);
}

HZ_CLONES static void weigh(const float *restrict x, const float *restrict gain, size_t n,
                            float *restrict y)
{
    for (size_t i = 0; i < 2 * n; i++)
        y[i] = x[i] * gain[i];
}

/* Multiplies x[n] by the complex number re + j im. */
HZ_CLONES static void rotate(float *restrict x, size_t n, float re, float im)
{
    for (size_t i = 0; i < n; i++) {
        float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * re - b * im;
        x[2 * i + 1] = a * im + b * re;
    }
}

/* Multiplies x[n] by mixer[n] and by re + j im. */
HZ_CLONES static void mix(float *restrict x, const float *restrict mixer, size_t n, float re,
                          float im)
{
    for (size_t i = 0; i < n; i++) {
        float c = mixer[2 * i] * re - mixer[2 * i + 1] * im;
        float d = mixer[2 * i] * im + mixer[2 * i + 1] * re;
        float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * c - b * d;
        x[2 * i + 1] = a * d + b * c;
    }
}

/* Writes n bins from bin `from` on, multiplied by H, to y[at...]. Bin N - 1 is followed by bin 0.
 */
static void gather(const struct hz_slice *s, const float *bins, size_t from, size_t at, size_t n)
{
    while (n) {
        size_t run = s->band_n - from < n ? s->band_n - from : n;
        weigh(bins + 2 * from, s->gain + 2 * at, run, s->y + 2 * at);
        at += run;
        n -= run;
        from = 0;
    }
}

struct hz_samples hz_slice_run(struct hz_slice *s, const struct hz_spectrum *x)
{
    size_t upper = (s->n + 1) / 2, lower = s->n - upper;
    gather(s, x->bins, s->bins.middle, 0, upper);
    gather(s, x->bins, (s->bins.middle + s->band_n - lower) % s->band_n, upper, lower);
    hz_fft_run(s->fft, s->y, s->out);

    /* The phase of the first output sample: the correction for the block's position (see above)
     * and the mixer over rest_hz. */
    int64_t first = first_of(s, x->block);
    double cycles = (double)((s->bins.middle % 5) * ((x->block + 1) % 5)) / 5 -
                    fmod(s->bins.rest_hz * (double)first / s->rate_hz, 1) + s->turn;
    float re = (float)cos(2 * M_PI * cycles), im = (float)sin(2 * M_PI * cycles);
    float *out = s->out + 2 * s->skip;
    if (s->mixer)
        mix(out, s->mixer, s->fresh, re, im);
    else if (re != 1)
        rotate(out, s->fresh, re, im);

    size_t early = first < 0 ? s->delay : 0;
    return (struct hz_samples){.format = HZ_CF32,
                               .data = out + 2 * early,
                               .n = s->fresh - early,
                               .first = (uint64_t)(first + (int64_t)early)};
}

const struct hz_bins *hz_slice_bins(const struct hz_slice *s)
{
    return &s->bins;
}

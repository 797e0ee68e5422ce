#include "proto/sensors/cells.h"

#include "dsp/clones.h"
#include "dsp/nth.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 4096 }; /* cells of which the noise is measured */

/* The three tenths quantile of an exponential distribution, over its mean. Up to half of the cells
 * may hold signals. */
static const float quantile = 0.3f, quantile_mean = 0.35667f;

int hz_cells_init(struct hz_cells *r, size_t samples_max)
{
    *r = (struct hz_cells){.room = samples_max / HZ_CELLS_BINS + 1};
    r->cell = malloc(r->room * HZ_CELLS_BINS * sizeof *r->cell);
    r->window = malloc(HZ_CELLS_BINS * sizeof *r->window);
    r->in = hz_fft_buffer(HZ_CELLS_BINS);
    r->out = hz_fft_buffer(HZ_CELLS_BINS);
    r->fft = hz_fft_new(HZ_CELLS_BINS, HZ_FFT_FORWARD);
    if (!r->cell || !r->window || !r->in || !r->out || !r->fft) {
        hz_cells_done(r);
        return -ENOMEM;
    }
    /* Hann, scaled so that white noise keeps its power per sample: the mean square is 3/8 */
    for (int i = 0; i < HZ_CELLS_BINS; i++) {
        double hann = 0.5 - 0.5 * cos(2 * M_PI * (i + 0.5) / HZ_CELLS_BINS);
        r->window[i] = (float)(hann / sqrt(0.375 * HZ_CELLS_BINS));
    }
    return 0;
}

void hz_cells_done(struct hz_cells *r)
{
    free(r->cell);
    free(r->window);
    free(r->in);
    free(r->out);
    hz_fft_free(r->fft);
    *r = (struct hz_cells){0};
}

HZ_CLONES static void weigh(const float *restrict iq, const float *restrict window,
                            float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = iq[2 * i] * window[i];
        out[2 * i + 1] = iq[2 * i + 1] * window[i];
    }
}

HZ_CLONES static void power(const float *restrict x, float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1];
}

static float measure_noise(const struct hz_cells *r)
{
    float sample[SAMPLE], loudest = 0;
    size_t bins = (size_t)(r->high - r->low), all = r->n * bins;
    size_t n = all < SAMPLE ? all : SAMPLE;
    if (n == 0)
        return 1e-12f;
    for (size_t i = 0; i < n; i++) {
        size_t at =
            i * all / n; /* spread over time and frequency: n and bins have no common step */
        sample[i] = r->cell[at / bins * HZ_CELLS_BINS + (size_t)r->low + at * 7 % bins];
        loudest = fmaxf(loudest, sample[i]);
    }
    float noise = hz_nth(sample, n, (size_t)(quantile * (float)n)) / quantile_mean;
    /* samples of few bits have no noise at all between bursts */
    return fmaxf(noise, fmaxf(loudest * 1e-7f, 1e-15f));
}

void hz_cells_make(struct hz_cells *r, const float *iq, size_t n, double used)
{
    int half = (int)(used * HZ_CELLS_BINS / 2);
    half = half > HZ_CELLS_BINS / 2 - 1 ? HZ_CELLS_BINS / 2 - 1 : half < 8 ? 8 : half;
    r->low = HZ_CELLS_BINS / 2 - half;
    r->high = HZ_CELLS_BINS / 2 + half;
    r->n = n / HZ_CELLS_BINS;
    r->n = r->n > r->room ? r->room : r->n;
    for (size_t i = 0; i < r->n; i++) {
        float *row = r->cell + i * HZ_CELLS_BINS;
        weigh(iq + 2 * i * HZ_CELLS_BINS, r->window, r->in, HZ_CELLS_BINS);
        hz_fft_run(r->fft, r->in, r->out);
        power(r->out + HZ_CELLS_BINS, row, HZ_CELLS_BINS / 2);
        power(r->out, row + HZ_CELLS_BINS / 2, HZ_CELLS_BINS / 2);
    }
    r->noise = measure_noise(r);
    float gain = 1 / r->noise;
    for (size_t i = 0; i < r->n * HZ_CELLS_BINS; i++)
        r->cell[i] *= gain;
}

void hz_cells_mean(const struct hz_cells *r, size_t from, size_t end, float *mean)
{
    memset(mean, 0, HZ_CELLS_BINS * sizeof *mean);
    for (size_t i = from; i < end; i++) {
        const float *row = r->cell + i * HZ_CELLS_BINS;
        for (int f = 0; f < HZ_CELLS_BINS; f++)
            mean[f] += row[f];
    }
    float gain = end > from ? 1 / (float)(end - from) : 0;
    for (int f = 0; f < HZ_CELLS_BINS; f++)
        mean[f] *= gain;
}

void hz_cells_smooth(const struct hz_cells *r, const float *x, int bins, float *out)
{
    for (int f = 0; f < HZ_CELLS_BINS; f++)
        out[f] = 1;
    int side = bins / 2, n = 0;
    float sum = 0;
    for (int f = r->low - side; f < r->high; f++) {
        int enters = f + side, leaves = f - side - 1;
        if (enters >= r->low && enters < r->high) {
            sum += x[enters];
            n++;
        }
        if (leaves >= r->low) {
            sum -= x[leaves];
            n--;
        }
        if (f >= r->low)
            out[f] = sum / (float)n;
    }
}

double hz_cells_freq(double bin)
{
    return (bin - HZ_CELLS_BINS / 2) / HZ_CELLS_BINS;
}

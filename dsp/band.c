#include "dsp/band.h"

#include "dsp/clones.h"
#include "dsp/convert.h"
#include "dsp/fft.h"
#include "dsp/lanes.h"
#include "dsp/zoom.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_HZ    100000.0 /* the least width of a part: noise is measured beside the channels */
#define GROUPS     128      /* groups of bins from which the noise is estimated */
#define GROUP_BINS 32       /* bins per group, at most */

struct hz_band {
    double rate_hz;             /* of the transform */
    double middle_hz, reach_hz; /* the spectra hold middle +- reach, from the receiver's centre, */
    double edge_hz;             /* and no more than +- edge */
    struct hz_zoom *zoom;       /* NULL: the whole band */
    struct hz_samples zoomed;   /* output of the zoom that is not consumed yet */
    size_t fresh, overlap;      /* n = overlap + fresh */
    struct hz_fft *fft;
    float *x;       /* [n] the block being filled, oldest sample first */
    uint64_t block; /* its number */
    size_t have;    /* new samples in it */
    size_t heard;   /* new samples up to the last received one; zeros for missing ones follow */
    bool silent;    /* x holds only zeros so far */
};

void hz_band_free(struct hz_band *b)
{
    if (!b)
        return;
    hz_zoom_free(b->zoom);
    hz_fft_free(b->fft);
    free(b->x);
    free(b);
}

static int check_rate(double rate_hz, char *err, size_t err_len)
{
    double steps = rate_hz / HZ_BAND_STEP_HZ;
    if (!(steps >= 1 && steps < 1e7) || steps != floor(steps))
        snprintf(err, err_len, "rate %.10g Hz: expected a multiple of %d Hz", rate_hz,
                 HZ_BAND_STEP_HZ);
    else if (!hz_fft_length_ok((size_t)steps))
        snprintf(err, err_len, "rate %.10g Hz: expected one without prime factors over 19",
                 rate_hz);
    else
        return 0;
    return -1;
}

/* Estimated cost in ns per sample, on the machine where the two parts were measured. */
static double cost(double rate_hz, double reach_hz, unsigned down)
{
    size_t n = (size_t)(rate_hz / down / HZ_BAND_BIN_HZ);
    const char *library = hz_fft_wide_library(n);
    double transform = !strcmp(library, "hertzd") ? 3.3 : !strcmp(library, "fftw3f") ? 3.9 : 13;
    double zoom = down > 1 ? hz_zoom_cost(rate_hz, reach_hz, down) : 0;
    return transform / down + zoom;
}

/* The cheapest decimation, a divisor of the rate; 1: none. */
static unsigned choose_down(double rate_hz, double reach_hz)
{
    unsigned best = 1, steps = (unsigned)(rate_hz / HZ_BAND_STEP_HZ);
    for (unsigned down = 2; down <= steps / 2 && down <= 64; down++)
        if (steps % down == 0 && cost(rate_hz, reach_hz, down) < cost(rate_hz, reach_hz, best))
            best = down;
    return best;
}

/* Half of the width that a part around middle_hz needs. */
static double reach_of(double middle_hz, double low_hz, double high_hz)
{
    double half = fmax(high_hz - middle_hz, middle_hz - low_hz);
    return fmax(half + HZ_BAND_MARGIN_HZ, PART_HZ / 2);
}

static double middle_of(double low_hz, double high_hz)
{
    return round((low_hz + high_hz) / 2 / HZ_BAND_BIN_HZ) * HZ_BAND_BIN_HZ;
}

struct hz_band *hz_band_new_part(double rate_hz, double low_hz, double high_hz, char *err,
                                 size_t err_len)
{
    if (check_rate(rate_hz, err, err_len))
        return NULL;
    if (!(low_hz < high_hz && low_hz >= -rate_hz / 2 && high_hz <= rate_hz / 2)) {
        snprintf(err, err_len, "%.10g to %.10g Hz: expected within +-%.10g Hz", low_hz, high_hz,
                 rate_hz / 2);
        return NULL;
    }
    struct hz_band *b = calloc(1, sizeof *b);
    if (!b)
        goto fail;
    double middle = middle_of(low_hz, high_hz), reach = reach_of(middle, low_hz, high_hz);
    unsigned down = choose_down(rate_hz, reach);
    b->rate_hz = rate_hz / down;
    b->edge_hz = rate_hz / 2;
    b->middle_hz = down > 1 ? middle : 0;
    b->reach_hz = down > 1 ? reach : rate_hz / 2;
    b->fresh = (size_t)(b->rate_hz / HZ_BAND_BLOCKS_HZ);
    b->overlap = b->fresh / 4;
    b->x = hz_fft_room(hz_band_bins(b)); /* hz_band_reset zeroes it */
    b->fft = hz_fft_new_wide(hz_band_bins(b), HZ_FFT_FORWARD);
    b->zoom = down > 1 ? hz_zoom_new(rate_hz, middle, reach, down) : NULL;
    if (!b->x || !b->fft || (down > 1 && !b->zoom))
        goto fail;
    hz_band_reset(b);
    return b;
fail:
    hz_band_free(b);
    snprintf(err, err_len, "out of memory for a band of %.10g Hz", rate_hz);
    return NULL;
}

struct hz_band *hz_band_new(double rate_hz, char *err, size_t err_len)
{
    return hz_band_new_part(rate_hz, -rate_hz / 2, rate_hz / 2, err, err_len);
}

bool hz_band_is_part(const struct hz_band *b)
{
    return b->zoom;
}

bool hz_band_suits(const struct hz_band *b, double low_hz, double high_hz)
{
    double rate_hz = 2 * b->edge_hz, reach = reach_of(middle_of(low_hz, high_hz), low_hz, high_hz);
    return b->rate_hz == rate_hz / choose_down(rate_hz, reach) &&
           (!b->zoom || reach_of(b->middle_hz, low_hz, high_hz) <= b->reach_hz);
}

double hz_band_middle(const struct hz_band *b)
{
    return b->middle_hz;
}

double hz_band_low(const struct hz_band *b)
{
    return fmax(b->middle_hz - b->reach_hz, -b->edge_hz);
}

double hz_band_high(const struct hz_band *b)
{
    return fmin(b->middle_hz + b->reach_hz, b->edge_hz);
}

double hz_band_rate(const struct hz_band *b)
{
    return b->rate_hz;
}

size_t hz_band_bins(const struct hz_band *b)
{
    return b->overlap + b->fresh;
}

size_t hz_band_fresh(const struct hz_band *b)
{
    return b->fresh;
}

size_t hz_band_delay(const struct hz_band *b)
{
    return b->zoom ? hz_zoom_delay(b->zoom) : 0;
}

void hz_band_reset(struct hz_band *b)
{
    memset(b->x, 0, hz_band_bins(b) * 2 * sizeof *b->x);
    b->block = 0;
    b->have = b->heard = 0;
    b->silent = true;
    b->zoomed.n = 0;
    if (b->zoom)
        hz_zoom_reset(b->zoom);
}

int hz_spectrum_init(struct hz_spectrum *s, const struct hz_band *b)
{
    *s = (struct hz_spectrum){.n = hz_band_bins(b), .bins = hz_fft_room(hz_band_bins(b))};
    return s->bins ? 0 : -ENOMEM;
}

void hz_spectrum_done(struct hz_spectrum *s)
{
    free(s->bins);
    s->bins = NULL;
}

/* Power of n / 2 bins x (n a multiple of 16) behind a Hann window, which in the frequency domain is
 * X(k) - (X(k-1) + X(k+1)) / 2. */
HZ_CLONES static float hann_power(const float *x, size_t n)
{
    hz_eight a = {0}, b = {0};
    for (size_t i = 0; i < n; i += 16) {
        const hz_eight *p = (const hz_eight *)(x + i), *q = (const hz_eight *)(x + i + 8);
        const hz_eight *below = (const hz_eight *)(x + i - 2),
                       *above = (const hz_eight *)(x + i + 2);
        hz_eight v = *p - 0.5f * (*below + *above);
        below = (const hz_eight *)(x + i + 6);
        above = (const hz_eight *)(x + i + 10);
        hz_eight w = *q - 0.5f * (*below + *above);
        a += v * v;
        b += w * w;
    }
    a += b;
    return ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
}

/* As hann_power for one bin, also at the ends of the spectrum. */
static float hann_bin(const struct hz_spectrum *s, size_t k)
{
    const float *x = s->bins + 2 * k;
    const float *below = s->bins + 2 * (k ? k - 1 : s->n - 1);
    const float *above = s->bins + 2 * (k + 1 < s->n ? k + 1 : 0);
    float i = x[0] - 0.5f * (below[0] + above[0]), q = x[1] - 0.5f * (below[1] + above[1]);
    return i * i + q * q;
}

float hz_spectrum_power(const struct hz_spectrum *s, long first, size_t count)
{
    size_t n = s->n, k = (size_t)(first < 0 ? first + (long)n : first);
    float sum = 0;
    while (count) {
        size_t run = k == 0 ? 0 : n - 1 - k; /* bins with both neighbours beside them in memory */
        run = (run < count ? run : count) / 8 * 8;
        if (run) {
            sum += hann_power(s->bins + 2 * k, 2 * run);
        } else {
            sum += hann_bin(s, k);
            run = 1;
        }
        count -= run;
        k = (k + run) % n;
    }
    /* This window is scaled by 2, so its mean square is 3/2. */
    return sum / (1.5f * (float)n * (float)n);
}

/* The median of n powers, within 0.1 %, by bisection: a tenth of the cost of sorting. */
HZ_CLONES static float median(const float *x, size_t n)
{
    float low = 0, high = 0;
    for (size_t i = 0; i < n; i++)
        high = x[i] > high ? x[i] : high;
    while (high - low > 1e-3f * high) {
        float middle = (low + high) / 2;
        if (!(middle > low && middle < high))
            break; /* infinite, or too small to bisect */
        int below = 0;
        for (size_t i = 0; i < n; i++)
            below += x[i] < middle;
        if (below > (int)n / 2)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* Noise power per bin: the median of groups of bins over the inner 90 % of the band, corrected for
 * the bias of the median. The mean of m independent noise powers has a median of 1 - 1 / (3 m)
 * times its mean; behind the window about half of the bins are independent. */
static float band_noise(const struct hz_band *b, const struct hz_spectrum *s)
{
    float group[GROUPS];
    size_t inner = (size_t)(1.8 * b->reach_hz / HZ_BAND_BIN_HZ), bins = inner / GROUPS;
    bins = bins > GROUP_BINS ? GROUP_BINS : bins ? bins : 1;
    for (size_t g = 0; g < GROUPS; g++)
        group[g] = hz_spectrum_power(s, (long)(g * inner / GROUPS) - (long)(inner / 2), bins);
    float independent = bins > 1 ? (float)bins / 2 : 1;
    return median(group, GROUPS) / (float)bins / (1 - 1 / (3 * independent));
}

const float *hz_band_gathered(const struct hz_band *b)
{
    return b->x;
}

float *hz_band_advance(struct hz_band *b, float *spare)
{
    float *full = b->x;
    if (spare)
        b->x = spare;
    memcpy(b->x, full + 2 * b->fresh, 2 * b->overlap * sizeof *b->x);
    b->silent = b->heard <= b->fresh - b->overlap;
    b->block++;
    b->have = b->heard = 0;
    return spare ? full : NULL;
}

void hz_band_transform(const struct hz_band *b, const float *x, struct hz_spectrum *out)
{
    hz_fft_run(b->fft, x, out->bins);
    out->noise = band_noise(b, out);
}

/* Adds zeros for missing samples, up to the end of the block. */
static void fill(struct hz_band *b, uint64_t missing)
{
    size_t room = b->fresh - b->have, n = missing < room ? (size_t)missing : room;
    memset(b->x + 2 * (b->overlap + b->have), 0, 2 * n * sizeof *b->x);
    b->have += n;
}

static void take(struct hz_band *b, struct hz_samples *in, size_t n)
{
    hz_convert(in->format, in->data, n, b->x + 2 * (b->overlap + b->have));
    b->have += n;
    b->heard = b->have;
    b->silent = false;
}

/* hz_band_gather for samples that have the rate of the transform. */
static bool fill_block(struct hz_band *b, struct hz_samples *in, uint64_t *block)
{
    while (in->n) {
        uint64_t next = b->block * b->fresh + b->have;
        if (in->first < next) {
            uint64_t seen = next - in->first;
            hz_samples_pass(in, seen < in->n ? (size_t)seen : in->n);
        } else if (in->first > next && b->silent && in->first / b->fresh > b->block) {
            b->block = in->first / b->fresh;
            b->have = 0;
        } else if (in->first > next) {
            fill(b, in->first - next);
        } else {
            size_t room = b->fresh - b->have, n = in->n < room ? in->n : room;
            take(b, in, n);
            hz_samples_pass(in, n);
        }
        if (b->have == b->fresh) {
            *block = b->block;
            return true;
        }
    }
    return false;
}

bool hz_band_gather(struct hz_band *b, struct hz_samples *in, uint64_t *block)
{
    if (!b->zoom)
        return fill_block(b, in, block);
    while (!fill_block(b, &b->zoomed, block)) {
        if (!in->n && !hz_zoom_waits(b->zoom))
            return false;
        b->zoomed = hz_zoom_push(b->zoom, in);
    }
    return true;
}

bool hz_band_gather_rest(struct hz_band *b, uint64_t *block)
{
    do {
        if (fill_block(b, &b->zoomed, block))
            return true;
        if (b->zoom)
            b->zoomed = hz_zoom_flush(b->zoom);
    } while (b->zoomed.n > 0);
    if (b->silent)
        return false;
    fill(b, UINT64_MAX);
    *block = b->block;
    return true;
}

/* Transforms the block that was gathered, where it is. */
static void transform_here(struct hz_band *b, struct hz_spectrum *out)
{
    hz_band_transform(b, b->x, out);
    hz_band_advance(b, NULL);
}

bool hz_band_push(struct hz_band *b, struct hz_samples *in, struct hz_spectrum *out)
{
    bool yes = hz_band_gather(b, in, &out->block);
    if (yes)
        transform_here(b, out);
    return yes;
}

bool hz_band_flush(struct hz_band *b, struct hz_spectrum *out)
{
    bool yes = hz_band_gather_rest(b, &out->block);
    if (yes)
        transform_here(b, out);
    return yes;
}

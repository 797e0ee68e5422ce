#include "ctl/band.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 8, DC_BINS = 3, BINS_LEAST = 100 };

/* By how much a carrier and its products are over the bins around them. The loudest of all bins of
 * noise alone is 6 dB over the level that most have. */
#define CARRIER_DB 25
#define PRODUCT_DB 10
/* A hump of the peaks: a transmission. */
#define HUMP_DB 7

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The value that a fraction of them does not exceed; `values` is sorted. */
static float quantile(float *values, size_t n, double fraction)
{
    qsort(values, n, sizeof *values, by_value);
    return n > 0 ? values[(size_t)(fraction * (double)(n - 1))] : NAN;
}

/* The same of bins, which stay as they are. */
static float quantile_of(const float *bins, size_t n, double fraction)
{
    float copy[HZ_CTL_BINS];
    memcpy(copy, bins, n * sizeof *copy);
    return quantile(copy, n, fraction);
}

int hz_ctl_band_add(struct hz_ctl_band *b, double from_hz, double to_hz, const float *levels,
                    size_t n)
{
    bool other = b->n > 0 && (n != b->n || from_hz != b->from_hz || to_hz != b->to_hz);
    if (n == 0 || n > HZ_CTL_BINS || other || b->pictures == HZ_CTL_PICTURES)
        return 0;
    float *more = realloc(b->level, (b->pictures + 1) * n * sizeof *more);
    if (!more)
        return -ENOMEM;
    b->level = more;
    b->from_hz = from_hz;
    b->to_hz = to_hz;
    b->n = n;
    memcpy(more + b->pictures * n, levels, n * sizeof *more);
    for (size_t i = 0; i < n; i++) {
        bool first = b->pictures == 0;
        b->peak[i] = first ? levels[i] : fmaxf(b->peak[i], levels[i]);
        b->low[i] = first ? levels[i] : fminf(b->low[i], levels[i]);
    }
    b->noise[b->pictures++] = quantile_of(levels, n, 0.4);
    return 0;
}

void hz_ctl_band_end(struct hz_ctl_band *b)
{
    float copy[HZ_CTL_PICTURES];
    memcpy(copy, b->noise, b->pictures * sizeof *copy);
    b->floor = quantile(copy, b->pictures, 0.5);
}

void hz_ctl_band_done(struct hz_ctl_band *b)
{
    free(b->level);
    b->level = NULL;
    b->n = b->pictures = 0;
}

static double bin_hz(const struct hz_ctl_band *b)
{
    return (b->to_hz - b->from_hz) / (double)b->n;
}

/* The middle of a bin. */
static double hz_of(const struct hz_ctl_band *b, double bin)
{
    return b->from_hz + (bin + 0.5) * bin_hz(b);
}

static bool is_dc(const struct hz_ctl_band *b, size_t bin)
{
    return bin + DC_BINS >= b->n / 2 && bin <= b->n / 2 + DC_BINS;
}

/* The loudest bin of a picture that is not within some bins of another one. */
static size_t loudest(const struct hz_ctl_band *b, const float *level, size_t not_near,
                      size_t distance)
{
    size_t at = b->n;
    for (size_t i = 0; i < b->n; i++) {
        size_t far = i > not_near ? i - not_near : not_near - i;
        if (!is_dc(b, i) && far >= distance && (at == b->n || level[i] > level[at]))
            at = i;
    }
    return at;
}

float hz_ctl_band_loudest(const struct hz_ctl_band *b, float *dbfs)
{
    size_t at = loudest(b, b->peak, 0, 0);
    *dbfs = at < b->n ? b->peak[at] : NAN;
    return *dbfs - b->floor;
}

float hz_ctl_band_moved(const struct hz_ctl_band *b)
{
    float copy[HZ_CTL_PICTURES];
    memcpy(copy, b->noise, b->pictures * sizeof *copy);
    /* a part of the pictures, so that one in which samples were lost does not count */
    float low = quantile(copy, b->pictures, 0.15), high = quantile(copy, b->pictures, 0.85);
    return b->pictures > 0 ? high - low : 0;
}

/* By how much a bin, or one beside it, is over those around it. */
static float sticks_out(const struct hz_ctl_band *b, const float *level, long bin)
{
    enum { AROUND = 40 };
    if (bin < 1 || (size_t)bin + 1 >= b->n)
        return 0;
    size_t first = bin > AROUND ? (size_t)bin - AROUND : 0;
    size_t end = (size_t)bin + AROUND < b->n ? (size_t)bin + AROUND : b->n;
    float top = fmaxf(level[bin], fmaxf(level[bin - 1], level[bin + 1]));
    return top - quantile_of(level + first, end - first, 0.5);
}

/* The picture with the loudest bin. */
static const float *loudest_picture(const struct hz_ctl_band *b)
{
    size_t at = loudest(b, b->peak, 0, 0);
    for (size_t i = 0; i < b->pictures; i++) {
        if (b->level[i * b->n + at] == b->peak[at])
            return b->level + i * b->n;
    }
    return b->level;
}

bool hz_ctl_band_products(const struct hz_ctl_band *b, double carrier_hz[2], double product_hz[2])
{
    if (b->n < BINS_LEAST)
        return false;
    const float *level = loudest_picture(b);
    size_t first = loudest(b, level, 0, 0), second = loudest(b, level, first, b->n / 50);
    long low = (long)(first < second ? first : second), high = (long)(first + second) - low;
    const long bin[4] = {low, high, 2 * low - high, 2 * high - low};
    for (int i = 0; i < 4; i++) {
        if (sticks_out(b, level, bin[i]) < (i < 2 ? CARRIER_DB : PRODUCT_DB))
            return false;
        *(i < 2 ? &carrier_hz[i] : &product_hz[i - 2]) = hz_of(b, (double)bin[i]);
    }
    return true;
}

float hz_ctl_band_uneven(const struct hz_ctl_band *b, double *best_hz, double *worst_hz)
{
    float part[PARTS], sorted[PARTS];
    size_t edge = b->n / 10, width = (b->n - 2 * edge) / PARTS, best = 0, worst = 0;
    if (width == 0)
        return 0;
    for (size_t i = 0; i < PARTS; i++) {
        part[i] = quantile_of(b->low + edge + i * width, width, 0.3);
        best = part[i] > part[best] ? i : best;
        worst = part[i] < part[worst] ? i : worst;
    }
    *best_hz = hz_of(b, (double)(edge + best * width + width / 2));
    *worst_hz = hz_of(b, (double)(edge + worst * width + width / 2));
    memcpy(sorted, part, sizeof part);
    qsort(sorted, PARTS, sizeof *sorted, by_value);
    return sorted[PARTS - 3] - sorted[0];
}

/* ---- a channel -------------------------------------------------------------------------- */

struct bins {
    size_t first, end;
};

static struct bins bins_of(const struct hz_ctl_band *b, double low_hz, double high_hz)
{
    double first = fmax(floor((low_hz - b->from_hz) / bin_hz(b) + 0.5), 0);
    double end = fmin(floor((high_hz - b->from_hz) / bin_hz(b) + 0.5), (double)b->n);
    if (end <= first)
        return (struct bins){0, 0};
    return (struct bins){(size_t)first, (size_t)end};
}

/* The noise around a channel against that of the whole band, in dB. */
static float shape(const struct hz_ctl_band *b, struct bins at)
{
    size_t wide = 4 * (at.end - at.first), reach = wide > b->n / 32 ? wide : b->n / 32;
    size_t first = at.first > reach ? at.first - reach : 0;
    size_t end = at.end + reach < b->n ? at.end + reach : b->n;
    return quantile_of(b->low + first, end - first, 0.4) - quantile_of(b->low, b->n, 0.4);
}

/* Power of some bins of a picture over that of noise, in dB. */
static float over(const float *level, struct bins at, float noise)
{
    double power = 0;
    for (size_t i = at.first; i < at.end; i++)
        power += pow(10, (double)(level[i] - noise) / 10);
    return (float)(10 * log10(power / (double)(at.end - at.first)));
}

static void look_at_pictures(const struct hz_ctl_band *b, struct bins at, float shape_db,
                             struct hz_ctl_seen *seen)
{
    seen->over_db = -INFINITY;
    seen->always_db = INFINITY;
    for (size_t i = 0; i < b->pictures; i++) {
        float db = over(b->level + i * b->n, at, b->noise[i] + shape_db);
        seen->over_db = fmaxf(seen->over_db, db);
        seen->always_db = fminf(seen->always_db, db);
        seen->busy += db >= HZ_CTL_SEEN_DB ? 1.0f / (float)b->pictures : 0;
    }
}

static float width(const struct hz_ctl_band *b, struct bins at)
{
    float top = quantile_of(b->peak + at.first, at.end - at.first, 1);
    size_t n = 0;
    for (size_t i = at.first; i < at.end; i++)
        n += b->peak[i] >= top - 10;
    return (float)((double)n * bin_hz(b));
}

/* The middle of what is over the noise around freq_hz, weighted by power: of the hump that is the
 * nearest. Holes of a few bins do not end one. */
static double nearest(const struct hz_ctl_band *b, struct bins in, float noise, double freq_hz,
                      double least_hz)
{
    const size_t hole = 4;
    double found = NAN;
    for (size_t i = in.first; i < in.end; i++) {
        double power = 0, moment = 0;
        size_t end = i;
        for (size_t k = i; k < in.end && k <= end + hole; k++) {
            if (b->peak[k] < noise + HUMP_DB)
                continue;
            double p = pow(10, (double)b->peak[k] / 10);
            power += p;
            moment += p * hz_of(b, (double)k);
            end = k + 1;
        }
        if (end > i && (double)(end - i) * bin_hz(b) >= least_hz) {
            double offset = moment / power - freq_hz;
            found = isnan(found) || fabs(offset) < fabs(found) ? offset : found;
        }
        i = end > i ? end : i;
    }
    return found;
}

bool hz_ctl_band_channel(const struct hz_ctl_band *b, double freq_hz, double bandwidth_hz,
                         double reach_hz, struct hz_ctl_seen *seen)
{
    *seen = (struct hz_ctl_seen){.offset_hz = NAN};
    if (b->n == 0)
        return false;
    struct bins at = bins_of(b, freq_hz - bandwidth_hz / 2, freq_hz + bandwidth_hz / 2);
    if (at.end <= at.first)
        return false;
    double reach = reach_hz + bandwidth_hz / 2;
    float shape_db = shape(b, at);
    look_at_pictures(b, at, shape_db, seen);
    seen->width_hz = width(b, at);
    seen->offset_hz = nearest(b, bins_of(b, freq_hz - reach, freq_hz + reach), b->floor + shape_db,
                              freq_hz, bandwidth_hz / 8);
    return true;
}

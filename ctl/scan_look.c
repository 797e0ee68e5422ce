#include "ctl/scan_look.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    AROUND = 128,   /* bins to either side that a bin's noise is taken from: wider than a station */
    GAP = 2,        /* bins between two parts of one carrier */
    SPIKE = 2,      /* bins to either side of the centre */
    FRAMES_MIN = 64 /* room at first */
};
/* Of the frames, and of the bins around: so many hold no signal. */
#define QUIET_FRAMES 0.25
#define QUIET_BINS   0.30
/* Of the band at either edge, where the tuner's filter falls off. */
#define EDGE 0.03
/* What has no channel of its own must stand out clearly. */
#define CARRIER_DB 10.0

void hz_scan_look_init(struct hz_scan_look *l, double from_hz, double to_hz, size_t bins)
{
    *l = (struct hz_scan_look){.from_hz = from_hz, .to_hz = to_hz, .bins = bins};
}

void hz_scan_look_done(struct hz_scan_look *l)
{
    free(l->db);
    free(l->noise);
    *l = (struct hz_scan_look){0};
}

float *hz_scan_look_add(struct hz_scan_look *l)
{
    if (l->frames == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : FRAMES_MIN;
        float *grown = realloc(l->db, cap * l->bins * sizeof *grown);
        if (!grown)
            return NULL;
        l->db = grown;
        l->cap = cap;
    }
    return l->db + l->bins * l->frames++;
}

/* ---- noise ------------------------------------------------------------------------------ */

static double power(double db)
{
    return pow(10, db / 10);
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The value that a fraction of them do not pass. Sorts them. */
static float quantile(float *values, size_t n, double fraction)
{
    qsort(values, n, sizeof *values, compare);
    return values[(size_t)(fraction * (double)(n - 1))];
}

int hz_scan_look_judge(struct hz_scan_look *l)
{
    if (l->frames == 0)
        return -ENODATA;
    size_t most = l->frames > 2 * AROUND + 1 ? l->frames : 2 * AROUND + 1;
    float *quiet = malloc(l->bins * sizeof *quiet), *values = malloc(most * sizeof *values);
    l->noise = malloc(l->bins * sizeof *l->noise);
    if (!quiet || !values || !l->noise) {
        free(quiet);
        free(values);
        return -ENOMEM;
    }
    for (size_t b = 0; b < l->bins; b++) {
        for (size_t f = 0; f < l->frames; f++)
            values[f] = l->db[f * l->bins + b];
        quiet[b] = quantile(values, l->frames, QUIET_FRAMES);
    }
    for (size_t b = 0; b < l->bins; b++) {
        size_t first = b > AROUND ? b - AROUND : 0;
        size_t end = b + AROUND + 1 < l->bins ? b + AROUND + 1 : l->bins;
        memcpy(values, quiet + first, (end - first) * sizeof *values);
        l->noise[b] = (float)power(quantile(values, end - first, QUIET_BINS));
    }
    free(quiet);
    free(values);
    return 0;
}

/* ---- signals ---------------------------------------------------------------------------- */

static double bin_hz(const struct hz_scan_look *l)
{
    return (l->to_hz - l->from_hz) / (double)l->bins;
}

/* The level of bins first to end - 1 together. */
static struct hz_scan_level level_of(const struct hz_scan_look *l, size_t first, size_t end)
{
    struct hz_scan_level level = {.over_db = -INFINITY};
    double noise = 0;
    size_t over = 0;
    for (size_t b = first; b < end; b++)
        noise += (double)l->noise[b];
    for (size_t f = 0; f < l->frames; f++) {
        double sum = 0;
        for (size_t b = first; b < end; b++)
            sum += power((double)l->db[f * l->bins + b]);
        double over_db = 10 * log10(sum / noise);
        level.over_db = fmax(level.over_db, over_db);
        over += over_db >= HZ_SCAN_OVER_DB;
    }
    level.duty = (double)over / (double)l->frames;
    return level;
}

bool hz_scan_look_channel(const struct hz_scan_look *l, double freq_hz, double width_hz,
                          struct hz_scan_level *level)
{
    double first = floor((freq_hz - width_hz / 2 - l->from_hz) / bin_hz(l));
    double end = ceil((freq_hz + width_hz / 2 - l->from_hz) / bin_hz(l));
    if (freq_hz < l->from_hz || freq_hz > l->to_hz)
        return false;
    size_t from = first > 0 ? (size_t)first : 0;
    size_t to = end < (double)l->bins ? (size_t)end : l->bins;
    *level = level_of(l, from, to > from ? to : from + 1);
    return true;
}

/* The highest level of each bin over its noise, in dB. NULL: no memory. */
static float *peaks(const struct hz_scan_look *l)
{
    float *over = malloc(l->bins * sizeof *over);
    for (size_t b = 0; over && b < l->bins; b++) {
        float top = l->db[b];
        for (size_t f = 1; f < l->frames; f++)
            top = fmaxf(top, l->db[f * l->bins + b]);
        over[b] = top - 10 * log10f(l->noise[b]);
    }
    return over;
}

/* The middle of a carrier by its power, of what is over the noise at its peak. */
static double middle(const struct hz_scan_look *l, const float *over, size_t first, size_t end)
{
    double sum = 0, weighted = 0;
    for (size_t b = first; b < end; b++) {
        double p = power((double)over[b]);
        sum += p;
        weighted += p * ((double)b + 0.5);
    }
    return l->from_hz + bin_hz(l) * weighted / sum;
}

size_t hz_scan_look_carriers(const struct hz_scan_look *l, struct hz_scan_carrier *out, size_t max)
{
    float *over = peaks(l);
    size_t n = 0, edge = (size_t)(EDGE * (double)l->bins), centre = l->bins / 2;
    for (size_t b = edge; over && b + edge < l->bins && n < max; b++) {
        if (over[b] < CARRIER_DB)
            continue;
        size_t first = b, end = b + 1;
        for (; b + edge < l->bins && b <= end + GAP; b++)
            end = over[b] >= CARRIER_DB ? b + 1 : end;
        if (first + SPIKE >= centre && end <= centre + SPIKE + 1)
            continue;
        out[n++] = (struct hz_scan_carrier){.freq_hz = middle(l, over, first, end),
                                            .width_hz = bin_hz(l) * (double)(end - first),
                                            .level = level_of(l, first, end)};
    }
    free(over);
    return n;
}

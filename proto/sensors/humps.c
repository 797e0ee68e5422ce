#include "proto/sensors/humps.h"

#include <math.h>
#include <string.h>

enum {
    FSK_BLOCK = 4, /* rows of a look for humps: 8 ms at 250 ksps */
    HUMPS_MAX = 12,
};

static const double notch_hz = 5000; /* of a keyed carrier, where humps are looked for */

/* The middle of the power within `side` bins of a hump. */
static double centroid(const float *x, int bin, int side, int low, int high)
{
    double sum = 0, moment = 0;
    for (int f = bin - side; f <= bin + side; f++) {
        if (f < low || f >= high)
            continue;
        double p = fmax(0, (double)x[f] - 1);
        sum += p;
        moment += p * f;
    }
    return sum > 0 ? moment / sum : bin;
}

/* The power over the noise within `side` bins of a hump. */
static double hump_power(const float *x, int bin, int side, int low, int high)
{
    double sum = 0;
    for (int f = bin - side; f <= bin + side; f++)
        sum += f >= low && f < high ? (double)x[f] - 1 : 0;
    return sum;
}

/* Finds two humps of like height in m->mean, of so many rows, around the bin `peak`. False: this is
 * no pair. */
static bool pair(const struct hz_cells *r, double bin_hz, struct hz_carrier_memory *m, size_t rows,
                 int peak, struct hz_carrier *c)
{
    int reach = (int)(80e3 / bin_hz), low = peak, high = peak;
    int wide = (int)(6e3 / bin_hz) | 1;
    hz_cells_smooth(r, m->mean, wide, m->smooth);
    float least = fmaxf(0.06f * (m->smooth[peak] - 1), 3 / sqrtf((float)((int)rows * wide)));
    for (int f = peak; f >= r->low && f > peak - reach * 2 && low - f < reach; f--)
        low = m->smooth[f] - 1 > least ? f : low;
    for (int f = peak; f < r->high && f < peak + reach * 2 && f - high < reach; f++)
        high = m->smooth[f] - 1 > least ? f : high;
    int width = high - low + 1;
    wide = (width / 10) | 1;
    hz_cells_smooth(r, m->mean, wide < 3 ? 3 : wide, m->smooth);
    int one = low, two = -1, apart = width / 4 > 3 ? width / 4 : 3;
    for (int f = low; f <= high; f++)
        one = m->smooth[f] > m->smooth[one] ? f : one;
    for (int f = low; f <= high; f++) {
        bool hump = f > r->low && f < r->high - 1 && m->smooth[f] >= m->smooth[f - 1] &&
                    m->smooth[f] >= m->smooth[f + 1];
        if (hump && (f > one ? f - one : one - f) >= apart &&
            (two < 0 || m->smooth[f] > m->smooth[two]))
            two = f;
    }
    if (two < 0 || m->smooth[two] - 1 < 0.12f * (m->smooth[one] - 1))
        return false;
    int side = (one > two ? one - two : two - one) / 4;
    double first = hump_power(m->mean, one, side, r->low, r->high);
    double second = hump_power(m->mean, two, side, r->low, r->high);
    double sigma = sqrt((2.0 * side + 1) / (double)rows);
    if (second < 6 * sigma || second < 0.15 * first || first < 0.15 * second)
        return false;
    double a = centroid(m->mean, one, side, r->low, r->high);
    double b = centroid(m->mean, two, side, r->low, r->high);
    c->modulation = HZ_WAVE_FSK;
    c->freq = hz_cells_freq(fmax(a, b));
    c->lower = hz_cells_freq(fmin(a, b));
    return true;
}

/* A burst of two tones under way. */
struct humps {
    size_t at; /* row of the block where it is strongest */
    float excess;
    int peak;         /* bin */
    double low, high; /* tones, in bins */
};

/* Lines of carriers that are keyed on and off are no humps. */
static void notch(const struct hz_cells *r, const struct hz_carrier *line, size_t n, size_t at,
                  double bin_hz, float *mean)
{
    int side = (int)(notch_hz / bin_hz) + 1;
    for (size_t i = 0; i < n; i++) {
        if (!line[i].narrow)
            continue;
        int bin = HZ_CELLS_BINS / 2 + (int)lrint(line[i].freq * HZ_CELLS_BINS);
        bool on =
            at * HZ_CELLS_BINS < line[i].to && (at + FSK_BLOCK) * HZ_CELLS_BINS > line[i].from;
        for (int f = bin - side; on && f <= bin + side; f++) {
            if (f >= r->low && f < r->high)
                mean[f] = fminf(mean[f], 1);
        }
    }
}

static int highest_bin(const struct hz_cells *r, const float *x, int but, int side)
{
    int peak = -1;
    for (int f = r->low; f < r->high; f++) {
        bool left_out = but >= 0 && f > but - side && f < but + side;
        if (!left_out && (peak < 0 || x[f] > x[peak]))
            peak = f;
    }
    return peak;
}

/* Takes a peak of a block for a burst that is under way, or for a new one. */
static void add_humps(struct humps *list, size_t *n, struct humps h, double bin_hz)
{
    for (size_t i = 0; i < *n; i++) {
        double side = 20e3 / bin_hz;
        bool near = h.peak > list[i].low - side && h.peak < list[i].high + side;
        if (!near || h.at > list[i].at + 4 * FSK_BLOCK)
            continue;
        if (h.excess > list[i].excess)
            list[i] = h;
        return;
    }
    if (*n < HUMPS_MAX) {
        list[(*n)++] = h;
        return;
    }
    size_t least = 0;
    for (size_t i = 0; i < *n; i++)
        least = list[i].excess < list[least].excess ? i : least;
    if (list[least].excess < h.excess)
        list[least] = h;
}

static size_t look_for_humps(const struct hz_cells *r, const struct hz_carrier *line, size_t lines,
                             double bin_hz, struct hz_carrier_memory *m, struct humps *list)
{
    int wide = (int)(10e3 / bin_hz) | 1, side = (int)(60e3 / bin_hz);
    size_t n = 0;
    for (size_t at = 0; at + FSK_BLOCK <= r->n; at += FSK_BLOCK / 2) {
        int but = -1;
        hz_cells_mean(r, at, at + FSK_BLOCK, m->block);
        notch(r, line, lines, at, bin_hz, m->block);
        for (int turn = 0; turn < 2; turn++) {
            hz_cells_smooth(r, m->block, wide, m->smooth);
            int peak = highest_bin(r, m->smooth, but, side);
            struct hz_carrier c;
            float excess = peak < 0 ? 0 : m->smooth[peak] - 1;
            if (excess < 6 / sqrtf((float)(FSK_BLOCK * wide)))
                break;
            but = peak;
            memcpy(m->mean, m->block, sizeof m->mean);
            if (!pair(r, bin_hz, m, FSK_BLOCK, peak, &c))
                continue;
            struct humps h = {at, excess, peak, HZ_CELLS_BINS * (0.5 + c.lower),
                              HZ_CELLS_BINS * (0.5 + c.freq)};
            add_humps(list, &n, h, bin_hz);
        }
    }
    return n;
}

/* When the tones are there: rows around the strongest block. */
static void hump_rows(const struct hz_cells *r, struct hz_carrier_memory *m, const struct humps *h,
                      double bin_hz, size_t *from, size_t *to)
{
    int side = (int)(8e3 / bin_hz);
    float most = 0;
    for (size_t t = 0; t < r->n; t++) {
        const float *row = r->cell + t * HZ_CELLS_BINS;
        double sum = hump_power(row, (int)lrint(h->low), side, r->low, r->high) +
                     hump_power(row, (int)lrint(h->high), side, r->low, r->high);
        m->profile[t] = (float)(sum / (2 * (2 * side + 1)));
    }
    for (size_t t = h->at; t < h->at + FSK_BLOCK && t < r->n; t++)
        most = fmaxf(most, m->profile[t]);
    *from = h->at;
    *to = h->at + FSK_BLOCK;
    for (size_t t = *from; t > 0 && t + 2 > *from; t--)
        *from = m->profile[t - 1] > 0.3f * most ? t - 1 : *from;
    for (size_t t = *to; t < r->n && t < *to + 2; t++)
        *to = m->profile[t] > 0.3f * most ? t + 1 : *to;
    *to = *to > r->n ? r->n : *to;
}

/* Frames of one transmission are one. */
static bool join(struct hz_carrier *list, size_t n, const struct hz_carrier *c, double rate_hz)
{
    for (size_t i = 0; i < n; i++) {
        struct hz_carrier *o = &list[i];
        bool alike =
            fabs(o->freq - c->freq) * rate_hz < 4000 && fabs(o->lower - c->lower) * rate_hz < 4000;
        double gap = c->from > o->to   ? (double)(c->from - o->to)
                     : o->from > c->to ? (double)(o->from - c->to)
                                       : 0;
        if (!alike || gap > HZ_JOIN_S * rate_hz)
            continue;
        o->from = c->from < o->from ? c->from : o->from;
        o->to = c->to > o->to ? c->to : o->to;
        return true;
    }
    return false;
}

size_t hz_humps_find(const struct hz_cells *r, double rate_hz, const struct hz_carrier *line,
                     size_t lines, struct hz_carrier_memory *m, struct hz_carrier *out,
                     size_t found, size_t room)
{
    double bin_hz = rate_hz / HZ_CELLS_BINS;
    struct humps list[HUMPS_MAX];
    size_t n = look_for_humps(r, line, lines, bin_hz, m, list);
    for (size_t i = 0; i < n && found < room; i++) {
        struct hz_carrier c = {.modulation = HZ_WAVE_FSK, .excess = list[i].excess};
        size_t from, to;
        hump_rows(r, m, &list[i], bin_hz, &from, &to);
        hz_cells_mean(r, from, to, m->mean);
        notch(r, line, lines, list[i].at, bin_hz, m->mean);
        if (!pair(r, bin_hz, m, to - from, list[i].peak, &c)) {
            c.freq = list[i].high / HZ_CELLS_BINS - 0.5;
            c.lower = list[i].low / HZ_CELLS_BINS - 0.5;
        }
        c.level = list[i].excess;
        c.excess *= (float)(to - from) * (float)(20e3 / bin_hz); /* of both humps, about */
        from = from > 3 ? from - 3 : 0;
        c.from = from * HZ_CELLS_BINS;
        c.to = (to + 3 > r->n ? r->n : to + 3) * HZ_CELLS_BINS;
        if (!join(out, found, &c, rate_hz))
            out[found++] = c;
    }
    return found;
}

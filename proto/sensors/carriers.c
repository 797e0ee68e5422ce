#include "proto/sensors/carriers.h"

#include "proto/sensors/humps.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 8, /* rows of a look for lines: 16 ms at 250 ksps */
    LINE = 3,  /* bins of a line: Hann spreads a tone over so many */
    SEGMENTS_MAX = 3,
};

static const float line_sigma = 7, block_sigma = 8;
/* Below a strong carrier, what it radiates itself over the band as it is keyed, and what a receiver
 * that it overloads makes of it. */
static const double splatter_db = 34;
static const double beside_hz = 2500; /* lines closer than this are one */

/* ---- when ----------------------------------------------------------------------------------- */

struct stretch {
    size_t from, to; /* rows */
    float energy;
};

/* The stretches of the profile (mean over noise, 1 is noise) that are active, joined over gaps of
 * `join` rows; the most energetic first. `span`: rows that are averaged, `least`: of an average. */
static size_t stretches(const float *profile, size_t n, size_t span, float least, size_t join,
                        struct stretch *out)
{
    size_t found = 0, end = 0;
    bool open = false;
    struct stretch now = {0};
    float sum = 0;
    for (size_t i = 0; i <= n; i++) {
        bool last = i == n;
        if (!last) {
            sum += profile[i] - (i >= span ? profile[i - span] : 0);
            size_t count = i + 1 < span ? i + 1 : span;
            if (sum > least * (float)count || (count > 1 && profile[i] > 2 * least + 4)) {
                size_t begin = i + 1 - count;
                if (!open)
                    now = (struct stretch){.from = begin};
                open = true;
                end = i + 1;
            }
        }
        if (open && (last || i > end + join)) {
            now.to = end;
            for (size_t k = now.from; k < now.to; k++)
                now.energy += profile[k] - 1;
            size_t at = found < SEGMENTS_MAX ? found++ : SEGMENTS_MAX;
            for (; at > 0 && out[at - 1].energy < now.energy; at--) {
                if (at < SEGMENTS_MAX)
                    out[at] = out[at - 1];
            }
            if (at < SEGMENTS_MAX)
                out[at] = now;
            open = false;
        }
    }
    return found;
}

static void set_time(struct hz_carrier *c, const struct stretch *s, const struct hz_cells *r,
                     size_t margin)
{
    size_t from = s->from > margin ? s->from - margin : 0;
    size_t to = s->to + margin < r->n ? s->to + margin : r->n;
    c->from = from * HZ_CELLS_BINS;
    c->to = to * HZ_CELLS_BINS;
}

/* ---- carriers keyed on and off -------------------------------------------------------------- */

struct line {
    int bin;
    float power, excess;
    bool weak; /* seen only in the mean over everything */
};

/* How far below a stronger line its own sidebands may be: pulses of 200 us and more have no more
 * than this beside the carrier. */
static bool masked(const struct line *list, size_t n, int bin, float power, double bin_hz)
{
    for (size_t i = 0; i < n; i++) {
        double away = fabs((list[i].bin - bin) * bin_hz);
        if (away < beside_hz)
            return true;
        double down = fmin(8 + 20 * log10(away / beside_hz), splatter_db);
        if (power - 1 < list[i].power * (float)pow(10, -down / 10))
            return true;
    }
    return false;
}

static void add_line(struct line *list, size_t *n, struct line l, double bin_hz)
{
    if (masked(list, *n, l.bin, l.power, bin_hz))
        return;
    size_t keep = 0;
    for (size_t i = 0; i < *n; i++) { /* those that the new one masks */
        if (!masked(&l, 1, list[i].bin, list[i].power, bin_hz) || list[i].excess > l.excess)
            list[keep++] = list[i];
    }
    *n = keep;
    size_t at = *n < HZ_CARRIERS_OOK ? (*n)++ : HZ_CARRIERS_OOK - 1;
    if (at == HZ_CARRIERS_OOK - 1 && *n == HZ_CARRIERS_OOK && keep == HZ_CARRIERS_OOK &&
        list[at].excess > l.excess)
        return;
    for (; at > 0 && list[at - 1].excess < l.excess; at--)
        list[at] = list[at - 1];
    list[at] = l;
}

static void look_for_lines(const struct hz_cells *r, struct hz_carrier_memory *m, size_t from,
                           size_t end, float sigma, bool weak, double bin_hz, struct line *list,
                           size_t *n)
{
    hz_cells_mean(r, from, end, m->block);
    hz_cells_smooth(r, m->block, LINE, m->smooth);
    float least = 1 + sigma / sqrtf((float)(end - from) * LINE);
    for (int f = r->low + 1; f < r->high - 1; f++) {
        float p = m->smooth[f];
        if (p > least && p >= m->smooth[f - 1] && p > m->smooth[f + 1])
            add_line(list, n, (struct line){f, p, (p - 1) * (float)(end - from), weak}, bin_hz);
    }
}

/* The frequency of a line, by a parabola through the logarithms around its peak. */
static double line_freq(const struct hz_cells *r, struct hz_carrier_memory *m, int bin, size_t from,
                        size_t end)
{
    hz_cells_mean(r, from, end, m->block);
    int best = bin;
    for (int f = bin - 2; f <= bin + 2; f++) {
        if (f > 0 && f < HZ_CELLS_BINS - 1 && m->block[f] > m->block[best])
            best = f;
    }
    double a = log((double)m->block[best - 1] + 1e-6), b = log((double)m->block[best] + 1e-6);
    double c = log((double)m->block[best + 1] + 1e-6), curve = a - 2 * b + c;
    double shift = curve < -1e-6 ? 0.5 * (a - c) / curve : 0;
    return hz_cells_freq(best + fmax(-0.5, fmin(0.5, shift)));
}

/* Whether the power is in a line and not in a hump around it. m->block holds the mean spectrum. */
static bool is_narrow(const struct hz_cells *r, const struct hz_carrier_memory *m, int bin,
                      double bin_hz)
{
    int inner = (int)(2500 / bin_hz) + 1, outer = (int)(10e3 / bin_hz) + 1, n = 0;
    float line = 0, beside = 0;
    for (int f = bin - outer; f <= bin + outer; f++) {
        if (f < r->low || f >= r->high)
            continue;
        int away = f > bin ? f - bin : bin - f;
        if (away <= 1)
            line += fmaxf(m->block[f] - 1, 0) / LINE;
        else if (away > inner) {
            beside += fmaxf(m->block[f] - 1, 0);
            n++;
        }
    }
    return n > 0 && line > 10 * beside / (float)n;
}

static size_t keyed(const struct hz_cells *r, double rate_hz, struct hz_carrier_memory *m,
                    struct hz_carrier *out)
{
    double bin_hz = rate_hz / HZ_CELLS_BINS, row_s = HZ_CELLS_BINS / rate_hz;
    struct line list[HZ_CARRIERS_OOK];
    size_t n = 0, found = 0;
    look_for_lines(r, m, 0, r->n, line_sigma, true, bin_hz, list, &n);
    for (size_t at = 0; at + BLOCK <= r->n; at += BLOCK / 2)
        look_for_lines(r, m, at, at + BLOCK, block_sigma, false, bin_hz, list, &n);
    for (size_t i = 0; i < n && found < HZ_CARRIERS_OOK; i++) {
        for (size_t t = 0; t < r->n; t++) {
            const float *row = r->cell + t * HZ_CELLS_BINS + list[i].bin;
            m->profile[t] = (row[-1] + row[0] + row[1]) / LINE;
        }
        struct stretch s[SEGMENTS_MAX];
        size_t parts = stretches(m->profile, r->n, BLOCK, 1 + 5 / sqrtf(BLOCK * LINE),
                                 (size_t)(HZ_JOIN_S / row_s), s);
        if (parts == 0 || list[i].weak) {
            s[0] = (struct stretch){0, r->n, list[i].excess};
            parts = 1;
        }
        for (size_t k = 0; k < parts && found < HZ_CARRIERS_OOK; k++) {
            struct hz_carrier *c = &out[found++];
            *c = (struct hz_carrier){.modulation = HZ_WAVE_OOK, .excess = s[k].energy};
            c->freq = line_freq(r, m, list[i].bin, s[k].from, s[k].to);
            c->level = s[k].energy / (float)(s[k].to - s[k].from + 1);
            c->narrow = is_narrow(r, m, list[i].bin, bin_hz);
            set_time(c, &s[k], r, (size_t)(HZ_CARRIER_MARGIN_S / row_s) + 1);
        }
    }
    return found;
}

/* Whether a pair of humps is what a keyed carrier radiates beside itself. */
static bool splatter(const struct hz_carrier *humps, const struct hz_carrier *line, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool together = line[i].from < humps->to && line[i].to > humps->from;
        if (together && humps->level < line[i].level * (float)pow(10, -splatter_db / 10))
            return true;
    }
    return false;
}

static int by_excess(const void *a, const void *b)
{
    const struct hz_carrier *x = a, *y = b;
    return x->excess > y->excess ? -1 : x->excess < y->excess;
}

size_t hz_carriers_find(const struct hz_cells *r, double rate_hz, struct hz_carrier_memory *m,
                        struct hz_carrier *out)
{
    size_t n = keyed(r, rate_hz, m, out), room = HZ_CARRIERS_MAX - n;
    /* A line may be a keyed carrier beside two tones, or belong to one of them: both are tried. */
    size_t found = hz_humps_find(r, rate_hz, out, 0, m, out + n, 0, room);
    bool lines = false;
    for (size_t i = 0; i < n; i++)
        lines |= out[i].narrow;
    if (lines)
        found = hz_humps_find(r, rate_hz, out, n, m, out + n, found, room);
    size_t kept = n;
    for (size_t i = n; i < n + found; i++) {
        if (!splatter(&out[i], out, n))
            out[kept++] = out[i];
    }
    qsort(out, kept, sizeof *out, by_excess);
    return kept;
}

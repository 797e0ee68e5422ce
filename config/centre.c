#include "config/centre.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLACK_HZ  0.1    /* tolerance for rounding errors */
#define TIDY_HZ   1000.0 /* centres are multiples of this if possible */
#define LOWEST_HZ 1.0    /* a centre is positive */

/* Rates in common use with RTL-SDR dongles, at which they lose no samples. All are multiples of 200
 * Hz with small prime factors, as the channelizer needs. */
static const double rates_hz[] = {1.024e6, 1.2e6, 1.536e6, 1.8e6, 2.048e6, HZ_CENTRE_RATE_MAX_HZ};

struct interval {
    double low, high;
};

/* The centres at which all spans are in the usable part of the band; empty when low > high. given:
 * the centre is given, and of a `whole` span only the frequency must be in it. */
static struct interval allowed(const struct hz_centre_span *spans, size_t n, double rate_hz,
                               bool given)
{
    const double usable = rate_hz * HZ_CENTRE_USABLE;
    struct interval c = {LOWEST_HZ, INFINITY};
    for (size_t i = 0; i < n; i++) {
        const struct hz_centre_span *s = &spans[i];
        double width = s->whole && given ? 0 : s->whole ? fmin(s->width_hz, usable) : s->width_hz;
        c.low = fmax(c.low, s->freq_hz + width / 2 - usable / 2);
        c.high = fmin(c.high, s->freq_hz - width / 2 + usable / 2);
    }
    if (c.low > c.high && c.low <= c.high + SLACK_HZ)
        c.low = c.high;
    return c;
}

static int by_low(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    return (x->low > y->low) - (x->low < y->low);
}

double hz_centre_middle(const struct hz_centre_span *spans, size_t n)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < n; i++) {
        if (spans[i].whole)
            return spans[i].freq_hz;
        low = fmin(low, spans[i].freq_hz - spans[i].width_hz / 2);
        high = fmax(high, spans[i].freq_hz + spans[i].width_hz / 2);
    }
    return (low + high) / 2;
}

/* The point of the gap nearest to `wish`, in whole kHz if the gap contains one. */
static double nearest(struct interval gap, double wish)
{
    double at = fmin(fmax(wish, gap.low), gap.high);
    double tidy = round(at / TIDY_HZ) * TIDY_HZ;
    if (tidy < gap.low)
        tidy = ceil(gap.low / TIDY_HZ) * TIDY_HZ;
    else if (tidy > gap.high)
        tidy = floor(gap.high / TIDY_HZ) * TIDY_HZ;
    return tidy >= gap.low && tidy <= gap.high ? tidy : at;
}

/* The best centre for a rate; 0: there is none. */
static double find_centre(const struct hz_centre_span *spans, size_t n, double rate_hz)
{
    struct interval all = allowed(spans, n, rate_hz, false), taken[HZ_CENTRE_SPANS_MAX + 1];
    size_t count = 0;
    if (all.low > all.high)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double reach = spans[i].width_hz / 2 + HZ_CENTRE_CLEAR_HZ;
        if (!spans[i].whole)
            taken[count++] = (struct interval){spans[i].freq_hz - reach, spans[i].freq_hz + reach};
    }
    qsort(taken, count, sizeof *taken, by_low);
    taken[count++] = (struct interval){INFINITY, INFINITY};
    const double wish = hz_centre_middle(spans, n);
    double best = 0, from = all.low;
    for (size_t i = 0; i < count && from <= all.high; i++) {
        struct interval gap = {from, fmin(taken[i].low, all.high)};
        double at = gap.low <= gap.high ? nearest(gap, wish) : 0;
        if (at > 0 && (best <= 0 || fabs(at - wish) < fabs(best - wish)))
            best = at;
        from = fmax(from, taken[i].high);
    }
    return best;
}

static bool rate_suits(const struct hz_centre_span *spans, size_t n, double rate_hz)
{
    for (size_t i = 0; i < n; i++) {
        if (rate_hz < spans[i].rate_min_hz || rate_hz > spans[i].rate_max_hz)
            return false;
    }
    return true;
}

static bool try_rate(const struct hz_centre_span *spans, size_t n, double rate_hz,
                     double *centre_hz)
{
    if (!rate_suits(spans, n, rate_hz))
        return false;
    if (*centre_hz > 0) {
        struct interval c = allowed(spans, n, rate_hz, true);
        return *centre_hz >= c.low && *centre_hz <= c.high;
    }
    double found = find_centre(spans, n, rate_hz);
    if (found <= 0)
        return false;
    *centre_hz = found;
    return true;
}

/* The next higher rate to consider; INFINITY: none is left. */
static double next_rate(const struct hz_centre_span *spans, size_t n, double than)
{
    double next = INFINITY;
    for (size_t i = 0; i < sizeof rates_hz / sizeof *rates_hz; i++) {
        if (rates_hz[i] > than)
            next = fmin(next, rates_hz[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (spans[i].rate_like_hz > than && spans[i].rate_like_hz <= HZ_CENTRE_RATE_MAX_HZ)
            next = fmin(next, spans[i].rate_like_hz);
    }
    return next;
}

bool hz_centre_choose(const struct hz_centre_span *spans, size_t n, double *rate_hz,
                      double *centre_hz)
{
    if (*rate_hz > 0)
        return try_rate(spans, n, *rate_hz, centre_hz);
    for (double rate = next_rate(spans, n, 0); rate < INFINITY; rate = next_rate(spans, n, rate)) {
        if (!try_rate(spans, n, rate, centre_hz))
            continue;
        *rate_hz = rate;
        return true;
    }
    return false;
}

#include "proto/flex/levels.h"

#include <math.h>
#include <string.h>

enum {
    TRIES = 17,  /* frequencies tried for a tone */
    SHIFTS = 13, /* places tried */
    TIMINGS = 4, /* tried in a symbol, for the clock */
    WINDOW = 32, /* symbols */
    WINDOWS = HZ_CPM_LINE_WINDOWS
};

static const double two_pi = 6.28318530717958647692, rate_hz = HZ_FLEX_RATE_HZ;
static const double deviation_hz = 4800, try_hz = 110, shift = 1;
/* A clock may be that far off: 0.1 %, ten times a pager transmitter's. */
static const double most_clock = 1e-3;

/* Power of the sum over `length` samples from the place on. */
static double power_at(const float *iq, size_t n, double at, double length, double hz)
{
    double angle = -two_pi * hz / rate_hz, c = cos(angle), d = sin(angle);
    double re = 1, im = 0, x = 0, y = 0;
    long from = lrint(at), to = lrint(at + length);
    for (long i = from; i < to; i++) {
        if (i >= 0 && (size_t)i < n) {
            double a = (double)iq[2 * i], b = (double)iq[2 * i + 1];
            x += a * re - b * im;
            y += a * im + b * re;
        }
        double next = re * c - im * d;
        im = re * d + im * c;
        re = next;
    }
    return x * x + y * y;
}

/* Power of all bits of the synchronisation that are at this side of the carrier. */
static double side_power(const float *iq, double at, const struct hz_flex_start *start, bool high,
                         double hz)
{
    double sum = 0;
    for (int k = -HZ_FLEX_DOTTING; k < HZ_FLEX_SYNC_BITS; k++)
        if ((hz_flex_sync_sign(start->mode, k) > 0) == (high != start->inverted))
            sum += power_at(iq, SIZE_MAX / 2, at + k * HZ_FLEX_BIT, HZ_FLEX_BIT, hz);
    return sum;
}

/* The place of the largest of n values, between them by a parabola. */
static double peak(const double *x, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        best = x[i] > x[best] ? i : best;
    if (best == 0 || best == n - 1)
        return best;
    double bend = x[best - 1] + x[best + 1] - 2 * x[best];
    return best + (bend < 0 ? 0.5 * (x[best - 1] - x[best + 1]) / bend : 0);
}

static double find_tone(const float *iq, double at, const struct hz_flex_start *start, bool high)
{
    double power[TRIES], hz = start->carrier_hz + (high ? deviation_hz : -deviation_hz);
    for (int i = 0; i < TRIES; i++)
        power[i] = side_power(iq, at, start, high, hz + (i - TRIES / 2) * try_hz);
    return hz + (peak(power, TRIES) - TRIES / 2) * try_hz;
}

static float likeness(const float *iq, double at, const struct hz_flex_start *start,
                      const struct hz_flex_tones *tones)
{
    double like = 0, power = 0;
    for (int k = 0; k < HZ_FLEX_SYNC_BITS; k++) {
        double here = at + k * HZ_FLEX_BIT;
        double x = sqrt(power_at(iq, SIZE_MAX / 2, here, HZ_FLEX_BIT, tones->high_hz)) -
                   sqrt(power_at(iq, SIZE_MAX / 2, here, HZ_FLEX_BIT, tones->low_hz));
        like += (double)hz_flex_sync_sign(start->mode, k) * x;
        power += x * x;
    }
    like *= start->inverted ? -1 : 1;
    return power > 0 ? (float)(like / sqrt(HZ_FLEX_SYNC_BITS * power)) : 0;
}

float hz_flex_tones_find(const float *iq, double *at, const struct hz_flex_start *start,
                         struct hz_flex_tones *tones)
{
    double power[SHIFTS];
    tones->low_hz = find_tone(iq, *at, start, false);
    tones->high_hz = find_tone(iq, *at, start, true);
    for (int i = 0; i < SHIFTS; i++) {
        double t = *at + (i - SHIFTS / 2) * shift;
        power[i] = side_power(iq, t, start, false, tones->low_hz) +
                   side_power(iq, t, start, true, tones->high_hz);
    }
    *at += (peak(power, SHIFTS) - SHIFTS / 2) * shift;
    return likeness(iq, *at, start, tones);
}

/* The sizes at the four tones, from the lowest up. */
static void four(const float *iq, size_t n, double at, double length,
                 const struct hz_flex_tones *tones, float size[4])
{
    for (int i = 0; i < 4; i++) {
        double hz = tones->low_hz + (tones->high_hz - tones->low_hz) * i / 3;
        size[i] = (float)sqrt(power_at(iq, n, at, length, hz));
    }
}

float hz_flex_four(const float *iq, size_t n, double at, double length, size_t symbols,
                   const struct hz_flex_tones *tones, float *a, float *b)
{
    double sum = 0;
    for (size_t k = 0; k < symbols; k++) {
        float x[4];
        four(iq, n, at + (double)k * length, length, tones, x);
        float above = fmaxf(x[2], x[3]), below = fmaxf(x[0], x[1]);
        a[k] = above - below;
        b[k] = fmaxf(x[1], x[2]) - fmaxf(x[0], x[3]);
        float most = fmaxf(above, below);
        sum += (double)(most * most);
    }
    return (float)(sum / (double)symbols / (length * length));
}

void hz_flex_four_line(const float *iq, size_t n, double at, double length, size_t symbols,
                       const struct hz_flex_tones *tones, struct hz_cpm_line *line)
{
    float h[2 * WINDOWS] = {0};
    size_t windows = symbols / WINDOW < WINDOWS ? symbols / WINDOW : WINDOWS;
    for (size_t k = 0; k < windows * WINDOW; k++) {
        for (int i = 0; i < TIMINGS; i++) {
            float x[4];
            double early = (double)i / TIMINGS;
            four(iq, n, at + ((double)k + early) * length, length, tones, x);
            float most = fmaxf(fmaxf(x[0], x[1]), fmaxf(x[2], x[3]));
            h[2 * (k / WINDOW)] += most * (float)cos(two_pi * early);
            h[2 * (k / WINDOW) + 1] -= most * (float)sin(two_pi * early);
        }
    }
    hz_cpm_line_fit(h, windows, WINDOW, most_clock, line);
}

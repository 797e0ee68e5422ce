#include "proto/packet/g3ruh/search.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    BIT = HZ_G3RUH_BIT,
    LAG = 2,
    LEAD = 4 * BIT, /* samples used before the first bit */
};

static const double two_pi = 6.28318530717958647692;
static const double rate = HZ_G3RUH_RATE_HZ;
/* The ratio |R(4)| / |R(2)| falls by 0.061 times the square of the deviation in kHz (for random
 * bits at 9600 baud and BT 0.5; with other pulses the deviation is right to 12 %). */
static const double ratio_falls = 0.061;
/* Largest standard error of a line, in bits over its length. For noise and voice it is 0.19 on
 * average, for a packet at 2 dB 0.04, seldom 0.1. */
static const double line_error = 0.15;

double hz_g3ruh_h(double deviation_hz, double bit)
{
    return 2 * deviation_hz * bit / rate;
}

int hz_g3ruh_search_init(struct hz_g3ruh_search *s)
{
    struct hz_cpm_mode mode = {.samples_per_bit = BIT,
                               .h = hz_g3ruh_h(3000, BIT),
                               .bt = 0.5,
                               .states_log2 = 2,
                               .memory = 0.5f};
    hz_cpm_pulse_gaussian(&s->pulse[0], 0.5);
    hz_cpm_pulse_gaussian(&s->pulse[1], 20);
    hz_cpm_pulse_gaussian(&s->pulse[2], 0.3);
    hz_cpm_pulse_cosine(&s->pulse[3]);
    hz_cpm_pulse_raised_cosine(&s->pulse[4], 0.5);
    s->line = hz_cpm_new(&mode, HZ_G3RUH_SEARCH_BITS);
    mode.memory = 0.6f;
    s->fit = hz_cpm_new(&mode, HZ_G3RUH_TRY_BITS);
    if (s->line && s->fit)
        return 0;
    hz_g3ruh_search_done(s);
    return -ENOMEM;
}

void hz_g3ruh_search_done(struct hz_g3ruh_search *s)
{
    hz_cpm_free(s->line);
    hz_cpm_free(s->fit);
    s->line = s->fit = NULL;
}

void hz_g3ruh_without_dc(const struct hz_g3ruh_search *s, const float *iq, size_t n, float *out)
{
    for (size_t i = 0; i < 2 * n; i++)
        out[i] = iq[i] - s->dc[i % 2];
}

/* Scrambled levels differ from the one before, and from the one before that, in half of all cases,
 * with a standard deviation of 3 % (of 256). */
bool hz_g3ruh_scrambled(const uint8_t *level, size_t n)
{
    for (size_t lag = 1; lag <= 2; lag++) {
        size_t differ = 0;
        for (size_t i = lag; i < n; i++)
            differ += level[i] != level[i - lag];
        if (differ < n / 2 - n / 7 || differ > n / 2 + n / 7)
            return false;
    }
    return true;
}

struct product {
    double re, im;
};

/* R(lag) = sum over n of y(n) y*(n - lag) */
static struct product product_of(const float *iq, size_t n, size_t lag)
{
    struct product p = {0, 0};
    for (size_t i = lag; i < n; i++) {
        const float *y = iq + 2 * i, *was = y - 2 * lag;
        p.re += (double)(y[0] * was[0] + y[1] * was[1]);
        p.im += (double)(y[1] * was[0] - y[0] * was[1]);
    }
    return p;
}

static double within(double x, double least, double most)
{
    return fmin(fmax(x, least), most);
}

/* Estimates carrier and deviation from n samples. */
static void by_lags(struct hz_g3ruh_search *s, size_t n)
{
    struct product one = product_of(s->clean, n, LAG), two = product_of(s->clean, n, 2 * LAG);
    double angle = atan2(one.im, one.re), size = hypot(one.re, one.im);
    double along = two.re * cos(2 * angle) + two.im * sin(2 * angle);
    double fallen = size > 0 ? 1 - along / size : 0;
    double deviation_hz = 1e3 * sqrt(fmax(fallen, 0) / ratio_falls);
    s->freq = angle / (LAG * two_pi);
    s->deviation =
        within(deviation_hz, HZ_G3RUH_LEAST_DEVIATION_HZ, HZ_G3RUH_MOST_DEVIATION_HZ) / rate;
}

/* Estimates clock and timing of s->bits bits for a known carrier and deviation. Returns the line's
 * standard error, in bits over its length. */
static void find_line(struct hz_g3ruh_search *s)
{
    struct hz_cpm_line line;
    struct hz_cpm_offset offset = {s->freq, 0};
    hz_cpm_mix(s->clean, HZ_G3RUH_SEARCH, &offset, s->mixed);
    hz_cpm_shape(s->line, 2 * s->deviation * BIT, BIT, NULL);
    hz_cpm_line(s->line, s->mixed, HZ_G3RUH_SEARCH, LEAD, s->bits, HZ_G3RUH_LINE_TIMINGS,
                HZ_G3RUH_CLOCK_OFF, &line);
    s->bit = BIT * (1 + line.clock);
    s->tried = s->bits < HZ_G3RUH_TRY_BITS ? s->bits : HZ_G3RUH_TRY_BITS;
    s->middle = LEAD + BIT * line.late + (double)((s->bits - s->tried) / 2) * s->bit;
    s->error = line.clock_error * (double)s->bits;
}

/* A hypothesis, or a step from one to another: for the deviation a factor. */
struct guess {
    double deviation, freq, at;
    unsigned pulse;
    float metric;
};

static void evaluate(struct hz_g3ruh_search *s, struct guess *g)
{
    struct hz_cpm_offset offset = {g->freq, 0};
    const size_t from = (size_t)(g->at - 2 * BIT), n = (s->tried + 8) * BIT;
    size_t have = HZ_G3RUH_SEARCH - from;
    hz_cpm_mix(s->clean + 2 * from, n < have ? n : have, &offset, s->mixed);
    hz_cpm_shape(s->fit, 2 * g->deviation * s->bit, s->bit, &s->pulse[g->pulse]);
    hz_cpm_begin(s->fit, s->mixed, n < have ? n : have, g->at - (double)from);
    g->metric = hz_cpm_run(s->fit, NULL, s->tried);
}

/* Tries `count` steps to either side of the best hypothesis so far and keeps the best one. */
static void descend(struct hz_g3ruh_search *s, const struct guess *step, int count,
                    struct guess *best)
{
    const struct guess middle = *best;
    for (int k = -count; k <= count; k++) {
        struct guess g = middle;
        g.deviation *= 1 + k * step->deviation;
        g.freq += k * step->freq;
        g.at += k * step->at;
        if (k == 0)
            continue;
        evaluate(s, &g);
        if (g.metric > best->metric)
            *best = g;
    }
}

struct way {
    struct guess step;
    int count;
};

static void descend_all(struct hz_g3ruh_search *s, const struct way *ways, size_t n,
                        struct guess *best)
{
    for (size_t i = 0; i < n; i++)
        descend(s, &ways[i].step, ways[i].count, best);
}

bool hz_g3ruh_search_line(struct hz_g3ruh_search *s, const float *iq, size_t bits)
{
    /* Flags are not random bits: they shift the estimate of the carrier by up to 900 Hz. */
    static const struct way coarse[] = {
        {{.freq = 200.0 / HZ_G3RUH_RATE_HZ}, 4},
        {{.deviation = 0.15}, 2},
        {{.freq = 80.0 / HZ_G3RUH_RATE_HZ}, 2},
    };
    hz_g3ruh_without_dc(s, iq, HZ_G3RUH_SEARCH, s->clean);
    by_lags(s, bits * BIT);
    s->bits = bits;
    find_line(s);
    struct guess best = {s->deviation, s->freq, s->middle, 0, 0};
    uint8_t level[HZ_G3RUH_TRY_BITS];
    evaluate(s, &best);
    hz_cpm_trace(s->fit, level);
    if (!hz_g3ruh_scrambled(level, s->tried)) { /* a tone */
        s->error = INFINITY;
        return false;
    }
    descend_all(s, coarse, sizeof coarse / sizeof coarse[0], &best);
    s->freq = best.freq;
    s->deviation = best.deviation;
    find_line(s); /* again, with the better carrier and deviation */
    return s->error < line_error;
}

void hz_g3ruh_search_fit(struct hz_g3ruh_search *s, struct hz_g3ruh_sender *out)
{
    static const struct way fine[] = {
        {{.at = 0.12 * BIT}, 2}, {{.deviation = 0.08}, 2}, {{.freq = 30.0 / HZ_G3RUH_RATE_HZ}, 2},
        {{.at = 0.05 * BIT}, 2}, {{.deviation = 0.04}, 2},
    };
    struct guess best = {s->deviation, s->freq, s->middle, 0, 0};
    evaluate(s, &best);
    descend_all(s, fine, sizeof fine / sizeof fine[0], &best);
    struct guess simple = best;
    for (unsigned p = 1; p < HZ_G3RUH_PULSES; p++)
        for (int k = -2; k <= 2; k++) {
            struct guess g = simple;
            g.pulse = p;
            g.deviation *= 1 + 0.07 * k;
            evaluate(s, &g);
            if (g.metric > best.metric)
                best = g;
        }
    double whole = floor(best.at / s->bit);
    *out = (struct hz_g3ruh_sender){.at = best.at - whole * s->bit,
                                    .bit = s->bit,
                                    .freq = best.freq,
                                    .h = 2 * best.deviation * s->bit,
                                    .pulse = best.pulse};
}

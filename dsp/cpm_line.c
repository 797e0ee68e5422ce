#include "dsp/cpm_line.h"

#include "dsp/cpm_run.h"

#include <math.h>

enum { FINER = 10 /* the second search divides a step by this */ };

static const double two_pi = 6.28318530717958647692;

struct sum {
    double re, im;
};

/* sum over w of H_w exp(j angle w), by Horner's rule. */
static struct sum sum_at(const float *h, size_t windows, double angle)
{
    double rot_re = cos(angle), rot_im = sin(angle);
    struct sum s = {0, 0};
    for (size_t w = windows; w-- > 0;) {
        double re = s.re * rot_re - s.im * rot_im + (double)h[2 * w];
        s.im = s.re * rot_im + s.im * rot_re + (double)h[2 * w + 1];
        s.re = re;
    }
    return s;
}

/* The clock error that maximises the sum, among `steps` steps to each side of `middle`. */
static double greatest(const float *h, size_t windows, double bits, double middle, double step,
                       int steps)
{
    double best = middle, most = -1;
    for (int i = -steps; i <= steps; i++) {
        double clock = middle + i * step;
        struct sum s = sum_at(h, windows, two_pi * clock * bits);
        double power = s.re * s.re + s.im * s.im;
        if (power > most) {
            most = power;
            best = clock;
        }
    }
    return best;
}

/* Standard error of the clock, from the scatter of the windows about the line. */
static double slope_error(const float *h, size_t windows, double bits,
                          const struct hz_cpm_line *line, struct sum sum)
{
    double n = (double)windows, across = 0, size = line->strength;
    if (windows < 3 || size <= 0)
        return INFINITY;
    for (size_t w = 0; w < windows; w++) {
        double angle = two_pi * line->clock * bits * (double)w, re = cos(angle), im = sin(angle);
        double x = (double)h[2 * w] * re - (double)h[2 * w + 1] * im;
        double y = (double)h[2 * w] * im + (double)h[2 * w + 1] * re;
        double off = (y * sum.re - x * sum.im) / size;
        across += off * off;
    }
    double phase = sqrt(across / (n - 2)) / (size / n); /* of a window, in radians */
    return phase / (two_pi * bits) * sqrt(12 / (n * n * n - n));
}

void hz_cpm_line_fit(const float *h, size_t windows, double bits, double most,
                     struct hz_cpm_line *line)
{
    double step = 0.1 / (bits * (double)windows);
    double clock = greatest(h, windows, bits, 0, step, (int)ceil(most / step));
    clock = greatest(h, windows, bits, clock, step / FINER, FINER);
    clock = fmin(fmax(clock, -most), most);
    struct sum s = sum_at(h, windows, two_pi * clock * bits);
    line->clock = clock;
    /* H gives the timing in the middle of its window. */
    double late = -atan2(s.im, s.re) / two_pi - clock * bits / 2;
    line->late = late - nearbyint(late);
    line->strength = sqrt(s.re * s.re + s.im * s.im);
    line->clock_error = slope_error(h, windows, bits, line, s);
}

void hz_cpm_line(struct hz_cpm *c, const float *iq, size_t n, double start, size_t bits,
                 unsigned timings, double most, struct hz_cpm_line *line)
{
    float h[2 * HZ_CPM_LINE_WINDOWS] = {0};
    bits = bits < c->max_bits ? bits : c->max_bits;
    size_t windows = bits / HZ_CPM_LINE_WINDOW;
    windows = windows < HZ_CPM_LINE_WINDOWS ? windows : HZ_CPM_LINE_WINDOWS;
    timings = timings < HZ_CPM_LINE_TIMINGS ? timings : HZ_CPM_LINE_TIMINGS;
    for (unsigned j = 0; j < timings; j++) {
        double cycles = (double)j / timings;
        float re = (float)cos(two_pi * cycles), im = (float)-sin(two_pi * cycles), was = 0;
        hz_cpm_begin(c, iq, n, start + cycles * c->mode.samples_per_bit);
        for (size_t w = 0; w < windows; w++) {
            float metric = hz_cpm_run(c, NULL, HZ_CPM_LINE_WINDOW);
            h[2 * w] += (metric - was) * re;
            h[2 * w + 1] += (metric - was) * im;
            was = metric;
        }
    }
    hz_cpm_line_fit(h, windows, HZ_CPM_LINE_WINDOW, most, line);
}

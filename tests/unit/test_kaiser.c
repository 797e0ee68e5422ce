#include "dsp/kaiser.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* |H| at `f` cycles per sample. */
static double response(const double *h, size_t taps, double f)
{
    double re = 0, im = 0;
    for (size_t i = 0; i < taps; i++) {
        re += h[i] * cos(2 * M_PI * f * (double)i);
        im += h[i] * sin(2 * M_PI * f * (double)i);
    }
    return hypot(re, im);
}

Test(kaiser, keeps_its_promises)
{
    static const struct {
        double atten_db, cutoff, transition;
    } wanted[] = {{40, 0.25, 0.05}, {60, 0.1, 0.02}, {80, 0.3, 0.01}, {100, 0.05, 0.02}};
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
        double a = wanted[w].atten_db, t = wanted[w].transition, c = wanted[w].cutoff;
        size_t taps = hz_kaiser_taps(a, t);
        cr_expect_eq(taps % 2, 1);
        cr_expect_leq(hz_kaiser_transition(a, taps), t);
        double *h = malloc(taps * sizeof *h);
        hz_kaiser_lowpass(h, taps, c, a);
        double small = pow(10, (1.5 - a) / 20);
        for (double f = 0; f < c - t / 2; f += 0.0007)
            cr_expect_float_eq(response(h, taps, f), 1, small, "%g dB, pass at %g", a, f);
        for (double f = c + t / 2; f < 0.5; f += 0.0007)
            cr_expect_lt(response(h, taps, f), small, "%g dB, stop at %g", a, f);
        cr_expect_float_eq(response(h, taps, c), 0.5, 0.01);
        free(h);
    }
}

#include "dsp/cpm_pulse.h"

#include <math.h>

enum { STEPS = HZ_CPM_PULSE_STEPS, MIDDLE = 3 * STEPS / 2 };

static const double pi = 3.14159265358979323846;

/* The pulse behind a Gaussian filter is g(t) = (erf(c (t + 1/2)) - erf(c (t - 1/2))) / 2 (K. Murota
 * and K. Hirade, IEEE Trans. Commun. 29, 1981). This is its integral, up to a constant. */
static double gaussian_sum(double t, double bt)
{
    double c = pi * bt * sqrt(2 / log(2)), sum = 0;
    for (int side = -1; side <= 1; side += 2) {
        double x = c * (t - 0.5 * side);
        sum -= side * (x * erf(x) + exp(-x * x) / sqrt(pi));
    }
    return sum / (2 * c);
}

void hz_cpm_pulse_gaussian(struct hz_cpm_pulse *p, double bt)
{
    double zero = gaussian_sum(0, bt);
    for (int i = 0; i <= 3 * STEPS; i++)
        p->sum[i] = (float)(gaussian_sum((double)(i - MIDDLE) / STEPS, bt) - zero);
}

void hz_cpm_pulse_cosine(struct hz_cpm_pulse *p)
{
    for (int i = 0; i <= 3 * STEPS; i++) {
        double t = fmin(fmax((double)(i - MIDDLE) / STEPS, -1), 1);
        p->sum[i] = (float)(t / 2 + sin(pi * t) / (2 * pi));
    }
}

static double raised_cosine(double t, double rolloff)
{
    double below = 1 - 4 * rolloff * rolloff * t * t, x = pi * t;
    if (fabs(below) < 1e-6)
        return pi / 4 * sin(x) / x; /* the limit */
    return (t == 0 ? 1 : sin(x) / x) * cos(rolloff * x) / below;
}

void hz_cpm_pulse_raised_cosine(struct hz_cpm_pulse *p, double rolloff)
{
    double sum = 0;
    p->sum[MIDDLE] = 0;
    for (int i = 0; i < MIDDLE; i++) { /* midpoint rule; the pulse is even */
        sum += raised_cosine((i + 0.5) / STEPS, rolloff) / STEPS;
        p->sum[MIDDLE + i + 1] = (float)sum;
        p->sum[MIDDLE - i - 1] = (float)-sum;
    }
}

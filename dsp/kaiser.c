#include "dsp/kaiser.h"

#include <math.h>

double hz_kaiser_beta(double atten_db)
{
    if (atten_db > 50)
        return 0.1102 * (atten_db - 8.7);
    return 0.5842 * pow(atten_db - 21, 0.4) + 0.07886 * (atten_db - 21);
}

double hz_kaiser_transition(double atten_db, size_t taps)
{
    return (atten_db - 7.95) / (14.36 * (double)(taps - 1));
}

size_t hz_kaiser_taps(double atten_db, double transition)
{
    size_t n = (size_t)ceil((atten_db - 7.95) / (14.36 * transition)) + 1;
    return n | 1;
}

/* Modified Bessel function of the first kind and order 0, by its power series. */
static double bessel_i0(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
        term *= (x / 2 / k) * (x / 2 / k);
        sum += term;
    }
    return sum;
}

void hz_kaiser_lowpass(double *h, size_t taps, double cutoff, double atten_db)
{
    double beta = hz_kaiser_beta(atten_db), middle = (double)(taps - 1) / 2, sum = 0;
    for (size_t i = 0; i < taps; i++) {
        double t = (double)i - middle, u = middle > 0 ? t / middle : 0;
        double sinc = t == 0 ? 2 * cutoff : sin(2 * M_PI * cutoff * t) / (M_PI * t);
        h[i] = sinc * bessel_i0(beta * sqrt(fmax(0, 1 - u * u)));
        sum += h[i];
    }
    for (size_t i = 0; i < taps; i++)
        h[i] /= sum;
}

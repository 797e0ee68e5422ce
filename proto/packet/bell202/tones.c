#include "proto/packet/bell202/tones.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum {
    HALF = HZ_BELL202_PHASES / 2,
    QUARTER = HZ_BELL202_PHASES / 4,
    SERIES = HZ_BELL202_SERIES,
    LANES = 4
};

static const double two_pi = 6.28318530717958647693;
static const double tone_hz[2] = {1200, 2200};

/* Index of the series of a tone and harmonic (from 1): cosines, then sines. */
static const struct {
    unsigned harmonics, cosine, sine;
} place[2] = {{5, 0, 5}, {3, 10, 13}};

double hz_bell202_deviation_hz(unsigned index)
{
    return 1200 * pow(1.1, index);
}

/* J_n(x) by Bessel's integral over a whole period, which converges after a few steps of the
 * trapezoidal rule. */
static double bessel(unsigned n, double x)
{
    enum { STEPS = 64 };
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
        double a = two_pi * i / STEPS;
        sum += cos(n * a - x * sin(a));
    }
    return sum / STEPS;
}

void hz_bell202_tones_init(struct hz_bell202_tones *t)
{
    for (int f = 0; f < 2; f++) {
        for (unsigned n = 1; n <= place[f].harmonics; n++) {
            for (int s = 0; s < HZ_BELL202_SHIFTS; s++)
                for (int i = 0; i < HZ_BELL202_BIT; i++) {
                    double at = (i + (double)s / HZ_BELL202_SHIFTS) / HZ_BELL202_RATE_HZ;
                    double angle = two_pi * n * tone_hz[f] * at;
                    t->wave[s][i][place[f].cosine + n - 1] = (float)cos(angle);
                    t->wave[s][i][place[f].sine + n - 1] = (float)sin(angle);
                }
            for (unsigned d = 0; d < HZ_BELL202_DEVIATIONS; d++) {
                double b = hz_bell202_deviation_hz(d) / tone_hz[f];
                /* 2 j^n J_n, where hz_bell202_match applies the j of odd n */
                double factor = 2 * bessel(n, b) * (n % 4 >= 2 ? -1 : 1);
                for (int p = 0; p < HALF; p++) {
                    double theta = two_pi * p / HZ_BELL202_PHASES * n;
                    t->factor[d][place[f].cosine + n - 1][p] = (float)(factor * cos(theta));
                    t->factor[d][place[f].sine + n - 1][p] = (float)(-factor * sin(theta));
                }
            }
        }
        for (unsigned d = 0; d < HZ_BELL202_DEVIATIONS; d++)
            t->carrier[d][f] = (float)bessel(0, hz_bell202_deviation_hz(d) / tone_hz[f]);
    }
}

void hz_bell202_modulation_init(struct hz_bell202_modulation *m, unsigned mark, unsigned space)
{
    double b =
        hz_bell202_deviation_hz(mark) / tone_hz[0] - hz_bell202_deviation_hz(space) / tone_hz[1];
    m->deviation[HZ_BELL202_MARK] = mark;
    m->deviation[HZ_BELL202_SPACE] = space;
    /* A quarter of a cycle is enough: cos(-x) = cos(x), cos(pi - x) = -cos(x). */
    static const double cosine[QUARTER + 1] = {
        1, 0.96592582628906829, 0.86602540378443865, 0.70710678118654752, 0.5, 0.25881904510252076,
        0};
    for (int p = 0; p <= QUARTER; p++) {
        float re = (float)cos(b * cosine[p]), im = (float)sin(b * cosine[p]);
        int back = (HZ_BELL202_PHASES - p) % HZ_BELL202_PHASES;
        m->rot_re[p] = m->rot_re[back] = m->rot_re[HALF - p] = m->rot_re[HALF + p] = re;
        m->rot_im[p] = m->rot_im[back] = im;
        m->rot_im[HALF - p] = m->rot_im[HALF + p] = -im;
    }
}

typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

HZ_CLONES void hz_bell202_sum(const struct hz_bell202_tones *t, const float *iq, double start,
                              size_t bits, double length, struct hz_bell202_sums *out)
{
    for (size_t k = 0; k < bits; k++) {
        /* Start in eighths of a sample; the first sample is the one at or after it. */
        size_t begin = (size_t)((start + (double)k * length) * HZ_BELL202_SHIFTS + 0.5);
        size_t first = (begin + HZ_BELL202_SHIFTS - 1) / HZ_BELL202_SHIFTS;
        const float *y = iq + 2 * first, *w = t->wave[first * HZ_BELL202_SHIFTS - begin][0];
        lanes re[SERIES / LANES] = {{0}}, im[SERIES / LANES] = {{0}};
        float c_re = 0, c_im = 0;
        for (int i = 0; i < HZ_BELL202_BIT; i++, y += 2, w += SERIES) {
            for (int l = 0; l < SERIES / LANES; l++) {
                re[l] += y[0] * *(const lanes *)(w + l * LANES);
                im[l] += y[1] * *(const lanes *)(w + l * LANES);
            }
            c_re += y[0];
            c_im += y[1];
        }
        memcpy(out[k].re, re, sizeof re);
        memcpy(out[k].im, im, sizeof im);
        out[k].carrier_re = c_re;
        out[k].carrier_im = c_im;
    }
}

/* Even harmonics are the same at theta + pi; odd ones (with their j) change their sign. */
static inline __attribute__((always_inline)) void match_tone(const struct hz_bell202_sums *sums,
                                                             const float (*even_odd)[HALF],
                                                             float carrier, int f,
                                                             struct hz_bell202_match *z)
{
    for (int p = 0; p < HALF; p += LANES) {
        lanes e_re = (lanes){0} + carrier * sums->carrier_re;
        lanes e_im = (lanes){0} + carrier * sums->carrier_im;
        lanes o_re = {0}, o_im = {0};
        for (unsigned n = 1; n <= place[f].harmonics; n++) {
            unsigned c = place[f].cosine + n - 1, s = place[f].sine + n - 1;
            lanes of_c = *(const lanes *)(even_odd[c] + p),
                  of_s = *(const lanes *)(even_odd[s] + p);
            lanes re = of_c * sums->re[c] + of_s * sums->re[s];
            lanes im = of_c * sums->im[c] + of_s * sums->im[s];
            if (n % 2) {
                o_re += re;
                o_im += im;
            } else {
                e_re += re;
                e_im += im;
            }
        }
        *(lanes *)(z->re[f] + p) = e_re - o_im;
        *(lanes *)(z->im[f] + p) = e_im + o_re;
        *(lanes *)(z->re[f] + p + HALF) = e_re + o_im;
        *(lanes *)(z->im[f] + p + HALF) = e_im - o_re;
    }
}

HZ_CLONES void hz_bell202_match(const struct hz_bell202_tones *t,
                                const struct hz_bell202_modulation *m,
                                const struct hz_bell202_sums *sums, struct hz_bell202_match *z)
{
    const unsigned *d = m->deviation;
    match_tone(sums, t->factor[d[0]], t->carrier[d[0]][0], 0, z);
    match_tone(sums, t->factor[d[1]], t->carrier[d[1]][1], 1, z);
}

#include "dsp/cpm_turns.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    CLOCKS = 129, /* clocks tried */
    DRIFTS = 81   /* drifts tried */
};

static const double two_pi = 6.28318530717958647692;

/* A first estimate of drift is believed if the coherent sum of the phase steps is that much larger
 * with it than without: the detector tolerates less, and noise looks like it. */
static const double drift_plain = 1.05;

/* Clocks tried about the one supposed; and, in radians from part to part, what is still plain: more
 * than pi would look like a clock on the other side. */
static const double clock_widest = 400e-6, advance_widest = 2.8;

static double angle(struct hz_phasor p)
{
    return atan2(p.im, p.re);
}

static void rotate(struct hz_phasor *p, double by)
{
    double c = cos(by), s = sin(by), re = p->re;
    p->re = re * c - p->im * s;
    p->im = re * s + p->im * c;
}

void hz_cpm_turns_measure(struct hz_cpm_turns *t, const float *c, const uint8_t *bits, size_t n,
                          size_t parts, double rate_hz)
{
    memset(t, 0, sizeof *t);
    t->rate_hz = rate_hz;
    t->parts = parts < HZ_CPM_TURNS_PARTS ? parts : HZ_CPM_TURNS_PARTS;
    t->part = n / t->parts;
    for (size_t k = 0; k + 1 < t->parts * t->part; k++) {
        float re = c[2 * k + 2] * c[2 * k] + c[2 * k + 3] * c[2 * k + 1];
        float im = c[2 * k + 3] * c[2 * k] - c[2 * k + 2] * c[2 * k + 1];
        bool same = bits[k] == bits[k + 1];
        struct hz_phasor *p = same ? t->same[bits[k]] : t->change[bits[k + 1]];
        p[k / t->part].re += (double)re;
        p[k / t->part].im += (double)im;
        t->pairs += same;
    }
}

/* Sum of phasors that rotate by `slope` more from part to part, from the burst's beginning on. */
static struct hz_phasor total(const struct hz_phasor *part, size_t parts, double slope)
{
    struct hz_phasor sum = {0, 0}, w = {cos(slope / 2), -sin(slope / 2)};
    double re = w.re * w.re - w.im * w.im, im = 2 * w.re * w.im;
    for (size_t p = 0; p < parts; p++) {
        sum.re += part[p].re * w.re - part[p].im * w.im;
        sum.im += part[p].re * w.im + part[p].im * w.re;
        w = (struct hz_phasor){w.re * re - w.im * im, w.re * im + w.im * re};
    }
    return sum;
}

static double power(struct hz_phasor p)
{
    return p.re * p.re + p.im * p.im;
}

static double length(struct hz_phasor p)
{
    return sqrt(power(p));
}

double hz_cpm_turns_drift(struct hz_cpm_turns *t, double bit_s, bool known)
{
    double per_hz_s = two_pi * (double)t->part * bit_s * bit_s;
    double widest = fmin(HZ_CPM_DRIFT_MOST_HZ_S * per_hz_s, 2), slope = 0;
    double none = length(total(t->same[0], t->parts, 0)) + length(total(t->same[1], t->parts, 0));
    double best = known ? none : drift_plain * none;
    for (int i = 0; i < DRIFTS; i++) {
        double x = widest * (2.0 * i / (DRIFTS - 1) - 1);
        double sum =
            length(total(t->same[0], t->parts, x)) + length(total(t->same[1], t->parts, x));
        if (sum > best) {
            best = sum;
            slope = x;
        }
    }
    for (size_t p = 0; slope != 0 && p < t->parts; p++) {
        for (int b = 0; b < 2; b++) {
            rotate(&t->same[b][p], -slope * ((double)p + 0.5));
            rotate(&t->change[b][p], -slope * ((double)p + 0.5));
        }
    }
    return slope / per_hz_s;
}

double hz_cpm_turns_tone(const struct hz_cpm_turns *t, unsigned bit, double *size)
{
    struct hz_phasor sum = total(t->same[bit], t->parts, 0);
    *size = length(sum);
    return angle(sum);
}

/* A burst that begins later by d than supposed turns the carrier by -4 pi deviation d where the bit
 * goes up, and back where it goes down. The clock is what makes d grow evenly. */
struct hz_cpm_late hz_cpm_turns_clock(const struct hz_cpm_turns *t, double carrier,
                                      double deviation_hz, double bit)
{
    struct hz_phasor change[HZ_CPM_TURNS_PARTS];
    for (size_t p = 0; p < t->parts; p++) {
        struct hz_phasor down = t->change[0][p], up = t->change[1][p];
        rotate(&down, -carrier);
        rotate(&up, -carrier);
        change[p] = (struct hz_phasor){up.re + down.re, up.im - down.im};
    }
    double per_sample = 2 * two_pi * deviation_hz / t->rate_hz;
    double widest = fmin(per_sample * (double)t->part * bit * clock_widest, advance_widest);
    double best = -1, slope = 0;
    struct hz_phasor at_best = {1, 0};
    for (int i = 0; i < CLOCKS; i++) {
        double x = widest * (2.0 * i / (CLOCKS - 1) - 1);
        struct hz_phasor sum = total(change, t->parts, -x);
        if (power(sum) > best) {
            best = power(sum);
            slope = x;
            at_best = sum;
        }
    }
    return (struct hz_cpm_late){-angle(at_best) / per_sample,
                                slope / per_sample / ((double)t->part * bit)};
}

#include "proto/acars/audio.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum { MEAN = HZ_ACARS_MEAN, BIT = HZ_ACARS_BIT, PULSE = HZ_ACARS_PULSE, KNOWN = HZ_ACARS_KNOWN };

/* "+*", SYN, SYN, SOH behind 16 ones; the first bit sent is the lowest. */
static const uint64_t known = UINT64_C(0x0116162aab) << HZ_ACARS_KEY | 0xffff;

static float known_bit(unsigned i)
{
    return known >> i & 1 ? 1 : -1;
}

/* ---- impulses ----------------------------------------------------------------------------- */

enum { RINGS = 2 }; /* samples before and after an impulse that the channel's filter makes of it */

/* Over so much of the mean power around it, a sample is an impulse: AM has 2.7 at most, and noise
 * comes to it once in 20,000 samples. */
static const double impulse = 10;

void hz_acars_blank(const float *iq, size_t n, double *sums, float *clean)
{
    size_t all = n + 2 * MEAN;
    const float *x = iq - 2 * MEAN;
    double sum = 0;
    sums[0] = 0;
    for (size_t i = 0; i < all; i++) {
        sum += (double)(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
        sums[i + 1] = sum;
    }
    memcpy(clean, x, 2 * all * sizeof *clean);
    for (size_t i = 0; i < all; i++) {
        size_t first = i > MEAN ? i - MEAN : 0, end = i + MEAN < all ? i + MEAN : all;
        double mean = (sums[end] - sums[first]) / (double)(end - first);
        if (sums[i + 1] - sums[i] > impulse * mean) {
            size_t from = i > RINGS ? i - RINGS : 0, to = i + RINGS < all ? i + RINGS : all - 1;
            memset(clean + 2 * from, 0, 2 * (to - from + 1) * sizeof *clean);
        }
    }
}

/* ---- the carrier ------------------------------------------------------------------------- */

/* Mixes with the carrier's frequency, or takes the magnitude, and writes the sums of the samples up
 * to each. */
static void sum_up(const float *iq, size_t n, double freq, bool envelope, double *sums)
{
    double cr = 1, ci = 0, sr = cos(2 * M_PI * freq), si = -sin(2 * M_PI * freq), re = 0, im = 0;
    sums[0] = sums[1] = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)iq[2 * i], y = (double)iq[2 * i + 1];
        if (envelope) {
            re += sqrt(x * x + y * y);
        } else {
            re += x * cr - y * ci;
            im += x * ci + y * cr;
            double next = cr * sr - ci * si;
            ci = cr * si + ci * sr;
            cr = next;
        }
        sums[2 * i + 2] = re;
        sums[2 * i + 3] = im;
    }
}

/* With sums[0] at the sample MEAN before audio[0]. */
static void take_out(const double *sums, size_t n, int half, float *audio)
{
    double scale = 1.0 / (2 * half + 1);
    for (size_t i = 0; i < n; i++) {
        const double *here = sums + 2 * (i + MEAN), *first = here - 2 * half;
        const double *last = here + 2 * half + 2;
        double cr = (last[0] - first[0]) * scale, ci = (last[1] - first[1]) * scale;
        double yr = here[2] - here[0], yi = here[3] - here[1];
        audio[i] = (float)((yr - cr) * cr + (yi - ci) * ci);
    }
}

void hz_acars_audio(const float *clean, size_t n, double freq, enum hz_acars_way way, double *sums,
                    float *audio)
{
    sum_up(clean, n + 2 * MEAN, freq, way == HZ_ACARS_ENVELOPE, sums);
    take_out(sums, n, way == HZ_ACARS_FAST ? HZ_ACARS_MEAN_FAST : MEAN, audio);
}

/* ---- pulses ------------------------------------------------------------------------------ */

/* cos(pi m / 12) cos(pi m / 4) and cos(pi m / 12) sin(pi m / 4): six samples are T. */
static const float pulse_re[PULSE + 1] = {1, 0.68301270f, 0, -0.5f, -0.5f, -0.18301270f};
static const float pulse_im[PULSE + 1] = {0, 0.68301270f, 0.86602540f, 0.5f, 0, -0.18301270f};

struct hz_acars_pulse hz_acars_pulse(const float *x)
{
    struct hz_acars_pulse z = {x[0], 0};
    for (int m = 1; m <= PULSE; m++) {
        z.re += pulse_re[m] * (x[m] + x[-m]);
        z.im -= pulse_im[m] * (x[m] - x[-m]);
    }
    return z;
}

/* The same of n samples in a row: z holds n real parts, then n imaginary ones. */
HZ_CLONES static void pulses(const float *x, size_t n, float *z)
{
    float *im = z + n;
    for (size_t i = 0; i < n; i++) {
        float a = x[i], b = 0;
        for (int m = 1; m <= PULSE; m++) {
            a += pulse_re[m] * (x[(ptrdiff_t)i + m] + x[(ptrdiff_t)i - m]);
            b -= pulse_im[m] * (x[(ptrdiff_t)i + m] - x[(ptrdiff_t)i - m]);
        }
        z[i] = a;
        im[i] = b;
    }
}

struct hz_acars_start hz_acars_sync(const float *audio, size_t from, size_t to, float *z)
{
    size_t before = (KNOWN - 1) * BIT, n = to - from + before;
    const float *x = audio + from - before;
    struct hz_acars_start best = {from, 0, 0, 0};
    double energy = 0;
    pulses(x, n, z);
    for (size_t i = 0; i < before; i++)
        energy += (double)(x[i] * x[i]);
    for (size_t i = 0; i < to - from; i++) {
        float re = 0, im = 0;
        const float *zr = z + i, *zi = z + n + i;
        for (unsigned k = 0; k < KNOWN; k++) {
            float bit = known_bit(k);
            re += bit * zr[k * BIT];
            im += bit * zi[k * BIT];
        }
        /* the pulses' energy, 3 each, with theirs on average as that of the audio */
        float fraction = (re * re + im * im) / (3 * KNOWN * (float)(energy + 1e-30));
        if (fraction > best.fraction)
            best = (struct hz_acars_start){from + i, fraction, re / KNOWN, im / KNOWN};
        float out = x[i], in = x[i + before];
        energy += (double)(in * in - out * out);
    }
    return best;
}

/* ---- bits -------------------------------------------------------------------------------- */

enum { AROUND = 14 }; /* bits before and after one that tell of its phase */

static const float memory = 0.95f;
static const float eighth = 0.70710678f; /* cos and sin of a sample's phase, an eighth of a turn */

struct phasor {
    float re, im;
};

/* a b*. */
static struct phasor against(struct phasor a, struct phasor b)
{
    return (struct phasor){a.re * b.re + a.im * b.im, a.im * b.re - a.re * b.im};
}

/* Turned by so many eighths. */
static struct phasor turned(struct phasor a, int eighths)
{
    for (; eighths > 0; eighths--)
        a = (struct phasor){eighth * (a.re - a.im), eighth * (a.re + a.im)};
    for (; eighths < 0; eighths++)
        a = (struct phasor){eighth * (a.re + a.im), eighth * (a.im - a.re)};
    return a;
}

static float along(struct phasor a, struct phasor u)
{
    return (a.re * u.re + a.im * u.im) / (sqrtf(u.re * u.re + u.im * u.im) + 1e-30f);
}

/* Decides each bit with the phase followed from bit to bit. Where the timing has moved by half a
 * sample, the next sample is taken, and its Z is turned back. Returns the bits within audio[n]. */
static size_t follow(const float *audio, size_t n, const struct hz_acars_start *start, size_t bits,
                     struct phasor *z, float *soft)
{
    const struct phasor origin = {start->re, start->im};
    struct phasor u = {origin.re / (1 - memory), origin.im / (1 - memory)};
    int shift = 0;
    size_t k = 0;
    for (; k < bits; k++) {
        long at = (long)(start->at + (k + 1) * BIT) + shift;
        if (at + PULSE >= (long)n)
            break;
        struct hz_acars_pulse p = hz_acars_pulse(audio + at);
        z[k] = turned((struct phasor){p.re, p.im}, -shift);
        soft[k] = along(z[k], u);
        float sign = soft[k] < 0 ? -1 : 1;
        u.re = memory * u.re + sign * z[k].re;
        u.im = memory * u.im + sign * z[k].im;
        struct phasor moved = turned(against(u, origin), shift);
        if (fabsf(moved.im) > 0.45f * moved.re)
            shift += moved.im < 0 ? 1 : -1;
    }
    return k;
}

/* Decides again, by the phase of the mean of the bits on both sides. */
static void decide_again(struct phasor *z, size_t n, float *soft, struct phasor *u)
{
    struct phasor sum = {0, 0};
    for (size_t k = 0; k < n; k++)
        u[k] = (struct phasor){soft[k] < 0 ? -z[k].re : z[k].re, soft[k] < 0 ? -z[k].im : z[k].im};
    for (size_t k = 0; k < AROUND && k < n; k++) {
        sum.re += u[k].re;
        sum.im += u[k].im;
    }
    for (size_t k = 0; k < n; k++) {
        if (k + AROUND < n) {
            sum.re += u[k + AROUND].re;
            sum.im += u[k + AROUND].im;
        }
        if (k > AROUND) {
            sum.re -= u[k - AROUND - 1].re;
            sum.im -= u[k - AROUND - 1].im;
        }
        soft[k] = along(z[k], (struct phasor){sum.re - u[k].re, sum.im - u[k].im});
    }
}

void hz_acars_bits(const float *audio, size_t n, const struct hz_acars_start *start, size_t bits,
                   float *work, float *soft)
{
    struct phasor *z = (struct phasor *)work;
    size_t got = follow(audio, n, start, bits, z, soft);
    memset(soft + got, 0, (bits - got) * sizeof *soft);
    decide_again(z, got, soft, z + bits);
}

/* Removes a carrier's frequency offset and drift, and estimates the remainder. */
#include "dsp/clones.h"
#include "dsp/cpm_run.h"

#include <errno.h>
#include <math.h>

enum { LANES = 8, BLOCK = 128, FIT_BITS = 8, FIT_BLOCKS = 512 };

static const double two_pi = 6.28318530717958647692;

/* A rotation; products of a few hundred of them stay within 1e-13. */
struct rotor {
    double re, im;
};

static inline struct rotor rotor(double cycles)
{
    if (cycles == 0)
        return (struct rotor){1, 0};
    return (struct rotor){cos(two_pi * cycles), sin(two_pi * cycles)};
}

static inline struct rotor times(struct rotor a, struct rotor b)
{
    return (struct rotor){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* The rotations of four samples, as c, c of each and -s, s of each. */
struct four {
    hz_eight re, im;
};

/* Of a sample and the three after it, which rot and then two are between. */
static inline struct four four(struct rotor now, struct rotor rot, struct rotor two)
{
    struct rotor then = times(now, two), b = times(now, rot), d = times(then, rot);
    float c[4] = {(float)now.re, (float)b.re, (float)then.re, (float)d.re};
    float s[4] = {(float)now.im, (float)b.im, (float)then.im, (float)d.im};
    return (struct four){{c[0], c[0], c[1], c[1], c[2], c[2], c[3], c[3]},
                         {-s[0], s[0], -s[1], s[1], -s[2], s[2], -s[3], s[3]}};
}

static inline void rotate(const float *in, const struct four *by, float *out)
{
    hz_eight x = *(const hz_eight *)in;
    hz_eight swapped = HZ_CPM_SHUFFLE(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
    *(hz_eight *)out = x * by->re + swapped * by->im;
}

static inline void turn(struct four *a, const struct four *step)
{
    hz_eight re = a->re * step->re - a->im * step->im;
    a->im = a->im * step->re + a->re * step->im;
    a->re = re;
}

/* Rotates at most a block of samples: the first by `now`, each further one by `rot` more. */
HZ_CLONES static void mix_block(const float *in, size_t n, struct rotor now, struct rotor rot,
                                float *out)
{
    struct rotor two = times(rot, rot), quad = times(two, two), eight = times(quad, quad);
    float c = (float)eight.re, s = (float)eight.im;
    struct four step = {{c, c, c, c, c, c, c, c}, {-s, s, -s, s, -s, s, -s, s}};
    struct four at[LANES / 4];
    at[0] = four(now, rot, two);
    at[1] = four(times(times(now, two), two), rot, two);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        rotate(in + 2 * i, &at[0], out + 2 * i);
        rotate(in + 2 * i + 8, &at[1], out + 2 * i + 8);
        turn(&at[0], &step);
        turn(&at[1], &step);
    }
    for (unsigned l = 0; i < n; i++, l++) {
        const float *x = in + 2 * i;
        float a = at[l / 4].re[l % 4 * 2], b = at[l / 4].im[l % 4 * 2 + 1];
        float re = x[0] * a - x[1] * b;
        out[2 * i + 1] = x[0] * b + x[1] * a;
        out[2 * i] = re;
    }
}

/* Within a block the frequency of its middle is used. The phase error is at most drift * 64^2 / 2
 * cycles, which is negligible for any transmitter. */
void hz_cpm_mix(const float *in, size_t n, const struct hz_cpm_offset *offset, float *out)
{
    /* Rotations: `now` at the start of a block, `rot` per sample, `on` per block. From block to
     * block the drift changes `rot` by `more` and `on` by `much`. */
    struct rotor now = {1, 0}, rot = rotor(-offset->freq - offset->drift * (BLOCK / 2));
    struct rotor on = rotor(-offset->freq * BLOCK - offset->drift * (BLOCK * BLOCK / 2));
    struct rotor more = rotor(-offset->drift * BLOCK), much = rotor(-offset->drift * BLOCK * BLOCK);
    for (size_t at = 0; at < n; at += BLOCK) {
        mix_block(in + 2 * at, n - at < BLOCK ? n - at : BLOCK, now, rot, out + 2 * at);
        now = times(now, on);
        rot = times(rot, more);
        on = times(on, much);
    }
}

/* Least squares of phase = p0 + p1 t + p2 t^2 with t from -1 to 1, weights w. */
static void parabola(const double *phase, const double *w, size_t n, double p[3])
{
    double s[5] = {0}, r[3] = {0};
    for (size_t i = 0; i < n; i++) {
        double t = 2 * ((double)i + 0.5) / (double)n - 1, power = w[i];
        for (int k = 0; k < 5; k++, power *= t) {
            s[k] += power;
            if (k < 3)
                r[k] += power * phase[i];
        }
    }
    double a[3][4] = {{s[0], s[1], s[2], r[0]}, {s[1], s[2], s[3], r[1]}, {s[2], s[3], s[4], r[2]}};
    for (int c = 0; c < 3; c++) {
        for (int row = 0; row < 3; row++) {
            double k = row == c || a[c][c] == 0 ? 0 : a[row][c] / a[c][c];
            for (int col = 0; col < 4; col++)
                a[row][col] -= k * a[c][col];
        }
    }
    for (int c = 0; c < 3; c++)
        p[c] = a[c][c] != 0 ? a[c][3] / a[c][c] : 0;
}

int hz_cpm_fit(const struct hz_cpm_mode *mode, const float *carrier, size_t count,
               struct hz_cpm_offset *left)
{
    double phase[FIT_BLOCKS], weight[FIT_BLOCKS], p[3];
    size_t n = count / FIT_BITS < FIT_BLOCKS ? count / FIT_BITS : FIT_BLOCKS;
    double fold = mode->h == 0.5 ? 0.5 : 1; /* in cycles: the steps that wrong bits leave */
    if (n < 4)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        double re = 0, im = 0;
        for (size_t k = i * FIT_BITS; k < (i + 1) * FIT_BITS; k++) {
            re += (double)carrier[2 * k];
            im += (double)carrier[2 * k + 1];
        }
        double cycles = atan2(im, re) / two_pi;
        phase[i] = i == 0 ? cycles : cycles - fold * nearbyint((cycles - phase[i - 1]) / fold);
        weight[i] = re * re + im * im;
    }
    parabola(phase, weight, n, p);
    double half = (double)n * FIT_BITS * mode->samples_per_bit / 2; /* samples */
    left->drift = 2 * p[2] / (half * half);
    left->freq = p[1] / half - left->drift * half;
    return 0;
}

#include "dsp/fft_kiss.h"

#include "dsp/clones.h"

#include <kissfft/kiss_fft.h>
#include <math.h>
#include <stdlib.h>

#define STAGES_MAX 3
#define LEAF       400 /* below this many points the radix-5 stages gain nothing */

struct hz_kiss {
    size_t n, stages;
    double sign;              /* of the exponent */
    float *twist[STAGES_MAX]; /* of stage s, with n / 5^s points: e^(sign j 2 pi k / points) */
    kiss_fft_cfg leaf;
};

void hz_kiss_free(struct hz_kiss *k)
{
    if (!k)
        return;
    for (size_t s = 0; s < k->stages; s++)
        free(k->twist[s]);
    kiss_fft_free(k->leaf);
    free(k);
}

static float *make_twist(size_t points, double sign)
{
    float *w = malloc(points / 5 * 2 * sizeof *w);
    for (size_t i = 0; w && i < points / 5; i++) {
        double phase = sign * 2 * M_PI * (double)i / (double)points;
        w[2 * i] = (float)cos(phase);
        w[2 * i + 1] = (float)sin(phase);
    }
    return w;
}

struct hz_kiss *hz_kiss_new(size_t n, bool inverse)
{
    struct hz_kiss *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->n = n;
    k->sign = inverse ? 1 : -1;
    bool made = true;
    for (; n % 5 == 0 && n / 5 >= LEAF && k->stages < STAGES_MAX; n /= 5) {
        k->twist[k->stages] = make_twist(n, k->sign);
        made = made && k->twist[k->stages++];
    }
    k->leaf = kiss_fft_alloc((int)n, inverse, NULL, NULL);
    if (made && k->leaf)
        return k;
    hz_kiss_free(k);
    return NULL;
}

/* A radix-5 butterfly, in place: multiplies b to e by w to w^4, then transforms the five points.
 * s1 and s2 are the sines of 72 and 144 degrees, times the sign of the exponent. */
HZ_CLONES static void combine(float *restrict a, float *restrict b, float *restrict c,
                              float *restrict d, float *restrict e, const float *restrict twist,
                              size_t n, float s1, float s2)
{
    const float c1 = 0.309016994f, c2 = -0.809016994f; /* cosines of 72 and 144 degrees */
    for (size_t i = 0; i < 2 * n; i += 2) {
        float w1 = twist[i], v1 = twist[i + 1];
        float w2 = w1 * w1 - v1 * v1, v2 = 2 * w1 * v1;
        float w3 = w2 * w1 - v2 * v1, v3 = w2 * v1 + v2 * w1;
        float w4 = w2 * w2 - v2 * v2, v4 = 2 * w2 * v2;
        float br = b[i] * w1 - b[i + 1] * v1, bi = b[i] * v1 + b[i + 1] * w1;
        float cr = c[i] * w2 - c[i + 1] * v2, ci = c[i] * v2 + c[i + 1] * w2;
        float dr = d[i] * w3 - d[i + 1] * v3, di = d[i] * v3 + d[i + 1] * w3;
        float er = e[i] * w4 - e[i + 1] * v4, ei = e[i] * v4 + e[i + 1] * w4;
        float ar = a[i], ai = a[i + 1];
        float pr = br + er, pi = bi + ei, qr = cr + dr, qi = ci + di;
        float mr = br - er, mi = bi - ei, nr = cr - dr, ni = ci - di;
        float xr = ar + c1 * pr + c2 * qr, xi = ai + c1 * pi + c2 * qi;
        float yr = ar + c2 * pr + c1 * qr, yi = ai + c2 * pi + c1 * qi;
        float gr = s1 * mr + s2 * nr, gi = s1 * mi + s2 * ni;
        float hr = s2 * mr - s1 * nr, hi = s2 * mi - s1 * ni;
        a[i] = ar + pr + qr;
        a[i + 1] = ai + pi + qi;
        b[i] = xr - gi;
        b[i + 1] = xi + gr;
        c[i] = yr - hi;
        c[i + 1] = yi + hr;
        d[i] = yr + hi;
        d[i + 1] = yi - hr;
        e[i] = xr + gi;
        e[i + 1] = xi - gr;
    }
}

/* Transforms n points, every `stride`-th sample of `in`. */
static void run(const struct hz_kiss *k, size_t stage, const float *in, size_t stride, float *out,
                size_t n)
{
    if (stage == k->stages || stage == STAGES_MAX) {
        kiss_fft_stride(k->leaf, (const kiss_fft_cpx *)in, (kiss_fft_cpx *)out, (int)stride);
        return;
    }
    size_t m = n / 5;
    for (size_t i = 0; i < 5; i++)
        run(k, stage + 1, in + 2 * i * stride, 5 * stride, out + 2 * i * m, m);
    combine(out, out + 2 * m, out + 4 * m, out + 6 * m, out + 8 * m, k->twist[stage], m,
            (float)(k->sign * sin(2 * M_PI / 5)), (float)(k->sign * sin(4 * M_PI / 5)));
}

void hz_kiss_run(const struct hz_kiss *k, const float *in, float *out)
{
    run(k, 0, in, 1, out, k->n);
}

#include "dsp/fm.h"

#include "dsp/clones.h"

#include <math.h>

/* The angle of i + j q in cycles, without branches. The arc tangent of 0 to 1 is Abramowitz and
 * Stegun 4.4.47, within 1e-5 rad; the other octants follow by symmetry. */
static inline float angle(float i, float q)
{
    float x = fabsf(i), y = fabsf(q);
    float small = x < y ? x : y, large = x < y ? y : x;
    float t = small / (large + 1e-30f), s = t * t;
    float a = t * (0.9998660f +
                   s * (-0.3302995f + s * (0.1801410f + s * (-0.0851330f + s * 0.0208351f))));
    a *= (float)(0.5 / M_PI);
    a = x < y ? 0.25f - a : a;
    a = i < 0 ? 0.5f - a : a;
    return q < 0 ? -a : a;
}

void hz_fm_init(struct hz_fm *fm)
{
    *fm = (struct hz_fm){0, 0};
}

HZ_CLONES static void discriminate(const float *restrict x, size_t n, float *restrict out)
{
    for (size_t k = 0; k < n; k++) {
        float a = x[2 * k], b = x[2 * k + 1], c = x[2 * k + 2], d = x[2 * k + 3];
        out[k] = angle(c * a + d * b, d * a - c * b);
    }
}

void hz_fm_push(struct hz_fm *fm, const float *x, size_t n, float *out)
{
    if (!n)
        return;
    out[0] = angle(x[0] * fm->i + x[1] * fm->q, x[1] * fm->i - x[0] * fm->q);
    discriminate(x, n - 1, out + 1);
    fm->i = x[2 * n - 2];
    fm->q = x[2 * n - 1];
}

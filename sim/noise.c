#include "sim/noise.h"

#include "sim/rng.h"

#include <math.h>
#include <string.h>

enum { LANES = HZ_NOISE_LANES };

void hz_noise_init(struct hz_noise *n, uint64_t seed)
{
    for (int lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < 4; i++) {
            n->s[i][lane] = (uint32_t)(hz_rng_split(&seed) >> 32);
        }
    }
}

/* One step of xoshiro128++ (Blackman and Vigna, 2018) in every lane. */
static void draw(struct hz_noise *n, uint32_t *restrict out)
{
    for (int i = 0; i < LANES; i++) {
        uint32_t sum = n->s[0][i] + n->s[3][i];
        out[i] = (sum << 7 | sum >> 25) + n->s[0][i];
        uint32_t t = n->s[1][i] << 9;
        n->s[2][i] ^= n->s[0][i];
        n->s[3][i] ^= n->s[1][i];
        n->s[1][i] ^= n->s[2][i];
        n->s[0][i] ^= n->s[3][i];
        n->s[2][i] ^= t;
        n->s[3][i] = n->s[3][i] << 11 | n->s[3][i] >> 21;
    }
}

/* ln x for x > 0 and normal, relative error under 1e-6: exponent and the series of
 * 2 atanh((m - 1) / (m + 1)) over the mantissa m in [sqrt 1/2, sqrt 2). */
static inline float log_fast(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t e = (int32_t)(bits - 0x3f3504f3u) >> 23;
    bits -= (uint32_t)e << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    float q = (m - 1) / (m + 1), q2 = q * q;
    float series = q * (2 + q2 * (2.0f / 3 + q2 * (2.0f / 5 + q2 * (2.0f / 7))));
    return series + (float)e * 0.69314718f;
}

/* sin(pi/2 x) for x in [-1, 1], error under 4e-6. */
static inline float sin_fast(float x)
{
    float x2 = x * x;
    return x * (1.57079632f +
                x2 * (-0.64596371f + x2 * (0.07969260f + x2 * (-0.00468175f + x2 * 0.00016044f))));
}

/* Box and Muller (1958), written out so that every step is plain vector arithmetic: no table, no
 * libm. The cosine follows from the sine; its sign is a random bit of its own. */
static void polar(const uint32_t *restrict a, const uint32_t *restrict b, float *restrict iq,
                  float sigma)
{
    for (int i = 0; i < LANES; i++) {
        float u = (float)(int32_t)((a[i] >> 8) + 1) * 0x1p-24f; /* (0, 1] */
        float r = sigma * sqrtf(-2 * log_fast(u));
        float s = sin_fast((float)((int32_t)b[i] >> 8) * 0x1p-23f);
        float c2 = 1 - s * s, c = sqrtf(c2 > 0 ? c2 : 0);
        uint32_t bits;
        memcpy(&bits, &c, sizeof bits);
        bits |= b[i] << 31;
        memcpy(&c, &bits, sizeof c);
        iq[2 * i] = r * c;
        iq[2 * i + 1] = r * s;
    }
}

void hz_noise_fill(struct hz_noise *noise, float *iq, size_t n, float sigma)
{
    uint32_t a[LANES], b[LANES];
    float last[2 * LANES];
    for (size_t i = 0; i < n; i += LANES) {
        draw(noise, a);
        draw(noise, b);
        if (n - i >= LANES) {
            polar(a, b, iq + 2 * i, sigma);
        } else {
            polar(a, b, last, sigma);
            memcpy(iq + 2 * i, last, (n - i) * 2 * sizeof *iq);
        }
    }
}

#include "dsp/thin.h"

#include "dsp/clones.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    AT_ONCE = 16, /* outputs */
    TOP = 32767,  /* of the taps: their rounding is then 95 dB down */
};

int hz_thin_init(struct hz_thin *t, const double *re, const double *im, size_t taps, size_t most)
{
    double top = 0;
    size_t padded = (taps + HZ_THIN_DOWN - 1) / HZ_THIN_DOWN * HZ_THIN_DOWN;
    *t = (struct hz_thin){.taps = padded, .most = most / HZ_THIN_DOWN + 2 * AT_ONCE};
    t->re = calloc(2 * padded, sizeof *t->re);
    t->im = calloc(2 * padded, sizeof *t->im);
    bool made = t->re && t->im;
    for (size_t p = 0; p < HZ_THIN_DOWN; p++) {
        t->phase[p] = calloc(2 * t->most, sizeof *t->phase[p]);
        made = made && t->phase[p];
    }
    if (!made) {
        hz_thin_done(t);
        return -ENOMEM;
    }
    for (size_t i = 0; i < taps; i++)
        top = fmax(top, fmax(fabs(re[i]), fabs(im[i])));
    for (size_t i = 0; i < taps; i++) {
        t->re[2 * i] = t->im[2 * i + 1] = (int16_t)lround(re[i] / top * TOP);
        t->im[2 * i] = (int16_t)lround(im[i] / top * TOP);
        t->re[2 * i + 1] = (int16_t)-t->im[2 * i];
    }
    t->scale = (float)(top / TOP);
    return 0;
}

void hz_thin_done(struct hz_thin *t)
{
    free(t->re);
    free(t->im);
    for (size_t p = 0; p < HZ_THIN_DOWN; p++)
        free(t->phase[p]);
    *t = (struct hz_thin){0};
}

bool hz_thin_takes(enum hz_format format)
{
    return format == HZ_CU8 || format == HZ_CS8;
}

HZ_CLONES static void from_u8(const uint8_t *restrict in, size_t n, int16_t *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (int16_t)(2 * in[i] - 255);
}

HZ_CLONES static void from_s8(const int8_t *restrict in, size_t n, int16_t *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = in[i];
}

void hz_thin_convert(enum hz_format format, const void *in, size_t n, int16_t *out, float *full)
{
    if (format == HZ_CU8)
        from_u8(in, 2 * n, out);
    else
        from_s8(in, 2 * n, out);
    *full = format == HZ_CU8 ? 255 : 128;
}

/* Every fourth pair of x, from each of the first four on. */
HZ_CLONES static void split(const int16_t *restrict x, size_t n, int16_t *restrict a,
                            int16_t *restrict b, int16_t *restrict c, int16_t *restrict d)
{
    for (size_t i = 0; i < n; i++, x += 8) {
        memcpy(a + 2 * i, x, 4);
        memcpy(b + 2 * i, x + 2, 4);
        memcpy(c + 2 * i, x + 4, 4);
        memcpy(d + 2 * i, x + 6, 4);
    }
}

/* AT_ONCE outputs. A sum of 8-bit samples times taps is far below 2^31. */
static void sums(const struct hz_thin *t, size_t at, float scale, float *y)
{
    for (size_t k = 0; k < AT_ONCE; k++, y += 2) {
        int32_t re = 0, im = 0;
        for (size_t i = 0; i < t->taps; i++) {
            const int16_t *x = t->phase[i % HZ_THIN_DOWN] + 2 * (at + k + i / HZ_THIN_DOWN);
            re += x[0] * t->re[2 * i] + x[1] * t->re[2 * i + 1];
            im += x[0] * t->im[2 * i] + x[1] * t->im[2 * i + 1];
        }
        y[0] = (float)re * scale;
        y[1] = (float)im * scale;
    }
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static __m256i tap(const int16_t *pair)
{
    int32_t both;
    memcpy(&both, pair, sizeof both);
    return _mm256_set1_epi32(both);
}

/* Eight outputs, from the sums of I and of Q. */
__attribute__((target("avx2"))) static void put(__m256i re, __m256i im, __m256 scale, float *y)
{
    __m256 a = _mm256_mul_ps(_mm256_cvtepi32_ps(re), scale);
    __m256 b = _mm256_mul_ps(_mm256_cvtepi32_ps(im), scale);
    __m256 low = _mm256_unpacklo_ps(a, b), high = _mm256_unpackhi_ps(a, b);
    _mm256_storeu_ps(y, _mm256_permute2f128_ps(low, high, 0x20));
    _mm256_storeu_ps(y + 8, _mm256_permute2f128_ps(low, high, 0x31));
}

__attribute__((target("avx2"))) static void sums_avx2(const struct hz_thin *t, size_t at,
                                                      float scale, float *y)
{
    __m256i ra = _mm256_setzero_si256(), rb = ra, ia = ra, ib = ra;
    const int16_t *re = t->re, *im = t->im;
    for (size_t i = 0; i < t->taps / HZ_THIN_DOWN; i++)
        for (size_t p = 0; p < HZ_THIN_DOWN; p++, re += 2, im += 2) {
            const int16_t *x = t->phase[p] + 2 * (at + i);
            __m256i a = _mm256_loadu_si256((const __m256i *)x);
            __m256i b = _mm256_loadu_si256((const __m256i *)(x + AT_ONCE));
            __m256i r = tap(re), q = tap(im);
            ra = _mm256_add_epi32(ra, _mm256_madd_epi16(a, r));
            rb = _mm256_add_epi32(rb, _mm256_madd_epi16(b, r));
            ia = _mm256_add_epi32(ia, _mm256_madd_epi16(a, q));
            ib = _mm256_add_epi32(ib, _mm256_madd_epi16(b, q));
        }
    put(ra, ia, _mm256_set1_ps(scale), y);
    put(rb, ib, _mm256_set1_ps(scale), y + AT_ONCE);
}

#endif

void hz_thin_run(struct hz_thin *t, const int16_t *x, size_t n, float full, float *y)
{
    split(x, n + t->taps / HZ_THIN_DOWN - 1, t->phase[0], t->phase[1], t->phase[2], t->phase[3]);
    float scale = t->scale / full;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        for (size_t k = 0; k < n; k += AT_ONCE)
            sums_avx2(t, k, scale, y + 2 * k);
        return;
    }
#endif
    for (size_t k = 0; k < n; k += AT_ONCE)
        sums(t, k, scale, y + 2 * k);
}

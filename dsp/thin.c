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

typedef int32_t quad __attribute__((vector_size(16)));
typedef int16_t parts __attribute__((vector_size(16)));

int hz_thin_init(struct hz_thin *t, const double *re, const double *im, size_t taps, size_t most)
{
    double top = 0;
    size_t padded = (taps + HZ_THIN_DOWN - 1) / HZ_THIN_DOWN * HZ_THIN_DOWN;
    *t = (struct hz_thin){.taps = padded, .real = true, .most = most / HZ_THIN_DOWN + 2 * AT_ONCE};
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
    for (size_t i = 0; i < taps; i++) {
        top = fmax(top, fmax(fabs(re[i]), fabs(im[i])));
        t->real = t->real && im[i] == 0;
    }
    for (size_t i = 0; i < taps; i++) {
        int16_t is = (int16_t)lround(re[i] / top * TOP);
        if (t->real) {
            t->re[i] = is;
            continue;
        }
        t->re[2 * i] = t->im[2 * i + 1] = is;
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

/* Four bytes each: a sample. */
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

/* Fills the phases from x: n of each, and up to three more. */
static inline __attribute__((always_inline)) void
split_of(const int16_t *x, size_t n, int16_t *const phase[HZ_THIN_DOWN], const bool real)
{
    for (size_t i = 0; i < n; i += 4, x += 32) {
        quad q[4];
        memcpy(q, x, sizeof q);
        for (size_t k = 0; k < 4 && real; k++) /* I, I', Q, Q' */
            q[k] = (quad)PICK((parts)q[k], (parts)q[k], 0, 2, 1, 3, 4, 6, 5, 7);
        quad a = PICK(q[0], q[1], 0, 4, 1, 5), b = PICK(q[2], q[3], 0, 4, 1, 5);
        quad c = PICK(q[0], q[1], 2, 6, 3, 7), d = PICK(q[2], q[3], 2, 6, 3, 7);
        quad e = PICK(a, b, 0, 1, 4, 5), f = PICK(a, b, 2, 3, 6, 7);
        quad g = PICK(c, d, 0, 1, 4, 5), h = PICK(c, d, 2, 3, 6, 7);
        memcpy(phase[0] + 2 * i, &e, sizeof e);
        memcpy(phase[1] + 2 * i, &f, sizeof f);
        memcpy(phase[2] + 2 * i, &g, sizeof g);
        memcpy(phase[3] + 2 * i, &h, sizeof h);
    }
}

HZ_CLONES static void split(const int16_t *x, size_t n, int16_t *const phase[HZ_THIN_DOWN],
                            bool real)
{
    if (real)
        split_of(x, n, phase, true);
    else
        split_of(x, n, phase, false);
}

/* In all variants: the phases of I and of Q in turn p of the taps, of which there are TURNS. */
#define TURNS(real)      ((real) ? 2 : HZ_THIN_DOWN)
#define OF_I(t, p, real) ((t)->phase[(real) ? 2 * (p) : (p)])
#define OF_Q(t, p, real) ((t)->phase[(real) ? 2 * (p) + 1 : (p)])

/* AT_ONCE outputs. A sum of 8-bit samples times taps is far below 2^31. */
static void sums(const struct hz_thin *t, size_t at, float scale, float *y)
{
    const int16_t *taps_im = t->real ? t->re : t->im;
    for (size_t k = 0; k < AT_ONCE; k++, y += 2) {
        int32_t re = 0, im = 0;
        const int16_t *r = t->re, *q = taps_im;
        for (size_t i = 0; i < t->taps / HZ_THIN_DOWN; i++)
            for (size_t p = 0; p < TURNS(t->real); p++, r += 2, q += 2) {
                const int16_t *a = OF_I(t, p, t->real) + 2 * (at + k + i);
                const int16_t *b = OF_Q(t, p, t->real) + 2 * (at + k + i);
                re += a[0] * r[0] + a[1] * r[1];
                im += b[0] * q[0] + b[1] * q[1];
            }
        y[0] = (float)re * scale;
        y[1] = (float)im * scale;
    }
}

#if defined(__x86_64__)
#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))

static int32_t pair(const int16_t *tap)
{
    int32_t both;
    memcpy(&both, tap, sizeof both);
    return both;
}

/* Eight outputs, from the sums of I and of Q. */
AVX2 static void put(__m256i re, __m256i im, float scale, float *y)
{
    __m256 a = _mm256_mul_ps(_mm256_cvtepi32_ps(re), _mm256_set1_ps(scale));
    __m256 b = _mm256_mul_ps(_mm256_cvtepi32_ps(im), _mm256_set1_ps(scale));
    __m256 low = _mm256_unpacklo_ps(a, b), high = _mm256_unpackhi_ps(a, b);
    _mm256_storeu_ps(y, _mm256_permute2f128_ps(low, high, 0x20));
    _mm256_storeu_ps(y + 8, _mm256_permute2f128_ps(low, high, 0x31));
}

#define INLINE static inline __attribute__((always_inline))

AVX2 INLINE void avx2_of(const struct hz_thin *t, size_t at, float scale, float *y, const bool real)
{
    __m256i ra = _mm256_setzero_si256(), rb = ra, ia = ra, ib = ra;
    const int16_t *re = t->re, *im = real ? t->re : t->im;
    for (size_t i = 0; i < t->taps / HZ_THIN_DOWN; i++)
        for (size_t p = 0; p < TURNS(real); p++, re += 2, im += 2) {
            const __m256i *x = (const __m256i *)(OF_I(t, p, real) + 2 * (at + i));
            const __m256i *z = (const __m256i *)(OF_Q(t, p, real) + 2 * (at + i));
            __m256i r = _mm256_set1_epi32(pair(re)), q = _mm256_set1_epi32(pair(im));
            ra = _mm256_add_epi32(ra, _mm256_madd_epi16(_mm256_loadu_si256(x), r));
            rb = _mm256_add_epi32(rb, _mm256_madd_epi16(_mm256_loadu_si256(x + 1), r));
            ia = _mm256_add_epi32(ia, _mm256_madd_epi16(_mm256_loadu_si256(z), q));
            ib = _mm256_add_epi32(ib, _mm256_madd_epi16(_mm256_loadu_si256(z + 1), q));
        }
    put(ra, ia, scale, y);
    put(rb, ib, scale, y + AT_ONCE);
}

AVX2 static void sums_avx2(const struct hz_thin *t, size_t at, float scale, float *y)
{
    if (t->real)
        avx2_of(t, at, scale, y, true);
    else
        avx2_of(t, at, scale, y, false);
}

AVX512 INLINE void avx512_of(const struct hz_thin *t, size_t at, float scale, float *y,
                             const bool real)
{
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    const int16_t *re = t->re, *im = real ? t->re : t->im;
    for (size_t i = 0; i < t->taps / HZ_THIN_DOWN; i++)
        for (size_t p = 0; p < TURNS(real); p += 2, re += 4, im += 4) {
            __m512i x = _mm512_loadu_si512(OF_I(t, p, real) + 2 * (at + i));
            __m512i z = _mm512_loadu_si512(OF_I(t, p + 1, real) + 2 * (at + i));
            __m512i v = _mm512_loadu_si512(OF_Q(t, p, real) + 2 * (at + i));
            __m512i w = _mm512_loadu_si512(OF_Q(t, p + 1, real) + 2 * (at + i));
            a = _mm512_add_epi32(a, _mm512_madd_epi16(x, _mm512_set1_epi32(pair(re))));
            b = _mm512_add_epi32(b, _mm512_madd_epi16(v, _mm512_set1_epi32(pair(im))));
            c = _mm512_add_epi32(c, _mm512_madd_epi16(z, _mm512_set1_epi32(pair(re + 2))));
            d = _mm512_add_epi32(d, _mm512_madd_epi16(w, _mm512_set1_epi32(pair(im + 2))));
        }
    a = _mm512_add_epi32(a, c);
    b = _mm512_add_epi32(b, d);
    put(_mm512_castsi512_si256(a), _mm512_castsi512_si256(b), scale, y);
    put(_mm512_extracti64x4_epi64(a, 1), _mm512_extracti64x4_epi64(b, 1), scale, y + AT_ONCE);
}

AVX512 static void sums_avx512(const struct hz_thin *t, size_t at, float scale, float *y)
{
    if (t->real)
        avx512_of(t, at, scale, y, true);
    else
        avx512_of(t, at, scale, y, false);
}

#endif

typedef void (*sums_fn)(const struct hz_thin *t, size_t at, float scale, float *y);

static sums_fn best_sums(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw"))
        return sums_avx512;
    if (__builtin_cpu_supports("avx2"))
        return sums_avx2;
#endif
    return sums;
}

void hz_thin_run(struct hz_thin *t, const int16_t *x, size_t n, float full, float *y)
{
    const sums_fn some = best_sums();
    split(x, n + t->taps / HZ_THIN_DOWN - 1, t->phase, t->real);
    for (size_t k = 0; k < n; k += AT_ONCE)
        some(t, k, t->scale / full, y + 2 * k);
}

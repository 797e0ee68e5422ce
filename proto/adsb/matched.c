#include "proto/adsb/matched.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Outputs that a variant computes at a time; the plain one takes the phases of a sample. */
static const size_t lanes[] = {
    [HZ_ADSB_plain] = 8,
#if defined(__x86_64__)
    [HZ_ADSB_avx2] = 8,
    [HZ_ADSB_avx512] = 16,
#endif
};

static void filter_plain(const float *restrict i, const float *restrict q,
                         const struct hz_adsb_matched *f, float *restrict out_i,
                         float *restrict out_q, float *restrict energy, size_t n)
{
    float tap[HZ_ADSB_TAPS][8];
    memcpy(tap, f->tap, sizeof(tap));
    for (size_t k = 0; k < n; k++) {
        const size_t out = k * f->phases;
        float *to_i = out_i + out, *to_q = out_q + out, *to = energy + out;
        for (size_t p = 0; p < 8; p++) {
            float x = tap[0][p] * i[k] + tap[1][p] * i[k + 1] + tap[2][p] * i[k + 2] +
                      tap[3][p] * i[k + 3];
            float y = tap[0][p] * q[k] + tap[1][p] * q[k + 1] + tap[2][p] * q[k + 2] +
                      tap[3][p] * q[k + 3];
            to_i[p] = x;
            to_q[p] = y;
            to[p] = x * x + y * y;
        }
    }
}

/* With wide vectors, each holds outputs in a row: the samples of each are picked by a permutation
 * of eight, so that no lane is idle. */
#if defined(__x86_64__)
HZ_ADSB_AVX2 static void filter_avx2(const float *i, const float *q,
                                     const struct hz_adsb_matched *f, float *out_i, float *out_q,
                                     float *energy, size_t n)
{
    const __m256i one = _mm256_set1_epi32(1);
    const size_t end = n * f->phases;
    for (size_t out = 0, v = 0; out < end; out += 8) {
        const __m256 a = _mm256_loadu_ps(i + f->first[v]);
        const __m256 b = _mm256_loadu_ps(q + f->first[v]);
        __m256i pick = _mm256_loadu_si256((const __m256i *)f->pick[v]);
        __m256 tap = _mm256_loadu_ps(f->taps[v][0]);
        __m256 x = _mm256_mul_ps(tap, _mm256_permutevar8x32_ps(a, pick));
        __m256 y = _mm256_mul_ps(tap, _mm256_permutevar8x32_ps(b, pick));
        for (int t = 1; t < HZ_ADSB_TAPS; t++) {
            pick = _mm256_add_epi32(pick, one);
            tap = _mm256_loadu_ps(f->taps[v][t]);
            x = _mm256_add_ps(x, _mm256_mul_ps(tap, _mm256_permutevar8x32_ps(a, pick)));
            y = _mm256_add_ps(y, _mm256_mul_ps(tap, _mm256_permutevar8x32_ps(b, pick)));
        }
        _mm256_storeu_ps(out_i + out, x);
        _mm256_storeu_ps(out_q + out, y);
        _mm256_storeu_ps(energy + out, _mm256_add_ps(_mm256_mul_ps(x, x), _mm256_mul_ps(y, y)));
        if (++v == f->rows) {
            v = 0;
            i += f->period;
            q += f->period;
        }
    }
}

HZ_ADSB_AVX512 static void filter_avx512(const float *i, const float *q,
                                         const struct hz_adsb_matched *f, float *out_i,
                                         float *out_q, float *energy, size_t n)
{
    const __m512i one = _mm512_set1_epi32(1);
    const size_t end = n * f->phases;
    for (size_t out = 0, v = 0; out < end; out += 16) {
        const __m512 a = _mm512_castps256_ps512(_mm256_loadu_ps(i + f->first[v]));
        const __m512 b = _mm512_castps256_ps512(_mm256_loadu_ps(q + f->first[v]));
        __m512i pick = _mm512_loadu_si512(f->pick[v]);
        __m512 tap = _mm512_loadu_ps(f->taps[v][0]);
        __m512 x = _mm512_mul_ps(tap, _mm512_permutexvar_ps(pick, a));
        __m512 y = _mm512_mul_ps(tap, _mm512_permutexvar_ps(pick, b));
        for (int t = 1; t < HZ_ADSB_TAPS; t++) {
            pick = _mm512_add_epi32(pick, one);
            tap = _mm512_loadu_ps(f->taps[v][t]);
            x = _mm512_add_ps(x, _mm512_mul_ps(tap, _mm512_permutexvar_ps(pick, a)));
            y = _mm512_add_ps(y, _mm512_mul_ps(tap, _mm512_permutexvar_ps(pick, b)));
        }
        _mm512_storeu_ps(out_i + out, x);
        _mm512_storeu_ps(out_q + out, y);
        _mm512_storeu_ps(energy + out, _mm512_add_ps(_mm512_mul_ps(x, x), _mm512_mul_ps(y, y)));
        if (++v == f->rows) {
            v = 0;
            i += f->period;
            q += f->period;
        }
    }
}
#endif

void hz_adsb_matched_init(struct hz_adsb_matched *f, enum hz_adsb_variant variant, size_t phases,
                          const float (*tap)[8])
{
    f->variant = variant;
    memcpy(f->tap, tap, sizeof(f->tap));
    const size_t wide = lanes[variant];
    f->phases = phases;
    f->rows = phases == 6 ? 3 : 5; /* 6 * 8 = 3 * 16, 5 * 16 = 5 * 16 */
    f->period = f->rows * wide / phases;
    for (size_t v = 0; v < f->rows; v++) {
        f->first[v] = v * wide / phases;
        for (size_t l = 0; l < wide; l++) {
            const size_t out = v * wide + l;
            f->pick[v][l] = (int32_t)(out / phases - f->first[v]);
            for (int t = 0; t < HZ_ADSB_TAPS; t++)
                f->taps[v][t][l] = tap[t][out % phases];
        }
    }
}

void hz_adsb_matched(const struct hz_adsb_matched *f, const float *i, const float *q, float *out_i,
                     float *out_q, float *energy, size_t n)
{
    static void (*const each[])(const float *i, const float *q, const struct hz_adsb_matched *f,
                                float *out_i, float *out_q, float *energy, size_t n) =
        HZ_ADSB_ALL(filter);
    each[f->variant](i, q, f, out_i, out_q, energy, n);
}

#include "proto/adsb/matched.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

#if defined(__x86_64__)
/* As the plain one; but that the samples are kept in registers, and each is loaded once, the
 * compiler does not find by itself. */
HZ_ADSB_AVX2 static void filter_avx2(const float *restrict i, const float *restrict q,
                                     const struct hz_adsb_matched *f, float *restrict out_i,
                                     float *restrict out_q, float *restrict energy, size_t n)
{
    const __m256 t0 = _mm256_loadu_ps(f->tap[0]), t1 = _mm256_loadu_ps(f->tap[1]),
                 t2 = _mm256_loadu_ps(f->tap[2]), t3 = _mm256_loadu_ps(f->tap[3]);
    __m256 i0 = _mm256_broadcast_ss(i), i1 = _mm256_broadcast_ss(i + 1),
           i2 = _mm256_broadcast_ss(i + 2);
    __m256 q0 = _mm256_broadcast_ss(q), q1 = _mm256_broadcast_ss(q + 1),
           q2 = _mm256_broadcast_ss(q + 2);
#pragma GCC unroll 4
    for (size_t k = 0; k < n; k++) {
        const __m256 i3 = _mm256_broadcast_ss(i + k + 3), q3 = _mm256_broadcast_ss(q + k + 3);
        const __m256 x = t0 * i0 + t1 * i1 + t2 * i2 + t3 * i3;
        const __m256 y = t0 * q0 + t1 * q1 + t2 * q2 + t3 * q3;
        const size_t out = k * f->phases;
        _mm256_storeu_ps(out_i + out, x);
        _mm256_storeu_ps(out_q + out, y);
        _mm256_storeu_ps(energy + out, x * x + y * y);
        i0 = i1, i1 = i2, i2 = i3;
        q0 = q1, q1 = q2, q2 = q3;
    }
}

/* With vectors that are wider than two samples' phases, each holds outputs in a row: the samples of
 * each are picked by a permutation, so that no lane is idle. */
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
    const size_t wide = HZ_ADSB_WIDE;
    f->variant = variant;
    memcpy(f->tap, tap, sizeof(f->tap));
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

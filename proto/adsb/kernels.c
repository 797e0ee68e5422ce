#include "proto/adsb/kernels.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE void from_u8(const uint8_t *restrict in, int16_t *restrict i, int16_t *restrict q, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        i[k] = (int16_t)(in[2 * k] * 40 - HZ_ADSB_FULL);
        q[k] = (int16_t)(in[2 * k + 1] * 40 - HZ_ADSB_FULL);
    }
}

INLINE void from_s8(const int8_t *restrict in, int16_t *restrict i, int16_t *restrict q, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        i[k] = (int16_t)(in[2 * k] * 40);
        q[k] = (int16_t)(in[2 * k + 1] * 40);
    }
}

INLINE void from_s16(const int16_t *restrict in, int16_t *restrict i, int16_t *restrict q, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        i[k] = (int16_t)((in[2 * k] * HZ_ADSB_FULL + 16384) >> 15);
        q[k] = (int16_t)((in[2 * k + 1] * HZ_ADSB_FULL + 16384) >> 15);
    }
}

/* Values beyond full scale are clipped; NaN becomes 0. */
INLINE int16_t from_float(float v)
{
    float s = v * (float)HZ_ADSB_FULL;
    s = s > (float)HZ_ADSB_FULL ? (float)HZ_ADSB_FULL : s;
    s = s < (float)-HZ_ADSB_FULL ? (float)-HZ_ADSB_FULL : s;
    return s == s ? (int16_t)(int32_t)s : 0;
}

INLINE void from_f32(const float *restrict in, int16_t *restrict i, int16_t *restrict q, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        i[k] = from_float(in[2 * k]);
        q[k] = from_float(in[2 * k + 1]);
    }
}

INLINE int32_t sum(const int16_t *x)
{
    int32_t all = 0;
    for (size_t k = 0; k < HZ_ADSB_SEGMENT; k++)
        all += x[k];
    return all;
}

INLINE int16_t shifted(int16_t x, int16_t by)
{
    /* Neither is beyond full scale, so the difference is an int16. */
    int16_t v = (int16_t)(x - by);
    v = v > HZ_ADSB_FULL ? HZ_ADSB_FULL : v;
    return v < -HZ_ADSB_FULL ? -HZ_ADSB_FULL : v;
}

INLINE void shift(int16_t *restrict i, int16_t *restrict q, int16_t di, int16_t dq, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        i[k] = shifted(i[k], di);
        q[k] = shifted(q[k], dq);
    }
}

/* |z| / 8 to within 7 %, by max + 3/8 min. */
INLINE int16_t magnitude(int16_t i, int16_t q)
{
    /* Signed maxima of 16 bits are what SSE2 has. */
    int16_t a = i > (int16_t)-i ? i : (int16_t)-i;
    int16_t b = q > (int16_t)-q ? q : (int16_t)-q;
    int16_t hi = a > b ? a : b;
    int16_t lo = a > b ? b : a;
    return (int16_t)((uint16_t)(hi + (lo >> 2) + (lo >> 3)) >> 3);
}

INLINE int16_t around(const int16_t *x)
{
    return (int16_t)(x[-1] + 4 * x[0] + x[1]);
}

INLINE int16_t between(const int16_t *x)
{
    return (int16_t)(3 * x[0] + 3 * x[1]);
}

INLINE void magnitudes(const int16_t *restrict i, const int16_t *restrict q, int16_t *restrict on,
                       int16_t *restrict mid, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        on[k] = magnitude(around(i + k), around(q + k));
        mid[k] = magnitude(between(i + k), between(q + k));
    }
}

INLINE void segments(const int16_t *restrict on, uint32_t *restrict sum, size_t n)
{
    for (size_t s = 0; s < n / HZ_ADSB_SEGMENT; s++) {
        uint32_t all = 0;
        for (size_t k = 0; k < HZ_ADSB_SEGMENT; k++)
            all += (uint16_t)on[s * HZ_ADSB_SEGMENT + k];
        sum[s] = all;
    }
}

/* A bit for each value of a segment that is not 0, the first one least significant. A
 * multiplication gathers eight bytes of 0 or 1 in its top byte. */
INLINE uint64_t where(const int16_t *restrict score)
{
    uint8_t is[HZ_ADSB_SEGMENT];
    for (size_t k = 0; k < HZ_ADSB_SEGMENT; k++)
        is[k] = score[k] != 0;
    uint64_t bits = 0;
    for (size_t k = 0; k < HZ_ADSB_SEGMENT; k += 8) {
        uint64_t eight = 0;
        for (size_t m = 0; m < 8; m++)
            eight |= (uint64_t)is[k + m] << 8 * m;
        bits |= (eight * UINT64_C(0x0102040810204080)) >> 56 << k;
    }
    return bits;
}

INLINE void gate(const struct hz_adsb_places *at, int16_t need, int16_t allow,
                 int16_t *restrict score, uint64_t *restrict open, size_t n)
{
    const int16_t *p0 = at->pulse[0], *p1 = at->pulse[1], *p2 = at->pulse[2], *p3 = at->pulse[3];
    const int16_t *g0 = at->gap[0], *g1 = at->gap[1], *g2 = at->gap[2], *g3 = at->gap[3],
                  *g4 = at->gap[4], *g5 = at->gap[5];
    const int16_t *b0 = at->earlier[0], *b1 = at->earlier[1], *b2 = at->earlier[2],
                  *b3 = at->earlier[3];
    for (size_t s = 0; s < n / HZ_ADSB_SEGMENT; s++) {
        const size_t from = s * HZ_ADSB_SEGMENT;
        int16_t sum[HZ_ADSB_SEGMENT], any = 0;
        for (size_t m = 0, k = from; m < HZ_ADSB_SEGMENT; m++, k++) {
            /* Magnitudes are below 5500 (see magnitude), so P fits; the others are halved. */
            sum[m] = (int16_t)(p0[k] + p1[k] + p2[k] + p3[k]);
            any |= (int16_t)(sum[m] > need ? -1 : 0);
        }
        open[s] = 0;
        if (any == 0) { /* most of the noise */
            memset(score + from, 0, HZ_ADSB_SEGMENT * sizeof(*score));
            continue;
        }
        any = 0;
        for (size_t m = 0, k = from; m < HZ_ADSB_SEGMENT; m++, k++) {
            int16_t p = sum[m];
            int16_t g = (int16_t)((uint16_t)(g0[k] + g1[k] + g2[k] + g3[k] + g4[k] + g5[k]) >> 1);
            int16_t b = (int16_t)(b0[k] + b1[k] + b2[k] + b3[k]);
            int16_t half = (int16_t)(p >> 1);
            int16_t clear = g < (int16_t)(allow + (p >> 3) + (p >> 5)) ? -1 : 0;
            int16_t step = (int16_t)((g < half ? -1 : 0) & (b < half ? -1 : 0));
            int16_t here = (int16_t)(p - g > 1 ? p - g : 1);
            here = (int16_t)(here & (clear | step) & (p > need ? -1 : 0));
            score[k] = here;
            any |= here;
        }
        if (any != 0)
            open[s] = where(score + from);
    }
}

INLINE void filter(const float *restrict i, const float *restrict q, const float (*taps)[8],
                   size_t phases, float *restrict out_i, float *restrict out_q,
                   float *restrict energy, size_t n)
{
    float tap[HZ_ADSB_TAPS][8];
    memcpy(tap, taps, sizeof(tap));
    for (size_t k = 0; k < n; k++) {
        float *to_i = out_i + k * phases, *to_q = out_q + k * phases, *to = energy + k * phases;
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

INLINE uint64_t power(const int16_t *restrict i, const int16_t *restrict q, size_t n)
{
    uint64_t sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += (uint32_t)(i[k] * i[k] + q[k] * q[k]);
    return sum;
}

/* clang-format off */
#define VARIANT(NAME, TARGET)                                                                      \
    TARGET static void from_u8_##NAME(const uint8_t *in, int16_t *i, int16_t *q, size_t n)         \
    { from_u8(in, i, q, n); }                                                                      \
    TARGET static void from_s8_##NAME(const int8_t *in, int16_t *i, int16_t *q, size_t n)          \
    { from_s8(in, i, q, n); }                                                                      \
    TARGET static void from_s16_##NAME(const int16_t *in, int16_t *i, int16_t *q, size_t n)        \
    { from_s16(in, i, q, n); }                                                                     \
    TARGET static void from_f32_##NAME(const float *in, int16_t *i, int16_t *q, size_t n)          \
    { from_f32(in, i, q, n); }                                                                     \
    TARGET static int32_t sum_##NAME(const int16_t *x)                                             \
    { return sum(x); }                                                                             \
    TARGET static void shift_##NAME(int16_t *i, int16_t *q, int16_t di, int16_t dq, size_t n)      \
    { shift(i, q, di, dq, n); }                                                                    \
    TARGET static void magnitudes_##NAME(const int16_t *i, const int16_t *q, int16_t *on,          \
                                         int16_t *mid, size_t n)                                   \
    { magnitudes(i, q, on, mid, n); }                                                              \
    TARGET static void segments_##NAME(const int16_t *on, uint32_t *sum, size_t n)                 \
    { segments(on, sum, n); }                                                                      \
    TARGET static void gate_##NAME(const struct hz_adsb_places *at, int16_t need, int16_t allow,   \
                                   int16_t *score, uint64_t *open, size_t n)                        \
    { gate(at, need, allow, score, open, n); }                                                     \
    TARGET static void filter_##NAME(const float *i, const float *q, const float (*taps)[8],       \
                                     size_t phases, float *out_i, float *out_q, float *energy,     \
                                     size_t n)                                                     \
    { filter(i, q, taps, phases, out_i, out_q, energy, n); }                                       \
    TARGET static uint64_t power_##NAME(const int16_t *i, const int16_t *q, size_t n)              \
    { return power(i, q, n); }                                                                     \
    static const struct hz_adsb_kernels NAME = {                                                   \
        #NAME, from_u8_##NAME, from_s8_##NAME, from_s16_##NAME, from_f32_##NAME,                   \
        sum_##NAME, shift_##NAME, magnitudes_##NAME, segments_##NAME, gate_##NAME, filter_##NAME, power_##NAME};
/* clang-format on */

VARIANT(plain, )
#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
#endif

const struct hz_adsb_kernels *const *hz_adsb_kernels(void)
{
    static const struct hz_adsb_kernels *const only_plain[] = {&plain, NULL};
#if defined(__x86_64__)
    static const struct hz_adsb_kernels *const with_avx2[] = {&avx2, &plain, NULL};
    if (__builtin_cpu_supports("avx2"))
        return with_avx2;
#endif
    return only_plain;
}

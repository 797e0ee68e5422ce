#include "proto/adsb/kernels.h"

#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE   HZ_ADSB_INLINE
#define NOINLINE __attribute__((noinline)) /* leaves registers to the loop that calls it */

INLINE void from_u8(const uint8_t *restrict in, int16_t *restrict i, int16_t *restrict q, size_t n)
{
    /* A block is touched here first, and converting is faster than the caches fetch by themselves:
     * each piece asks for one that comes this many bytes later. It may lie behind the samples,
     * which does no harm. */
    enum { PIECE = 64, LATER = 2048 };
    for (size_t from = 0; from < n; from += PIECE) {
        const size_t end = n - from < PIECE ? n : from + PIECE;
        const uintptr_t later = (uintptr_t)in + 2 * from + LATER;
        __builtin_prefetch((const void *)later);
        __builtin_prefetch((const void *)(later + PIECE));
        for (size_t k = from; k < end; k++) {
            i[k] = (int16_t)(in[2 * k] * 40 - HZ_ADSB_FULL);
            q[k] = (int16_t)(in[2 * k + 1] * 40 - HZ_ADSB_FULL);
        }
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

INLINE void sums(const int16_t *restrict x, size_t apart, int32_t *restrict sum, size_t n)
{
    for (size_t s = 0; s < n; s++) {
        int32_t all = 0;
        for (size_t k = 0; k < HZ_ADSB_SEGMENT; k++)
            all += x[s * apart + k];
        sum[s] = all;
    }
}

/* The greatest number that at most k of them are below, bit by bit above the smallest one. No
 * branch depends on the numbers, and each bit is one pass that vectorises. */
INLINE int32_t nth(const int32_t *restrict x, size_t n, size_t k)
{
    int32_t least = x[0], most = x[0];
    for (size_t m = 0; m < n; m++) {
        least = x[m] < least ? x[m] : least;
        most = x[m] > most ? x[m] : most;
    }
    int32_t found = least;
    for (int32_t bit = 1 << 30; bit > 0; bit >>= 1) {
        if (bit > most - least)
            continue;
        int32_t below = 0;
        for (size_t m = 0; m < n; m++)
            below += x[m] < found + bit;
        found += below <= (int32_t)k ? bit : 0;
    }
    return found;
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

INLINE void summed(const int16_t *restrict i, const int16_t *restrict q, int16_t *restrict on,
                   int16_t *restrict mid, int32_t *restrict sum, size_t n)
{
    for (size_t s = 0; s < n; s++) {
        int32_t all = 0;
        for (size_t m = 0, k = s * HZ_ADSB_SEGMENT; m < HZ_ADSB_SEGMENT; m++, k++) {
            on[k] = magnitude(around(i + k), around(q + k));
            mid[k] = magnitude(between(i + k), between(q + k));
            all += on[k];
        }
        sum[s] = all;
    }
}

/* A bit for each of HZ_ADSB_SEGMENT values above the limit, the first one least significant. In
 * noise there is none. A multiplication gathers eight bytes of 0 or 1 in its top byte. */
INLINE uint64_t above_plain(const int16_t *x, int16_t limit)
{
    int16_t any = 0;
    for (size_t k = 0; k < HZ_ADSB_SEGMENT; k++)
        any |= (int16_t)(x[k] > limit ? -1 : 0);
    uint64_t bits = 0;
    for (size_t k = 0; any != 0 && k < HZ_ADSB_SEGMENT; k += 8) {
        uint64_t eight = 0;
        for (size_t m = 0; m < 8; m++)
            eight |= (uint64_t)(x[k + m] > limit) << 8 * m;
        bits |= (eight * UINT64_C(0x0102040810204080)) >> 56 << k;
    }
    return bits;
}

#if defined(__x86_64__)
HZ_ADSB_AVX2 INLINE uint64_t above_avx2(const int16_t *x, int16_t limit)
{
    const __m256i than = _mm256_set1_epi16(limit);
    uint64_t bits = 0;
    for (int k = 0; k < HZ_ADSB_SEGMENT; k += 32) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(x + k));
        const __m256i b = _mm256_loadu_si256((const __m256i *)(x + k + 16));
        const __m256i bytes =
            _mm256_packs_epi16(_mm256_cmpgt_epi16(a, than), _mm256_cmpgt_epi16(b, than));
        /* The halves of both are interleaved. */
        const __m256i in_order = _mm256_permute4x64_epi64(bytes, 0xd8);
        bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(in_order) << k;
    }
    return bits;
}

HZ_ADSB_AVX512 INLINE uint64_t above_avx512(const int16_t *x, int16_t limit)
{
    const __m512i than = _mm512_set1_epi16(limit);
    const __mmask32 low = _mm512_cmpgt_epi16_mask(_mm512_loadu_si512(x), than);
    const __mmask32 high = _mm512_cmpgt_epi16_mask(_mm512_loadu_si512(x + 32), than);
    return (uint64_t)high << 32 | low;
}
#endif

/* The score of each position of a segment. */
INLINE void scores(const struct hz_adsb_places *at, size_t from, int16_t need, int16_t allow,
                   int16_t *restrict score)
{
    const int16_t *p0 = at->pulse[0], *p1 = at->pulse[1], *p2 = at->pulse[2], *p3 = at->pulse[3];
    const int16_t *g0 = at->gap[0], *g1 = at->gap[1], *g2 = at->gap[2], *g3 = at->gap[3],
                  *g4 = at->gap[4], *g5 = at->gap[5];
    const int16_t *b0 = at->earlier[0], *b1 = at->earlier[1], *b2 = at->earlier[2],
                  *b3 = at->earlier[3];
    for (size_t k = from; k < from + HZ_ADSB_SEGMENT; k++) {
        int16_t p = (int16_t)(p0[k] + p1[k] + p2[k] + p3[k]);
        int16_t g = (int16_t)((uint16_t)(g0[k] + g1[k] + g2[k] + g3[k] + g4[k] + g5[k]) >> 1);
        int16_t b = (int16_t)(b0[k] + b1[k] + b2[k] + b3[k]);
        int16_t half = (int16_t)(p >> 1);
        int16_t clear = g < (int16_t)(allow + (p >> 3) + (p >> 5)) ? -1 : 0;
        int16_t step = (int16_t)((g < half ? -1 : 0) & (b < half ? -1 : 0));
        int16_t here = (int16_t)(p - g > 1 ? p - g : 1);
        score[k] = (int16_t)(here & (clear | step) & (p > need ? -1 : 0));
    }
}

/* The scores of a segment, and a bit for each position that has one. */
INLINE uint64_t opened(const struct hz_adsb_places at[2], size_t from, int16_t need, int16_t allow,
                       int16_t *restrict on, int16_t *restrict mid,
                       uint64_t (*above)(const int16_t *x, int16_t limit))
{
    int16_t most[HZ_ADSB_SEGMENT];
    scores(at, from, need, allow, on);
    scores(at + 1, from, need, allow, mid);
    for (size_t m = 0, k = from; m < HZ_ADSB_SEGMENT; m++, k++)
        most[m] = on[k] > mid[k] ? on[k] : mid[k];
    return above(most, 0);
}

INLINE void gate(const struct hz_adsb_places at[2], int16_t need, int16_t allow,
                 int16_t *restrict on, int16_t *restrict mid, uint64_t *restrict open, size_t n,
                 uint64_t (*above)(const int16_t *x, int16_t limit),
                 uint64_t (*score)(const struct hz_adsb_places at[2], size_t from, int16_t need,
                                   int16_t allow, int16_t *on, int16_t *mid))
{
    const int16_t *p0 = at[0].pulse[0], *p1 = at[0].pulse[1], *p2 = at[0].pulse[2],
                  *p3 = at[0].pulse[3];
    const int16_t *q0 = at[1].pulse[0], *q1 = at[1].pulse[1], *q2 = at[1].pulse[2],
                  *q3 = at[1].pulse[3];
    bool before = true; /* the segment before may be open */
    for (size_t s = 0; s < n; s++) {
        const size_t from = s * HZ_ADSB_SEGMENT;
        int16_t most[HZ_ADSB_SEGMENT];
        for (size_t m = 0, k = from; m < HZ_ADSB_SEGMENT; m++, k++) {
            /* Magnitudes are below 5500 (see magnitude), so P fits; the others are halved. */
            int16_t a = (int16_t)(p0[k] + p1[k] + p2[k] + p3[k]);
            int16_t b = (int16_t)(q0[k] + q1[k] + q2[k] + q3[k]);
            most[m] = a > b ? a : b;
        }
        open[s] = 0;
        if (above(most, need) != 0) {
            open[s] = score(at, from, need, allow, on, mid);
        } else if (before) { /* most of the noise has no score */
            memset(on + from, 0, HZ_ADSB_SEGMENT * sizeof(*on));
            memset(mid + from, 0, HZ_ADSB_SEGMENT * sizeof(*mid));
        }
        before = open[s] != 0;
    }
}

INLINE uint64_t power(const int16_t *restrict i, const int16_t *restrict q, size_t n)
{
    /* The squares of so many samples fit an int32, and two products are then one instruction. */
    enum { PIECE = 32 };
    uint64_t sum = 0;
    for (size_t from = 0; from < n; from += PIECE) {
        const size_t end = n - from < PIECE ? n : from + PIECE;
        int32_t some = 0, more = 0;
        for (size_t k = from; k < end; k++) {
            some += i[k] * i[k];
            more += q[k] * q[k];
        }
        sum += (uint32_t)some + (uint32_t)more;
    }
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
    TARGET static void sums_##NAME(const int16_t *x, size_t apart, int32_t *sum, size_t n)         \
    { sums(x, apart, sum, n); }                                                                    \
    TARGET static int32_t nth_##NAME(const int32_t *x, size_t n, size_t k)                         \
    { return nth(x, n, k); }                                                                       \
    TARGET static void shift_##NAME(int16_t *i, int16_t *q, int16_t di, int16_t dq, size_t n)      \
    { shift(i, q, di, dq, n); }                                                                    \
    TARGET static void magnitudes_##NAME(const int16_t *i, const int16_t *q, int16_t *on,          \
                                         int16_t *mid, size_t n)                                   \
    { magnitudes(i, q, on, mid, n); }                                                              \
    TARGET static void summed_##NAME(const int16_t *i, const int16_t *q, int16_t *on,              \
                                     int16_t *mid, int32_t *sum, size_t n)                         \
    { summed(i, q, on, mid, sum, n); }                                                             \
    TARGET NOINLINE static uint64_t opened_##NAME(const struct hz_adsb_places at[2], size_t from,  \
                                                  int16_t need, int16_t allow, int16_t *on,        \
                                                  int16_t *mid)                                    \
    { return opened(at, from, need, allow, on, mid, above_##NAME); }                               \
    TARGET static void gate_##NAME(const struct hz_adsb_places at[2], int16_t need, int16_t allow, \
                                   int16_t *on, int16_t *mid, uint64_t *open, size_t n)            \
    { gate(at, need, allow, on, mid, open, n, above_##NAME, opened_##NAME); }                      \
    TARGET static uint64_t power_##NAME(const int16_t *i, const int16_t *q, size_t n)              \
    { return power(i, q, n); }                                                                     \
    static const struct hz_adsb_kernels NAME = {                                                   \
        #NAME, HZ_ADSB_##NAME, from_u8_##NAME, from_s8_##NAME, from_s16_##NAME, from_f32_##NAME,                   \
        sums_##NAME, nth_##NAME, shift_##NAME, magnitudes_##NAME, summed_##NAME, gate_##NAME, power_##NAME};
/* clang-format on */

HZ_ADSB_EACH(VARIANT)

const struct hz_adsb_kernels *const *hz_adsb_kernels(void)
{
#if defined(__x86_64__)
    static const struct hz_adsb_kernels *const all[] = {&avx512, &avx2, &plain, NULL};
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
        return all;
    return __builtin_cpu_supports("avx2") ? all + 1 : all + 2;
#else
    static const struct hz_adsb_kernels *const only_plain[] = {&plain, NULL};
    return only_plain;
#endif
}

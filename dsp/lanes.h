/* Vectors of floats with the compilers' vector extension, on any machine: four lanes, which every
 * target has, and eight, which targets without AVX make of two. Where a loop is bound by latency,
 * eight gain little; with AVX2 they may be a third faster, without it several times slower. Written
 * with vector types, because gcc may not reorder a sum of floats by itself. Pure: any thread. */
#ifndef HZ_DSP_LANES_H
#define HZ_DSP_LANES_H

#include <stdint.h>
#include <string.h>
#if defined(__SSE__)
#include <immintrin.h>
#endif

typedef float hz_four __attribute__((vector_size(16)));
typedef int32_t hz_four_masks __attribute__((vector_size(16))); /* of a comparison: -1 or 0 */
/* Eight that may lie anywhere in an array of float: *(const hz_eight *)x. */
typedef float hz_eight __attribute__((vector_size(32), aligned(4), may_alias));

/* From and to any four floats in a row. */
static inline hz_four hz_four_load(const float *x)
{
    hz_four v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline void hz_four_store(float *x, hz_four v)
{
    memcpy(x, &v, sizeof v);
}

/* Lane by lane: yes where m is set, else no. */
static inline hz_four hz_four_choose(hz_four_masks m, hz_four yes, hz_four no)
{
    return (hz_four)((m & (hz_four_masks)yes) | (~m & (hz_four_masks)no));
}

/* Lane by lane the larger one. */
static inline hz_four hz_four_max(hz_four a, hz_four b)
{
#if defined(__SSE__) /* one instruction, which compilers do not recognise in hz_four_choose */
    return (hz_four)_mm_max_ps((__m128)a, (__m128)b);
#else
    return hz_four_choose(a > b, a, b);
#endif
}

static inline hz_four hz_four_abs(hz_four v)
{
    return (hz_four)((hz_four_masks)v & 0x7fffffff);
}

/* A bit for each lane that is above zero, lane 0 in bit 3. */
static inline int hz_four_above_zero(hz_four v)
{
#if defined(__SSE__)
    return _mm_movemask_ps((__m128)(__builtin_shufflevector(v, v, 3, 2, 1, 0) > 0));
#else
    const hz_four_masks m = (hz_four_masks)(v > 0) & (hz_four_masks){8, 4, 2, 1};
    return m[0] | m[1] | m[2] | m[3];
#endif
}

static inline float hz_four_sum(hz_four v)
{
    return v[0] + v[1] + v[2] + v[3];
}

/* Both halves of eight, added. */
#define HZ_EIGHT_FOLD(v)                                                                           \
    (__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7))

#endif

/* Vectors of four floats with the compilers' vector extension, on any machine. The loops over one
 * burst are bound by latency, so wider vectors would gain little. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_LANES_H
#define HZ_PROTO_ADSB_LANES_H

#include <stdint.h>
#if defined(__SSE__)
#include <immintrin.h>
#endif

typedef float lanes __attribute__((vector_size(16)));
typedef int32_t masks __attribute__((vector_size(16)));
typedef float lanes_anywhere __attribute__((vector_size(16), aligned(4)));

static inline lanes load(const float *p)
{
    return *(const lanes_anywhere *)p;
}

static inline void store(float *p, lanes v)
{
    *(lanes_anywhere *)p = v;
}

static inline lanes larger(lanes a, lanes b)
{
#if defined(__SSE__) /* one instruction, which compilers do not recognise in the code below */
    return (lanes)_mm_max_ps((__m128)a, (__m128)b);
#else
    masks first = a > b;
    return (lanes)((first & (masks)a) | (~first & (masks)b));
#endif
}

static inline lanes magnitude(lanes v)
{
    return (lanes)((masks)v & 0x7fffffff);
}

static inline float total(lanes v)
{
    return v[0] + v[1] + v[2] + v[3];
}

#endif

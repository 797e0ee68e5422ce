/* The variants of inner loops for different processors: one for any machine of the architecture and
 * those for wider vectors. A file writes a loop once, as HZ_ADSB_INLINE, and wraps it in a function
 * of each variant:
 *
 *     #define VARIANT(NAME, TARGET)                            \
 *         TARGET static void work_##NAME(float *x, size_t n) { work(x, n); }
 *     HZ_ADSB_EACH(VARIANT)
 *     static void (*const works[])(float *x, size_t n) = HZ_ADSB_ALL(work);
 *
 * and calls works[variant]. All variants give the same bits: no loop adds floats in an order that
 * depends on the width, and products and sums are never fused. */
#ifndef HZ_PROTO_ADSB_VARIANTS_H
#define HZ_PROTO_ADSB_VARIANTS_H

#define HZ_ADSB_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define HZ_ADSB_AVX2   __attribute__((target("avx2")))
#define HZ_ADSB_AVX512 __attribute__((target("avx512bw,avx512vl,avx512dq")))
#define HZ_ADSB_EACH(VARIANT)                                                                      \
    VARIANT(plain, )                                                                               \
    VARIANT(avx2, HZ_ADSB_AVX2)                                                                    \
    VARIANT(avx512, HZ_ADSB_AVX512)
#define HZ_ADSB_ALL(WORK)                                                                          \
    {                                                                                              \
        WORK##_plain, WORK##_avx2, WORK##_avx512                                                   \
    }
enum hz_adsb_variant { HZ_ADSB_plain, HZ_ADSB_avx2, HZ_ADSB_avx512 };
#else
#define HZ_ADSB_EACH(VARIANT) VARIANT(plain, )
#define HZ_ADSB_ALL(WORK)                                                                          \
    {                                                                                              \
        WORK##_plain                                                                               \
    }
enum hz_adsb_variant { HZ_ADSB_plain };
#endif

#endif

/* The loops of the ADS-B demodulator that touch every sample, in the variants of variants.h. A
 * decoder selects one when it is created, for the later stages too: hz_adsb_kernels()[0], or any
 * other of the list to compare them. All give the same bits. Pure: any thread. */
#ifndef HZ_PROTO_ADSB_KERNELS_H
#define HZ_PROTO_ADSB_KERNELS_H

#include "proto/adsb/variants.h"

#include <stddef.h>
#include <stdint.h>

/* The value of full scale in the int16 planes: the largest multiple of the 8-bit range 127.5 that,
 * times 6 (the gain of the magnitude filter), still fits an int16. */
enum { HZ_ADSB_FULL = 5100 };

/* Samples per segment of the magnitude. */
enum { HZ_ADSB_SEGMENT = 64 };

/* Half-chips that the gate tests: four pulses, six gaps, and four before the preamble. */
enum { HZ_ADSB_PULSES = 4, HZ_ADSB_GAPS = 6, HZ_ADSB_EARLIER = 4 };

/* Magnitudes at those half-chips, for a preamble at the first of n positions. */
struct hz_adsb_places {
    const int16_t *pulse[HZ_ADSB_PULSES], *gap[HZ_ADSB_GAPS], *earlier[HZ_ADSB_EARLIER];
};

struct hz_adsb_kernels {
    const char *name;
    enum hz_adsb_variant variant;
    /* Converts n interleaved samples to planes. */
    void (*from_u8)(const uint8_t *in, int16_t *i, int16_t *q, size_t n);
    void (*from_s8)(const int8_t *in, int16_t *i, int16_t *q, size_t n);
    void (*from_s16)(const int16_t *in, int16_t *i, int16_t *q, size_t n);
    void (*from_f32)(const float *in, int16_t *i, int16_t *q, size_t n);
    /* The n sums of HZ_ADSB_SEGMENT values each that begin at x, x + apart, x + 2 apart ... */
    void (*sums)(const int16_t *x, size_t apart, int32_t *sum, size_t n);
    /* The k-th smallest (0: the smallest) of n > k numbers, none negative. */
    int32_t (*nth)(const int32_t *x, size_t n, size_t k);
    /* Subtracts di and dq from all samples and clips to full scale. */
    void (*shift)(int16_t *i, int16_t *q, int16_t di, int16_t dq, size_t n);
    /* Smoothed magnitudes, scaled by 1/8, at each sample (on) and half a sample later (mid);
     * reads i[-1] to i[n]. */
    void (*magnitudes)(const int16_t *i, const int16_t *q, int16_t *on, int16_t *mid, size_t n);
    /* As magnitudes, of n segments, and the sum of `on` of each. */
    void (*summed)(const int16_t *i, const int16_t *q, int16_t *on, int16_t *mid, int32_t *sum,
                   size_t n);
    /* The gate over n segments, at[0] on samples and at[1] between them. With P, G and B the sums
     * of the magnitudes at pulses, gaps and before, a score is P - G/2 where P > need and one of
     * two conditions holds: G < 2 allow + 5/16 P; or G < P and P > 2 B (a burst that begins within
     * a weaker one). Otherwise it is 0. Bit k of open[s] says whether position k of segment s has a
     * score, on or mid. Scores are written for such segments and the one behind each. */
    void (*gate)(const struct hz_adsb_places at[2], int16_t need, int16_t allow, int16_t *on,
                 int16_t *mid, uint64_t *open, size_t n);
    /* Sum of i^2 + q^2. */
    uint64_t (*power)(const int16_t *i, const int16_t *q, size_t n);
};

/* The variants that this machine can run, best first; ends with NULL. */
const struct hz_adsb_kernels *const *hz_adsb_kernels(void);

#endif

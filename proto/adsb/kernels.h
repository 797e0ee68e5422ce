/* The loops of the ADS-B demodulator that touch every sample, in one variant for any machine of
 * the architecture and one for AVX2, chosen when a decoder is made. Integer loops agree bit for
 * bit; so do the float ones, as no loop adds up floats across lanes. Pure. */
#ifndef HZ_PROTO_ADSB_KERNELS_H
#define HZ_PROTO_ADSB_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* What 1.0 of full scale becomes in the int16 planes: the largest multiple of the 8-bit range
 * 127.5 whose sixfold, the gain of the gate's filter, still is an int16. */
enum { HZ_ADSB_FULL = 5100 };

/* Samples per mean of the magnitude. */
enum { HZ_ADSB_SEGMENT = 64 };

/* Taps of a matched filter. */
enum { HZ_ADSB_TAPS = 4 };

/* Half-chips that the first gate looks at: four that must be there, six that must not, and four
 * from before. */
enum { HZ_ADSB_PULSES = 4, HZ_ADSB_GAPS = 6, HZ_ADSB_EARLIER = 4 };

/* Magnitudes at those half-chips, for a preamble at the first of n places. */
struct hz_adsb_places {
    const int16_t *pulse[HZ_ADSB_PULSES], *gap[HZ_ADSB_GAPS], *earlier[HZ_ADSB_EARLIER];
};

struct hz_adsb_kernels {
    const char *name;
    /* n samples of I and Q interleaved into planes. */
    void (*from_u8)(const uint8_t *in, int16_t *i, int16_t *q, size_t n);
    void (*from_s8)(const int8_t *in, int16_t *i, int16_t *q, size_t n);
    void (*from_s16)(const int16_t *in, int16_t *i, int16_t *q, size_t n);
    void (*from_f32)(const float *in, int16_t *i, int16_t *q, size_t n);
    /* Sum of a plane over HZ_ADSB_SEGMENT samples. */
    int32_t (*sum)(const int16_t *x);
    /* Takes di and dq off all samples, as far as full scale. */
    void (*shift)(int16_t *i, int16_t *q, int16_t di, int16_t dq, size_t n);
    /* Smoothed magnitudes, scaled by 1/8, at each sample (on) and half a sample later (mid);
     * reads i[-1] to i[n]. */
    void (*magnitudes)(const int16_t *i, const int16_t *q, int16_t *on, int16_t *mid, size_t n);
    /* Sum of each of n / HZ_ADSB_SEGMENT segments. */
    void (*segments)(const int16_t *on, uint32_t *sum, size_t n);
    /* First gate, with P, G and B the sums of pulses, gaps and what came before: score[k] = P - G/2
     * where P > need and either G < 2 allow + 5/16 P, or G < P and P > 2 B, as in a burst that
     * begins within a weaker one; else 0. Bit k of open[s]: is it so at place k of segment s? */
    void (*gate)(const struct hz_adsb_places *at, int16_t need, int16_t allow, int16_t *score,
                 uint64_t *open, size_t n);
    /* Matched filters of several phases, each from in[k] to in[k + 3], and their energies, to
     * out[k phases + phase]; up to seven more are overwritten. */
    void (*filter)(const float *i, const float *q, const float (*taps)[8], size_t phases,
                   float *out_i, float *out_q, float *energy, size_t n);
    /* Sum of i^2 + q^2. */
    uint64_t (*power)(const int16_t *i, const int16_t *q, size_t n);
};

/* The variants that this machine can run, best first; ends with NULL. */
const struct hz_adsb_kernels *const *hz_adsb_kernels(void);

#endif

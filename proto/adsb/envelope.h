/* The buffer of the ADS-B demodulator: planes of I, Q and magnitude for one block, with samples
 * before and after it, so that a burst across a border is complete. Blocks lie on a grid that
 * begins with the stream, however it is cut into pushes.
 *
 * Estimates: DC as the median of segment means; noise from the quietest eighth of the segments.
 *
 * Pure. One thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_ENVELOPE_H
#define HZ_PROTO_ADSB_ENVELOPE_H

#include "dsp/samples.h"
#include "proto/adsb/kernels.h"

#include <stdbool.h>

enum {
    HZ_ADSB_BLOCK = 8192, /* samples per block: starts of bursts that are searched at a time */
    HZ_ADSB_BEFORE = 448, /* samples kept before the block */
    HZ_ADSB_AHEAD = 512,  /* samples needed after it: more than 120 us at 3.2 Msps */
    HZ_ADSB_SIZE = HZ_ADSB_BEFORE + HZ_ADSB_BLOCK + HZ_ADSB_AHEAD,
    HZ_ADSB_PAD = 16,
    HZ_ADSB_SEGMENTS = HZ_ADSB_SIZE / HZ_ADSB_SEGMENT,
};

struct hz_adsb_envelope {
    const struct hz_adsb_kernels *kernels; /* constant after init */
    int64_t origin;                        /* sample index of element 0 */
    size_t fill;                           /* elements in use */
    size_t before;                         /* elements at the beginning that were never samples */
    bool begun;                            /* the magnitudes of the kept elements are computed */
    bool changed;                          /* magnitudes were renewed, and the sums are older */
    float dc_i, dc_q;                      /* DC offset of the receiver, subtracted */
    float noise;                           /* mean magnitude of the noise; 0: not known yet */
    int16_t i[HZ_ADSB_SIZE + HZ_ADSB_PAD], q[HZ_ADSB_SIZE + HZ_ADSB_PAD];
    int16_t on[HZ_ADSB_SIZE + HZ_ADSB_PAD];  /* smoothed magnitude at each sample */
    int16_t mid[HZ_ADSB_SIZE + HZ_ADSB_PAD]; /* smoothed magnitude half a sample later */
    int32_t sum[HZ_ADSB_SEGMENTS];           /* sum of `on` over each segment */
};

/* Initialises an empty envelope in zeroed memory. */
void hz_adsb_envelope_init(struct hz_adsb_envelope *b, const struct hz_adsb_kernels *kernels);

/* Forgets all samples; the next one has the index `first`. It is the first one of the block; or,
 * with `goes_on`, the first one of those before it. */
void hz_adsb_envelope_restart(struct hz_adsb_envelope *b, uint64_t first, bool goes_on);

/* Appends the samples of *in from number `from` on (any IQ format) until the envelope is full.
 * Returns how many were appended. */
size_t hz_adsb_envelope_append(struct hz_adsb_envelope *b, const struct hz_samples *in,
                               size_t from);

/* Subtracts the DC and computes magnitudes and noise. Called when the envelope is full, or at the
 * end of the stream. */
void hz_adsb_envelope_measure(struct hz_adsb_envelope *b);

/* Updates the magnitudes after the samples from element `from` up to `end` were changed. */
void hz_adsb_envelope_renew(struct hz_adsb_envelope *b, size_t from, size_t end);

/* Updates the sums of the segments after magnitudes were renewed. */
void hz_adsb_envelope_resum(struct hz_adsb_envelope *b);

/* Clips a sample to the range of the planes. */
static inline int16_t hz_adsb_envelope_clip(float v)
{
    v = v > (float)HZ_ADSB_FULL ? (float)HZ_ADSB_FULL : v;
    return (int16_t)(v < (float)-HZ_ADSB_FULL ? (float)-HZ_ADSB_FULL : v);
}

/* Advances by one block. */
void hz_adsb_envelope_advance(struct hz_adsb_envelope *b);

/* The noise power in the whole band, and the mean power of n elements from `at` on, both relative
 * to a full-scale tone. */
float hz_adsb_envelope_noise_power(const struct hz_adsb_envelope *b);
float hz_adsb_envelope_power(const struct hz_adsb_envelope *b, size_t at, size_t n);

#endif

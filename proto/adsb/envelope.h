/* The stretch of samples that the ADS-B demodulator looks at: planes of I, Q and magnitude over one
 * block, with room before and after so that a burst that straddles blocks is seen whole. Blocks lie
 * on a grid that begins with the stream, however it was cut into pushes. Pure, no own memory. */
#ifndef HZ_PROTO_ADSB_ENVELOPE_H
#define HZ_PROTO_ADSB_ENVELOPE_H

#include "dsp/samples.h"
#include "proto/adsb/kernels.h"

#include <stdbool.h>

enum {
    HZ_ADSB_BLOCK = 8192, /* burst starts looked at in one go */
    HZ_ADSB_BEFORE = 448, /* samples kept from before the block */
    HZ_ADSB_AHEAD = 512,  /* samples needed from after it: more than 120 us at 3.2 Msps */
    HZ_ADSB_SIZE = HZ_ADSB_BEFORE + HZ_ADSB_BLOCK + HZ_ADSB_AHEAD,
    HZ_ADSB_PAD = 16,
    HZ_ADSB_SEGMENTS = HZ_ADSB_SIZE / HZ_ADSB_SEGMENT,
};

struct hz_adsb_envelope {
    const struct hz_adsb_kernels *kernels; /* fixed after init */
    int64_t origin;                        /* sample index of element 0 */
    size_t fill;                           /* elements that hold samples (or what precedes them) */
    bool begun;                            /* magnitudes of the elements kept are there */
    float dc_i, dc_q;                      /* the receiver's, taken off all samples */
    float noise;                           /* mean magnitude of the noise; 0: not known yet */
    int16_t i[HZ_ADSB_SIZE + HZ_ADSB_PAD], q[HZ_ADSB_SIZE + HZ_ADSB_PAD];
    int16_t on[HZ_ADSB_SIZE + HZ_ADSB_PAD];  /* smoothed magnitude at a sample */
    int16_t mid[HZ_ADSB_SIZE + HZ_ADSB_PAD]; /* and half a sample later */
    uint32_t sum[HZ_ADSB_SEGMENTS];          /* of `on`, per segment */
};

/* An empty envelope in zeroed memory. */
void hz_adsb_envelope_init(struct hz_adsb_envelope *b, const struct hz_adsb_kernels *kernels);

/* Forgets all samples; the next one appended has that index. */
void hz_adsb_envelope_restart(struct hz_adsb_envelope *b, uint64_t first);

/* Appends samples of any IQ format until it is full; returns how many it took. */
size_t hz_adsb_envelope_append(struct hz_adsb_envelope *b, const struct hz_samples *in,
                               size_t from);

/* Readies an envelope that is full, or is all there will be: takes the DC off, measures magnitudes
 * and noise. */
void hz_adsb_envelope_measure(struct hz_adsb_envelope *b);

/* Renews magnitudes after the samples from element `from` up to `end` have changed. */
void hz_adsb_envelope_renew(struct hz_adsb_envelope *b, size_t from, size_t end);

/* Sums of all segments anew. */
void hz_adsb_envelope_resum(struct hz_adsb_envelope *b);

/* A changed sample, kept within what the planes may hold. */
static inline int16_t hz_adsb_envelope_clip(float v)
{
    v = v > (float)HZ_ADSB_FULL ? (float)HZ_ADSB_FULL : v;
    return (int16_t)(v < (float)-HZ_ADSB_FULL ? (float)-HZ_ADSB_FULL : v);
}

/* Moves on by one block. */
void hz_adsb_envelope_advance(struct hz_adsb_envelope *b);

/* Noise power in all of the envelope, relative to a full-scale tone, and the power of n elements.
 */
float hz_adsb_envelope_noise_power(const struct hz_adsb_envelope *b);
float hz_adsb_envelope_power(const struct hz_adsb_envelope *b, size_t at, size_t n);

#endif

/* The exact begin of an RS41 frame: carrier, timing and deviation from the bits that are known, the
 * end of the preamble and the header.
 *
 * Metric: the sums S of the correlations of the known bits in blocks of 5 ms, sum of |S|^2, over
 * timing, carrier and modulation index. Estimate: its maximum, of each in turn. Pure; one thread at
 * a time. */
#ifndef HZ_PROTO_RS41_SYNC_H
#define HZ_PROTO_RS41_SYNC_H

#include "dsp/cpm.h"
#include "dsp/headgate.h"
#include "proto/rs41/sizes.h"

struct hz_rs41_start {
    double at;      /* sample at which the lead begins, HZ_RS41_LEAD bits before the header */
    double freq;    /* of the carrier, cycles per sample */
    double h;       /* modulation index */
    float fraction; /* of the energy that is the known bits; 1 without noise */
};

/* The lead and the header, one bit per octet. */
void hz_rs41_known_bits(uint8_t bits[HZ_RS41_KNOWN]);

/* Finds the start near a header at sample `at` of the hop that begins at iq. cpm: of
 * HZ_RS41_KNOWN bits or more; its waveforms are changed. False: there is no frame. out->at counts
 * from iq, too. */
bool hz_rs41_sync(struct hz_cpm *cpm, const float *iq, const struct hz_headgate_peak *peak,
                  struct hz_rs41_start *out);

/* The timing of a frame in audio that was turned into phase, of that modulation index: the phase is
 * not steady, so the magnitudes of the correlations are summed. */
void hz_rs41_sync_audio(struct hz_cpm *cpm, const float *iq, const struct hz_headgate_peak *peak,
                        double h, struct hz_rs41_start *out);

#endif

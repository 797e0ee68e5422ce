/* The exact beginning of an AIS burst: the correlation of the samples around a peak of the gate
 * with the training sequence and the opening flag, whose 32 bits are known, over timing and
 * carrier. Pure; one thread at a time. */
#ifndef HZ_PROTO_AIS_SYNC_H
#define HZ_PROTO_AIS_SYNC_H

#include "dsp/cpm.h"
#include "proto/ais/gate.h"
#include "proto/ais/sizes.h"

#include <stdbool.h>

enum {
    HZ_AIS_SYNC_FORMS = 2, /* the training sequence may begin with 0 or with 1 */
    HZ_AIS_SYNC_HS = 5     /* modulation indices: the standard's, lower and higher ones */
};

struct hz_ais_sync {
    uint8_t level[HZ_AIS_SYNC_FORMS][HZ_AIS_SYNC_BITS];
    float re[HZ_AIS_SYNC_HS][HZ_AIS_SYNC_FORMS][HZ_AIS_SYNC];
    float im[HZ_AIS_SYNC_HS][HZ_AIS_SYNC_FORMS][HZ_AIS_SYNC];
    /* Sums of two samples each, for the coarse search. */
    float half_re[HZ_AIS_SYNC_HS][HZ_AIS_SYNC_FORMS][HZ_AIS_SYNC / 2];
    float half_im[HZ_AIS_SYNC_HS][HZ_AIS_SYNC_FORMS][HZ_AIS_SYNC / 2];
};

struct hz_ais_start {
    double at;      /* sample at which the training begins, counted like the peak's end */
    double freq;    /* cycles per sample */
    float fraction; /* of the energy that is the sequence; 1 without noise */
    uint8_t level[HZ_AIS_SYNC_BITS];
};

/* cpm: made with hz_ais_gmsk, borrowed; it is unchanged when this returns. */
void hz_ais_sync_init(struct hz_ais_sync *s, struct hz_cpm *cpm);

/* False if the gate was opened by a steady carrier or a voice: these correlate at any lag, while
 * the phase in a training sequence is inverted after half of its four bits. Cheap. iq: as for
 * hz_ais_sync_find. */
bool hz_ais_sync_maybe(const float *iq, uint64_t first, const struct hz_ais_peak *peak);

/* Finds the start of a burst. iq: samples of the stream, the first of index `first`, including
 * those from peak->end - 120 - HZ_AIS_SYNC_EARLY to peak->end + 40 + HZ_AIS_SYNC_LATE + 1. `noise`:
 * noise power. False: there is no burst. */
bool hz_ais_sync_find(const struct hz_ais_sync *s, const float *iq, uint64_t first,
                      const struct hz_ais_peak *peak, float noise, struct hz_ais_start *out);

#endif

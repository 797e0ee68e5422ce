/* What an AIS channel holds without a burst: the noise power, and the receiver's DC where the
 * channel lies in the middle of the band. A zero-IF receiver's DC is a steady carrier there, often
 * stronger than the noise. Over a hop of 10 ms GMSK has practically no mean, so the median of the
 * means of the hops estimates the DC. Pure; one thread at a time. */
#ifndef HZ_PROTO_AIS_QUIET_H
#define HZ_PROTO_AIS_QUIET_H

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_AIS_HOP = 480,        /* samples: 10 ms */
    HZ_AIS_QUIET_HOPS = 32,  /* remembered */
    HZ_AIS_QUIET_UPDATE = 16 /* hops from one median to the next */
};

struct hz_ais_quiet {
    float power[HZ_AIS_QUIET_HOPS], re[HZ_AIS_QUIET_HOPS], im[HZ_AIS_QUIET_HOPS]; /* rings */
    size_t count;       /* hops measured */
    size_t updated;     /* of them, when the medians were taken */
    float dc_re, dc_im; /* 0 if it is negligible */
};

void hz_ais_quiet_init(struct hz_ais_quiet *q);

/* Measures the next `hops` hops of the stream, iq[2 hops HZ_AIS_HOP], and removes the DC from them.
 */
void hz_ais_quiet_take(struct hz_ais_quiet *q, float *iq, size_t hops);

/* Power of the quietest recent hop, without the DC; INFINITY before the first hop. */
float hz_ais_quiet_floor(const struct hz_ais_quiet *q);

#endif

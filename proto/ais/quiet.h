/* What an AIS channel holds without a burst: its noise, and the receiver's DC where the channel
 * lies in the middle of the band. A zero-IF receiver's DC is a steady carrier there, often stronger
 * than the noise; over a hop of 10 ms GMSK has no mean to speak of, so the median of the hops'
 * means is the receiver's. Pure; one thread at a time. */
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
    float dc_re, dc_im; /* 0 where there is none to speak of */
};

void hz_ais_quiet_init(struct hz_ais_quiet *q);

/* Takes the next `hops` hops of the stream, iq[2 hops HZ_AIS_HOP], and the DC out of them. */
void hz_ais_quiet_take(struct hz_ais_quiet *q, float *iq, size_t hops);

/* Power of the quietest hop of late, without the DC; INFINITY before there was one. */
float hz_ais_quiet_floor(const struct hz_ais_quiet *q);

#endif

/* Phasors of a carrier: for the variants of the soft decisions and of the cancellation. Pure: any
 * thread. */
#ifndef HZ_PROTO_ADSB_PHASORS_H
#define HZ_PROTO_ADSB_PHASORS_H

#include "dsp/lanes.h"
#include "proto/adsb/variants.h"

#include <math.h>

/* Writes e^(j k omega) for k < n to ci and cq; up to seven values more are written. */
HZ_ADSB_INLINE void hz_adsb_phasors(float omega, int n, float *restrict ci, float *restrict cq)
{
    /* e^(j omega) to the powers 0 to 8, then two recurrences of four phasors in parallel. */
    float pi[9] = {1}, pq[9] = {0};
    pi[1] = cosf(omega);
    pq[1] = sinf(omega);
    for (int k = 2; k <= 8; k++) {
        const int a = k / 2, b = k - a;
        pi[k] = pi[a] * pi[b] - pq[a] * pq[b];
        pq[k] = pi[a] * pq[b] + pq[a] * pi[b];
    }
    hz_four i[2] = {hz_four_load(pi), hz_four_load(pi + 4)},
            q[2] = {hz_four_load(pq), hz_four_load(pq + 4)};
    for (int k = 0; k < n; k += 8) {
        for (int h = 0; h < 2; h++) {
            hz_four_store(ci + k + h * 4, i[h]);
            hz_four_store(cq + k + h * 4, q[h]);
            hz_four next = i[h] * pi[8] - q[h] * pq[8];
            q[h] = i[h] * pq[8] + q[h] * pi[8];
            i[h] = next;
        }
    }
}

#endif

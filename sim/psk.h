/* Modulator for phase shift keying with raised-cosine pulses: D8PSK of VDL mode 2. Pure: any
 * thread. */
#ifndef HZ_SIM_PSK_H
#define HZ_SIM_PSK_H

#include "sim/track.h"

#include <stdint.h>

struct hz_sim_psk {
    double baud;
    double roll_off; /* of the pulse's spectrum, 0 to 1 */
    int root;        /* 1: the spectrum is the root of a raised cosine */
    unsigned levels; /* phases, equally spaced over a cycle */
};

/* Makes a sealed track of n symbols, each a phase and an amplitude (NULL: all 1); the middle of the
 * first one is HZ_SIM_PSK_LEAD symbols behind its beginning, and as many follow the last. The
 * caller frees it. 0 or -ENOMEM. */
enum { HZ_SIM_PSK_LEAD = 4 };
int hz_sim_psk(const struct hz_sim_psk *how, const uint8_t *symbols, const float *amplitude,
               size_t n, struct hz_sim_track *track);

#endif

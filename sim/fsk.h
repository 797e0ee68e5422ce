/* Modulator for frequency shift keying with a Gaussian filter and two or more levels: GMSK of AIS,
 * G3RUH 9600 baud, POCSAG. Pure: any thread. */
#ifndef HZ_SIM_FSK_H
#define HZ_SIM_FSK_H

#include "sim/track.h"

struct hz_sim_fsk {
    double baud;
    double deviation_hz; /* of a symbol +1 */
    double bt;           /* 3 dB bandwidth of the Gaussian filter times the symbol length */
    unsigned ramp;       /* symbols over which the power rises and falls */
};

/* Makes a sealed track of n symbols in -1 to +1, which begins with the first symbol; the caller
 * frees it. 0 or -ENOMEM. */
int hz_sim_fsk(const struct hz_sim_fsk *how, const float *symbols, size_t n,
               struct hz_sim_track *track);

#endif

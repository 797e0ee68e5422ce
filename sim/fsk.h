/* Frequency shift keying with a Gaussian-shaped frequency, two or more levels: GMSK of AIS, G3RUH's
 * 9600, POCSAG. Pure. */
#ifndef HZ_SIM_FSK_H
#define HZ_SIM_FSK_H

#include "sim/track.h"

struct hz_sim_fsk {
    double baud;
    double deviation_hz; /* of a symbol +1 */
    double bt;           /* 3 dB bandwidth of the Gaussian filter times the symbol's length */
    unsigned ramp;       /* symbols over which the transmitter's power rises and falls */
};

/* Symbols in -1 .. +1 as a sealed track that begins where the first symbol does. 0 or -ENOMEM. */
int hz_sim_fsk(const struct hz_sim_fsk *how, const float *symbols, size_t n,
               struct hz_sim_track *track);

#endif

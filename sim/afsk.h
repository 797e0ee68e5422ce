/* Audio frequency shift keying on an FM transmitter: Bell 202 tones of APRS at 1200 baud. Pure. */
#ifndef HZ_SIM_AFSK_H
#define HZ_SIM_AFSK_H

#include "sim/track.h"

/* Symbols (+1: the 1200 Hz tone, -1: 2200 Hz) as a sealed track, the tones `tone` times what they
 * should be, the baud exact. deviation_hz: of either tone. 0 or -ENOMEM. */
int hz_sim_afsk1200(const float *symbols, size_t n, double deviation_hz, double tone,
                    struct hz_sim_track *track);

#endif

/* Voice transmitters: narrow FM with a CTCSS tone, and AM. Pure. */
#ifndef HZ_SIM_VOICE_H
#define HZ_SIM_VOICE_H

#include "sim/rng.h"
#include "sim/track.h"

/* Seconds of talk as a sealed track. 0 or -ENOMEM.
 * deviation_hz: the peak, tone included; ctcss_hz: 0 for none, else with 15 % of the deviation. */
int hz_sim_nfm(double seconds, double deviation_hz, double ctcss_hz, struct hz_rng *r,
               struct hz_sim_track *track);
/* depth: 0 to 1, at the peaks. */
int hz_sim_am(double seconds, double depth, struct hz_rng *r, struct hz_sim_track *track);

#endif

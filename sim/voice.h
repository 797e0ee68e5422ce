/* Voice modulators: narrow FM with a CTCSS tone, and AM. Pure: any thread. */
#ifndef HZ_SIM_VOICE_H
#define HZ_SIM_VOICE_H

#include "sim/rng.h"
#include "sim/track.h"

/* Makes a sealed track of `seconds` seconds of speech, which the caller frees. 0 or -ENOMEM.
 * deviation_hz is the peak, including the tone; ctcss_hz: the tone, with 15 % of the deviation, or
 * 0 for none. */
int hz_sim_nfm(double seconds, double deviation_hz, double ctcss_hz, struct hz_rng *r,
               struct hz_sim_track *track);
/* As hz_sim_nfm; depth: peak modulation depth, 0 to 1. */
int hz_sim_am(double seconds, double depth, struct hz_rng *r, struct hz_sim_track *track);

#endif

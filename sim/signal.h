/* Any keyed signal: bits or symbols as FSK, AFSK on FM, OOK or PSK, put anywhere into a span. What
 * the tests of a decoder send. Pure.
 *
 *     struct hz_sim_signal s = {.keying = HZ_SIM_FSK, .baud = 1200, .deviation_hz = 2400,
 *                               .symbol = bits, .n = 64};
 *     hz_sim_signal_add(&s, &(struct hz_sim_burst){.start = 500, .power = 0.25, .clock = 1},
 * &span);
 */
#ifndef HZ_SIM_SIGNAL_H
#define HZ_SIM_SIGNAL_H

#include "sim/track.h"

#include <stdint.h>

enum hz_sim_keying {
    HZ_SIM_FSK,  /* symbols are frequencies from -deviation_hz to +deviation_hz, equally spaced */
    HZ_SIM_AFSK, /* symbols are tones, each a sine of that deviation, continuous in phase */
    HZ_SIM_OOK,  /* symbols are amplitudes from 0 to the highest */
    HZ_SIM_PSK,  /* symbols are phases, equally spaced over a cycle */
};

struct hz_sim_signal {
    enum hz_sim_keying keying;
    const uint8_t *symbol; /* n of them, each below `levels` */
    size_t n;
    unsigned levels; /* 0: two, as of bits */
    double baud;
    double deviation_hz;   /* FSK, AFSK */
    double bt;             /* FSK: of a Gaussian filter, as 0.5; 0: none */
    const double *tone_hz; /* AFSK: one for each level; 0: no tone, the carrier alone */
    unsigned ramp;         /* FSK: symbols over which the power rises and falls */
    unsigned knots;    /* AFSK: of the track in a symbol; 0: 22 in a cycle of the highest tone */
    double drift_hz_s; /* of the carrier, which is where it should be in the middle */
};

/* The signal as a sealed track. 0 or -ENOMEM. */
int hz_sim_signal_track(const struct hz_sim_signal *s, struct hz_sim_track *track);

/* Adds what falls into the span; burst->power is the mean over the whole signal. The index at which
 * the signal ends, or a negative errno. */
double hz_sim_signal_add(const struct hz_sim_signal *s, const struct hz_sim_burst *burst,
                         const struct hz_span *span);

/* Fills the span with white noise of that power density times its rate: `power` is the power of the
 * noise in bandwidth_hz, full scale 1. The same seed gives the same noise. */
void hz_sim_signal_noise(const struct hz_span *span, double power, double bandwidth_hz,
                         uint64_t seed);

#endif

/* The narrow-band transmissions that are on the air. Each is reported once, at its start, and added
 * to every span that it overlaps, at the offset and rate that a receiver with a crystal error sees.
 * Pure. */
#ifndef HZ_SIM_AIR_H
#define HZ_SIM_AIR_H

#include "sim/rng.h"
#include "sim/scene_ops.h"
#include "sim/track.h"

#include <stdbool.h>

enum { HZ_AIR_MAX = 48, HZ_AIR_RAW_MAX = 330 };

struct hz_air_sent {
    /* filled in by who sends, from hz_air_prepare to hz_air_launch */
    const char *protocol;
    double freq_hz, bandwidth_hz; /* of the channel; the SNR is in that bandwidth */
    double snr_db;
    double carrier_hz; /* the transmitter's error */
    double clock;      /* its symbol clock over nominal */
    char type[16], fields[400];
    uint8_t raw[HZ_AIR_RAW_MAX];
    size_t raw_len;
    struct hz_sim_track track; /* sealed; from the launch on it belongs to the air */

    /* since hz_air_launch */
    struct hz_sim_burst burst;
    bool reported;
};

struct hz_air {
    const struct hz_scene_output *out; /* the span that is being made */
    double crystal;                    /* the receiver's, over nominal: 2e-6 is 2 ppm fast */
    struct hz_rng rng;
    struct hz_air_sent sent[HZ_AIR_MAX];
    size_t n;
};

/* The time in seconds at which the span ends: what begins before must be launched now. */
double hz_air_until(const struct hz_air *air);

/* A transmission to fill in, otherwise zero; NULL when the band is full: then it is not sent. Until
 * it is launched, the next prepare gives the same one. */
struct hz_air_sent *hz_air_prepare(struct hz_air *air, const char *protocol, double freq_hz,
                                   double bandwidth_hz);

/* Sends what was prepared, at that time in seconds. */
void hz_air_launch(struct hz_air *air, struct hz_air_sent *s, double at);

/* Tells of all that is new, in order of start, and adds everything to the span. */
void hz_air_fill(struct hz_air *air);

void hz_air_done(struct hz_air *air);

#endif

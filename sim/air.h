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
    /* set by the sender, between hz_air_prepare and hz_air_launch */
    const char *protocol;
    double freq_hz, bandwidth_hz; /* of the channel; snr_db is measured in this bandwidth */
    double snr_db;
    double carrier_hz; /* frequency error of the transmitter */
    double clock;      /* ratio of its symbol clock to nominal */
    char type[24], fields[400];
    uint8_t raw[HZ_AIR_RAW_MAX];
    size_t raw_len;
    struct hz_sim_track track; /* sealed; owned by the air after hz_air_launch */

    /* set by hz_air_launch */
    struct hz_sim_burst burst;
    bool reported;
};

struct hz_air {
    const struct hz_scene_output *out; /* the span under construction; borrowed */
    double crystal; /* relative error of the receiver's crystal: 2e-6 is 2 ppm fast */
    struct hz_rng rng;
    struct hz_air_sent sent[HZ_AIR_MAX];
    size_t n;
};

/* The end of the span in seconds: transmissions that begin before must be launched now. */
double hz_air_until(const struct hz_air *air);

/* Returns a zeroed transmission to fill in, or NULL when HZ_AIR_MAX are on the air; then it is not
 * sent. If it is not launched, the next call returns the same one. */
struct hz_air_sent *hz_air_prepare(struct hz_air *air, const char *protocol, double freq_hz,
                                   double bandwidth_hz);

/* Sends the prepared transmission at a time in seconds. */
void hz_air_launch(struct hz_air *air, struct hz_air_sent *s, double at);

/* Reports all new transmissions in order of start, and adds all transmissions to the span. */
void hz_air_fill(struct hz_air *air);

/* Frees the transmissions on the air. */
void hz_air_done(struct hz_air *air);

#endif

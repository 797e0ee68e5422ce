/* Who sends what and when on a VHF band, into an hz_air. Each is planned once a span, after
 * air->out is set. Pure. */
#ifndef HZ_SIM_TRAFFIC_H
#define HZ_SIM_TRAFFIC_H

#include "sim/air.h"
#include "sim/ships.h"

/* Ships on the two AIS channels. */
enum { HZ_SIM_SHIPS = 24 };

struct hz_sim_sailing {
    struct hz_sim_ship ship;
    double position_due, static_due; /* seconds */
    bool part_b;                     /* what comes next of a yacht's two parts */
};

struct hz_sim_port {
    struct hz_sim_sailing ships[HZ_SIM_SHIPS];
    uint64_t slots[2]; /* the first free one of each channel */
    bool second_channel;
};

void hz_sim_port_init(struct hz_sim_port *port, struct hz_rng *r);
void hz_sim_port_plan(struct hz_sim_port *port, struct hz_air *air);

/* A voice channel: talks of a few seconds and pauses. */
struct hz_sim_voice {
    double freq_hz;
    double depth;    /* of AM; 0: FM with 2.5 kHz deviation */
    double ctcss_hz; /* of FM; 0: none */
    double snr_db, due;
};

/* Takes freq_hz, depth and ctcss_hz as set. */
void hz_sim_voice_init(struct hz_sim_voice *v, struct hz_rng *r);
void hz_sim_voice_plan(struct hz_sim_voice *v, struct hz_air *air);

/* APRS, packets of 9600 baud, and pages of three speeds, each on a channel of its own. */
enum { HZ_SIM_DATA_CHANNELS = 5 };

struct hz_sim_data {
    double due[HZ_SIM_DATA_CHANNELS];
};

void hz_sim_data_init(struct hz_sim_data *d, struct hz_rng *r);
void hz_sim_data_plan(struct hz_sim_data *d, struct hz_air *air);

#endif

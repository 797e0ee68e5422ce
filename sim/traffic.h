/* The transmitters of a VHF band: who sends what and when. Each plan function is called once per
 * span, after air->out is set, and adds transmissions to the air. Pure. One thread at a time. */
#ifndef HZ_SIM_TRAFFIC_H
#define HZ_SIM_TRAFFIC_H

#include "sim/air.h"
#include "sim/ships.h"

/* Ships on the two AIS channels. */
enum { HZ_SIM_SHIPS = 24 };

struct hz_sim_sailing {
    struct hz_sim_ship ship;
    double position_due, static_due; /* seconds */
    bool part_b;                     /* the next static report of a yacht is part B, not A */
};

struct hz_sim_port {
    struct hz_sim_sailing ships[HZ_SIM_SHIPS];
    uint64_t slots[2]; /* the first free slot of each channel */
    bool second_channel;
};

void hz_sim_port_init(struct hz_sim_port *port, struct hz_rng *r);
void hz_sim_port_plan(struct hz_sim_port *port, struct hz_air *air);

/* A voice channel: transmissions of a few seconds, and pauses. */
struct hz_sim_voice {
    double freq_hz;
    double depth;    /* of AM; 0: FM with 2.5 kHz deviation */
    double ctcss_hz; /* of FM; 0: none */
    double snr_db, due;
};

/* The caller has set freq_hz, depth and ctcss_hz. */
void hz_sim_voice_init(struct hz_sim_voice *v, struct hz_rng *r);
void hz_sim_voice_plan(struct hz_sim_voice *v, struct hz_air *air);

/* APRS, packets of 9600 baud, and pages at three speeds, each on a channel of its own. */
enum { HZ_SIM_DATA_CHANNELS = 5 };

struct hz_sim_data {
    double due[HZ_SIM_DATA_CHANNELS];
};

void hz_sim_data_init(struct hz_sim_data *d, struct hz_rng *r);
void hz_sim_data_plan(struct hz_sim_data *d, struct hz_air *air);

/* A network of FLEX pagers: frames at its own times, which it knows by itself. */
struct hz_sim_flex_net {
    struct hz_rng rng;
    double due;
    unsigned frame; /* frames since the hour */
};

void hz_sim_flex_net_init(struct hz_sim_flex_net *n, uint64_t seed);
void hz_sim_flex_net_plan(struct hz_sim_flex_net *n, struct hz_air *air);

/* A ground station and aircraft on a channel of VDL mode 2, which draws by itself. */
struct hz_sim_vdl2_net {
    struct hz_rng rng;
    double due;
    unsigned sent;
};

void hz_sim_vdl2_net_init(struct hz_sim_vdl2_net *n, uint64_t seed);
void hz_sim_vdl2_net_plan(struct hz_sim_vdl2_net *n, struct hz_air *air);

/* Aircraft that send ACARS on one channel, which they know by themselves. */
struct hz_sim_acars_net {
    struct hz_rng rng;
    double due;
    char registration[8], text[221], id;
    const char *label;
    bool second; /* the next block is the second one of its message */
};

void hz_sim_acars_net_init(struct hz_sim_acars_net *n, uint64_t seed);
void hz_sim_acars_net_plan(struct hz_sim_acars_net *n, struct hz_air *air);

/* Water, heat and gas meters around 868 MHz. */
enum { HZ_SIM_METERS = 5 };

struct hz_sim_metering {
    double due[HZ_SIM_METERS];
    uint32_t told[HZ_SIM_METERS]; /* telegrams so far */
};

void hz_sim_meters_init(struct hz_sim_metering *m, struct hz_rng *r);
void hz_sim_meters_plan(struct hz_sim_metering *m, struct hz_air *air);

#endif

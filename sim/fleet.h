/* Simulated aircraft: en route, taking off, landing, and a vehicle on the apron, each with a
 * transmitter of its own. The same seed and steps give the same flights. Pure. One thread at a
 * time. */
#ifndef HZ_SIM_FLEET_H
#define HZ_SIM_FLEET_H

#include "sim/modes_frame.h"
#include "sim/rng.h"

/* Position of the antenna, beside an airport, near the port of sim/ships.h. */
#define HZ_SIM_HOME_LAT 53.76
#define HZ_SIM_HOME_LON 8.67

enum hz_sim_plan {
    HZ_SIM_EN_ROUTE,
    HZ_SIM_TAXI,
    HZ_SIM_TAKE_OFF,
    HZ_SIM_LANDING,
    HZ_SIM_VEHICLE, /* airport car: squitters as DF18 */
};

struct hz_sim_aircraft {
    struct hz_sim_flight flight;
    bool adsb; /* false: an old transponder without extended squitter */

    enum hz_sim_plan plan;
    double until;                          /* time of the plan's next change, seconds */
    double squawk_until;                   /* time of the squawk's next change, seconds */
    double want_gs, want_track, want_alt;  /* the targets it steers to */
    double climb_fpm, accel_kts, turn_dps; /* limits of the rates of change */

    double power_db;  /* transmitter power, relative to the usual one */
    double fade_hz;   /* frequency of slow fading by +-2 dB */
    double offset_hz; /* carrier error */
    double clock;     /* ratio of the symbol clock to nominal */
};

struct hz_sim_fleet {
    struct hz_rng rng;
    double now; /* seconds since the scene began */
    size_t n;
    struct hz_sim_aircraft *aircraft; /* the caller's memory */
};

/* Sets up n aircraft in the caller's array. With more than 8 there are a vehicle, one that taxis
 * and takes off, one that lands, old encoders, and one in distress from 20 to 80 s. */
void hz_sim_fleet_init(struct hz_sim_fleet *f, struct hz_sim_aircraft *aircraft, size_t n,
                       uint64_t seed);

/* Advances all aircraft by dt seconds (0.1 or less). */
void hz_sim_fleet_step(struct hz_sim_fleet *f, double dt);

/* The present SNR of an aircraft at the antenna in dB: 3 to 33, from distance, power and fading. */
double hz_sim_fleet_snr(const struct hz_sim_fleet *f, const struct hz_sim_aircraft *a);

#endif

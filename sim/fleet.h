/* Aircraft that fly: en route, taking off, landing, and a vehicle on the apron, each with a radio
 * of its own. Pure; the same seed and steps give the same flights. */
#ifndef HZ_SIM_FLEET_H
#define HZ_SIM_FLEET_H

#include "sim/modes_frame.h"
#include "sim/rng.h"

/* Where the antenna stands; the airport lies beside it. */
#define HZ_SIM_HOME_LAT 47.45
#define HZ_SIM_HOME_LON 8.56

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
    double until;                          /* seconds: when the plan's next change is due */
    double squawk_until;                   /* and the squawk's */
    double want_gs, want_track, want_alt;  /* what it steers to */
    double climb_fpm, accel_kts, turn_dps; /* how fast it may change */

    double power_db;  /* transmitter against the usual one */
    double fade_hz;   /* slow changes of level, 2 dB either way */
    double offset_hz; /* carrier error */
    double clock;     /* symbol clock over nominal */
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

/* Everything moves on by dt seconds (0.1 or less). */
void hz_sim_fleet_step(struct hz_sim_fleet *f, double dt);

/* SNR in dB at which the antenna hears this one now: 3 to 33, by distance, power and fading. */
double hz_sim_fleet_snr(const struct hz_sim_fleet *f, const struct hz_sim_aircraft *a);

#endif

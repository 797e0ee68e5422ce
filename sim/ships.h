/* Simulated ships in a bay, with two buoys and a shore station. Pure. One thread at a time for each
 * ship. */
#ifndef HZ_SIM_SHIPS_H
#define HZ_SIM_SHIPS_H

#include "sim/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Position of the antenna. */
#define HZ_SIM_PORT_LAT 53.87
#define HZ_SIM_PORT_LON 8.70

enum hz_sim_ship_kind {
    HZ_SIM_CLASS_A, /* merchant ships */
    HZ_SIM_CLASS_B, /* yachts */
    HZ_SIM_SHORE,
    HZ_SIM_BUOY,
};

struct hz_sim_ship {
    enum hz_sim_ship_kind kind;
    uint32_t mmsi, imo;
    char name[21], callsign[8], destination[21];
    unsigned type;                        /* of ship, or of aid to navigation */
    unsigned bow, stern, port, starboard; /* metres from the antenna */
    double draught_m;
    unsigned status; /* 0 under way, 1 at anchor */
    double lat, lon, speed_kt, course, heading;
    double turn_dpm; /* degrees a minute */

    double want_course, want_kt; /* the targets it steers to */
    double until;                /* time of the next decision, seconds */
    double range_m;              /* distance from the antenna */
    double power_db;         /* transmitter power and antenna height, relative to the usual ones */
    double offset_hz, clock; /* carrier error; ratio of the symbol clock to nominal */
    double late_s;           /* delay after the start of its slot */
};

/* Ship number i of the fleet: the first is the shore station, the next two are buoys, then every
 * third is a yacht. */
void hz_sim_ship_init(struct hz_sim_ship *s, size_t i, struct hz_rng *r);
void hz_sim_ship_step(struct hz_sim_ship *s, double now, double dt, struct hz_rng *r);

/* Payloads of ITU-R M.1371-5, annex 8, without check sequence: at most 53 bytes. Each returns the
 * length in bytes. second: time in the scene, for the time stamps. */
size_t hz_sim_ais_position(const struct hz_sim_ship *s, double second, uint8_t *out); /* 1, 3, 18 */
size_t hz_sim_ais_static(const struct hz_sim_ship *s, uint8_t *out);                  /* 5 */
size_t hz_sim_ais_static_b(const struct hz_sim_ship *s, bool part_b, uint8_t *out);   /* 24 */
size_t hz_sim_ais_shore(const struct hz_sim_ship *s, double second, uint8_t *out);    /* 4 */
size_t hz_sim_ais_buoy(const struct hz_sim_ship *s, double second, uint8_t *out);     /* 21 */

#endif

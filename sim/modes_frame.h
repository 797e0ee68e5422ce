/* Encoder of Mode S frames. It shares no code with the decoder, so that each can be tested against
 * the other. Pure: any thread.
 * Sources: ICAO Doc 9871 (registers and extended squitters), RTCA DO-260B (ADS-B, CPR), ICAO Annex
 * 10 Vol. IV (formats, parity, altitude and identity codes). */
#ifndef HZ_SIM_MODES_FRAME_H
#define HZ_SIM_MODES_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The state of an aircraft as its transponder knows it. Degrees, feet, knots, feet per minute. */
struct hz_sim_flight {
    uint32_t address;   /* 24 bits */
    char callsign[9];   /* A-Z, 0-9, space; shorter ones are padded with spaces */
    char category[3];   /* "A3" */
    unsigned squawk;    /* 0xABCD, each digit 0 to 7 */
    unsigned emergency; /* emergency state of type 28; 0: none */
    unsigned version;   /* ADS-B version; 0 or 2 */
    bool on_ground;
    bool gillham;     /* an old encoder: altitude in steps of 100 ft */
    bool gnss_height; /* squitters carry the height over the ellipsoid (types 20 to 22) */
    bool airspeed;    /* velocity squitters carry airspeed and heading (subtype 3) */
    double lat, lon, alt_ft;
    double geoid_ft; /* GNSS height less barometric altitude */
    double gs_kt, track, rate_fpm;
    double roll, turn; /* roll angle, and degrees of track per second */
    double heading, ias_kt, tas_kt, mach;
    double selected_ft, qnh_mb;
};

/* The altitude that the encoder sends: rounded to 25 or 100 ft. */
int hz_sim_modes_altitude(const struct hz_sim_flight *f);

/* The 56 bits of an extended squitter. */
void hz_sim_me_position(const struct hz_sim_flight *f, bool odd, uint8_t me[7]);
void hz_sim_me_surface(const struct hz_sim_flight *f, bool odd, uint8_t me[7]);
void hz_sim_me_velocity(const struct hz_sim_flight *f, uint8_t me[7]);
void hz_sim_me_identity(const struct hz_sim_flight *f, uint8_t me[7]);
void hz_sim_me_emergency(const struct hz_sim_flight *f, uint8_t me[7]);
void hz_sim_me_target(const struct hz_sim_flight *f, uint8_t me[7]);
void hz_sim_me_operation(const struct hz_sim_flight *f, uint8_t me[7]);

/* The 56 bits of register 2,0, 4,0, 5,0 or 6,0 (bds 0x20 and so on). */
void hz_sim_register(const struct hz_sim_flight *f, unsigned bds, uint8_t mb[7]);

/* Complete frames with parity. out has room for 14 bytes; each returns the length, 7 or 14. */
size_t hz_sim_df11(const struct hz_sim_flight *f, unsigned interrogator, uint8_t *out);
/* df 17, or 18 for a device that is not a transponder. */
size_t hz_sim_squitter(const struct hz_sim_flight *f, unsigned df, const uint8_t me[7],
                       uint8_t *out);
/* df 4 or 5; 20 or 21 with the 56 bits of a register. */
size_t hz_sim_reply(const struct hz_sim_flight *f, unsigned df, const uint8_t mb[7], uint8_t *out);
/* df 0 or 16, from one collision avoidance system to another. */
size_t hz_sim_air_to_air(const struct hz_sim_flight *f, unsigned df, uint8_t *out);

#endif

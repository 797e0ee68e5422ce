/* A radiosonde of the type RS41: its flight, and its frames (320 octets, one a second). Pure. One
 * thread at a time for each sonde. */
#ifndef HZ_SIM_SONDE_H
#define HZ_SIM_SONDE_H

#include "sim/rng.h"

#include <stddef.h>

enum {
    HZ_SIM_SONDE_FRAME = 320,
    HZ_SIM_SONDE_PAGES = 51, /* of calibration, 16 octets each, one a frame */
    HZ_SIM_SONDE_PREAMBLE = 320,
    HZ_SIM_SONDE_SYMBOLS = HZ_SIM_SONDE_PREAMBLE + 8 * HZ_SIM_SONDE_FRAME + 16,
};

struct hz_sim_sonde {
    char serial[9];
    unsigned frame;
    double lat, lon, alt_m; /* WGS84 */
    double east, north, up; /* m/s */
    double burst_m;         /* where the balloon bursts */
    double heading;         /* of the wind, radians, turning with height */
    double week_s;          /* GPS time of week */
    unsigned week, satellites;
    double temp_c, humidity, pressure_hpa; /* of the air around it */
    uint8_t page[HZ_SIM_SONDE_PAGES][16];
};

/* Launched near that place; alt_m: where it is now. */
void hz_sim_sonde_init(struct hz_sim_sonde *s, struct hz_rng *r, double lat, double lon,
                       double alt_m);

/* One second later, and the next frame. */
void hz_sim_sonde_step(struct hz_sim_sonde *s);

/* Writes the frame as it is before whitening, with its parity. */
void hz_sim_sonde_frame(const struct hz_sim_sonde *s, uint8_t frame[HZ_SIM_SONDE_FRAME]);

/* Preamble, whitened frame and a tail as symbols; +1 is the higher frequency. */
void hz_sim_sonde_symbols(const uint8_t frame[HZ_SIM_SONDE_FRAME],
                          float symbols[HZ_SIM_SONDE_SYMBOLS]);

/* What the frame tells, as a JSON object with the decoder's names. */
void hz_sim_sonde_fields(const struct hz_sim_sonde *s, char *out, size_t room);

#endif

/* The transmitters in a burst: carriers that are keyed on and off show as lines of the spectrum,
 * also where each pulse is far below the noise; two tones as a pair of humps for a short time.
 *
 * A carrier is a place to look at, not a decision: the line of a strong tone may be tried as a
 * keyed carrier too, and then comes to nothing.
 *
 * Pure. */
#ifndef HZ_PROTO_SENSORS_CARRIERS_H
#define HZ_PROTO_SENSORS_CARRIERS_H

#include "proto/sensors/cells.h"
#include "proto/sensors/wave.h"

#include <stdbool.h>

enum {
    HZ_CARRIERS_MAX = 12,
    HZ_CARRIERS_OOK = 5,
};

/* Silence on each side of what is keyed, in seconds, at most. */
#define HZ_CARRIER_MARGIN_S 0.015

struct hz_carrier {
    enum hz_wave_modulation modulation;
    double freq;     /* cycles per sample: of the carrier, or of the upper tone */
    double lower;    /* of the lower tone */
    size_t from, to; /* samples in which it is keyed, with some silence on both sides if there is */
    bool narrow;     /* OOK: its power is in a line, not in a hump around it */
    float level;     /* its power over the noise, of FSK of a hump, in one cell */
    float excess;    /* its energy over the noise, in cells of the spectrum */
};

/* Memory of a search. */
struct hz_carrier_memory {
    float mean[HZ_CELLS_BINS], block[HZ_CELLS_BINS], smooth[HZ_CELLS_BINS];
    float *profile; /* rows.room */
};

/* At most HZ_CARRIERS_MAX, those with the most energy first. */
size_t hz_carriers_find(const struct hz_cells *r, double rate_hz, struct hz_carrier_memory *m,
                        struct hz_carrier *out);

#endif

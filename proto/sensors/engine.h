/* Finds what sensors said in a burst: the carriers in it, for each the classes of sensors that it
 * may be, and of all readings those that explain it best.
 *
 * Work is bounded by counts of operations, never by time, so that the same burst gives the same
 * readings on any machine. Memory is taken once. Pure; one thread at a time. */
#ifndef HZ_PROTO_SENSORS_ENGINE_H
#define HZ_PROTO_SENSORS_ENGINE_H

#include "proto/sensors/carriers.h"
#include "proto/sensors/classes.h"
#include "proto/sensors/hear.h"

enum {
    HZ_READINGS_MAX = 48, /* of one class at one carrier */
    HZ_FOUND_MAX = 64,
    HZ_FOUND_TWINS = 4,
};

/* A reading that is told. */
struct hz_found {
    struct hz_reading reading;
    double freq_hz;      /* of the carrier, of FSK the middle of the tones, from 0 Hz */
    double deviation_hz; /* of FSK; else 0 */
    float level;         /* power while it is on (FSK: at all), full scale 1 */
    float noise;         /* power in the whole rate */
    const struct hz_sensor *twin[HZ_FOUND_TWINS]; /* that read the same frame as well */
    size_t n_twins;
    bool doubtful; /* few of its bits are checked */
    bool dropped;
};

/* A burst to decode. */
struct hz_engine_burst {
    const float *iq; /* pairs of I and Q */
    size_t n;
    double bandwidth_hz;    /* the middle part of the rate that holds something; 0: all of it */
    double low_hz, high_hz; /* where carriers are looked for, from 0 Hz; both 0: anywhere */
    double share;           /* of the work that a burst may take, 0 to 1; 0: all of it */
};

/* A class that may be tried, and how likely it is: less is likelier. */
struct hz_choice {
    const struct hz_class *class;
    float off;
};

struct hz_engine {
    const struct hz_classes *classes;
    double rate_hz;
    size_t samples_max;
    uint64_t work, work_max; /* operations spent on the burst, and that may be */
    uint64_t shed;           /* classes that were not tried any more */
    struct hz_cells cells;
    struct hz_carrier_memory memory;
    struct hz_carrier carrier[HZ_CARRIERS_MAX]; /* of the burst: */
    size_t n_carriers;
    struct hz_tone tone[2];
    struct hz_hear ear;
    float a2; /* power of the carrier at hand over the noise, per sample */
    struct hz_runs runs;
    struct hz_choice *choice; /* classes->n */
    float *clock;             /* and of these */
    float near;               /* choices further off only where none of those before was right */
    struct hz_reading reading[HZ_READINGS_MAX];
    struct hz_found found[HZ_FOUND_MAX];
    size_t n_found;
};

/* For bursts of at most samples_max samples. 0 or -ENOMEM; then there is nothing to free. */
int hz_engine_init(struct hz_engine *e, const struct hz_classes *classes, double rate_hz,
                   size_t samples_max);
void hz_engine_done(struct hz_engine *e);

/* Decodes a burst, of which samples beyond samples_max are ignored: e->found[e->n_found], in the
 * order of time. */
void hz_engine_run(struct hz_engine *e, const struct hz_engine_burst *b);

#endif

/* What sensors, remotes, tyres and meters of common models say: their waveforms, and the bits and
 * fields of a reading. Written from published descriptions, not from the declarations that are
 * tested with it. Fields have rtl_433's names and units. Pure: any thread. */
#ifndef HZ_SIM_READING_H
#define HZ_SIM_READING_H

#include "proto/sensors/wave.h"
#include "sim/rng.h"

enum { HZ_SIM_READING_BITS = 160, HZ_SIM_READING_FIELDS = 400 };

struct hz_sim_reading {
    uint8_t bit[HZ_SIM_READING_BITS]; /* the data of a frame */
    size_t n;
    char fields[HZ_SIM_READING_FIELDS]; /* a JSON object, model first */
};

/* What there is to measure. */
struct hz_sim_weather {
    double temperature_c, humidity;
    double wind_m_s, wind_deg, rain_mm, light_lux;
};

struct hz_sim_model {
    const char *name;    /* "nexus-th" */
    struct hz_wave wave; /* `sent` frames make a transmission */
    /* Fills in a reading of the sensor with that number; what is no weather is drawn. */
    void (*tell)(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                 struct hz_rng *r);
};

/* NULL: no such model. */
const struct hz_sim_model *hz_sim_model_find(const char *name);
/* Number i, NULL behind the last one. */
const struct hz_sim_model *hz_sim_model_at(size_t i);

/* Weather as it may be anywhere. */
struct hz_sim_weather hz_sim_weather_draw(struct hz_rng *r);

#endif

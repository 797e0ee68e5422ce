/* The transmitter of a sensor, remote or meter: frames of bits as on and off (OOK) or as two tones
 * (FSK), in the durations of a waveform. Shares no code with what hears them. Pure. */
#ifndef HZ_SIM_SENSOR_H
#define HZ_SIM_SENSOR_H

#include "proto/sensors/wave.h"
#include "sim/track.h"

struct hz_sim_sensor {
    const struct hz_wave *wave;
    const struct hz_bitrow *frame; /* the data bits of each frame, one after the other */
    size_t frames;
    double spacing_us;   /* silence between frames, besides the wave's own gap */
    double deviation_hz; /* FSK; 0: the wave's, and 35 kHz where it says none */
    double edge_us;    /* from off to on, from tone to tone; 0: 20, or a fifth of a shorter pulse */
    double drift_hz_s; /* of the carrier, which is where it should be in the middle */
};

/* The transmission as a sealed track; the caller frees it. It begins with the first edge and ends
 * with the last one. 0; -EINVAL: there is nothing to send; -ENOMEM. */
int hz_sim_sensor(const struct hz_sim_sensor *how, struct hz_sim_track *track);

#endif

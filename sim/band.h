/* What a scene is made of: a band fills a span with its transmissions; scene.c adds the noise and
 * the quantisation. Internal to sim/. */
#ifndef HZ_SIM_BAND_H
#define HZ_SIM_BAND_H

#include "sim/burst.h"
#include "sim/scene.h"

/* One span to fill. Spans follow each other without gaps and are HZ_BAND_SPAN_S long. */
struct hz_band_air {
    struct hz_span span; /* zeroed */
    double centre_hz;
    double noise_per_hz; /* power density of the noise to come, full scale 1.0 */
    hz_scene_truth_fn *tell;
    void *ctx;
};

#define HZ_BAND_SPAN_S 0.01

struct hz_band {
    size_t size; /* bytes of state, zeroed before init; 0: nothing on the air */
    /* variant: which of the scenes that share this band. 0 or -ENOMEM. */
    int (*init)(void *state, const struct hz_scene_info *about, int variant, uint64_t seed);
    void (*fill)(void *state, const struct hz_band_air *air);
    void (*done)(void *state);
};

enum { HZ_MODES_LADDER, HZ_MODES_FLEET }; /* from HZ_MODES_FLEET on: the number of aircraft */

enum { HZ_VHF_PORT, HZ_VHF_MIX };

extern const struct hz_band hz_band_modes, hz_band_vhf;

#endif

/* What generates the transmissions of a scene. scene.c calls these operations, then adds the noise
 * and quantises. Internal to sim/. */
#ifndef HZ_SIM_SCENE_OPS_H
#define HZ_SIM_SCENE_OPS_H

#include "sim/burst.h"
#include "sim/scene.h"

/* One span to fill. Spans follow each other without gaps and are HZ_SCENE_SPAN_S long. */
struct hz_scene_output {
    struct hz_span span; /* zeroed */
    double centre_hz;
    double noise_per_hz;         /* power density of the noise to come, full scale 1.0 */
    hz_scene_truth_fn *on_truth; /* NULL: nobody asks */
    void *ctx;
};

#define HZ_SCENE_SPAN_S 0.01

struct hz_scene_ops {
    size_t size; /* bytes of state, zeroed before init; 0: nothing on the air */
    /* variant: which of the scenes that these operations serve. Returns 0 or -ENOMEM. */
    int (*init)(void *state, const struct hz_scene_info *about, int variant, uint64_t seed);
    void (*fill)(void *state, const struct hz_scene_output *out);
    void (*done)(void *state);
};

enum { HZ_MODES_LADDER, HZ_MODES_FLEET }; /* from HZ_MODES_FLEET on: the number of aircraft */

enum { HZ_VHF_PORT, HZ_VHF_MIX };

enum { HZ_ISM_HOMES, HZ_ISM_CROWD, HZ_ISM_METERS };

extern const struct hz_scene_ops hz_scene_modes, hz_scene_vhf, hz_scene_ism, hz_scene_uhf,
    hz_scene_fm;

#endif

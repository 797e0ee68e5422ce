/* The scenes in the VHF band: ships on the AIS channels and voices; "mix" also has packets,
 * pagers and the data link of aircraft. */
#include "sim/traffic.h"

enum { VOICES = 2 };

struct vhf {
    struct hz_air air;
    struct hz_sim_port port;
    struct hz_sim_voice voices[VOICES];
    struct hz_sim_data data;
    struct hz_sim_flex_net flex;
    struct hz_sim_vdl2_net vdl2;
    struct hz_sim_acars_net acars;
    bool mix;
};

static int vhf_init(void *state, const struct hz_scene_info *about, int variant, uint64_t seed)
{
    (void)about;
    struct vhf *b = state;
    struct hz_rng *r = &b->air.rng;
    hz_rng_init(r, seed, 3);
    b->air.crystal = 2.5e-6;
    b->mix = variant == HZ_VHF_MIX;
    b->voices[0].freq_hz = 161.6e6;
    b->voices[0].ctcss_hz = 88.5;
    b->voices[1].freq_hz = b->mix ? 161.35e6 : 161.45e6;
    b->voices[1].depth = b->mix ? 0.7 : 0;
    hz_sim_port_init(&b->port, r);
    hz_sim_data_init(&b->data, r);
    hz_sim_flex_net_init(&b->flex, seed);
    hz_sim_vdl2_net_init(&b->vdl2, seed);
    hz_sim_acars_net_init(&b->acars, seed);
    for (int i = 0; i < VOICES; i++) {
        hz_sim_voice_init(&b->voices[i], r);
    }
    return 0;
}

static void vhf_done(void *state)
{
    struct vhf *b = state;
    hz_air_done(&b->air);
}

static void vhf_fill(void *state, const struct hz_scene_output *out)
{
    struct vhf *b = state;
    b->air.out = out;
    hz_sim_port_plan(&b->port, &b->air);
    for (int i = 0; i < VOICES; i++) {
        hz_sim_voice_plan(&b->voices[i], &b->air);
    }
    if (b->mix) {
        hz_sim_data_plan(&b->data, &b->air);
        hz_sim_flex_net_plan(&b->flex, &b->air);
        hz_sim_vdl2_net_plan(&b->vdl2, &b->air);
        hz_sim_acars_net_plan(&b->acars, &b->air);
    }
    hz_air_fill(&b->air);
}

const struct hz_scene_ops hz_scene_vhf = {
    .size = sizeof(struct vhf),
    .init = vhf_init,
    .fill = vhf_fill,
    .done = vhf_done,
};

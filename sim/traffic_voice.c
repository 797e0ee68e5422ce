#include "sim/traffic.h"
#include "sim/voice.h"

#include <stdio.h>

static const double deviation_hz = 2500;

void hz_sim_voice_init(struct hz_sim_voice *v, struct hz_rng *r)
{
    v->snr_db = hz_rng_between(r, 15, 30);
    v->due = hz_rng_between(r, 0.2, 3);
}

void hz_sim_voice_plan(struct hz_sim_voice *v, struct hz_air *air)
{
    bool am = v->depth > 0;
    double at = v->due;
    if (at >= hz_air_until(air)) {
        return;
    }
    double seconds = hz_rng_between(&air->rng, 1.5, 4.5);
    v->due += seconds + hz_rng_between(&air->rng, 1, 8);
    struct hz_air_sent *s = hz_air_prepare(air, am ? "am" : "nfm", v->freq_hz, am ? 8330 : 12500);
    if (s == NULL) {
        return;
    }
    s->snr_db = v->snr_db;
    snprintf(s->type, sizeof s->type, "speech");
    int err;
    if (am) {
        snprintf(s->fields, sizeof s->fields, "{\"depth\":%.2f}", v->depth);
        err = hz_sim_am(seconds, v->depth, &air->rng, &s->track);
    } else {
        snprintf(s->fields, sizeof s->fields, "{\"ctcss\":%.1f,\"deviation\":%.0f}", v->ctcss_hz,
                 deviation_hz);
        err = hz_sim_nfm(seconds, deviation_hz, v->ctcss_hz, &air->rng, &s->track);
    }
    if (err == 0) {
        hz_air_launch(air, s, at);
    }
}

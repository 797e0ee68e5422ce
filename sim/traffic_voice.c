#include "sim/traffic.h"
#include "sim/voice.h"

#include <stdio.h>

static const double deviation_hz = 2500;

/* The talks are made once: synthesis takes long against a span. */
int hz_sim_voice_init(struct hz_sim_voice *v, struct hz_rng *r)
{
    int err = 0;
    v->snr_db = hz_rng_between(r, 15, 30);
    v->due = hz_rng_between(r, 0.2, 3);
    for (int i = 0; i < HZ_SIM_TALKS && err == 0; i++) {
        double seconds = hz_rng_between(r, 1.5, 4.5);
        err = v->depth > 0 ? hz_sim_am(seconds, v->depth, r, &v->talks[i])
                           : hz_sim_nfm(seconds, deviation_hz, v->ctcss_hz, r, &v->talks[i]);
    }
    return err;
}

void hz_sim_voice_done(struct hz_sim_voice *v)
{
    for (int i = 0; i < HZ_SIM_TALKS; i++) {
        hz_sim_track_done(&v->talks[i]);
    }
}

void hz_sim_voice_plan(struct hz_sim_voice *v, struct hz_air *air)
{
    bool am = v->depth > 0;
    if (v->due >= hz_air_until(air)) {
        return;
    }
    const struct hz_sim_track *talk = &v->talks[hz_rng_below(&air->rng, HZ_SIM_TALKS)];
    double at = v->due;
    v->due += (double)talk->n / talk->rate_hz + hz_rng_between(&air->rng, 1, 8);
    struct hz_air_sent *s = hz_air_prepare(air, am ? "am" : "nfm", v->freq_hz, am ? 8330 : 12500);
    if (s == NULL) {
        return;
    }
    s->track = talk;
    s->snr_db = v->snr_db;
    snprintf(s->type, sizeof s->type, "speech");
    if (am) {
        snprintf(s->fields, sizeof s->fields, "{\"depth\":%.2f}", v->depth);
    } else {
        snprintf(s->fields, sizeof s->fields, "{\"ctcss\":%.1f,\"deviation\":%.0f}", v->ctcss_hz,
                 deviation_hz);
    }
    hz_air_launch(air, s, at);
}

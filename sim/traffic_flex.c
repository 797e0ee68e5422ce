/* FLEX pagers, for the scene "mix": frames in all modes, one message in each. */
#include "sim/flex.h"
#include "sim/fsk.h"
#include "sim/traffic.h"

#include <stdio.h>

static const double freq_hz = 162.9e6, frame_s = 1.875;

static const struct {
    unsigned baud, levels;
    double least_snr_db; /* an FM receiver decodes none below about 3 dB of the first, 12 of the
                            last */
} modes[] = {{1600, 2, -3}, {3200, 2, 0}, {1600, 4, 4}, {3200, 4, 8}};

void hz_sim_flex_net_init(struct hz_sim_flex_net *n, uint64_t seed)
{
    hz_rng_init(&n->rng, seed, 41);
    n->due = hz_rng_between(&n->rng, 0, frame_s);
}

static int make_frame(struct hz_sim_flex_net *n, struct hz_air_sent *s)
{
    static const struct hz_sim_fsk fsk = {HZ_SIM_FLEX_BAUD, 4800, 1.5, 2};
    struct hz_rng *r = &n->rng;
    float symbols[HZ_SIM_FLEX_SYMBOLS];
    char text[80];
    unsigned mode = hz_rng_below(r, 4), capcode = 1 + hz_rng_below(r, 1900000);
    bool alpha = hz_rng_chance(r, 0.7);
    snprintf(text, sizeof text, alpha ? "Ward %u: bed %u, call back" : "%u-%u", hz_rng_below(r, 90),
             hz_rng_below(r, 100000));
    struct hz_sim_flex_frame frame = {.baud = modes[mode].baud,
                                      .levels = modes[mode].levels,
                                      .cycle = n->frame / 128 % 15,
                                      .number = n->frame % 128,
                                      .pages = 1};
    frame.page[0] =
        (struct hz_sim_flex_page){.capcode = capcode,
                                  .kind = alpha ? HZ_SIM_FLEX_ALPHA : HZ_SIM_FLEX_NUMERIC,
                                  .text = text,
                                  .number = n->frame % 64,
                                  .fragment = 3};
    hz_sim_flex(&frame, symbols);
    s->snr_db = hz_rng_between(r, modes[mode].least_snr_db, 25);
    s->carrier_hz = hz_rng_between(r, -400, 400);
    snprintf(s->type, sizeof s->type, alpha ? "alpha" : "numeric");
    snprintf(s->fields, sizeof s->fields, "{\"capcode\":%u,\"text\":\"%s\"}", capcode, text);
    s->raw_len = (size_t)snprintf((char *)s->raw, sizeof s->raw, "%u:%s", capcode, text);
    return hz_sim_fsk(&fsk, symbols, HZ_SIM_FLEX_SYMBOLS, &s->track);
}

void hz_sim_flex_net_plan(struct hz_sim_flex_net *n, struct hz_air *air)
{
    while (n->due < hz_air_until(air)) {
        double at = n->due;
        struct hz_air_sent *s = hz_air_prepare(air, "flex", freq_hz, 12.5e3);
        if (s != NULL && make_frame(n, s) == 0) {
            /* what it draws is its own: the other channels send the same with and without it */
            struct hz_rng others = air->rng;
            air->rng = n->rng;
            hz_air_launch(air, s, at);
            n->rng = air->rng;
            air->rng = others;
        }
        unsigned frames = 1 + hz_rng_below(&n->rng, 2);
        n->frame += frames;
        n->due += frames * frame_s;
    }
}

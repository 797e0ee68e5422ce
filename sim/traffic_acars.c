/* Aircraft that send ACARS, for the scene "mix": downlinks, and texts of two blocks. */
#include "sim/acars.h"
#include "sim/traffic.h"

#include <stdio.h>
#include <string.h>

static const double freq_hz = 162.15e6, width_hz = 8330, pause_s = 1.5;

void hz_sim_acars_net_init(struct hz_sim_acars_net *n, uint64_t seed)
{
    hz_rng_init(&n->rng, seed, 43);
    n->due = hz_rng_between(&n->rng, 0, pause_s);
}

/* The block of this turn. The second one of a message has the sequence letter B. */
static int make_block(struct hz_sim_acars_net *n, struct hz_air_sent *s)
{
    struct hz_rng *r = &n->rng;
    bool second = n->second;
    n->second = false;
    if (!second) {
        hz_sim_acars_registration(r, n->registration);
        hz_sim_acars_compose(r, &n->label, n->text);
        n->id = (char)('0' + hz_rng_below(r, 10));
        n->second = strcmp(n->label, "80") == 0;
    } else {
        n->text[3] = 'B';
        n->id = (char)('0' + (n->id - '0' + 1) % 10);
    }
    const struct hz_sim_acars how = {.registration = n->registration,
                                     .label = n->label,
                                     .text = n->text,
                                     .mode = '2',
                                     .id = n->id,
                                     .more = n->second};
    const struct hz_sim_acars_radio radio = {.depth = hz_rng_between(r, 0.6, 0.95),
                                             .phase = hz_rng_chance(r, 0.5) ? 0 : 0.25,
                                             .key = 180};
    s->raw_len = hz_sim_acars_block(&how, s->raw);
    s->snr_db = hz_rng_between(r, 9, 25);
    s->carrier_hz = hz_rng_between(r, -600, 600);
    snprintf(s->type, sizeof s->type, "%s", n->label);
    snprintf(s->fields, sizeof s->fields, "{\"tail\":\"%s\",\"msgno\":\"%.4s\",\"text\":\"%s\"}",
             n->registration, n->text, n->text + 10);
    return hz_sim_acars(s->raw, s->raw_len, &radio, &s->track);
}

void hz_sim_acars_net_plan(struct hz_sim_acars_net *n, struct hz_air *air)
{
    while (n->due < hz_air_until(air)) {
        double at = n->due;
        struct hz_air_sent *s = hz_air_prepare(air, "acars", freq_hz, width_hz);
        if (s != NULL && make_block(n, s) == 0) {
            /* what it draws is its own: the other channels send the same with and without it */
            struct hz_rng others = air->rng;
            air->rng = n->rng;
            hz_air_launch(air, s, at);
            n->rng = air->rng;
            air->rng = others;
        }
        n->due += 1.2 + hz_rng_between(&n->rng, 0, pause_s);
    }
}

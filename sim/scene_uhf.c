/* The scene "uhf": radiosondes in the band of 400.05 to 406 MHz. One climbs from the port; one is
 * high up, bursts soon and falls; one is far away, near the limit of what can be decoded. */
#include "sim/air.h"
#include "sim/fleet.h"
#include "sim/fsk.h"
#include "sim/sonde.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)HZ_SIM_SONDE_FRAME <= (int)HZ_AIR_RAW_MAX, "a frame fits");

static const struct {
    double freq_hz, alt_m, snr_db;
    double carrier_hz; /* the transmitter's error; it changes as the sonde cools down */
    double bursts_in_s;
} flights[] = {{402.7e6, 1200, 22, 900, 6000},
               {403.1e6, 27000, 12, -2300, 40},
               {402.5e6, 9000, 3.5, 1500, 4000}};

enum { FLIGHTS = sizeof flights / sizeof flights[0] };

struct uhf {
    struct hz_air air;
    struct hz_sim_sonde sonde[FLIGHTS];
    double due[FLIGHTS];
};

static int uhf_init(void *state, const struct hz_scene_info *about, int variant, uint64_t seed)
{
    struct uhf *b = state;
    struct hz_rng *r = &b->air.rng;
    (void)variant;
    hz_rng_init(r, seed, 6);
    b->air.crystal = -1.5e-6;
    for (int i = 0; i < FLIGHTS; i++) {
        hz_sim_sonde_init(&b->sonde[i], r, about->latitude, about->longitude, flights[i].alt_m);
        b->sonde[i].burst_m = flights[i].alt_m + flights[i].bursts_in_s * b->sonde[i].up;
        b->due[i] = hz_rng_between(r, 0.1, 0.9);
    }
    return 0;
}

static void uhf_done(void *state)
{
    struct uhf *b = state;
    hz_air_done(&b->air);
}

static int modulate(struct hz_air_sent *s)
{
    static const struct hz_sim_fsk gfsk = {4800, 2400, 0.5, 4};
    float symbols[HZ_SIM_SONDE_SYMBOLS];
    hz_sim_sonde_symbols(s->raw, symbols);
    return hz_sim_fsk(&gfsk, symbols, HZ_SIM_SONDE_SYMBOLS, &s->track);
}

/* One frame a second of each. */
static void plan(struct uhf *b, int i)
{
    double at = b->due[i];
    struct hz_sim_sonde *sonde = &b->sonde[i];
    if (at >= hz_air_until(&b->air))
        return;
    b->due[i] += 1;
    hz_sim_sonde_step(sonde);
    struct hz_air_sent *s = hz_air_prepare(&b->air, "rs41", flights[i].freq_hz, 12.5e3);
    if (!s)
        return;
    hz_sim_sonde_frame(sonde, s->raw);
    s->raw_len = HZ_SIM_SONDE_FRAME;
    s->snr_db = flights[i].snr_db;
    s->carrier_hz = flights[i].carrier_hz + 2 * sonde->temp_c;
    snprintf(s->type, sizeof s->type, "rs41");
    hz_sim_sonde_fields(sonde, s->fields, sizeof s->fields);
    if (modulate(s) == 0)
        hz_air_launch(&b->air, s, at);
}

static void uhf_fill(void *state, const struct hz_scene_output *out)
{
    struct uhf *b = state;
    b->air.out = out;
    for (int i = 0; i < FLIGHTS; i++)
        plan(b, i);
    hz_air_fill(&b->air);
}

const struct hz_scene_ops hz_scene_uhf = {
    .size = sizeof(struct uhf),
    .init = uhf_init,
    .fill = uhf_fill,
    .done = uhf_done,
};

/* The scenes of sensors. Around 433.92 MHz: "ism", sensors, remotes and contacts of a dozen homes,
 * and cars that pass; near ones are loud, many are heard by no receiver that listens to the whole
 * band at once. "crowd": seven that are close together and often send at the same time. Around
 * 868.6 MHz, "meters": utility meters, and some sensors. */
#include "sim/air.h"
#include "sim/reading.h"
#include "sim/sensor.h"
#include "sim/traffic.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const double turn = 2 * 3.14159265358979323846;

enum { CAR_TYRES = 4 };

/* Who sends: how far from the middle of the band its carrier is, how loud it is here, how often it
 * sends. Real ones send every half minute; these are quicker, so that there is something to see. */
static const struct device {
    const char *model;
    uint32_t id;
    double khz, snr_db, every_s;
    double warmer; /* degrees over the air outside */
} homes[] = {
    {"nexus-th", 0x41, 12, 22, 9, 8},
    {"nexus-th", 0x99, -640, 2, 13, 0},
    {"nexus-th", 0x2C, 455, -5, 11, 0},
    {"oregon-thgr122n", 0x5B, -38, 18, 10, 9},
    {"oregon-thgr122n", 0xC0, 715, -2, 12, 0},
    {"acurite-5n1", 0x3BA, -310, 9, 7, 0},
    {"lacrosse-tx141th", 0x17, 61, 14, 12, 0},
    {"lacrosse-tx141th", 0x88, -205, -1, 14, 7},
    {"fineoffset-wh2", 0x33, 240, 6, 11, 0},
    {"fineoffset-wh65", 0x2A, -450, 16, 5, 0},
    {"fineoffset-wh65", 0xB1, 610, 7, 6, 0},
    {"fineoffset-wh51", 0x0C1, 130, 12, 9, 0},
    {"fineoffset-wh51", 0x0C2, 131, 8, 10, 0},
    {"inkbird-ith20r", 0x1234, -780, 11, 8, 10},
    {"efergy-e2", 0x21, -370, 13, 6, 0},
    {"ev1527", 0x70, 25, 20, 6, 0},
    {"ev1527", 0x71, -95, 3, 8, 0},
    {"x10-security", 0x55, -10, 10, 12, 0},
    {"x10-security", 0x56, 350, 1, 15, 0},
    {"smoke-gs558", 0x61, -150, 7, 40, 0},
};

static const struct device crowd[] = {
    {"toyota-tpms", 1, 80, 15, 0.8, 0},     {"fineoffset-wh65", 2, -80, 15, 1.6, 0},
    {"acurite-609txc", 3, -15, 15, 3.2, 0}, {"oregon-thgr122n", 4, -40, 15, 3.5, 0},
    {"lacrosse-tx141th", 5, 40, 15, 5, 0},  {"ev1527", 6, 5, 15, 5, 0},
    {"nexus-th", 7, 15, 20, 6, 0},
};

static const struct device srd[] = {
    {"fineoffset-wh65", 0x77, -300, 15, 5, 0},
    {"fineoffset-wh51", 0x0D4, -302, 9, 8, 0},
    {"fineoffset-wh51", 0x0D5, -298, 5, 9, 0},
};

enum {
    HOMES = sizeof homes / sizeof homes[0],
    CROWD = sizeof crowd / sizeof crowd[0],
    SRD = sizeof srd / sizeof srd[0]
};

struct sender {
    const struct hz_sim_model *model;
    double khz, clock, due_s;
};

/* One that passes: its tyres speak a few times while it is near. */
struct car {
    const struct hz_sim_model *model;
    uint32_t id;
    double nearest_s, loudest_db, next_s[CAR_TYRES];
};

struct ism {
    struct hz_air air;
    const struct device *devices;
    int n;
    struct sender senders[HOMES];
    struct car car;
    struct hz_sim_metering metering;
    int variant;
    double centre_hz;
    bool one; /* who sends is one and the same each time */
};

static struct hz_sim_weather weather_at(double s, double warmer)
{
    double day = sin(turn * s / 900); /* one of a quarter of an hour */
    return (struct hz_sim_weather){.temperature_c = 11 + 6 * day + warmer,
                                   .humidity = 62 - 20 * day - 2 * warmer,
                                   .wind_m_s = 3 + 2 * sin(turn * s / 70),
                                   .wind_deg = 225 + 40 * sin(turn * s / 130),
                                   .rain_mm = 212 + s / 100,
                                   .light_lux = 30000 + 20000 * day};
}

static void new_car(struct ism *b, double after_s)
{
    struct hz_rng *r = &b->air.rng;
    struct car *c = &b->car;
    c->model = hz_sim_model_find(hz_rng_chance(r, 0.5) ? "toyota-tpms" : "renault-tpms");
    c->id = 16 * hz_rng_below(r, 1000);
    c->nearest_s = after_s + hz_rng_between(r, 3, 8);
    c->loudest_db = hz_rng_between(r, 8, 22);
    for (int i = 0; i < CAR_TYRES; i++) {
        c->next_s[i] = c->nearest_s + hz_rng_between(r, -2.5, 0);
    }
}

static int ism_init(void *state, const struct hz_scene_info *about, int variant, uint64_t seed)
{
    struct ism *b = state;
    struct hz_rng *r = &b->air.rng;
    hz_rng_init(r, seed, 4);
    b->air.crystal = 8e-6;
    b->variant = variant;
    b->centre_hz = about->centre_hz;
    b->one = variant != HZ_ISM_CROWD;
    b->devices = variant == HZ_ISM_HOMES ? homes : variant == HZ_ISM_CROWD ? crowd : srd;
    b->n = variant == HZ_ISM_HOMES ? HOMES : variant == HZ_ISM_CROWD ? CROWD : SRD;
    hz_sim_meters_init(&b->metering, r);
    for (int i = 0; i < b->n; i++) {
        struct sender *s = &b->senders[i];
        s->model = hz_sim_model_find(b->devices[i].model);
        s->khz = b->devices[i].khz + hz_rng_between(r, -3, 3);
        /* an oscillator of a resistor and a capacitor, or a crystal */
        double error = s->model->wave.modulation == HZ_WAVE_OOK ? 0.02 : 100e-6;
        s->clock = 1 + hz_rng_between(r, -error, error);
        s->due_s = hz_rng_between(r, 0.1, 0.6 * b->devices[i].every_s);
    }
    new_car(b, variant == HZ_ISM_HOMES ? 0 : INFINITY);
    return 0;
}

static void ism_done(void *state)
{
    struct ism *b = state;
    hz_air_done(&b->air);
}

/* Modulates a reading and puts it on the air. */
static void send(struct ism *b, struct hz_air_sent *s, const struct hz_sim_model *model,
                 uint32_t id, double warmer, double at)
{
    struct hz_sim_reading reading = {.n = 0};
    struct hz_sim_weather weather = weather_at(at, warmer);
    struct hz_bitrow rows[16];
    size_t frames = (size_t)model->wave.sent;
    model->tell(&reading, id, &weather, &b->air.rng);
    for (size_t i = 0; i < frames; i++) {
        rows[i] = (struct hz_bitrow){reading.bit, reading.n};
    }
    snprintf(s->type, sizeof s->type, "%s", model->name);
    memcpy(s->fields, reading.fields, sizeof s->fields);
    s->raw_len = (reading.n + 7) / 8;
    for (size_t i = 0; i < reading.n; i++) {
        s->raw[i / 8] |= (uint8_t)(reading.bit[i] << (7 - i % 8));
    }
    const struct hz_sim_sensor how = {.wave = &model->wave, .frame = rows, .frames = frames};
    if (hz_sim_sensor(&how, &s->track) == 0) {
        hz_air_launch(&b->air, s, at);
    }
}

static struct hz_air_sent *prepare(struct ism *b, double khz)
{
    return hz_air_prepare(&b->air, "sensors", b->centre_hz + khz * 1e3, 100e3);
}

static void plan_device(struct ism *b, int i)
{
    struct sender *who = &b->senders[i];
    const struct device *is = &b->devices[i];
    double at = who->due_s;
    who->due_s += is->every_s * hz_rng_between(&b->air.rng, b->one ? 0.9 : 0.3, b->one ? 1.1 : 1.7);
    struct hz_air_sent *s = prepare(b, is->khz);
    if (s != NULL) {
        s->carrier_hz = (who->khz - is->khz) * 1e3;
        s->clock = who->clock;
        s->snr_db = is->snr_db;
        send(b, s, who->model, b->one ? is->id : hz_rng_u32(&b->air.rng) >> 4, is->warmer, at);
    }
}

static void plan_tyre(struct ism *b, int i)
{
    struct car *c = &b->car;
    double at = c->next_s[i], away = (at - c->nearest_s) / 2;
    c->next_s[i] += hz_rng_between(&b->air.rng, 0.8, 2);
    struct hz_air_sent *s = prepare(b, 0);
    if (s != NULL) {
        s->carrier_hz = 9e3 * i - 15e3;
        s->snr_db = c->loudest_db - 10 * log10(1 + 4 * away * away);
        send(b, s, c->model, c->id + (uint32_t)i, 15, at);
    }
}

static void ism_fill(void *state, const struct hz_scene_output *out)
{
    struct ism *b = state;
    b->air.out = out;
    double until = hz_air_until(&b->air);
    for (int i = 0; i < b->n; i++) {
        while (b->senders[i].due_s < until) {
            plan_device(b, i);
        }
    }
    for (int i = 0; i < CAR_TYRES; i++) {
        while (b->car.next_s[i] < until) {
            plan_tyre(b, i);
        }
    }
    if (b->variant == HZ_ISM_METERS) {
        hz_sim_meters_plan(&b->metering, &b->air);
    }
    if (until > b->car.nearest_s + 2.5) {
        new_car(b, until);
    }
    hz_air_fill(&b->air);
}

const struct hz_scene_ops hz_scene_ism = {
    .size = sizeof(struct ism),
    .init = ism_init,
    .fill = ism_fill,
    .done = ism_done,
};

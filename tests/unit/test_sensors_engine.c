/* The decoder of sensors with the shipped set: transmissions of the simulator, whose readings are
 * written from other descriptions than the declarations, in noise. */
#include "config/sensors.h"
#include "sim/reading.h"
#include "sim/sensor.h"
#include "sim/signal.h"
#include "tests/unit/rig.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 250000, SAMPLES = RATE, START = 12500, FRAMES = 8 };

extern const struct hz_decoder hz_sensors_decoder;

static struct hz_sensor_set *set;
static float *iq;

static void begin(void)
{
    char err[200] = "";
    cr_assert_eq(hz_sensor_set_builtin(&set, err, sizeof err), 0, "%s", err);
    iq = calloc(2 * SAMPLES, sizeof *iq);
}

static void end(void)
{
    hz_sensor_set_unref(set);
    free(iq);
}

/* Adds a transmission of at most `frames` equal frames, and what it says. power: full scale 1. */
static void transmit(const char *model, double offset_hz, double power, double clock, size_t start,
                     size_t frames, struct hz_sim_reading *said)
{
    const struct hz_sim_model *m = hz_sim_model_find(model);
    struct hz_rng rng;
    hz_rng_init(&rng, 7, 0);
    struct hz_sim_weather w = hz_sim_weather_draw(&rng);
    struct hz_bitrow row[FRAMES];
    struct hz_sim_track track;
    cr_assert(m);
    memset(said, 0, sizeof *said);
    m->tell(said, 77, &w, &rng);
    frames = frames < (size_t)m->wave.sent ? frames : (size_t)m->wave.sent;
    for (size_t i = 0; i < frames; i++)
        row[i] = (struct hz_bitrow){said->bit, said->n};
    struct hz_sim_sensor how = {.wave = &m->wave, .frame = row, .frames = frames};
    cr_assert_eq(hz_sim_sensor(&how, &track), 0);
    struct hz_sim_burst burst = {
        .start = (double)start, .power = power, .offset_hz = offset_hz, .clock = clock};
    hz_sim_track_add(&track, &burst, &(struct hz_span){iq, SAMPLES, 0, RATE});
    hz_sim_track_done(&track);
}

static void noise(double power, uint64_t seed)
{
    hz_sim_signal_noise(&(struct hz_span){iq, SAMPLES, 0, RATE}, power, 100e3, seed);
}

static void decode(struct rig *r, size_t samples, size_t cut)
{
    struct hz_setup setup = rig_setup(&hz_sensors_decoder);
    struct hz_samples all = {HZ_CF32, iq, samples, 0};
    setup.sensors = set;
    rig_decode(r, &hz_sensors_decoder, &setup, &all, cut);
}

/* Whether a message has the fields of the reading. */
static bool tells(const struct rig *r, const struct hz_sim_reading *said)
{
    cJSON *want = cJSON_Parse(said->fields);
    bool found = false;
    for (size_t i = 0; i < r->n; i++) {
        bool same = true;
        for (const cJSON *f = want->child; f; f = f->next) {
            const cJSON *own = cJSON_GetObjectItemCaseSensitive(r->message[i].own, f->string);
            bool name = strcmp(f->string, "model") == 0, id = strcmp(f->string, "id") == 0;
            if (name || id)
                same = same && own && cJSON_Compare(own, f, true);
        }
        found = found || same;
    }
    cJSON_Delete(want);
    return found;
}

static void expect_heard(const char *model, double snr_db, double clock)
{
    struct rig r = {0};
    struct hz_sim_reading said;
    memset(iq, 0, 2 * SAMPLES * sizeof *iq);
    noise(0.01, 3);
    transmit(model, 21e3, 0.01 * pow(10, snr_db / 10), clock, START, 4, &said);
    decode(&r, SAMPLES * 3 / 5, 10000);
    cr_expect(tells(&r, &said), "%s at %g dB, clock %g: %s", model, snr_db, clock, said.fields);
    cr_expect_leq(r.n, 1, "%s: %zu messages", model, r.n);
    rig_free(&r);
}

Test(sensors_engine, keyed_carriers_are_read_below_the_noise, .init = begin, .fini = end)
{
    expect_heard("oregon-thgr122n", -4, 1);
    expect_heard("acurite-5n1", 0, 0.97);
}

Test(sensors_engine, two_tones_are_read_in_noise, .init = begin, .fini = end)
{
    expect_heard("fineoffset-wh65", 6, 1);
    expect_heard("toyota-tpms", 6, 1.01);
}

Test(sensors_engine, strong_ones_are_read_too, .init = begin, .fini = end)
{
    expect_heard("acurite-5n1", 25, 1);
    expect_heard("nexus-th", 20, 1.03);
    expect_heard("toyota-tpms", 25, 1);
}

Test(sensors_engine, two_at_once_are_told_apart, .init = begin, .fini = end)
{
    struct rig r = {0};
    struct hz_sim_reading one, two;
    noise(0.001, 5);
    transmit("oregon-thgr122n", -40e3, 0.01, 1, START, 1, &one);
    transmit("acurite-5n1", 30e3, 0.02, 1, START + 9000, 3, &two);
    decode(&r, SAMPLES / 2, 0);
    cr_expect(tells(&r, &one));
    cr_expect(tells(&r, &two));
    cr_expect_eq(r.n, 2);
    rig_free(&r);
}

Test(sensors_engine, noise_says_nothing, .init = begin, .fini = end)
{
    struct rig r = {0};
    noise(0.01, 11);
    decode(&r, SAMPLES / 2, 0);
    cr_expect_eq(r.n, 0);
    rig_free(&r);
}

Test(sensors_engine, how_samples_are_cut_does_not_matter, .init = begin, .fini = end)
{
    struct rig a = {0}, b = {0};
    struct hz_sim_reading said;
    noise(0.001, 5);
    transmit("fineoffset-wh65", 10e3, 0.02, 1, 2000, 1, &said);
    decode(&a, 9000, 0);
    decode(&b, 9000, 333);
    cr_assert_eq(a.n, 1);
    cr_expect_str_eq(a.lines, b.lines);
    rig_free(&a);
    rig_free(&b);
}

Test(sensors_engine, without_declarations_nothing_is_heard, .init = begin, .fini = end)
{
    struct rig r = {0};
    struct hz_samples all = {HZ_CF32, iq, 1000, 0};
    rig_decode(&r, &hz_sensors_decoder, NULL, &all, 100);
    cr_expect_eq(r.n, 0);
    rig_free(&r);
}

/* The transmitter of sensors: when it is on and off, its tones, and the bits of its codes. What its
 * readings say is held against another decoder by tests/e2e/test_sensors.py. */
#include "sim/reading.h"
#include "sim/sensor.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

/* Amplitude and tone at a time in microseconds of the transmission, its first edge's middle at 0.
 */
struct at {
    double amplitude, tone_hz;
};

static struct at look(const struct hz_sim_track *t, double us, double edge_us)
{
    double knot = (us + edge_us / 2) * t->rate_hz / 1e6;
    size_t i = (size_t)knot;
    cr_assert_lt(i + 1, t->n);
    return (struct at){(double)t->amplitude[i], (double)t->freq_hz[i]};
}

static void make(const struct hz_wave *w, const char *bits, size_t frames, struct hz_sim_track *t)
{
    uint8_t bit[64];
    struct hz_bitrow row[8];
    size_t n = strlen(bits);
    for (size_t i = 0; i < n; i++)
        bit[i] = bits[i] == '1';
    for (size_t i = 0; i < frames; i++)
        row[i] = (struct hz_bitrow){bit, n};
    const struct hz_sim_sensor how = {.wave = w, .frame = row, .frames = frames};
    cr_assert_eq(hz_sim_sensor(&how, t), 0);
}

#define SPANS(...)                                                                                 \
    {                                                                                              \
        (const float[]){__VA_ARGS__}, sizeof((const float[]){__VA_ARGS__}) / 4                     \
    }

Test(sim_sensor, on_and_off_last_as_declared_and_power_is_the_mean)
{
    const struct hz_wave w = {.sync = SPANS(500, -4000),
                              .zero = SPANS(500, -1000),
                              .one = SPANS(500, -2000),
                              .tail = SPANS(503, -9000)};
    struct hz_sim_track t;
    make(&w, "01", 2, &t);
    /* two frames of 4500 + 1500 + 2500 us, and the tail's pulse */
    double whole = 2 * 8500 + 503, on = 6 * 500 + 503;
    cr_expect_float_eq((double)(t.n - 1) / t.rate_hz * 1e6, whole + 20, 6);
    double high = sqrt(whole / on); /* a mean square of 1, edges aside */
    cr_expect_float_eq(look(&t, 250, 20).amplitude, high, 0.02 * high);
    cr_expect_eq(look(&t, 520, 20).amplitude, 0);
    cr_expect_eq(look(&t, 4480, 20).amplitude, 0);
    cr_expect_float_eq(look(&t, 4500 + 250, 20).amplitude, high, 0.02 * high);
    cr_expect_eq(look(&t, 8480, 20).amplitude, 0);
    cr_expect_float_eq(look(&t, 2 * 8500 + 490, 20).amplitude, high, 0.02 * high);
    hz_sim_track_done(&t);
}

Test(sim_sensor, tones_are_a_deviation_apart_and_a_pause_is_silent)
{
    const struct hz_wave w = {.modulation = HZ_WAVE_FSK,
                              .deviation_hz = 30e3,
                              .zero = SPANS(-100),
                              .one = SPANS(100),
                              .gap = SPANS(-5000)};
    struct hz_sim_track t;
    make(&w, "1001", 2, &t);
    const double tones[] = {30e3, -30e3, -30e3, 30e3};
    for (int frame = 0; frame < 2; frame++) {
        for (int i = 0; i < 4; i++) {
            struct at a = look(&t, frame * 5400 + 100 * i + 50, 20);
            cr_expect_float_eq(a.tone_hz, tones[i], 1);
            cr_expect_gt(a.amplitude, 1);
        }
    }
    cr_expect_eq(look(&t, 2000, 20).amplitude, 0);
    hz_sim_track_done(&t);
}

/* The two halves of each bit, + upper, - lower. */
static void expect_halves(enum hz_wave_code code, const char *bits, const char *halves)
{
    const struct hz_wave w = {.modulation = HZ_WAVE_FSK,
                              .deviation_hz = 30e3,
                              .code = code,
                              .preamble = {(const uint8_t[]){1}, 1},
                              .zero = SPANS(-100),
                              .one = SPANS(100)};
    struct hz_sim_track t;
    make(&w, bits, 1, &t);
    for (int i = 0; halves[i] != 0; i++) {
        double tone = look(&t, 100 * i + 50, 20).tone_hz;
        cr_expect_eq(tone > 0 ? '+' : '-', halves[i], "%s: half %d", bits, i);
    }
    hz_sim_track_done(&t);
}

Test(sim_sensor, codes_of_halves_begin_each_bit_with_a_change)
{
    expect_halves(HZ_WAVE_DM, "0101", "+-+--+-++");
    expect_halves(HZ_WAVE_DM1, "1010", "+-+--+-++");
}

Test(sim_sensor, each_interval_may_be_a_bit)
{
    const struct hz_wave w = {
        .code = HZ_WAVE_PIWM, .zero = SPANS(500), .one = SPANS(1000), .tail = SPANS(200)};
    struct hz_sim_track t;
    make(&w, "0110", 1, &t); /* on 500, off 1000, on 1000, off 500, on 200 */
    cr_expect_float_eq((double)(t.n - 1) / t.rate_hz * 1e6, 3200 + 20, 6);
    cr_expect_gt(look(&t, 250, 20).amplitude, 1);
    cr_expect_eq(look(&t, 1000, 20).amplitude, 0);
    cr_expect_gt(look(&t, 2000, 20).amplitude, 1);
    cr_expect_eq(look(&t, 2750, 20).amplitude, 0);
    hz_sim_track_done(&t);
}

Test(sim_sensor, nothing_to_send_is_an_error)
{
    const struct hz_wave w = {.zero = SPANS(-500), .one = SPANS(500)};
    struct hz_sim_track t;
    const struct hz_sim_sensor how = {.wave = &w};
    cr_expect_eq(hz_sim_sensor(&how, &t), -EINVAL);
}

Test(sim_sensor, every_model_tells_something_that_fits)
{
    struct hz_rng r;
    hz_rng_init(&r, 1, 1);
    for (size_t i = 0; hz_sim_model_at(i) != NULL; i++) {
        const struct hz_sim_model *m = hz_sim_model_at(i);
        cr_expect_eq(hz_sim_model_find(m->name), m);
        for (uint32_t id = 0; id < 50; id++) {
            struct hz_sim_weather w = hz_sim_weather_draw(&r);
            struct hz_sim_reading told = {0};
            m->tell(&told, hz_rng_u32(&r), &w, &r);
            cr_expect(told.n > 20 && told.n < HZ_SIM_READING_BITS, "%s: %zu bits", m->name, told.n);
            size_t n = strlen(told.fields);
            cr_expect(n < sizeof told.fields - 1 && told.fields[n - 1] == '}', "%s", told.fields);
        }
    }
    cr_expect_null(hz_sim_model_find("nothing"));
}

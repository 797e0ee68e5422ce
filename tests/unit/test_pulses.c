/* Lengths, classes, rows and the guess of the coding, from samples made here: one carrier or two
 * tones, noise, any offset and rate. */
#include "proto/sensors/burst.h"
#include "sim/rng.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTHS = 4000 };

/* A burst as lengths in microseconds, + on - off. */
struct keyed {
    float us[LENGTHS];
    size_t n;
};

static void add(struct keyed *k, float us)
{
    cr_assert_lt(k->n, (size_t)LENGTHS);
    if (k->n > 0 && (k->us[k->n - 1] > 0) == (us > 0))
        k->us[k->n - 1] += us;
    else
        k->us[k->n++] = us;
}

static void add_bit(struct keyed *k, const float symbol[2])
{
    add(k, symbol[0]);
    if (symbol[1] != 0)
        add(k, symbol[1]);
}

static double normal(struct hz_rng *rng)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += hz_rng_between(rng, -0.5, 0.5);
    return sum;
}

struct air {
    double rate_hz, carrier_hz, deviation_hz; /* 0: OOK */
    double snr_db;                            /* in the whole rate */
    uint64_t seed;
};

static float *samples(const struct keyed *k, const struct air *a, size_t *n)
{
    struct hz_rng rng;
    double us = 0, phase = 0, quiet = 20000, at = 0, level = 0.3;
    double noise = level * pow(10, -a->snr_db / 20) / sqrt(2);
    hz_rng_init(&rng, a->seed, 1);
    for (size_t i = 0; i < k->n; i++)
        us += fabs((double)k->us[i]);
    *n = (size_t)((us + 2 * quiet) * a->rate_hz / 1e6);
    float *iq = malloc(2 * *n * sizeof *iq);
    size_t length = 0;
    double until = quiet;
    bool on = false, sent = false;
    for (size_t i = 0; i < *n; i++, at += 1e6 / a->rate_hz) {
        while (at >= until && length <= k->n) {
            sent = length < k->n;
            on = sent && k->us[length] > 0;
            until += sent ? fabs((double)k->us[length]) : 1e12;
            length++;
        }
        double f = a->carrier_hz + (on ? a->deviation_hz : -a->deviation_hz);
        double amp = sent && (on || a->deviation_hz > 0) ? level : 0;
        phase = fmod(phase + 2 * M_PI * f / a->rate_hz, 2 * M_PI);
        iq[2 * i] = (float)(amp * cos(phase) + noise * normal(&rng));
        iq[2 * i + 1] = (float)(amp * sin(phase) + noise * normal(&rng));
    }
    return iq;
}

static struct hz_pulses p;
static struct hz_guess g;

static void look(const struct keyed *k, const struct air *a)
{
    size_t n;
    float *iq = samples(k, a, &n);
    cr_assert(hz_pulses_find(&p, iq, n, a->rate_hz));
    free(iq);
    hz_guess_make(&g, &p);
}

static void random_bits(uint8_t *bit, size_t n, uint64_t seed)
{
    struct hz_rng rng;
    hz_rng_init(&rng, seed, 2);
    for (size_t i = 0; i < n; i++)
        bit[i] = (uint8_t)hz_rng_below(&rng, 2);
}

/* Where these bits are in the common row; -1: nowhere. */
static int place_of(const uint8_t *bit, size_t n)
{
    unsigned repeats;
    size_t r = hz_guess_common(&g, &repeats);
    if (r == g.n_rows)
        return -1;
    for (size_t i = 0; i + n <= g.row[r].n; i++) {
        if (memcmp(g.bit + g.row[r].from + i, bit, n) == 0)
            return (int)i;
    }
    return -1;
}

static void expect_about(double value, double expected, double off, const char *what)
{
    cr_expect(fabs(value - expected) <= off, "%s: %g, expected %g", what, value, expected);
}

Test(pulses, gaps_of_two_lengths_in_equal_rows)
{
    static const float zero[2] = {500, -1000}, one[2] = {500, -2000};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct keyed k = {.n = 0};
        uint8_t bit[36];
        unsigned repeats;
        random_bits(bit, 36, seed);
        for (int row = 0; row < 6; row++) {
            for (int i = 0; i < 36; i++)
                add_bit(&k, bit[i] ? one : zero);
            add(&k, 500);
            if (row < 5)
                add(&k, -4000);
        }
        look(&k, &(struct air){250000, 31000, 0, 14, seed});
        cr_expect_eq(p.modulation, HZ_WAVE_OOK);
        expect_about(p.carrier_hz, 31000, 300, "carrier");
        expect_about((double)p.rssi_dbfs, -10.5, 1, "level");
        cr_expect_eq(p.n_rows, 6);
        expect_about((double)p.row[1].before_us, 4000, 20, "silence");
        cr_assert_eq(g.coding, HZ_CODING_PPM);
        expect_about((double)g.zero[0], 500, 15, "pulse");
        expect_about((double)g.zero[1], -1000, 15, "gap of 0");
        expect_about((double)g.one[1], -2000, 15, "gap of 1");
        cr_expect_eq(g.row[hz_guess_common(&g, &repeats)].n, 36);
        cr_expect_eq(repeats, 6);
        cr_expect_eq(place_of(bit, 36), 0);
    }
}

Test(pulses, pulses_of_two_lengths)
{
    static const float zero[2] = {360, -1080}, one[2] = {1080, -360};
    struct keyed k = {.n = 0};
    uint8_t bit[24], inverted[24];
    random_bits(bit, 24, 9);
    for (int row = 0; row < 5; row++) {
        for (int i = 0; i < 24; i++) {
            inverted[i] = !bit[i];
            add_bit(&k, bit[i] ? one : zero);
        }
        add(&k, 360);
        add(&k, -11160);
    }
    look(&k, &(struct air){500000, -80000, 0, 13, 4});
    cr_assert_eq(g.coding, HZ_CODING_PWM);
    expect_about((double)g.one[0], 360, 15, "short pulse");
    expect_about((double)g.zero[0], 1080, 15, "long pulse");
    cr_expect_eq(p.n_rows, 5);
    cr_expect_eq(place_of(inverted, 24), 0);
}

/* Tones: the classes are those of the unit and its double. */
Test(pulses, manchester_on_two_tones)
{
    static const float zero[2] = {-52, 52}, one[2] = {52, -52};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct keyed k = {.n = 0};
        uint8_t bit[80];
        random_bits(bit, 80, seed);
        for (int i = 0; i < 80; i++)
            add_bit(&k, bit[i] ? one : zero);
        look(&k, &(struct air){250000, 5000, 35000, 20, seed});
        cr_expect_eq(p.modulation, HZ_WAVE_FSK);
        expect_about(p.deviation_hz, 35000, 2500, "deviation");
        expect_about(p.carrier_hz, 5000, 2500, "carrier");
        cr_assert_eq(g.coding, HZ_CODING_MANCHESTER);
        expect_about((double)g.unit_us, 52, 1, "unit");
        cr_expect_geq(place_of(bit + 1, 78), 0);
    }
}

Test(pulses, units_of_one_length_on_two_tones)
{
    static const float zero[2] = {-58, 0}, one[2] = {58, 0};
    struct keyed k = {.n = 0};
    uint8_t bit[200];
    random_bits(bit, 200, 5);
    for (int i = 0; i < 200; i++)
        add_bit(&k, bit[i] ? one : zero);
    look(&k, &(struct air){250000, -20000, 45000, 20, 7});
    cr_assert_eq(g.coding, HZ_CODING_NRZ);
    expect_about((double)g.unit_us, 58, 1, "unit");
    cr_expect_geq(place_of(bit + 1, 198), 0);
}

Test(pulses, each_length_a_bit)
{
    struct keyed k = {.n = 0};
    uint8_t bit[74];
    random_bits(bit, 74, 6);
    for (int row = 0; row < 4; row++) {
        for (int i = 0; i < 73; i++)
            add(&k, (i & 1 ? -1.0f : 1.0f) * (bit[i] ? 400 : 800));
        add(&k, -4100);
    }
    look(&k, &(struct air){250000, 0, 0, 16, 8});
    cr_assert_eq(g.coding, HZ_CODING_PIWM);
    cr_expect_eq(place_of(bit, 73), 0);
}

Test(pulses, noise_and_a_carrier_are_nothing)
{
    struct keyed none = {.n = 0}, carrier = {.us = {300000}, .n = 1};
    size_t n;
    for (int i = 0; i < 2; i++) {
        struct air a = {250000, 10000, 0, 20, 3};
        float *iq = samples(i ? &carrier : &none, &a, &n);
        cr_expect_not(hz_pulses_find(&p, iq, n, 250000));
        cr_expect_eq(p.n_rows, 0);
        free(iq);
    }
}

Test(pulses, bits_as_text)
{
    static const uint8_t bit[10] = {1, 0, 1, 0, 1, 1, 1, 1, 1, 1};
    char text[32], cut[8];
    hz_bits_text(text, sizeof text, bit, 10);
    cr_expect_str_eq(text, "{10}afc");
    hz_bits_text(cut, sizeof cut, bit, 10);
    cr_expect_str_eq(cut, "{10}afc");
    hz_bits_text(cut, 7, bit, 10);
    cr_expect_str_eq(cut, "{10}af");
}

/* What is told, and that the lengths come back as they were. */
Test(pulses, a_burst_is_told)
{
    static const float zero[2] = {500, -1000}, one[2] = {500, -2000};
    static struct hz_burst_look look_at;
    static struct hz_pulses back;
    struct keyed k = {.n = 0};
    struct rig r = {0};
    struct air a = {250000, 12000, 0, 20, 3};
    struct hz_setup setup = {.rate_hz = a.rate_hz, .centre_hz = 433.9e6};
    uint8_t packed[HZ_BURST_PACKED_MAX];
    size_t n;
    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 12; i++)
            add_bit(&k, (0xa53 >> (11 - i)) & 1 ? one : zero);
        add(&k, 500);
        add(&k, -8000);
    }
    k.n--;
    float *iq = samples(&k, &a, &n);
    rig_begin(&r, "sensors", a.rate_hz);
    cr_assert(hz_burst_tell(&look_at, iq, n, &setup, 0, &r.sink));
    setup.burst_low_hz = setup.burst_high_hz = -60e3;
    cr_expect_not(hz_burst_tell(&look_at, iq, n, &setup, 0, &r.sink), "it is beside");
    setup.burst_low_hz = setup.burst_high_hz = 16e3;
    cr_expect(hz_burst_tell(&look_at, iq, n, &setup, 0, &r.sink));
    free(iq);
    struct hz_record rec;
    size_t at = 0;
    cr_assert(hz_sink_next(&r.sink, &at, &rec));
    cr_expect_eq(rec.kind, HZ_KIND_BURST);
    cr_expect_eq(r.sink.count[HZ_MESSAGE], 0);
    expect_about((double)rec.sample, 5000, 5, "sample");
    char *text = strndup(rec.json, rec.json_len);
    cJSON *line = cJSON_Parse(strstr(text, "\"burst\":") + 8);
    free(text);
    cr_assert_not_null(line);
    cr_expect_str_eq(cJSON_GetObjectItem(line, "coding")->valuestring, "ppm");
    cr_expect_str_eq(cJSON_GetObjectItem(line, "bits")->valuestring, "{12}a53");
    cr_expect_eq(cJSON_GetObjectItem(line, "repeats")->valueint, 3);
    expect_about(cJSON_GetObjectItem(line, "carrier_hz")->valuedouble, 433.912e6, 300, "carrier");
    cJSON_Delete(line);
    cr_assert(hz_burst_unpack(&back, rec.raw, rec.raw_len));
    cr_expect_eq(back.n_rows, 3);
    for (size_t i = 0; i < back.n_rows; i++) {
        const struct hz_pulse_row *was = &look_at.pulses.row[i], *is = &back.row[i];
        cr_assert_eq(is->n, was->n);
        expect_about((double)is->before_us, (double)was->before_us, 0.51, "silence");
        for (size_t u = 0; u < is->n; u++)
            cr_assert_float_eq(back.us[is->from + u], look_at.pulses.us[was->from + u], 0.51);
    }
    cr_expect_eq(hz_burst_pack(&back, packed, sizeof packed), rec.raw_len);
    cr_expect_eq(memcmp(packed, rec.raw, rec.raw_len), 0);
    rig_free(&r);
}

/* What `hertzd learn` makes of bursts whose contents are known: frames with the checks of all
 * families, values, counters, and frames without any. The check bits are made here, by definitions
 * of their own. What is proposed is compiled and held against frames that it has not seen. */
#include "config/sensors.h"
#include "proto/sensors/learn.h"
#include "sim/rng.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 48, ROWS = 4, LENGTHS = HZ_PULSES_MAX };

static unsigned number(const uint8_t *bit, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++)
        v = 2 * v + bit[i];
    return v;
}

static void put(uint8_t *bit, size_t n, unsigned v)
{
    for (size_t i = 0; i < n; i++)
        bit[i] = (v >> (n - 1 - i)) & 1;
}

static unsigned turned(unsigned v, size_t n)
{
    unsigned r = 0;
    for (size_t i = 0; i < n; i++)
        r |= ((v >> i) & 1) << (n - 1 - i);
    return r;
}

/* ---- checks, by long division and by sums ----------------------------------------------- */

/* The remainder of the message with `width` zeros behind it, the first bits inverted where init is
 * all ones. */
static unsigned remainder_of(const uint8_t *bit, size_t n, unsigned poly, size_t width, bool ones)
{
    uint8_t work[128] = {0};
    memcpy(work, bit, n);
    for (size_t i = 0; ones && i < width; i++)
        work[i] ^= 1;
    for (size_t i = 0; i < n; i++) {
        if (!work[i])
            continue;
        work[i] = 0;
        for (size_t k = 0; k < width; k++)
            work[i + 1 + k] ^= (poly >> (width - 1 - k)) & 1;
    }
    return number(work + n, width);
}

static void crc8_31(uint8_t *f)
{
    put(f + 40, 8, remainder_of(f, 40, 0x31, 8, false));
}

static void crc8_07_ones(uint8_t *f)
{
    put(f + 40, 8, remainder_of(f, 40, 0x07, 8, true));
}

static void crc4_3(uint8_t *f)
{
    put(f + 44, 4, remainder_of(f, 44, 0x3, 4, false));
}

static void crc16_ccitt(uint8_t *f)
{
    put(f + 32, 16, remainder_of(f, 32, 0x1021, 16, true));
}

static void crc8_reflected(uint8_t *f)
{
    uint8_t body[40];
    for (size_t i = 0; i < 40; i++)
        body[i] = f[i ^ 7];
    put(f + 40, 8, turned(remainder_of(body, 40, 0x31, 8, false), 8));
}

/* The Ambient Weather F007TH's: a shift register of a polynomial that no CRC has. */
static void digest_98(uint8_t *f)
{
    unsigned key = 0x3e, sum = 0x64;
    for (size_t i = 0; i < 40; i++) {
        sum ^= f[i] ? key : 0;
        key = key & 1 ? (key >> 1) ^ 0x98 : key >> 1;
    }
    put(f + 40, 8, sum);
}

static void sum_of_bytes(uint8_t *f)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 40; i += 8)
        sum += number(f + i, 8);
    put(f + 40, 8, sum & 255);
}

/* The AlectoV1's: each group of four lowest bit first, 15 less their sum. */
static void sum_of_turned(uint8_t *f)
{
    unsigned sum = 0;
    for (size_t i = 0; i < 44; i += 4)
        sum += turned(number(f + i, 4), 4);
    put(f + 44, 4, turned((15 - sum) & 15, 4));
}

static void xor_of_bytes(uint8_t *f)
{
    unsigned x = 0;
    for (size_t i = 0; i < 40; i += 8)
        x ^= number(f + i, 8);
    put(f + 40, 8, x);
}

static void parity_of_bytes(uint8_t *f)
{
    for (size_t i = 0; i < BITS; i += 8) {
        f[i] = 0;
        for (size_t k = 1; k < 8; k++)
            f[i] ^= f[i + k];
    }
}

static void nothing(uint8_t *f)
{
    (void)f;
}

/* ---- bursts ----------------------------------------------------------------------------- */

static void random_frame(struct hz_rng *rng, uint8_t *f, void (*check)(uint8_t *))
{
    put(f, 12, 0xa53); /* its name */
    for (size_t i = 12; i < BITS; i++)
        f[i] = (uint8_t)hz_rng_below(rng, 2);
    check(f);
}

/* Rows of gaps of two lengths, as a thermometer sends them. */
static void add_burst(struct hz_learn *l, const uint8_t *f, int recording, double value)
{
    static struct hz_pulses p;
    static float us[LENGTHS];
    size_t n = 0;
    for (int row = 0; row < ROWS; row++) {
        for (size_t i = 0; i < BITS; i++) {
            us[n++] = 500;
            us[n++] = f[i] ? -2000 : -1000;
        }
        us[n++] = 500;
        us[n++] = -9000;
    }
    p = (struct hz_pulses){.modulation = HZ_WAVE_OOK};
    cr_assert(hz_pulses_sort(&p, us, n - 1));
    const struct hz_learn_about about = {
        .recording = recording, .value = value, .step = 0.1, .mhz = 433.92};
    hz_learn_add(l, &p, &about);
}

static struct hz_sensor_set *compiled(const struct hz_learn *l, char *text, size_t size)
{
    struct hz_sensor_set *set = NULL;
    char err[400];
    size_t n = hz_learn_text(l, "learnt", "temperature_C", text, size);
    cr_assert_lt(n, size);
    cr_assert_eq(hz_sensor_set_of(&set, "learnt", text, n, err, sizeof err), 0, "%s\n%s", err,
                 text);
    return set;
}

static bool judged(const struct hz_learn *l, const struct hz_sensor *s, const uint8_t *f)
{
    uint8_t data[BITS], symbol[HZ_SENSOR_SYMBOLS_MAX];
    for (size_t i = 0; i < BITS; i++)
        data[i] = l->inverted ? !f[i] : f[i];
    return hz_sensor_judge(s, symbol, hz_sensor_symbols(s, data, BITS, 0, symbol), NULL);
}

static const struct family {
    const char *name;
    void (*check)(uint8_t *);
    int frames;
} families[] = {
    {"crc8 0x31", crc8_31, 6},
    {"crc8 0x07, ones", crc8_07_ones, 6},
    {"crc4 0x3", crc4_3, 9},
    {"crc16 ccitt", crc16_ccitt, 5},
    {"crc8 reflected", crc8_reflected, 6},
    {"digest8 0x98", digest_98, 9},
    {"sum8", sum_of_bytes, 6},
    {"sum4, turned", sum_of_turned, 9},
    {"xor8", xor_of_bytes, 6},
    {"parity", parity_of_bytes, 6},
};

/* The check that is proposed as sure accepts what the device sends later, and nothing else. */
Test(learn, checks_of_all_families)
{
    static char text[8192];
    for (size_t k = 0; k < sizeof families / sizeof *families; k++) {
        const struct family *m = &families[k];
        struct hz_learn *l = hz_learn_new();
        struct hz_rng rng;
        uint8_t f[BITS];
        hz_rng_init(&rng, 100 + k, 1);
        for (int i = 0; i < m->frames; i++) {
            random_frame(&rng, f, m->check);
            add_burst(l, f, i, NAN);
        }
        cr_assert(hz_learn_run(l), "%s", m->name);
        cr_assert_eq(l->bits, BITS, "%s: %zu bits", m->name, l->bits);
        struct hz_sensor_set *set = compiled(l, text, sizeof text);
        cr_expect_gt(l->check.margin, 12, "%s: %s", m->name, text);
        cr_expect_eq(l->check.rivals, 0, "%s: %s", m->name, text);
        for (int i = 0; i < 40; i++) {
            random_frame(&rng, f, m->check);
            cr_expect(judged(l, &set->list[0], f), "%s: %s", m->name, text);
            f[12 + hz_rng_below(&rng, BITS - 12)] ^= 1;
            cr_expect_not(judged(l, &set->list[0], f), "%s: a wrong bit: %s", m->name, text);
        }
        hz_sensor_set_unref(set);
        hz_learn_free(l);
    }
}

/* No check: none is called sure, and the bits that never change have to do. */
Test(learn, no_check_is_no_check)
{
    static char text[8192];
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct hz_learn *l = hz_learn_new();
        struct hz_rng rng;
        uint8_t f[BITS];
        hz_rng_init(&rng, seed, 3);
        int frames = 2 + (int)hz_rng_below(&rng, 9);
        for (int i = 0; i < frames; i++) {
            random_frame(&rng, f, nothing);
            add_burst(l, f, i, NAN);
        }
        cr_assert(hz_learn_run(l));
        struct hz_sensor_set *set = compiled(l, text, sizeof text);
        cr_expect(l->check.margin < 12 || l->check.rivals > 0, "%s", text);
        cr_expect_not_null(strstr(text, "0:12 == 0xa53"), "%s", text);
        cr_expect_null(strstr(text, "Sure"), "%s", text);
        hz_sensor_set_unref(set);
        hz_learn_free(l);
    }
}

/* One press of a key: said to be too little. */
Test(learn, one_frame_is_too_little)
{
    static char text[8192];
    struct hz_learn *l = hz_learn_new();
    struct hz_rng rng;
    uint8_t f[BITS];
    hz_rng_init(&rng, 1, 1);
    random_frame(&rng, f, crc8_31);
    add_burst(l, f, 0, NAN);
    cr_assert(hz_learn_run(l));
    struct hz_sensor_set *set = compiled(l, text, sizeof text);
    cr_expect_not_null(strstr(text, "too few"), "%s", text);
    cr_expect(judged(l, &set->list[0], f));
    hz_sensor_set_unref(set);
    hz_learn_free(l);
}

/* ---- values ----------------------------------------------------------------------------- */

/* How a device writes tenths of a degree into bits 16 to 27. */
static void tenths(uint8_t *f, double c)
{
    put(f + 16, 12, (unsigned)((int)lround(c * 10) & 0xfff));
}

static void half_degrees_over_40(uint8_t *f, double c)
{
    put(f + 16, 8, (unsigned)lround((c + 40) * 2));
}

static void digits(uint8_t *f, double c)
{
    long v = lround(c * 10);
    put(f + 16, 4, (unsigned)(v / 100));
    put(f + 20, 4, (unsigned)(v / 10 % 10));
    put(f + 24, 4, (unsigned)(v % 10));
}

static void lowest_first(uint8_t *f, double c)
{
    put(f + 16, 12, turned((unsigned)((int)lround(c * 10) & 0xfff), 12));
}

Test(learn, values)
{
    static const struct {
        const char *name, *text;
        void (*write)(uint8_t *f, double c);
    } ways[] = {
        {"tenths", ".temperature_C = s16:12 * 0.1\n", tenths},
        {"half degrees", ".temperature_C = 16:8 * 0.5 - 40\n", half_degrees_over_40},
        {"digits", ".temperature_C = d16:12 * 0.1\n", digits},
        {"lowest bit first", ".temperature_C = sr16:12 * 0.1\n", lowest_first},
    };
    static const double shown[] = {21.5, 3, 35.5, 8.5, 17, 48.5, 30, 12.5};
    static char text[8192];
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
        struct hz_learn *l = hz_learn_new();
        struct hz_rng rng;
        uint8_t f[BITS];
        hz_rng_init(&rng, 7 + k, 1);
        for (int i = 0; i < 8; i++) {
            random_frame(&rng, f, nothing);
            ways[k].write(f, shown[i]);
            crc8_31(f);
            add_burst(l, f, i, shown[i]);
        }
        cr_assert(hz_learn_run(l));
        hz_sensor_set_unref(compiled(l, text, sizeof text));
        cr_expect_not_null(strstr(text, ways[k].text), "%s: %s", ways[k].name, text);
        cr_expect_not_null(strstr(text, "Sure: 8 different values"), "%s: %s", ways[k].name, text);
        hz_learn_free(l);
    }
}

Test(learn, a_counter)
{
    static char text[8192];
    struct hz_learn *l = hz_learn_new();
    struct hz_rng rng;
    uint8_t f[BITS];
    hz_rng_init(&rng, 5, 1);
    for (int i = 0; i < 8; i++) {
        random_frame(&rng, f, nothing);
        put(f + 20, 4, (unsigned)(13 + i) & 15);
        crc8_31(f);
        add_burst(l, f, 0, NAN);
    }
    cr_assert(hz_learn_run(l));
    hz_sensor_set_unref(compiled(l, text, sizeof text));
    cr_expect_not_null(strstr(text, ".counter = 20:4\n"), "%s", text);
    hz_learn_free(l);
}

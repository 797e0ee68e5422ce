/* Declarations: what is read of them, and what a set says about frames. */
#include "proto/sensors/code.h"
#include "tests/unit/sensor_text.h"

#include <stdlib.h>

#define HEAD "[sensor t]\n" SENSOR_KEYS

Test(sensor_set, the_wave)
{
    struct hz_sensor_set *set = sensor_set(
        "[sensor t]\nmodel = T\nmodulation = fsk\ndeviation = 35k\nzero = -52.5 +52\none = +52 "
        "-52\n"
        "lead = (+10 -10)x3\nsync = +4000 -500\npreamble = 0x2D {3}a 1\nchips = (01)x4\nchip = 50\n"
        "tail = +52\ngap = -9000\nbits = 8..16\nlength = 8 + 0:3\nsent = 6\nrepeat = 3\n"
        "period = 41000..90000\ntolerance = 5 %\nfreq = 433.92M 868.3MHz 300M..318M\n"
        "varies = 0:2 4:1\nstrength = 9\ncode = dm\n");
    cr_assert(set, "%s", sensor_errors);
    const struct hz_sensor *s = &set->list[0];
    const struct hz_wave *w = &s->wave;
    cr_expect_eq(w->modulation, HZ_WAVE_FSK);
    cr_expect_eq(w->code, HZ_WAVE_DM);
    cr_expect_float_eq(w->deviation_hz, 35e3, 1e-6);
    cr_expect_eq(w->zero.n, 2);
    cr_expect_float_eq((double)w->zero.us[0], -52.5, 1e-6);
    cr_expect_eq(w->lead.n, 6);
    cr_expect_float_eq((double)w->lead.us[5], -10, 1e-6);
    const uint8_t preamble[] = {0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1};
    cr_expect_eq(w->preamble.n, sizeof preamble);
    cr_expect_arr_eq(w->preamble.bit, preamble, sizeof preamble);
    cr_expect_eq(w->chips.n, 8);
    cr_expect_float_eq(w->chip_us, 50, 1e-9);
    cr_expect_eq(w->bits_min, 16);
    cr_expect_eq(w->bits_max, 32);
    cr_expect_eq(s->data_min, 8);
    cr_expect_eq(s->data_max, 16);
    cr_expect_eq(w->sent, 6);
    cr_expect_eq(w->repeat, 3);
    cr_expect_float_eq(s->period_max_us, 90000, 1e-9);
    cr_expect_float_eq(w->tolerance, 0.05, 1e-9);
    cr_expect_eq(w->n_freqs, 4);
    cr_expect_float_eq(w->freqs_hz[3], 318e6, 1);
    cr_expect_eq(s->n_varies, 2);
    cr_expect_eq(s->varies[1].at, 4);
    cr_expect_eq(s->strength, 9);
    hz_sensor_set_unref(set);
}

static void judged(const struct hz_sensor *s, const char *bits, bool passed, bool plausible)
{
    uint8_t bit[HZ_SENSOR_SYMBOLS_MAX];
    struct hz_verdict v;
    const size_t n = sensor_bits(bits, bit);
    cr_expect_eq(hz_sensor_judge(s, bit, n, &v), plausible, "%s", bits);
    cr_expect_eq(v.passed, passed, "%s", bits);
}

Test(sensor_set, a_frame_passes_its_checks_and_ranges)
{
    struct hz_sensor_set *set =
        sensor_set(HEAD "bits = 12\ncheck = 0:4 == 9\ncheck = xor4(0:12) == 0\n"
                        "plausible = t 0..7, gone 1..2\n.t = 4:4\n"
                        ".gone = 0:1 if 4:4 == 3\n");
    cr_assert(set, "%s", sensor_errors);
    judged(set->list, "x90", false, false);
    judged(set->list, "x909", true, true);
    judged(set->list, "x909 1111", true, true); /* behind the end of the frame */
    judged(set->list, "x819", false, false);
    judged(set->list, "x98f", false, false);
    judged(set->list, "x981", true, false);
    judged(set->list, "x93a", true, true);
    cr_expect_eq(set->list[0].strength, 8);
    hz_sensor_set_unref(set);
}

Test(sensor_set, codes_and_whitening_are_undone)
{
    const struct {
        const char *keys, *symbols, *data;
    } rows[] = {
        {"bits = 4\n", "0110", "0110"},
        {"bits = 4\ncode = dm\n", "11 01 00 10", "1010"},
        {"bits = 4\ncode = dm1\n", "11 01 00 10", "0101"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[300];
        uint8_t symbol[16], data[16], want[16], back[16];
        snprintf(text, sizeof text, HEAD "%s", rows[i].keys);
        struct hz_sensor_set *set = sensor_set(text);
        cr_assert(set, "%s", sensor_errors);
        const size_t n = sensor_bits(rows[i].symbols, symbol);
        const size_t bits = sensor_bits(rows[i].data, want);
        cr_expect_eq(hz_sensor_data(set->list, symbol, n, data), bits);
        cr_expect_arr_eq(data, want, bits);
        cr_expect_eq(hz_sensor_symbols(set->list, data, bits, 0, back), n);
        cr_expect_arr_eq(back, symbol, n, "%zu", i);
        hz_sensor_set_unref(set);
    }
    struct hz_sensor_set *set = sensor_set(HEAD "bits = 16\nwhiten = f0\n.a = 0:8\n.b = 8:8\n"
                                                "example = 0xa5a5 -> {\"a\": 85, \"b\": 165}\n");
    cr_expect(set, "%s", sensor_errors);
    hz_sensor_set_unref(set);
}

Test(sensor_set, a_length_from_the_frame)
{
    struct hz_sensor_set *set = sensor_set(
        HEAD "bits = 12..36\nlength = 4 + 8 * 0:3\ncheck = crc8(until(4, 8), 7) == last(8)\n"
             ".n = 0:3\n.third = 20:8\n");
    cr_assert(set, "%s", sensor_errors);
    const struct hz_sensor *s = set->list;
    uint8_t bit[64];
    size_t n = sensor_bits("x4 31 32 c4 00", bit); /* crc8 of "12" */
    cr_expect_eq(hz_sensor_length(s, bit, n), 20);
    cr_expect_eq(hz_sensor_length(s, bit, 12), 20);
    cr_expect_eq(hz_sensor_length(s, bit, 11), 0);
    bit[0] = 1; /* 52 bits */
    cr_expect_eq(hz_sensor_length(s, bit, n), 0);
    bit[0] = 0;
    struct hz_crc_value {
        uint8_t crc;
    } c = {0};
    for (size_t i = 4; i < 20; i++) { /* another way to the same remainder */
        const uint8_t out = (uint8_t)((c.crc >> 7) ^ bit[i]);
        c.crc = (uint8_t)(c.crc << 1 ^ (out ? 7 : 0));
    }
    bit[0] = 0;
    bit[1] = 1;
    bit[2] = 1; /* three bytes: 28 bits */
    for (size_t i = 0; i < 8; i++)
        bit[20 + i] = c.crc >> (7 - i) & 1;
    cr_expect(hz_sensor_judge(s, bit, 28, NULL));
    cr_expect_not(hz_sensor_judge(s, bit, 27, NULL));
    hz_sensor_set_unref(set);
}

Test(sensor_set, like_takes_everything_but_what_is_said)
{
    struct hz_sensor_set *set = sensor_set(
        HEAD "bits = 8\ntail = +500\ncheck = 0:1 == 1\ncheck = 1:1 == 0\n.a = 0:4\n.b = 4:4\n"
             "plausible = b 0..9\nexample = 10000000 -> {\"a\": 8, \"b\": 0}\nuse = no\n"
             "[sensor u]\nlike = t\nmodel = U\ncheck = 0:1 == 0\n.b = none\n.c = 7\ntail =\n"
             "example = 01110000 -> {\"a\": 7, \"c\": 7}\n");
    cr_assert(set, "%s", sensor_errors);
    const struct hz_sensor *u = hz_sensor_find(set, "u");
    cr_assert(u);
    cr_expect_str_eq(u->model, "U");
    cr_expect_eq(u->wave.tail.n, 0);
    cr_expect_not(u->off);
    cr_expect(set->list[0].off);
    cr_expect_eq(u->n_examples, 1);
    cr_expect_null(hz_sensor_find(set, "v"));
    hz_sensor_set_unref(set);
}

Test(sensor_set, twins_and_who_is_told)
{
    static const char text[] =
        HEAD "bits = 8\ntwins = u v\n[sensor u]\nlike = t\n[sensor v]\nlike = t\n";
    struct hz_sensor_set *set = sensor_set(text);
    cr_assert(set, "%s", sensor_errors);
    const struct hz_sensor *t = set->list;
    cr_expect_eq(t->n_twins, 2);
    cr_expect(t->twins[0].wins && t->twins[1].wins);
    cr_expect_eq(t->twins[1].other, 2);
    cr_assert_eq(set->list[1].n_twins, 1);
    cr_expect_not(set->list[1].twins[0].wins);
    hz_sensor_set_unref(set);

    char more[400];
    snprintf(more, sizeof more, "%s", "[sensor prologue]\nuse = yes\nprefer = yes\n");
    char err[300];
    cr_assert_eq(hz_sensor_set_with(&set, "m.conf", more, strlen(more), err, sizeof err), 0, "%s",
                 err);
    const struct hz_sensor *p = hz_sensor_find(set, "prologue");
    cr_assert(p && p->n_twins > 0);
    for (size_t i = 0; i < p->n_twins; i++)
        cr_expect(p->twins[i].wins);
    cr_expect_not(p->off);
    hz_sensor_set_unref(set);
}

Test(sensor_set, a_section_of_ones_own_replaces_the_shipped_one)
{
    static const char own[] =
        "[sensor nexus-th]\nmodel = Mine\nzero = +1 -2\none = +1 -3\nbits = 8\n"
        "[sensor prologue]\nuse = no\n";
    struct hz_sensor_set *set, *shipped;
    char err[300];
    cr_assert_eq(hz_sensor_set_builtin(&shipped, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_sensor_set_with(&set, "m.conf", own, strlen(own), err, sizeof err), 0, "%s",
                 err);
    cr_expect_eq(set->n, shipped->n);
    cr_expect_str_eq(hz_sensor_find(set, "nexus-th")->model, "Mine");
    cr_expect_str_eq(hz_sensor_find(set, "nexus-th")->file, "m.conf");
    cr_expect(hz_sensor_find(set, "prologue")->off);
    cr_expect_not(hz_sensor_set_same(set, shipped));
    struct hz_sensor_set *again;
    cr_assert_eq(hz_sensor_set_builtin(&again, err, sizeof err), 0, "%s", err);
    cr_expect(hz_sensor_set_same(again, shipped));
    hz_sensor_set_unref(again);
    hz_sensor_set_unref(set);
    hz_sensor_set_unref(shipped);
}

/* Strength against chance: as many random frames pass as it says. */
Test(sensor_set, strength_counts_what_the_checks_leave)
{
    static const struct {
        const char *check;
        int strength;
    } rows[] = {
        {"0:4 == 9", 4},
        {"0:4 == 9 and 8:2 != 3", 4},
        {"crc8(0:16, 7) == 16:8", 8},
        {"sum8(0:16) & 255 == 16:8", 8},
        {"(sum4(0:16) - 1) & 15 == 16:4", 4},
        {"par(0:8) == 1", 1},
        {"0:8 & 0xaa == 0xaa", 4},
        {"0:4 == 9 or 0:4 == 5", 3},
        {"0:4 in (1, 2, 4, 8)", 2},
        {"0:8 <= 63 and 8:1", 3},
        {"16 <= 0:8 <= 31", 3}, /* 4 in truth: chains are counted as if their parts were apart */
        {"digest8(0:16, 0x98, 0xf1) == 16:8", 8},
        {"inv(0:8) == 8:8 and 0:1 != 16:1", 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[300];
        snprintf(text, sizeof text, HEAD "bits = 24\ncheck = %s\n", rows[i].check);
        struct hz_sensor_set *set = sensor_set(text);
        cr_assert(set, "%s", sensor_errors);
        cr_expect_eq(set->list[0].strength, rows[i].strength, "%s: %d", rows[i].check,
                     set->list[0].strength);
        hz_sensor_set_unref(set);
    }
}

Test(sensor_set, the_first_bits_that_never_change)
{
    struct hz_sensor_set *set =
        sensor_set(HEAD "bits = 24\ncheck = 0:4 == 9 and B8:8 == 1\ncheck = 4:2 == 1 or 4:2 == 2\n"
                        "check = L16:8 == 5\nwhiten = ff\n");
    cr_assert(set, "%s", sensor_errors);
    uint8_t bit[HZ_SENSOR_DATA_MAX];
    static const uint8_t want[] = {1, 0, 0, 1, 2, 2, 2, 2, 1, 0, 0, 0,
                                   0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};
    hz_code_fixed(set->list[0].code, bit);
    cr_expect_arr_eq(bit, want, sizeof want);
    cr_expect_eq(set->list[0].wave.known.n, 4);
    static const uint8_t known[] = {0, 1, 1, 0};
    cr_expect_arr_eq(set->list[0].wave.known.bit, known, 4);
    hz_sensor_set_unref(set);
}

/* The whole shipped set: what it says of any bits, and that none of its declarations is weaker than
 * it says. */
Test(sensor_set, shipped_declarations_stand_random_bits)
{
    struct hz_sensor_set *set;
    char err[300], text[8192];
    uint8_t bit[HZ_SENSOR_SYMBOLS_MAX];
    uint32_t x = 1;
    cr_assert_eq(hz_sensor_set_builtin(&set, err, sizeof err), 0, "%s", err);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof bit; i++) {
            x = x * 1664525u + 1013904223u;
            bit[i] = (uint8_t)(round < 2 ? (uint32_t)round : x >> 31);
        }
        for (size_t i = 0; i < set->n; i++) {
            struct hz_json j;
            hz_sensor_judge(&set->list[i], bit, sizeof bit, NULL);
            hz_json_init(&j, text, sizeof text);
            hz_json_open(&j, NULL);
            hz_sensor_fields(&set->list[i], bit, sizeof bit, &j);
            hz_json_close(&j);
            cr_expect_not(j.full, "%s", set->list[i].name);
        }
    }
    hz_sensor_set_unref(set);
}

/* The wmbus decoder, on telegrams of the simulator, whose coder shares nothing with it, and off the
 * air. */
#include "proto/wmbus/frame.h"
#include "proto/wmbus/keys.h"
#include "sim/rng.h"
#include "sim/signal.h"
#include "sim/wmbus.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 400000, LEAD = 4000 };

extern const struct hz_decoder hz_wmbus_decoder;

/* How a telegram is sent; zeros: as it should be. */
struct sent {
    enum hz_sim_wmbus_mode mode;
    double deviation_hz, offset_hz, clock, snr_db; /* in 100 kHz; 0: 30 */
    size_t n;                                      /* bytes; 0: a meter's */
};

static uint8_t telegram[HZ_WMBUS_BYTES];
static size_t telegram_n;

static void compose(size_t n, struct hz_rng *rng)
{
    struct hz_sim_meter meter = {.id = 0x12345678,
                                 .maker = 0x4493,
                                 .type = 7,
                                 .version = 0x33,
                                 .access = 9,
                                 .reading = 123456};
    telegram_n = hz_sim_meter_telegram(&meter, telegram);
    while (telegram_n < n)
        telegram[telegram_n++] = (uint8_t)hz_rng_u32(rng);
    telegram_n = n > 0 ? n : telegram_n;
    telegram[0] = (uint8_t)(telegram_n - 1);
}

/* The samples of a telegram in noise; the caller frees data. */
static struct hz_samples transmit(const struct sent *how, const uint8_t *bytes, size_t bytes_n,
                                  uint64_t seed)
{
    static uint8_t chips[HZ_SIM_WMBUS_CHIPS];
    struct hz_rng rng;
    hz_rng_init(&rng, seed, 2);
    double baud = hz_sim_wmbus_chips_s[how->mode];
    size_t chips_n = hz_sim_wmbus(how->mode, bytes, bytes_n, chips);
    struct hz_sim_signal s = {.keying = HZ_SIM_FSK,
                              .symbol = chips,
                              .n = chips_n,
                              .baud = baud,
                              .deviation_hz = how->deviation_hz > 0 ? how->deviation_hz : 50e3};
    size_t n = 3 * LEAD + (size_t)(1.2 * (double)chips_n * RATE / baud);
    struct hz_span span = {malloc(2 * n * sizeof(float)), n, 0, RATE};
    cr_assert_not_null(span.iq);
    double snr = how->snr_db > 0 ? how->snr_db : 30, power = 0.01;
    hz_sim_signal_noise(&span, power / pow(10, snr / 10), 100e3, seed);
    struct hz_sim_burst burst = {.start = LEAD + hz_rng_between(&rng, 0, 1),
                                 .power = power,
                                 .offset_hz = how->offset_hz,
                                 .clock = how->clock > 0 ? how->clock : 1};
    hz_sim_signal_add(&s, &burst, &span);
    return (struct hz_samples){HZ_CF32, span.iq, n, 1000};
}

static struct hz_samples send(const struct sent *how, uint64_t seed)
{
    struct hz_rng rng;
    hz_rng_init(&rng, seed, 1);
    compose(how->n, &rng);
    return transmit(how, telegram, telegram_n, seed);
}

static struct hz_setup setup_for(enum hz_sim_wmbus_mode mode)
{
    struct hz_setup setup = rig_setup(&hz_wmbus_decoder);
    setup.freq_hz = mode == HZ_SIM_WMBUS_S1 ? 868.3e6 : 868.95e6;
    return setup;
}

/* How many of so many such telegrams come out whole. */
static int heard(const struct sent *how, int count)
{
    struct rig r = {0};
    struct hz_setup setup = setup_for(how->mode);
    int good = 0;
    for (int i = 0; i < count; i++) {
        struct hz_samples all = send(how, 100 + (uint64_t)i);
        rig_decode(&r, &hz_wmbus_decoder, &setup, &all, 0);
        cr_expect_leq(r.n, 1);
        for (size_t m = 0; m < r.n; m++) {
            const struct hz_burst *b = &r.message[m].burst;
            bool same = b->raw_len == telegram_n && memcmp(b->raw, telegram, telegram_n) == 0;
            cr_expect(same, "another telegram than was sent");
            good += same;
            cr_expect_float_eq(b->offset_hz, how->offset_hz, 3000, "%g", (double)b->offset_hz);
        }
        free((void *)(uintptr_t)all.data);
    }
    rig_free(&r);
    return good;
}

static void expect_all(const struct sent *how)
{
    int n = heard(how, 4);
    cr_expect_eq(n, 4, "mode %d, %g Hz of deviation, %g Hz off, clock %g, %zu bytes: %d of 4",
                 how->mode, how->deviation_hz, how->offset_hz, how->clock, how->n, n);
}

Test(wmbus, all_modes_and_lengths)
{
    for (int mode = 0; mode <= HZ_SIM_WMBUS_S1; mode++) {
        static const size_t lengths[] = {0, 12, 26, 27, 126, 127, 140, 252};
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            expect_all(&(struct sent){.mode = (enum hz_sim_wmbus_mode)mode, .n = lengths[i]});
    }
}

Test(wmbus, transmitters_that_are_off)
{
    static const struct sent list[] = {
        {.mode = HZ_SIM_WMBUS_T1, .clock = 0.9},
        {.mode = HZ_SIM_WMBUS_T1, .clock = 1.1},
        {.mode = HZ_SIM_WMBUS_T1, .clock = 0.93, .offset_hz = 25e3},
        {.mode = HZ_SIM_WMBUS_T1, .clock = 1.05, .offset_hz = -35e3},
        {.mode = HZ_SIM_WMBUS_T1, .deviation_hz = 25e3},
        {.mode = HZ_SIM_WMBUS_T1, .deviation_hz = 80e3, .offset_hz = 25e3},
        {.mode = HZ_SIM_WMBUS_C1A, .deviation_hz = 34e3, .offset_hz = -25e3},
        {.mode = HZ_SIM_WMBUS_C1B, .deviation_hz = 56e3, .clock = 0.999},
        {.mode = HZ_SIM_WMBUS_C1A, .n = 252, .clock = 1.003},
        {.mode = HZ_SIM_WMBUS_S1, .clock = 1.03, .offset_hz = 30e3},
        {.mode = HZ_SIM_WMBUS_S1, .clock = 0.97, .offset_hz = -30e3},
        {.mode = HZ_SIM_WMBUS_S1, .deviation_hz = 25e3, .n = 252},
        {.mode = HZ_SIM_WMBUS_S1, .deviation_hz = 80e3, .offset_hz = -25e3},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        expect_all(&list[i]);
}

/* Ten decibels are far over what is needed in the curves; these are near it. */
Test(wmbus, weak_ones)
{
    cr_expect_geq(heard(&(struct sent){.mode = HZ_SIM_WMBUS_T1, .snr_db = 8}, 20), 17);
    cr_expect_geq(heard(&(struct sent){.mode = HZ_SIM_WMBUS_C1B, .snr_db = 10}, 20), 17);
    cr_expect_geq(heard(&(struct sent){.mode = HZ_SIM_WMBUS_S1, .snr_db = 4}, 20), 15);
}

Test(wmbus, cuts_do_not_matter)
{
    static const struct sent how = {.mode = HZ_SIM_WMBUS_T1, .snr_db = 12};
    struct hz_setup setup = setup_for(how.mode);
    struct hz_samples all = send(&how, 7);
    struct rig r = {0};
    rig_decode(&r, &hz_wmbus_decoder, &setup, &all, 0);
    cr_assert_eq(r.n, 1);
    cr_expect_str_eq(rig_text(&r.message[0], "id"), "12345678");
    cr_expect_str_eq(r.message[0].about.id, "12345678");
    cr_expect_eq(rig_number(&r.message[0], "total_m3"), 123.456);
    cr_expect_float_eq((double)r.message[0].burst.sample, 1000 + LEAD + 4 * 26, 4 * 16);
    rig_expect_cuts(&r, &hz_wmbus_decoder, &setup, &all);
    rig_free(&r);
    free((void *)(uintptr_t)all.data);
}

/* Mode C is not whitened: a telegram with many zeros has a thousand chips without a change. */
Test(wmbus, long_runs)
{
    uint8_t sent[180] = {sizeof sent - 1, 0x44, 0x93, 0x44, 0x78, 0x56, 0x34, 0x12, 0x33, 7, 0x78};
    memset(sent + 150, 0xff, 20);
    for (int i = 0; i < 6; i++) {
        struct rig r = {0};
        struct sent how = {.mode = i % 2 ? HZ_SIM_WMBUS_C1A : HZ_SIM_WMBUS_C1B,
                           .snr_db = 14,
                           .clock = 1 + 0.0005 * i};
        struct hz_setup setup = setup_for(how.mode);
        struct hz_samples all = transmit(&how, sent, sizeof sent, 20 + (uint64_t)i);
        rig_decode(&r, &hz_wmbus_decoder, &setup, &all, 0);
        cr_expect_eq(r.n, 1, "%d", i);
        if (r.n == 1)
            cr_expect_arr_eq(r.message[0].burst.raw, sent, sizeof sent);
        rig_free(&r);
        free((void *)(uintptr_t)all.data);
    }
}

/* A published telegram, sent and heard with its key and without it. */
Test(wmbus, keys_of_meters)
{
    static const uint8_t sent[] = {
        0x39, 0x44, 0xFA, 0x12, 0x21, 0x62, 0x09, 0x20, 0x02, 0x06, 0x7A, 0x36, 0x00, 0x20, 0x25,
        0x67, 0xC9, 0x4D, 0x48, 0xD0, 0x0D, 0xC4, 0x7B, 0x11, 0x21, 0x3E, 0x23, 0x38, 0x3D, 0xB5,
        0x19, 0x68, 0xA7, 0x05, 0xAA, 0xFA, 0x60, 0xC6, 0x0E, 0x26, 0x3D, 0x50, 0xCD, 0x25, 0x9D,
        0x7C, 0x9A, 0x03, 0xFD, 0x0C, 0x08, 0x00, 0x00, 0x02, 0xFD, 0x0B, 0x00, 0x11};
    struct hz_meter_keys *keys = hz_meter_keys_new(1);
    cr_assert_eq(hz_meter_id_parse("20096221", &keys->list[0].id), 0);
    cr_assert_eq(hz_meter_key_parse("BEDB81B52C29B5C143388CBB0D15A051", keys->list[0].key), 0);
    cr_expect_eq(hz_meter_id_parse("2009622", &keys->list[0].id), -EINVAL);
    cr_expect_eq(hz_meter_key_parse("BEDB81B52C29B5C143388CBB0D15A05x", keys->list[0].key),
                 -EINVAL);
    for (int given = 0; given < 2; given++) {
        struct rig r = {0};
        struct hz_setup setup = setup_for(HZ_SIM_WMBUS_T1);
        struct hz_samples all =
            transmit(&(struct sent){.mode = HZ_SIM_WMBUS_T1}, sent, sizeof sent, 5);
        setup.keys = given ? keys : NULL;
        rig_decode(&r, &hz_wmbus_decoder, &setup, &all, 0);
        cr_assert_eq(r.n, 1);
        cr_expect_arr_eq(r.message[0].burst.raw, sent, sizeof sent);
        if (given)
            cr_expect_eq(rig_number(&r.message[0], "total_m3"), 0.106);
        else
            cr_expect_str_eq(rig_text(&r.message[0], "encrypted"), "no_key");
        rig_free(&r);
        free((void *)(uintptr_t)all.data);
    }
    hz_meter_keys_unref(keys);
}

Test(wmbus, noise_says_nothing)
{
    struct hz_span span = {malloc(2 * 4 * RATE * sizeof(float)), 4 * RATE, 0, RATE};
    struct hz_samples all = {HZ_CF32, span.iq, span.n, 0};
    cr_assert_not_null(span.iq);
    hz_sim_signal_noise(&span, 0.01, RATE, 3);
    for (int mode = HZ_SIM_WMBUS_C1B; mode <= HZ_SIM_WMBUS_S1; mode++) {
        struct rig r = {0};
        struct hz_setup setup = setup_for((enum hz_sim_wmbus_mode)mode);
        rig_decode(&r, &hz_wmbus_decoder, &setup, &all, 4096);
        cr_expect_eq(r.n, 0);
        cr_expect_lt(r.sink.count[HZ_NO_PREAMBLE], 400);
        rig_free(&r);
    }
    free(span.iq);
}

Test(wmbus, another_rate_is_refused)
{
    rig_expect_wrong_rate(&hz_wmbus_decoder, 300000, "400000");
}

/* A public telegram of format B with both of its CRCs, as it was sent. */
Test(wmbus, blocks_of_format_b)
{
    static const char hex[] = "C244C5140443054300048C200E900F002C25895E02003B0877D31DA840B17A0E0090"
                              "07100F8FAD4C4E61400DA4F3B1"
                              "F7E273CC4C5C07F93CD20B237345DB39F9A98F8415E1C4B7A25C86E4C22D05C3352F"
                              "A7E2E5627031F14643063F1DC8"
                              "FE2C32459B6F02E4234B447B18E4BFDA8C4DA9B1EDE6CF29D0B2122A3E8B9DEEBEE3"
                              "E6DBE6617B4E709EC6B595179C"
                              "B01C2C0BDE6723A345B708652880C114A58DA07C73AD9EB8ACB17FA0A88F19BC84CB"
                              "1FC56672DE8A9603FD0C050100"
                              "02FD0B2111F60B";
    static struct hz_wmbus_bits bits;
    uint8_t chip[HZ_WMBUS_BITS], out[HZ_WMBUS_BYTES];
    float sure[HZ_WMBUS_BITS];
    size_t n = (sizeof hex - 1) / 2;
    int fixed;
    for (size_t i = 0; i < 8 * n; i++) {
        char c = hex[i / 4];
        int v = c <= '9' ? c - '0' : c - 'A' + 10;
        chip[i] = v >> (3 - i % 4) & 1;
        sure[i] = i == 1300 || i == 77 ? 1 : 5;
    }
    cr_expect_eq(hz_wmbus_frame_bytes('B', 0xc2), 195);
    hz_wmbus_bits_read(HZ_WMBUS_NRZ, chip, sure, 8 * n, &bits);
    cr_expect_eq(hz_wmbus_frame('B', &bits, out, &fixed), 191);
    cr_expect_eq(out[0], 190);
    cr_expect_eq(fixed, 0);
    chip[77] ^= 1;
    chip[1300] ^= 1;
    hz_wmbus_bits_read(HZ_WMBUS_NRZ, chip, sure, 8 * n, &bits);
    cr_expect_eq(hz_wmbus_frame('B', &bits, out, &fixed), 191);
    cr_expect_eq(fixed, 2);
    chip[400] ^= 1; /* of which nothing is known */
    hz_wmbus_bits_read(HZ_WMBUS_NRZ, chip, sure, 8 * n, &bits);
    cr_expect_eq(hz_wmbus_frame('B', &bits, out, &fixed), 0);
}

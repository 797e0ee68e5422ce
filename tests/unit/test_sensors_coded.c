/* Models whose coding no declaration says: what they send, made from their description, and four
 * recordings of Voltcraft's plugs. */
#include "proto/sensors/coded.h"
#include "sim/hdlc.h"
#include "sim/rng.h"
#include "sim/signal.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 250000, SAMPLES = 20000, CHIPS = 1024 };

extern const struct hz_coded hz_coded_ec3k, hz_coded_r900;

static float iq[2 * SAMPLES], v[HZ_CODED_STEPS], scratch[HZ_CODED_STEPS];
static struct hz_coded_frame frame;

/* Sends chips in noise of that power against the signal in 100 kHz, and listens. */
static bool heard(const struct hz_coded *model, const uint8_t *chip, size_t n, double chip_us,
                  double clock, double snr_db, uint64_t seed)
{
    static uint32_t sums[4][SAMPLES + 1];
    bool two = model->modulation == HZ_WAVE_FSK;
    struct hz_sim_signal s = {.keying = two ? HZ_SIM_FSK : HZ_SIM_OOK,
                              .symbol = chip,
                              .n = n,
                              .baud = 1e6 / chip_us,
                              .deviation_hz = 20e3};
    struct hz_span span = {iq, SAMPLES, 0, RATE};
    struct hz_tone tone[2] = {{sums[0], sums[1], 0, 0}, {sums[2], sums[3], 0, 0}};
    struct hz_coded_ear ear = {&tone[0], two ? &tone[1] : NULL, RATE, v, scratch};
    hz_sim_signal_noise(&span, 0.01 / pow(10, snr_db / 10), 100e3, seed);
    hz_sim_signal_add(
        &s,
        &(struct hz_sim_burst){.start = 1234.3, .power = 0.01, .offset_hz = 30e3, .clock = clock},
        &span);
    hz_tone_sum(&tone[0], iq, SAMPLES, (two ? 50e3 : 30e3) / RATE, 4);
    hz_tone_sum(&tone[1], iq, SAMPLES, 10e3 / RATE, 4);
    return model->hear(&ear, &frame);
}

static double field(const struct hz_coded *model, const char *name)
{
    char text[1024];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    model->fields(frame.bytes, frame.n, &j);
    hz_json_close(&j);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert_not_null(o);
    const cJSON *f = cJSON_GetObjectItemCaseSensitive(o, name);
    double value = cJSON_IsNumber(f) ? f->valuedouble : NAN;
    cJSON_Delete(o);
    return value;
}

/* ---- Voltcraft-EC3k ---- */

/* A frame that was received: 57107, 93.299 kWh. */
static const uint8_t plug[] = {0x9d, 0xf1, 0x34, 0xe7, 0x60, 0x00, 0x0e, 0xc7, 0x10, 0x00,
                               0x00, 0x00, 0x40, 0x51, 0x15, 0x50, 0x00, 0x05, 0x79, 0x60,
                               0x00, 0x00, 0x6b, 0x5e, 0xa6, 0xc5, 0x58, 0x76, 0x54, 0x80,
                               0xea, 0x00, 0x00, 0x00, 0x00, 0x10, 0x38, 0x01, 0x00};

static size_t key_plug(uint8_t *chip)
{
    struct hz_sim_bits bits = {chip + 1, 0, CHIPS};
    for (int i = 0; i < 6; i++)
        hz_sim_bits_put(&bits, 8, 0x7e);
    hz_sim_hdlc_frame(&bits, plug, sizeof plug);
    hz_sim_bits_put(&bits, 8, 0x7e);
    uint8_t *bit = chip + 1;
    for (size_t n = 0; n < bits.n; n++) /* scrambled, then a change for a 0 */
        bit[n] ^= (uint8_t)((n >= 12 ? bit[n - 12] : 0) ^ (n >= 17 ? bit[n - 17] : 0));
    chip[0] = 0;
    for (size_t n = 0; n < bits.n; n++)
        bit[n] = bit[n] ? chip[n] : !chip[n];
    return bits.n + 1;
}

Test(sensors_coded, a_plug_is_read)
{
    uint8_t chip[CHIPS + 1];
    size_t n = key_plug(chip);
    static const double clocks[] = {1, 0.995, 1.006};
    for (int i = 0; i < 3; i++) {
        cr_assert(heard(&hz_coded_ec3k, chip, n, 50, clocks[i], 20, 1), "clock %g", clocks[i]);
        cr_expect_arr_eq(frame.bytes, plug, sizeof plug);
        cr_expect_eq(frame.fixed_bits, 0);
    }
    cr_expect_eq(field(&hz_coded_ec3k, "id"), 57107);
    cr_expect_float_eq(field(&hz_coded_ec3k, "energy"), 93.29901, 1e-6);
    cr_expect_float_eq(field(&hz_coded_ec3k, "power_max"), 2242.2, 1e-6);
    int good = 0;
    for (uint64_t seed = 0; seed < 20; seed++)
        good += heard(&hz_coded_ec3k, chip, n, 50, 1, 7, seed);
    cr_expect_geq(good, 16, "%d of 20 at 7 dB", good);
    for (uint64_t seed = 0; seed < 20; seed++)
        cr_expect_not(heard(&hz_coded_ec3k, chip, 1, 50, 1, -30, seed), "in noise");
}

/* ---- Neptune-R900 ---- */

static unsigned times(unsigned a, unsigned b) /* in GF(32): shift and add, then modulo 37 */
{
    unsigned p = 0;
    for (int i = 0; i < 5; i++)
        p ^= b >> i & 1 ? a << i : 0;
    for (int i = 9; i >= 5; i--)
        p ^= p >> i & 1 ? 37u << (i - 5) : 0;
    return p;
}

/* Check symbols by division by the generator, whose roots are the powers 29 to 33 of 2. */
static void encode(uint8_t symbol[21])
{
    unsigned generator[6] = {1}, word[31] = {0}, root = 1;
    for (int i = 0; i < 29; i++)
        root = times(root, 2);
    for (int degree = 1; degree <= 5; degree++, root = times(root, 2))
        for (int i = degree; i > 0; i--)
            generator[i] ^= times(generator[i - 1], root);
    for (int i = 0; i < 16; i++)
        word[i] = symbol[i];
    for (int i = 0; i < 26; i++) {
        unsigned lead = word[i];
        for (int k = 0; k < 6; k++)
            word[i + k] ^= times(lead, generator[k]);
    }
    for (int i = 0; i < 5; i++)
        symbol[16 + i] = (uint8_t)word[26 + i];
}

static size_t key_meter(const uint8_t data[10], uint8_t *chip)
{
    static const char *const words[] = {"0011", "0101", "0110", "1100", "1010", "1001"};
    uint8_t symbol[21] = {0};
    size_t n = 0;
    for (int i = 0; i < 80; i++)
        symbol[i / 5] = (uint8_t)(symbol[i / 5] << 1 | (data[i / 8] >> (7 - i % 8) & 1));
    encode(symbol);
    for (int i = 0; i < 32; i++)
        chip[n++] = i & 1;
    for (int i = 31; i >= 0; i--)
        chip[n++] = 0xa9666965u >> i & 1;
    for (int i = 0; i < 42; i++)
        for (int k = 0; k < 4; k++)
            chip[n++] = words[i % 2 ? symbol[i / 2] % 6 : symbol[i / 2] / 6][k] == '1';
    return n;
}

Test(sensors_coded, a_water_meter_is_read)
{
    static const uint8_t data[] = {0x5c, 0x8f, 0x1a, 0x23, 0x83, 0x02, 0x10, 0x17, 0x8c, 0x05};
    uint8_t chip[CHIPS];
    size_t n = key_meter(data, chip);
    cr_assert(heard(&hz_coded_r900, chip, n, 30.5176, 1, 25, 1));
    cr_expect_arr_eq(frame.bytes, data, sizeof data);
    cr_expect_eq(field(&hz_coded_r900, "id"), 0x5c8f1a23);
    cr_expect_eq(field(&hz_coded_r900, "consumption"), 0x10178c);
    cr_expect_eq(field(&hz_coded_r900, "leak"), 1);
    cr_expect_eq(field(&hz_coded_r900, "leaknow"), 1);
    cr_assert(heard(&hz_coded_r900, chip, n, 30.5176, 1.008, 25, 2), "a fast clock");
    uint8_t broken[CHIPS];
    memcpy(broken, chip, n);
    broken[64 + 8 * 7 + 2] ^= 1; /* two chips in two symbols */
    broken[64 + 8 * 12] ^= 1;
    cr_expect(heard(&hz_coded_r900, broken, n, 30.5176, 1, 25, 3));
    cr_expect_arr_eq(frame.bytes, data, sizeof data);
    int good = 0;
    for (uint64_t seed = 0; seed < 20; seed++)
        good += heard(&hz_coded_r900, chip, n, 30.5176, 1, 8, seed);
    cr_expect_geq(good, 16, "%d of 20 at 8 dB", good);
    for (uint64_t seed = 0; seed < 20; seed++)
        cr_expect_not(heard(&hz_coded_r900, chip, 1, 50, 1, -30, seed), "in noise");
}

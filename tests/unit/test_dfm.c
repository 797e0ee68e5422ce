/* The DFM decoder against an encoder of its own. The recording is in tests/e2e/test_sondes.py. */
#include "proto/dfm/detect.h"
#include "proto/dfm/frame.h"
#include "sim/rng.h"
#include "sim/signal.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

extern const struct hz_decoder hz_dfm_decoder;

enum { RATE = HZ_DFM_RATE_HZ, FRAMES = 40, N = RATE * 10 };

static float iq[2 * N];

/* Parity of the Hamming code, from its check matrix: each bit and the data bits that it covers. */
static unsigned encode(unsigned d)
{
    static const unsigned covers[4] = {7, 11, 13, 14};
    unsigned word = d << 4;
    for (unsigned k = 0; k < 4; k++)
        word |= (unsigned)__builtin_parity(d & covers[k]) << (3 - k);
    return word;
}

static size_t put_field(uint8_t *bits, size_t n, const uint8_t *nibble, unsigned count)
{
    for (unsigned j = 0; j < 8; j++)
        for (unsigned i = 0; i < count; i++)
            bits[n++] = encode(nibble[i]) >> (7 - j) & 1;
    return n;
}

/* The half-bits of a frame, behind those before. */
static size_t put_frame(uint8_t *half, size_t n, const struct hz_dfm_frame *f, bool inverted)
{
    uint8_t bits[280];
    size_t count = 0;
    for (; count < 16; count++)
        bits[count] = 0x45cf >> (15 - count) & 1;
    count = put_field(bits, count, f->conf, HZ_DFM_CONF);
    count = put_field(bits, count, f->data[0], HZ_DFM_DATA);
    count = put_field(bits, count, f->data[1], HZ_DFM_DATA);
    for (size_t i = 0; i < count; i++) {
        half[n++] = bits[i] == inverted;
        half[n++] = bits[i] != inverted;
    }
    return n;
}

static void put_number(uint8_t *nibble, unsigned octet, unsigned octets, uint32_t v)
{
    for (unsigned i = 0; i < 2 * octets; i++)
        nibble[2 * octet + i] = (uint8_t)(v >> 4 * (2 * octets - 1 - i) & 15);
}

/* Packets of second s: 50.25 degrees north, 8.5 east, 1234.56 m; 15 March 2024, 11:22. */
static void make_packet(unsigned second, unsigned n, uint8_t *data)
{
    memset(data, 0, HZ_DFM_DATA);
    data[HZ_DFM_DATA - 1] = (uint8_t)n;
    if (n == 0)
        put_number(data, 2, 1, 2);
    if (n == 1) {
        put_number(data, 0, 4, 0x80400f01);
        put_number(data, 4, 2, 1000 * second);
    }
    if (n == 2) {
        put_number(data, 0, 4, 502500000 + second);
        put_number(data, 4, 2, 1250);
    }
    if (n == 3) {
        put_number(data, 0, 4, 85000000);
        put_number(data, 4, 2, 27050);
    }
    if (n == 4) {
        put_number(data, 0, 4, 123456 + 500 * second);
        put_number(data, 4, 2, (uint16_t)-500);
    }
    if (n == 8)
        put_number(data, 0, 4, 2024u << 20 | 3u << 16 | 15u << 11 | 11u << 6 | 22);
}

static void make_conf(unsigned k, uint8_t *conf)
{
    static const uint8_t serial[2][HZ_DFM_CONF] = {{0xb, 0xc, 0, 1, 2, 3, 0},
                                                   {0xb, 0xc, 4, 5, 6, 7, 1}};
    memset(conf, 0, HZ_DFM_CONF);
    if (k % 4 < 2)
        memcpy(conf, serial[k % 4], HZ_DFM_CONF);
    else
        conf[0] = (uint8_t)(k % 4 + 1);
}

/* Forty frames one behind the other. */
static struct hz_samples receive(double snr_db, double offset_hz, bool inverted, double ppm)
{
    static uint8_t half[FRAMES * HZ_DFM_HALF_BITS];
    struct hz_span span = {iq, N, 0, RATE};
    size_t n = 0;
    unsigned packet = 0;
    for (unsigned k = 0; k < FRAMES; k++) {
        struct hz_dfm_frame f;
        make_conf(k, f.conf);
        for (unsigned i = 0; i < 2; i++, packet++)
            make_packet(packet / 9, packet % 9, f.data[i]);
        n = put_frame(half, n, &f, inverted);
    }
    struct hz_sim_signal s = {.keying = HZ_SIM_FSK,
                              .symbol = half,
                              .n = n,
                              .baud = 2500,
                              .deviation_hz = 2600,
                              .bt = 1,
                              .ramp = 2};
    struct hz_sim_burst burst = {
        .start = 2000.3, .power = 0.01, .offset_hz = offset_hz, .clock = 1 + ppm * 1e-6};
    memset(iq, 0, sizeof iq);
    hz_sim_signal_noise(&span, 0.01 / pow(10, snr_db / 10), 12500, 5);
    hz_sim_signal_add(&s, &burst, &span);
    return (struct hz_samples){HZ_CF32, iq, N, 0};
}

static void expect_flight(const struct rig *r, size_t least)
{
    cr_assert_geq(r->n, least, "%zu messages", r->n);
    for (size_t i = 0; i < r->n; i++) {
        const struct rig_message *m = &r->message[i];
        double second = rig_number(m, "frame") - 1394536920; /* 11:22:00 */
        cr_expect(second >= 0 && second < 9, "%f", second);
        cr_expect_float_eq(rig_number(m, "lat"), 50.25, 1e-5);
        cr_expect_float_eq(rig_number(m, "lon"), 8.5, 1e-6);
        cr_expect_float_eq(rig_number(m, "alt"), 1234.56 + 5 * second, 1e-6);
        cr_expect_eq(rig_number(m, "vel_h"), 12.5);
        cr_expect_eq(rig_number(m, "heading"), 270.5);
        cr_expect_eq(rig_number(m, "vel_v"), -5);
        cr_expect_eq(rig_number(m, "sats"), 7);
    }
    const struct rig_message *last = &r->message[r->n - 1];
    cr_expect_str_eq(rig_text(last, "id"), "DFM-19088743");
    cr_expect_str_eq(rig_text(last, "subtype"), "DFM17");
}

Test(dfm, a_flight_is_told_at_both_polarities_and_any_carrier)
{
    static struct rig r;
    for (int i = 0; i < 4; i++) {
        struct hz_samples in = receive(8, -2600 + 1700.0 * i, i % 2, i % 2 ? 200 : -200);
        rig_decode(&r, &hz_dfm_decoder, NULL, &in, 4800);
        expect_flight(&r, 8);
        cr_expect_float_eq((double)r.message[0].burst.offset_hz, -2600 + 1700.0 * i, 150);
    }
    rig_free(&r);
}

Test(dfm, cuts_and_beginnings_do_not_matter)
{
    static struct rig r;
    struct hz_samples in = receive(3, 300, false, 0);
    rig_decode(&r, &hz_dfm_decoder, NULL, &in, 4800);
    expect_flight(&r, 5);
    rig_expect_cuts(&r, &hz_dfm_decoder, NULL, &in);
    rig_free(&r);
}

Test(dfm, noise_gives_nothing)
{
    static struct rig r;
    struct hz_samples in = receive(-40, 0, false, 0);
    rig_decode(&r, &hz_dfm_decoder, NULL, &in, 4800);
    cr_expect_eq(r.n, 0);
    rig_free(&r);
}

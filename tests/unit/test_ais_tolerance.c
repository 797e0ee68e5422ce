/* AIS transmitters as they are: frames of unusual form, and other clocks, deviations, filters and
 * carriers than the book's, from the simulator's modulator. */
#include "proto/ais/detect.h"
#include "proto/ais/judge.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "sim/rng.h"
#include "sim/ships.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = HZ_AIS_RATE_HZ, MOST = 64, GAP = 4800, BITS = 2000 };

struct message {
    uint8_t payload[HZ_AIS_PAYLOAD_MAX];
    size_t bits;
};

/* How a transmitter differs from the book: its own h, BT, clock (over nominal), carrier. */
struct way {
    double h, bt, clock, carrier_hz, drift_hz_s, snr_db;
};

extern const struct hz_decoder hz_ais_decoder;

static const struct way by_the_book = {0.5, 0.4, 1, 0, 0, 20};

static struct {
    float *iq;
    size_t n, count;
    uint64_t refused[HZ_REASONS];
    struct message heard[MOST];
    int fixed[MOST];
} air;

static void begin(size_t n, double snr_db)
{
    struct hz_noise noise;
    free(air.iq);
    memset(&air, 0, sizeof air);
    air.iq = malloc(2 * n * sizeof *air.iq);
    air.n = n;
    cr_assert_not_null(air.iq);
    hz_noise_init(&noise, 77);
    hz_noise_fill(&noise, air.iq, n, (float)sqrt(RATE / 25e3 / pow(10, snr_db / 10) / 2));
}

/* A zero after five ones. */
static void put_stuffed(struct hz_sim_bits *b, const uint8_t *bit, size_t n)
{
    for (size_t i = 0, ones = 0; i < n; i++) {
        hz_sim_bits_put(b, 1, bit[i]);
        ones = bit[i] ? ones + 1 : 0;
        if (ones == 5) {
            hz_sim_bits_put(b, 1, 0);
            ones = 0;
        }
    }
}

/* Payload, least significant bit of each byte first (of what there is of the last one), and the
 * check sequence of X.25 behind it, a bit at a time. */
static void put_frame(struct hz_sim_bits *b, const struct message *m)
{
    uint8_t bit[BITS];
    unsigned crc = 0xffff;
    for (size_t i = 0; i < m->bits; i++) {
        size_t first = i / 8 * 8, end = first + 8 < m->bits ? first + 8 : m->bits;
        size_t at = end - 1 - (i - first);
        bit[i] = m->payload[at / 8] >> (7 - at % 8) & 1;
        crc = crc >> 1 ^ ((crc ^ bit[i]) & 1 ? 0x8408 : 0);
    }
    for (unsigned k = 0; k < 16; k++)
        bit[m->bits + k] = ~crc >> k & 1;
    hz_sim_bits_put(b, 8, 0x7e);
    put_stuffed(b, bit, m->bits + 16);
    hz_sim_bits_put(b, 8, 0x7e);
}

static void transmit(const struct message *m, const struct way *how, double at)
{
    const struct hz_sim_fsk gmsk = {9600, 4800 * how->h, how->bt, 4};
    uint8_t bit[BITS];
    float symbols[BITS];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    struct hz_sim_track track;
    hz_sim_bits_put(&bits, 32, 0x55555555);
    put_frame(&bits, m);
    hz_sim_bits_put(&bits, 8, 0x55);
    cr_assert_lt(bits.n, sizeof bit);
    hz_sim_nrzi(&bits, symbols);
    cr_assert_eq(hz_sim_fsk(&gmsk, symbols, bits.n, &track), 0);
    for (size_t k = 0; k < track.n; k++) /* a track has eight knots a bit */
        track.freq_hz[k] += (float)(how->drift_hz_s / 76800 * (double)k);
    hz_sim_track_seal(&track);
    struct hz_span span = {air.iq, air.n, 0, RATE};
    struct hz_sim_burst burst = {at, 1, how->carrier_hz, 0.3, how->clock};
    hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
}

/* Bits of the message in its sentences: six a character, less what fills up the last one. */
static size_t bits_of(const struct rig_message *m)
{
    const cJSON *sentence;
    size_t bits = 0;
    cJSON_ArrayForEach(sentence, cJSON_GetObjectItem(m->own, "nmea"))
    {
        const char *at = sentence->valuestring;
        for (int comma = 0; comma < 5; comma++)
            at = strchr(at, ',') + 1;
        const char *end = strchr(at, ',');
        bits += 6 * (size_t)(end - at) - (size_t)(end[1] - '0');
    }
    return bits;
}

static void detect(size_t cut)
{
    struct rig r = {0};
    rig_decode(&r, &hz_ais_decoder, NULL, &(struct hz_samples){HZ_CF32, air.iq, air.n, 0}, cut);
    cr_assert_leq(r.n, MOST);
    air.count = r.n;
    memcpy(air.refused, r.sink.count, sizeof air.refused);
    for (size_t i = 0; i < r.n; i++) {
        const struct hz_burst *b = &r.message[i].burst;
        memcpy(air.heard[i].payload, b->raw, b->raw_len);
        air.heard[i].bits = bits_of(&r.message[i]);
        air.fixed[i] = b->fixed_bits;
    }
    rig_free(&r);
}

static struct message message(unsigned type, uint32_t mmsi, size_t bits, struct hz_rng *r)
{
    struct message m = {.bits = bits};
    for (size_t i = 0; i < (bits + 7) / 8; i++)
        m.payload[i] = (uint8_t)hz_rng_u32(r);
    if (bits % 8)
        m.payload[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
    m.payload[0] = (uint8_t)(type << 2);
    for (unsigned k = 0; k < 30; k++) { /* bits 8 to 37 */
        unsigned at = 8 + k;
        uint8_t mask = (uint8_t)(0x80 >> at % 8);
        bool one = mmsi >> (29 - k) & 1;
        m.payload[at / 8] = (uint8_t)(one ? m.payload[at / 8] | mask : m.payload[at / 8] & ~mask);
    }
    return m;
}

/* Number of the `count` messages heard bit for bit; others must not have been. */
static size_t right(const struct message *sent, size_t count)
{
    size_t hits = 0;
    for (size_t i = 0; i < air.count; i++) {
        const struct message *h = &air.heard[i];
        size_t k = 0;
        while (k < count && (sent[k].bits != h->bits ||
                             memcmp(sent[k].payload, h->payload, (h->bits + 7) / 8) != 0))
            k++;
        cr_expect_lt(k, count, "message %zu of %zu bits was not sent", i, h->bits);
        hits += k < count;
    }
    return hits;
}

/* The check sequence is right and nothing was repaired: it is told, whatever it is. */
Test(ais_tolerance, sure_frames_of_any_form_are_told)
{
    static const struct {
        unsigned type;
        uint32_t mmsi;
        size_t bits;
    } rows[] = {
        {1, 244660010, 168},  {27, 244660010, 96},   {27, 244660010, 168}, {16, 2446600, 168},
        {1, 244660010, 200},  {24, 244660010, 176},  {24, 244660010, 168}, {18, 244660010, 184},
        {5, 244660010, 440},  {5, 244660010, 168},   {19, 244660010, 320}, {21, 992446601, 376},
        {28, 244660010, 168}, {28, 244660010, 312},  {45, 244660010, 96},  {63, 244660010, 520},
        {0, 244660010, 168},  {1, 0, 168},           {4, 123456789, 168},  {3, 1073741823, 168},
        {14, 244660010, 40},  {12, 244660010, 81},   {14, 244660010, 127}, {8, 244660010, 171},
        {8, 244660010, 1008}, {26, 244660010, 1064}, {8, 244660010, 1200}, {10, 244660010, 45},
    };
    enum { N = sizeof rows / sizeof *rows };
    static struct message sent[N];
    struct hz_rng r;
    hz_rng_init(&r, 5, 5);
    begin((N + 1) * 2 * GAP, by_the_book.snr_db);
    for (size_t i = 0; i < N; i++) {
        sent[i] = message(rows[i].type, rows[i].mmsi, rows[i].bits, &r);
        transmit(&sent[i], &by_the_book, 1000.25 + (double)(2 * GAP * i));
    }
    detect(960);
    for (size_t i = 0; i < N; i++) {
        bool is = false;
        for (size_t k = 0; k < air.count; k++)
            is |=
                air.heard[k].bits == sent[i].bits && air.heard[k].payload[0] == sent[i].payload[0];
        cr_expect(is, "type %u in %zu bits", rows[i].type, rows[i].bits);
    }
    cr_expect_eq(right(sent, N), N);
    for (size_t i = 0; i < air.count; i++)
        cr_expect_eq(air.fixed[i], 0);
}

/* Stuffing at its worst: 1064 bits of ones take 1336 on the air. */
Test(ais_tolerance, the_longest_message_with_the_most_stuffing_is_told)
{
    struct message m = {.bits = 1064};
    memset(m.payload, 0xff, sizeof m.payload);
    m.payload[0] = 26 << 2;
    begin(3 * GAP, by_the_book.snr_db);
    transmit(&m, &by_the_book, 700);
    detect(4001);
    cr_expect_eq(right(&m, 1), 1);
}

/* ---- transmitters ---- */

/* Messages of one slot, of two and of five, each sent so. */
static void expect_all(const struct way *how, const char *what)
{
    enum { N = 6 };
    static const size_t bits[N] = {168, 424, 168, 1008, 96, 424};
    static struct message sent[N];
    struct hz_rng r;
    hz_rng_init(&r, 9, (uint64_t)(1000 * how->h));
    begin((N + 1) * 2 * GAP, how->snr_db);
    for (size_t i = 0; i < N; i++) {
        sent[i] = message(bits[i] == 168   ? 1
                          : bits[i] == 424 ? 5
                          : bits[i] == 96  ? 27
                                           : 8,
                          244660010, bits[i], &r);
        transmit(&sent[i], how, 1000.4 + (double)(2 * GAP * i));
    }
    detect(960);
    size_t hits = right(sent, N);
    cr_expect_eq(hits, N, "%s: %zu of %d", what, hits, N);
    cr_expect_eq(air.refused[HZ_SHED], 0);
}

Test(ais_tolerance, clocks_of_up_to_a_percent)
{
    static const double off[] = {-0.01, -0.005, -0.002, -0.0005, 0.0002, 0.001, 0.003, 0.005, 0.01};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        char what[32];
        struct way how = by_the_book;
        how.clock += off[i];
        snprintf(what, sizeof what, "clock %+g", off[i]);
        expect_all(&how, what);
    }
}

Test(ais_tolerance, deviations_and_filters)
{
    static const double h[] = {0.37, 0.4, 0.43, 0.46, 0.54, 0.57, 0.6, 0.66},
                        bt[] = {0.3, 0.4, 0.5};
    for (size_t i = 0; i < sizeof h / sizeof *h; i++)
        for (size_t k = 0; k < 3; k++) {
            char what[32];
            struct way how = by_the_book;
            how.h = h[i];
            how.bt = bt[k];
            snprintf(what, sizeof what, "h %g, BT %g", h[i], bt[k]);
            expect_all(&how, what);
        }
}

Test(ais_tolerance, carriers_that_are_off_and_drift)
{
    static const double off[] = {-5000, -3000, -2100, -700, 1500, 2500, 3000, 5000};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        char what[32];
        struct way how = by_the_book;
        how.carrier_hz = off[i];
        how.drift_hz_s = i % 2 ? 2000 : -2000;
        how.snr_db = 12;
        snprintf(what, sizeof what, "%g Hz", off[i]);
        expect_all(&how, what);
    }
}

/* What the transmitter is, is found out. */
Test(ais_tolerance, transmitters_are_measured)
{
    static const struct way ways[] = {
        {0.4, 0.4, 1.004, 0, 0, 10},  {0.45, 0.3, 0.997, 30, 0, 10}, {0.5, 0.4, 1.005, -40, 0, 6},
        {0.56, 0.5, 0.9995, 0, 0, 6}, {0.6, 0.4, 0.993, 20, 0, 10},  {0.5, 0.4, 1, 0, 0, 6},
    };
    struct hz_ais_matcher *m = hz_ais_matcher_new();
    uint8_t level[HZ_AIS_SYNC_BITS];
    struct hz_rng r;
    cr_assert_not_null(m);
    hz_rng_init(&r, 2, 2);
    for (unsigned i = 0, is = 0; i < HZ_AIS_SYNC_BITS; i++) { /* training 0101..., flag; NRZI */
        bool bit = i < 24 ? i % 2 : i > 24 && i < 31;
        level[i] = (uint8_t)(is ^= !bit);
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct message sent = message(1, 244660010, 168, &r);
        begin(GAP, ways[i].snr_db);
        transmit(&sent, &ways[i], 400);
        /* The eight bits of the ramp come first. */
        double bit = HZ_AIS_BIT / ways[i].clock, start = 400 + 8 * bit;
        struct hz_ais_transmitter found = {.start = start + 1.2};
        bool odd = hz_ais_match(m, air.iq, 2000, level, 256, &found);
        bool usual = ways[i].h == 0.5 && ways[i].clock == 1;
        cr_expect_eq(odd, !usual, "%zu", i);
        if (usual)
            continue;
        cr_expect_float_eq(found.h, ways[i].h, 0.025, "h %g, is %g", found.h, ways[i].h);
        cr_expect_float_eq(found.samples_per_bit, bit, 0.004, "%g", found.samples_per_bit);
        cr_expect_float_eq(found.start, start, 0.8, "%g, is %g", found.start, start);
    }
    hz_ais_matcher_free(m);
}

/* All of it at random; what ships send, so that repairs may be believed. */
static size_t mixed(size_t count, double snr_db, struct message *sent)
{
    struct hz_rng r;
    hz_rng_init(&r, 31, 4);
    begin((count + 1) * GAP, snr_db);
    for (size_t i = 0; i < count; i++) {
        struct hz_sim_ship ship;
        hz_sim_ship_init(&ship, i + 3, &r);
        ship.kind = HZ_SIM_CLASS_A;
        sent[i].bits = 8 * (i % 5 == 4 ? hz_sim_ais_static(&ship, sent[i].payload)
                                       : hz_sim_ais_position(&ship, (double)i, sent[i].payload));
        struct way how = {.h = hz_rng_between(&r, 0.4, 0.6),
                          .bt = hz_rng_between(&r, 0.3, 0.5),
                          .clock = hz_rng_between(&r, 0.995, 1.005),
                          .carrier_hz = hz_rng_between(&r, -1500, 1500),
                          .drift_hz_s = hz_rng_between(&r, -1000, 1000)};
        transmit(&sent[i], &how, (double)(GAP * i) + hz_rng_between(&r, 300, 900));
    }
    return count;
}

Test(ais_tolerance, everything_at_random_however_it_is_cut)
{
    static struct message sent[MOST], was[MOST];
    static const struct {
        double snr_db;
        size_t least; /* of 60 */
    } rows[] = {{4, 54}, {6, 57}, {15, 60}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = mixed(60, rows[i].snr_db, sent);
        detect(960);
        size_t hits = right(sent, n), count = air.count;
        cr_expect_geq(hits, rows[i].least, "%g dB: %zu", rows[i].snr_db, hits);
        cr_expect_eq(air.refused[HZ_SHED], 0);
        memcpy(was, air.heard, sizeof was);
        detect(777);
        cr_expect_eq(air.count, count);
        cr_expect_eq(memcmp(was, air.heard, sizeof was), 0);
    }
}

/* As strong as the transmitter: without it being taken out nothing is heard. */
Test(ais_tolerance, dc_of_the_receiver)
{
    static struct message sent[MOST];
    size_t n = mixed(20, 15, sent);
    for (size_t i = 0; i < air.n; i++) {
        air.iq[2 * i] += 0.8f;
        air.iq[2 * i + 1] -= 0.6f;
    }
    detect(960);
    cr_expect_eq(right(sent, n), n);
}

/* Another transmitter on the channel, 6 dB weaker, from somewhere in the first one's message on. */
Test(ais_tolerance, a_weaker_transmitter_on_the_channel)
{
    static struct message sent[MOST];
    struct hz_rng r;
    size_t n = mixed(20, 20, sent);
    hz_rng_init(&r, 3, 3);
    for (size_t i = 0; i < n; i++) {
        float *iq = air.iq + 2 * GAP * i;
        float *held = malloc(2 * GAP * sizeof *held);
        memcpy(held, iq, 2 * GAP * sizeof *held);
        memset(iq, 0, 2 * GAP * sizeof *iq);
        struct message other = message(1, 211000000, 168, &r);
        struct way how = by_the_book;
        how.carrier_hz = hz_rng_between(&r, -500, 500);
        transmit(&other, &how, (double)(GAP * i) + hz_rng_between(&r, 1400, 2000));
        for (size_t k = 0; k < 2 * GAP; k++)
            iq[k] = held[k] + iq[k] / 2;
        free(held);
    }
    detect(960);
    size_t hits = 0;
    for (size_t i = 0; i < air.count; i++)
        for (size_t k = 0; k < n; k++)
            hits += sent[k].bits == air.heard[i].bits &&
                    memcmp(sent[k].payload, air.heard[i].payload, sent[k].bits / 8) == 0;
    cr_expect_geq(hits, 19, "%zu", hits);
}

/* Bursts without a message, more than a channel has slots for: what is done for them is bounded,
 * and what is not done is counted. */
Test(ais_tolerance, work_for_bursts_that_fail_is_bounded)
{
    enum { EACH = 800, COUNT = 300 };
    static const struct hz_sim_fsk gmsk = {9600, 2800, 0.4, 4};
    struct hz_rng r;
    hz_rng_init(&r, 12, 1);
    begin(COUNT * EACH, 20);
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t bit[150];
        float symbols[150];
        struct hz_sim_bits bits = {bit, 0, sizeof bit};
        struct hz_sim_track track;
        hz_sim_bits_put(&bits, 32, 0x55555555);
        hz_sim_bits_put(&bits, 8, 0x7e);
        while (bits.n < sizeof bit)
            hz_sim_bits_put(&bits, 1, hz_rng_chance(&r, 0.5));
        hz_sim_nrzi(&bits, symbols);
        cr_assert_eq(hz_sim_fsk(&gmsk, symbols, bits.n, &track), 0);
        struct hz_span span = {air.iq, air.n, 0, RATE};
        hz_sim_track_add(&track, &(struct hz_sim_burst){(double)(i * EACH), 1, 200, 0, 1}, &span);
        hz_sim_track_done(&track);
    }
    detect(960);
    cr_expect_eq(air.count, 0);
    cr_expect_gt(air.refused[HZ_SHED], 0);
    cr_expect_gt(air.refused[HZ_BAD_CRC], 200);
}

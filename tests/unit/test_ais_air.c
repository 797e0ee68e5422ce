/* What the air does to AIS bursts, from the simulator's modulator: long messages in full channels,
 * breaks, fading, sparks, and something steady on the channel. */
#include "proto/ais/detect.h"
#include "proto/ais/even.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "sim/rng.h"
#include "sim/ships.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = HZ_AIS_RATE_HZ, SLOT = 1280, MOST = 128, PATHS = 12 };

static const double pi = 3.14159265358979323846;

struct message {
    uint8_t payload[HZ_AIS_PAYLOAD_MAX];
    size_t len;
    double at;  /* sample at which its power begins to rise */
    double end; /* and that behind its last flag; of those sent */
};

extern const struct hz_decoder hz_ais_decoder;

struct air {
    float *iq;
    size_t n;
    struct hz_rng rng;
    struct message sent[MOST], heard[MOST];
    size_t sent_n, heard_n;
};

static struct air air;

/* An air of n samples with noise so far below bursts of power 1 in 25 kHz. */
static void begin(size_t n, double snr_db, uint64_t seed)
{
    struct hz_noise noise;
    free(air.iq);
    memset(&air, 0, sizeof air);
    air.iq = malloc(2 * n * sizeof *air.iq);
    air.n = n;
    cr_assert_not_null(air.iq);
    hz_rng_init(&air.rng, seed, 3);
    hz_noise_init(&noise, seed);
    hz_noise_fill(&noise, air.iq, n, (float)sqrt(RATE / 25e3 / pow(10, snr_db / 10) / 2));
}

/* What ships say; where the simulator's have no such type, or length, anything. */
static void compose(unsigned type, struct message *m)
{
    static size_t number;
    struct hz_sim_ship ship;
    uint8_t payload[HZ_AIS_PAYLOAD_MAX];
    hz_sim_ship_init(&ship, 3 + number++ % 60, &air.rng);
    ship.kind = HZ_SIM_CLASS_A;
    for (size_t i = 1; i < m->len; i++)
        m->payload[i] = (uint8_t)hz_rng_u32(&air.rng);
    m->payload[0] = (uint8_t)(type << 2);
    if (type == 1 || type == 5) {
        m->len = type == 1 ? hz_sim_ais_position(&ship, hz_rng_between(&air.rng, 0, 9999), payload)
                           : hz_sim_ais_static(&ship, payload);
        memcpy(m->payload, payload, m->len);
    }
}

/* A message of that type and length into iq[2 n] from sample `at` on. */
static void transmit(unsigned type, size_t len, double at, float *iq, size_t n)
{
    static const struct hz_sim_fsk gmsk = {9600, 2400, 0.4, 4};
    uint8_t bit[1500];
    float symbols[sizeof bit];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    struct hz_sim_track track;
    struct message *m = &air.sent[air.sent_n++];
    m->len = len;
    m->at = at;
    compose(type, m);
    hz_sim_bits_put(&bits, 32, hz_rng_chance(&air.rng, 0.5) ? 0x55555555 : 0xaaaaaaaa);
    hz_sim_hdlc_frame(&bits, m->payload, m->len);
    m->end = at + (double)(bits.n * HZ_AIS_BIT);
    hz_sim_bits_put(&bits, 8, 0x55);
    hz_sim_nrzi(&bits, symbols);
    cr_assert_eq(hz_sim_fsk(&gmsk, symbols, bits.n, &track), 0);
    struct hz_sim_burst burst = {at, 1, hz_rng_between(&air.rng, -500, 500),
                                 hz_rng_between(&air.rng, 0, 1), 1};
    struct hz_span span = {iq, n, 0, RATE};
    hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
}

/* One in each of `count` windows, all of one slot, through `gain` if there is one. */
static void transmit_all(size_t count, size_t window, const float *gain)
{
    float *iq = calloc(2 * air.n, sizeof *iq);
    cr_assert_not_null(iq);
    for (size_t i = 0; i < count; i++)
        transmit(1, 21, (double)(i * window) + hz_rng_between(&air.rng, 300, 780), iq, air.n);
    for (size_t i = 0; i < air.n; i++) {
        float re = iq[2 * i], im = iq[2 * i + 1];
        float g_re = gain ? gain[2 * i] : 1, g_im = gain ? gain[2 * i + 1] : 0;
        air.iq[2 * i] += re * g_re - im * g_im;
        air.iq[2 * i + 1] += re * g_im + im * g_re;
    }
    free(iq);
}

/* Takes what the rig holds. */
static void hear(const struct rig *r)
{
    cr_assert_leq(r->n, MOST);
    air.heard_n = r->n;
    for (size_t i = 0; i < r->n; i++) {
        const struct hz_burst *b = &r->message[i].burst;
        memcpy(air.heard[i].payload, b->raw, b->raw_len);
        air.heard[i].len = b->raw_len;
        air.heard[i].at = (double)b->sample;
    }
}

/* How many of those sent were heard; nothing else may have been. */
static size_t right(void)
{
    size_t hits = 0;
    for (size_t i = 0; i < air.heard_n; i++) {
        const struct message *h = &air.heard[i];
        bool is = false;
        for (size_t k = 0; k < air.sent_n && !is; k++) {
            const struct message *s = &air.sent[k];
            is = fabs(h->at - s->at) < 4 && h->len == s->len &&
                 memcmp(h->payload, s->payload, s->len) == 0;
        }
        cr_expect(is, "at %g: was not sent", h->at);
        hits += is;
    }
    return hits;
}

/* Samples of the air, of index `first` on. */
static struct hz_samples part(size_t from, size_t end, uint64_t first)
{
    return (struct hz_samples){HZ_CF32, air.iq + 2 * from, end - from, first};
}

static void detect(size_t from, size_t cut)
{
    struct rig r = {0};
    struct hz_samples all = part(from, air.n, from);
    rig_decode(&r, &hz_ais_decoder, NULL, &all, cut);
    hear(&r);
    rig_free(&r);
}

/* Every slot is taken, by messages of one to five: where one ends, the next begins. */
Test(ais_air, long_messages_in_a_full_channel)
{
    static const struct {
        unsigned type, slots;
        size_t len;
    } kinds[] = {{1, 1, 21},  {5, 2, 53},  {8, 3, 80},   {26, 5, 133}, {21, 2, 34},
                 {21, 2, 45}, {18, 1, 21}, {17, 4, 102}, {5, 2, 53},   {24, 1, 20},
                 {6, 4, 100}, {1, 1, 21},  {26, 5, 133}, {4, 1, 21}};
    enum { KINDS = sizeof kinds / sizeof kinds[0], SLOTS = 40 };
    static const size_t cuts[] = {480, 0, 1, 1279};
    begin(SLOT * SLOTS, 15, 4);
    for (size_t i = 0, slot = 0; i < KINDS; slot += kinds[i++].slots)
        transmit(kinds[i].type, kinds[i].len, (double)(SLOT * slot) + 77.3, air.iq, air.n);
    for (size_t i = 0; i < 4; i++) {
        detect(0, cuts[i]);
        cr_expect_eq(air.heard_n, KINDS);
        cr_expect_eq(right(), KINDS, "pushes of %zu: %zu", cuts[i], right());
    }
}

/* Pushes the air in small pieces: the most samples behind the end of a message that the decoder
 * took before it told it. Messages come in their order. */
static double held_back(void)
{
    enum { PIECE = 16 };
    struct rig r = {0};
    double most = 0;
    uint64_t told = 0;
    rig_start(&r, &hz_ais_decoder, NULL);
    for (size_t at = 0; at + PIECE <= air.n; at += PIECE) {
        struct hz_samples piece = part(at, at + PIECE, at);
        rig_push(&r, &piece, PIECE);
        for (; told < r.sink.count[HZ_MESSAGE] && told < air.sent_n; told++)
            most = fmax(most, (double)(at + PIECE) - air.sent[told].end);
    }
    rig_finish(&r);
    cr_expect_eq(r.sink.count[HZ_MESSAGE], air.sent_n);
    rig_free(&r);
    return most;
}

/* What the decoder adds to the time from the last sample of a message to a client: most messages of
 * a slot are told within 3 ms, longer ones within 12 ms, though the next burst follows at once.
 * A quarter of a second at the beginning is left free: there the noise is measured first. */
Test(ais_air, messages_are_told_soon_after_they_end)
{
    static const struct {
        unsigned type;
        size_t len, slots, most;
    } kinds[] = {{1, 21, 1, 130},  {5, 53, 2, 550},  {18, 21, 1, 130}, {21, 34, 2, 550},
                 {24, 20, 1, 130}, {19, 39, 2, 550}, {4, 21, 1, 130},  {8, 80, 3, 550},
                 {6, 100, 4, 550}, {26, 133, 5, 550}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        enum { COUNT = 5, FREE = 10 };
        begin(SLOT * (FREE + COUNT * kinds[i].slots + 2), 12, 11 + i);
        for (size_t k = 0; k < COUNT; k++)
            transmit(kinds[i].type, kinds[i].len,
                     (double)(SLOT * (FREE + k * kinds[i].slots)) + 31.4, air.iq, air.n);
        double most = held_back();
        cr_expect_leq(most, (double)kinds[i].most, "type %u of %zu bytes: %.0f samples",
                      kinds[i].type, kinds[i].len, most);
    }
}

/* Noise that looks like the start of a burst holds nothing up. */
Test(ais_air, weak_messages_are_told_soon_too)
{
    begin(SLOT * 130, 7, 21);
    for (size_t i = 0; i < 60; i++)
        transmit(1, 21, (double)(SLOT * (10 + 2 * i)) + hz_rng_between(&air.rng, 0, 900), air.iq,
                 air.n);
    double most = held_back();
    cr_expect_leq(most, 150, "%.0f samples", most);
}

/* Samples are lost in the middle of the first burst, and the stream's index goes on. */
Test(ais_air, a_gap_in_a_burst)
{
    enum { WINDOW = 4800 };
    begin(3 * WINDOW, 15, 5);
    transmit_all(3, WINDOW, NULL);
    struct rig r = {0};
    struct hz_samples before = part(0, 1000, 7000), behind = part(1100, air.n, 8100);
    rig_start(&r, &hz_ais_decoder, NULL);
    rig_push(&r, &before, 100);
    rig_push(&r, &behind, 997);
    rig_finish(&r);
    hear(&r);
    rig_free(&r);
    cr_assert_eq(air.heard_n, 2);
    for (size_t i = 0; i < 2; i++)
        air.heard[i].at -= 7000;
    cr_expect_eq(right(), 2);
}

/* The channel is added in mid-burst: its bits alone make no message, nor spoil the next one. */
Test(ais_air, a_beginning_in_a_burst)
{
    enum { WINDOW = 2400 };
    begin(3 * WINDOW, 15, 6);
    transmit_all(3, WINDOW, NULL);
    for (size_t first = 1000; first < 1500; first += 173) {
        detect(first, 0);
        cr_expect_eq(air.heard_n, 2);
        cr_expect_eq(right(), 2);
    }
}

/* Clarke's model at 50 Hz, 20 dB on average. A detector whose memory of the phase is long hears one
 * in three. */
Test(ais_air, fading_at_50_hz)
{
    enum { COUNT = 100, WINDOW = 2400 };
    begin(COUNT * WINDOW, 20, 7);
    float *gain = malloc(2 * air.n * sizeof *gain);
    double doppler[PATHS], phase[PATHS];
    cr_assert_not_null(gain);
    for (int p = 0; p < PATHS; p++) {
        doppler[p] = 50 * cos(2 * pi * (p + hz_rng_between(&air.rng, 0, 1)) / PATHS);
        phase[p] = hz_rng_between(&air.rng, 0, 2 * pi);
    }
    for (size_t i = 0; i < air.n; i++) {
        double re = 0, im = 0;
        for (int p = 0; p < PATHS; p++) {
            double angle = 2 * pi * doppler[p] * (double)i / RATE + phase[p];
            re += cos(angle);
            im += sin(angle);
        }
        gain[2 * i] = (float)(re / sqrt(PATHS));
        gain[2 * i + 1] = (float)(im / sqrt(PATHS));
    }
    transmit_all(COUNT, WINDOW, gain);
    free(gain);
    detect(0, 480);
    cr_expect_eq(right(), air.heard_n);
    cr_expect_geq(right(), 77, "%zu of %d", right(), COUNT);
}

/* At 6 dB, forty times a second two samples in a row that are twenty times as strong as the burst:
 * one in each, on average. */
Test(ais_air, sparks)
{
    enum { COUNT = 100, WINDOW = 2400 };
    begin(COUNT * WINDOW, 6, 8);
    transmit_all(COUNT, WINDOW, NULL);
    for (size_t i = 0; i < air.n - 2; i++) {
        if (!hz_rng_chance(&air.rng, 40.0 / RATE))
            continue;
        double angle = hz_rng_between(&air.rng, 0, 2 * pi);
        for (size_t k = 0; k < 2; k++) {
            air.iq[2 * (i + k)] += (float)(4.5 * cos(angle));
            air.iq[2 * (i + k) + 1] += (float)(4.5 * sin(angle));
        }
    }
    detect(0, 480);
    cr_expect_eq(right(), air.heard_n);
    cr_expect_geq(right(), 93, "%zu of %d", right(), COUNT);
}

/* A carrier that never pauses, modulated with a tone, 10 dB below strong bursts: it opens the gate
 * with each cycle of the tone, more often than bursts may be searched for. */
Test(ais_air, a_carrier_on_the_channel)
{
    enum { COUNT = 40, WINDOW = 9600 };
    begin(COUNT * WINDOW, 25, 9);
    transmit_all(COUNT, WINDOW, NULL);
    for (size_t i = 0; i < air.n; i++) {
        double t = (double)i / RATE, amplitude = 0.316 * (1 + 0.9 * sin(2 * pi * 450 * t));
        air.iq[2 * i] += (float)(amplitude * cos(2 * pi * 300 * t));
        air.iq[2 * i + 1] += (float)(amplitude * sin(2 * pi * 300 * t));
    }
    detect(0, 480);
    cr_expect_eq(right(), air.heard_n);
    cr_expect_eq(right(), COUNT, "%zu of %d", right(), COUNT);
}

Test(ais_air, strength_is_evened_out_and_sparks_are_cut)
{
    enum { N = 1203 };
    static float in[2 * N], out[2 * N], strength[N / HZ_AIS_BIT + 1];
    for (int i = 0; i < N; i++) { /* silence, then strong, then ten times weaker */
        float a = i < 200 ? 0 : i < 600 ? 0.5f : 0.05f;
        in[2 * i] = a * cosf(0.1f * (float)i);
        in[2 * i + 1] = a * sinf(0.1f * (float)i);
    }
    in[2 * 900] = 3;
    hz_ais_even(in, 0, N, out, strength);
    for (int i = 0; i < N; i++) {
        double a = hypot((double)out[2 * i], (double)out[2 * i + 1]);
        if (i < 160 || i == 900)
            cr_expect_eq(a, 0, "%d", i);
        else if ((i > 240 && i < 560) || (i > 640 && i < 860) || i > 940)
            cr_expect_float_eq(a, 1, 1e-5, "%d: %g", i, a);
    }
    cr_expect_float_eq((double)strength[400 / HZ_AIS_BIT], 0.5, 1e-5);
    cr_expect_float_eq((double)strength[1200 / HZ_AIS_BIT], 0.05, 1e-5);
}

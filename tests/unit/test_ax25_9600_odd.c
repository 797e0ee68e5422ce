/* Transmitters of 9600 baud as they are: clocks, deviations, pulses and carriers that are off, what
 * lies around a packet, long ones. The modulator is the test's own; flags, scrambler and bits are
 * the simulator's. */
#include "proto/packet/g3ruh/detect.h"
#include "sim/rng.h"
#include "tests/unit/packets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_g3ruh_decoder;

enum { RATE = HZ_G3RUH_RATE_HZ, KNOTS = 16, MOST_LEN = 2100 };
enum pulse { RECTANGULAR, BT_1, BT_05, BT_03, COSINE, RAISED_COSINE, PULSES };

static const double PI = 3.14159265358979323846;

struct odd {
    double snr_db, deviation_hz, clock, carrier_hz, drift_hz_s;
    double ahead_s;  /* of carrier */
    double talk_hz;  /* deviation of that, when it is modulated by something else */
    double behind_s; /* of carrier */
    double chirp_hz; /* off at key-up, gone with a time constant of 20 ms */
    double dc;       /* amplitude, beside the packet's 1 */
    enum pulse pulse;
    unsigned flags, frames;
    size_t len; /* bytes of a frame */
};

static const struct odd book = {
    .snr_db = 6, .deviation_hz = 3000, .pulse = BT_05, .flags = 40, .frames = 1, .len = 60};

/* Frequency of one bit, t bits from its middle. */
static double shape(enum pulse pulse, double t)
{
    static const double bt[PULSES] = {[BT_1] = 1, [BT_05] = 0.5, [BT_03] = 0.3};
    double k = PI * bt[pulse] * sqrt(2 / log(2)), below = 1 - t * t;
    switch (pulse) {
    case RECTANGULAR:
        return fabs(t) < 0.5;
    case COSINE:
        return fabs(t) < 1 ? 0.5 + 0.5 * cos(PI * t) : 0;
    case RAISED_COSINE: /* roll-off 1/2 */
        t += 1e-6;
        below = 1 - t * t;
        return sin(PI * t) / (PI * t) * cos(PI * t / 2) / below;
    default:
        return (erf(k * (t + 0.5)) - erf(k * (t - 0.5))) / 2;
    }
}

static size_t frame_of(const struct odd *o, struct hz_rng *rng, uint8_t *frame)
{
    static const char *const head = "SP2XYZ-9>APRX29,WIDE1-1:>";
    size_t n = hz_sim_ax25(head, frame);
    while (n < o->len)
        frame[n++] = (uint8_t)(33 + hz_rng_below(rng, 90));
    return n;
}

/* Frequency along a transmission, at KNOTS a bit. */
static void modulate(const struct odd *o, const uint8_t *frame, size_t len,
                     struct hz_sim_track *track)
{
    const struct hz_sim_fsk plain = {9600, 1, 20, 0}; /* levels of +-1 */
    const struct hz_sim_packet packet = {frame, len, o->flags, o->frames};
    struct hz_sim_track levels;
    cr_assert_eq(hz_sim_packet_g3ruh(&packet, &plain, &levels), 0);
    size_t knots = (size_t)(levels.rate_hz / 9600), bits = levels.n / knots;
    size_t ahead = (size_t)(o->ahead_s * 9600 * KNOTS);
    size_t behind = (size_t)(o->behind_s * 9600 * KNOTS);
    cr_assert_eq(hz_sim_track_init(track, 9600 * KNOTS, ahead + bits * KNOTS + behind), 0);
    for (size_t i = 0; i < ahead; i++) {
        double t = (double)i / (9600 * KNOTS);
        track->freq_hz[i] = (float)(o->talk_hz * sin(2 * PI * 800 * t) * sin(2 * PI * 3 * t));
    }
    for (size_t i = 0; i < bits * KNOTS; i++) {
        double sum = 0;
        for (int j = -4; j <= 4; j++) {
            long k = (long)(i / KNOTS) + j;
            if (k >= 0 && k < (long)bits)
                sum += (double)levels.freq_hz[(size_t)k * knots + knots / 2] *
                       shape(o->pulse, ((double)(i % KNOTS) + 0.5) / KNOTS - 0.5 - j);
        }
        track->freq_hz[ahead + i] = (float)(o->deviation_hz * sum);
    }
    for (size_t i = 0; i < track->n; i++)
        track->freq_hz[i] += (float)(o->chirp_hz * exp(-(double)i / (0.02 * 9600 * KNOTS)));
    hz_sim_track_done(&levels);
    hz_sim_track_drift(track, o->drift_hz_s);
}

/* Whether every frame of one such transmission comes out, and nothing else; `shed` adds up. */
static bool is_heard(const struct odd *o, uint64_t seed, size_t *shed)
{
    static struct rig heard;
    static uint8_t frame[MOST_LEN];
    struct hz_rng rng;
    struct hz_noise noise;
    struct hz_sim_track track;
    hz_rng_init(&rng, seed, 1);
    hz_noise_init(&noise, seed);
    size_t len = frame_of(o, &rng, frame);
    modulate(o, frame, len, &track);
    struct hz_sim_burst burst = {12000 + hz_rng_between(&rng, 0, 5), 1, o->carrier_hz,
                                 hz_rng_between(&rng, 0, 1), 1 / (1 + o->clock)};
    size_t n = 24000 + (size_t)hz_sim_track_samples(&track, &burst, RATE);
    float *iq = malloc(2 * n * sizeof *iq);
    hz_noise_fill(&noise, iq, n, (float)sqrt(RATE / 25e3 / pow(10, o->snr_db / 10) / 2));
    struct hz_span span = {iq, n, 0, RATE};
    hz_sim_track_add(&track, &burst, &span);
    hz_sim_track_done(&track);
    for (size_t i = 0; i < n; i++)
        iq[2 * i] += (float)o->dc;
    rig_decode(&heard, &hz_g3ruh_decoder, NULL, &(struct hz_samples){HZ_CF32, iq, n, 0}, n);
    free(iq);
    *shed += (size_t)heard.sink.count[HZ_SHED];
    bool all = heard.n == o->frames;
    for (size_t i = 0; i < heard.n; i++)
        all = all && heard.message[i].burst.raw_len == len &&
              memcmp(heard.message[i].burst.raw, frame, len) == 0;
    return all;
}

/* Of `sent` transmissions at least that many are heard, and nothing is shed. */
static void expect_heard(const struct odd *o, unsigned sent, unsigned least, const char *what)
{
    unsigned heard = 0;
    size_t shed = 0;
    for (unsigned i = 0; i < sent; i++)
        heard += is_heard(o, 100 + i, &shed);
    cr_expect_geq(heard, least, "%s: %u of %u", what, heard, sent);
    cr_expect_eq(shed, 0, "%s: shed %zu", what, shed);
}

enum { SENT = 8 };

Test(ax25_9600_odd, clocks, .timeout = 60)
{
    static const double off[] = {0.0005, -0.001, 0.002, -0.0035, 0.005, -0.005, 0.01, -0.01};
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        struct odd o = book;
        char what[40];
        o.clock = off[i];
        snprintf(what, sizeof what, "clock %g", off[i]);
        expect_heard(&o, SENT, SENT, what);
    }
}

Test(ax25_9600_odd, deviations, .timeout = 60)
{
    static const struct {
        double hz, snr_db;
    } at[] = {{1200, 15}, {1500, 10}, {2200, 6}, {2700, 6}, {3800, 6}, {4500, 10}, {5000, 12}};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        struct odd o = book;
        char what[40];
        o.deviation_hz = at[i].hz;
        o.snr_db = at[i].snr_db;
        snprintf(what, sizeof what, "deviation %g", at[i].hz);
        expect_heard(&o, SENT, SENT, what);
    }
}

Test(ax25_9600_odd, pulses, .timeout = 60)
{
    for (int p = 0; p < PULSES; p++) {
        struct odd o = book;
        char what[40];
        snprintf(what, sizeof what, "pulse %d", p);
        o.pulse = (enum pulse)p;
        expect_heard(&o, SENT, SENT, what);
        o.snr_db = 12;
        o.deviation_hz = 4500;
        expect_heard(&o, SENT, SENT, what);
    }
}

Test(ax25_9600_odd, carriers, .timeout = 60)
{
    for (int i = 0; i < 4; i++) {
        struct odd o = book;
        char what[40];
        o.carrier_hz = i & 1 ? 3000 : -3000;
        o.drift_hz_s = i & 2 ? 2000 : -2000;
        snprintf(what, sizeof what, "carrier %g, %g", o.carrier_hz, o.drift_hz_s);
        expect_heard(&o, SENT, SENT, what);
    }
}

/* As transmitters with a slow power control, and radios with a voice memo, send them. */
Test(ax25_9600_odd, what_is_ahead_of_a_packet, .timeout = 120)
{
    static const double ahead_s[] = {0.1, 0.2, 0.5, 1.1, 2};
    for (size_t i = 0; i < sizeof ahead_s / sizeof ahead_s[0]; i++) {
        struct odd o = book;
        char what[40];
        o.ahead_s = ahead_s[i];
        o.snr_db = 9;
        snprintf(what, sizeof what, "carrier of %g s", o.ahead_s);
        expect_heard(&o, SENT, SENT, what);
        o.carrier_hz = -1400;
        o.clock = 0.003;
        expect_heard(&o, SENT, SENT, what);
    }
    struct odd o = book;
    o.ahead_s = 0.8;
    o.talk_hz = 2000;
    o.snr_db = 12;
    unsigned heard = 0;
    size_t shed = 0;
    for (unsigned i = 0; i < 2 * SENT; i++)
        heard += is_heard(&o, 100 + i, &shed);
    cr_expect_geq(heard, 2 * SENT - 2, "voice: %u of %u", heard, 2 * SENT);
}

/* The carrier lies at 0 Hz, where a receiver's direct voltage does too. */
Test(ax25_9600_odd, what_is_behind_a_packet, .timeout = 60)
{
    static const double behind_s[] = {0.02, 0.1, 0.6};
    for (size_t i = 0; i < sizeof behind_s / sizeof behind_s[0]; i++) {
        struct odd o = book;
        char what[40];
        o.behind_s = behind_s[i];
        o.snr_db = 10;
        snprintf(what, sizeof what, "carrier of %g s behind", o.behind_s);
        expect_heard(&o, 2 * SENT, 2 * SENT, what);
    }
}

Test(ax25_9600_odd, chirps_at_key_up, .timeout = 60)
{
    for (int i = 0; i < 2; i++) {
        struct odd o = book;
        char what[40];
        o.flags = 60;
        o.snr_db = 12;
        o.chirp_hz = i ? 1500 : -1500;
        snprintf(what, sizeof what, "chirp of %g Hz", o.chirp_hz);
        expect_heard(&o, 2 * SENT, 2 * SENT, what);
    }
}

Test(ax25_9600_odd, direct_voltage, .timeout = 60)
{
    static const double dc[] = {0.3, 1, 2};
    for (size_t i = 0; i < sizeof dc / sizeof dc[0]; i++) {
        struct odd o = book;
        char what[40];
        o.dc = dc[i];
        o.snr_db = 10;
        snprintf(what, sizeof what, "direct voltage %g", o.dc);
        expect_heard(&o, SENT, SENT, what);
        o.carrier_hz = 700;
        expect_heard(&o, SENT, SENT, what);
    }
}

Test(ax25_9600_odd, preambles_and_several_frames, .timeout = 60)
{
    static const unsigned flags[] = {6, 12, 25, 120, 400};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct odd o = book;
        char what[40];
        o.flags = flags[i];
        o.snr_db = 8;
        o.clock = -0.004;
        snprintf(what, sizeof what, "%u flags", o.flags);
        expect_heard(&o, SENT, SENT, what);
        o.frames = 7;
        o.snr_db = 10;
        expect_heard(&o, SENT, SENT, what);
    }
}

/* As long as the frame layer takes them; the clock must be followed through all of it. */
Test(ax25_9600_odd, long_frames, .timeout = 60)
{
    struct odd o = book;
    o.len = (int)HZ_AX25_FRAME_MAX < (int)MOST_LEN ? (int)HZ_AX25_FRAME_MAX : (int)MOST_LEN;
    o.snr_db = 10;
    o.clock = 0.005;
    o.drift_hz_s = 500;
    expect_heard(&o, SENT, SENT, "long frame");
    o.clock = -0.008;
    o.carrier_hz = 2000;
    expect_heard(&o, SENT, SENT, "long frame");
}

/* All at once, at random. */
Test(ax25_9600_odd, everything_mixed, .timeout = 120)
{
    static const struct {
        double snr_db;
        unsigned least;
    } at[] = {{3, 54}, {6, 59}, {20, 60}};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        unsigned heard = 0;
        size_t shed = 0;
        for (unsigned k = 0; k < 60; k++) {
            struct hz_rng r;
            struct odd o = book;
            hz_rng_init(&r, 900 + k, 2);
            o.snr_db = at[i].snr_db;
            o.clock = hz_rng_between(&r, -0.005, 0.005);
            o.deviation_hz = hz_rng_between(&r, 2200, 3800);
            o.pulse = (enum pulse)hz_rng_below(&r, PULSES);
            o.carrier_hz = hz_rng_between(&r, -3000, 3000);
            o.drift_hz_s = hz_rng_between(&r, -1000, 1000);
            o.len = 36 + hz_rng_below(&r, 50);
            heard += is_heard(&o, 5000 + k, &shed);
        }
        cr_expect_geq(heard, at[i].least, "%g dB: %u of 60", at[i].snr_db, heard);
        cr_expect_eq(shed, 0, "%g dB: shed %zu", at[i].snr_db, shed);
    }
}

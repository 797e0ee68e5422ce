/* Packet radio at 1200 baud from transmitters as they are: off in clock, tones and deviation, with
 * something under, ahead of or behind the packets; as IQ and as audio. The signals are made here.
 */
#include "proto/packet/bell202/detect.h"
#include "sim/ax25.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "sim/rng.h"
#include "tests/unit/packets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = HZ_BELL202_RATE_HZ, PACKETS = 4, BITS = 8192, MOST = 20 * RATE };

static const double two_pi = 6.28318530717958647692;

/* A transmitter. What is 0 is usual: 1200 baud, 1200 and 2200 Hz, 3 kHz, 40 flags, one packet. */
struct odd {
    const char *what;
    double baud, mark_hz, space_hz, deviation_hz, twist_db; /* the space tone over the mark */
    double under_hz, under_deviation_hz; /* a tone under all of it; with its third harmonic */
    bool square;                         /* it is digital squelch: levels of that rate instead */
    double ahead_s, behind_s;            /* bare carrier */
    double voice_s, chirp_hz;            /* ahead; how far the carrier is off as it comes up */
    double offset_hz;
    unsigned flags, zeros, frames; /* bytes of 0 in place of flags */
};

extern const struct hz_decoder hz_bell202_decoder;

static struct rig heard;
static float hertz[MOST]; /* what the transmitter's carrier is off */
static float iq[2 * MOST], noise[2 * MOST];
static struct hz_rng rng;

static double or_usual(double value, double usual)
{
    return value != 0 ? value : usual;
}

/* The bits of transmission i, as levels. */
static size_t levels_of(const struct odd *o, unsigned i, float *level)
{
    static uint8_t bit[BITS];
    uint8_t frame[HZ_SIM_AX25_MAX];
    struct hz_sim_bits bits = {bit, 0, BITS};
    for (unsigned k = 0; k < o->zeros; k++)
        hz_sim_bits_put(&bits, 8, 0);
    for (unsigned k = 0; k < (o->zeros ? 1 : or_usual(o->flags, 40)); k++)
        hz_sim_bits_put(&bits, 8, 0x7e);
    for (unsigned k = 0; k < or_usual(o->frames, 1); k++) {
        char text[96];
        snprintf(text, sizeof text, "OE7XYZ-%u>APZ123,WIDE2-%u:>battery %u.%u V, all is well", i,
                 1 + k, 11 + i, k);
        hz_sim_hdlc_frame(&bits, frame, hz_sim_ax25(text, frame));
    }
    hz_sim_bits_put(&bits, 8, 0x7e);
    hz_sim_nrzi(&bits, level);
    return bits.n;
}

/* Transmission i behind hertz[n], and its length then. */
static size_t transmit(const struct odd *o, unsigned i, size_t n)
{
    static float level[BITS];
    size_t bits = levels_of(o, i, level), begin = n;
    double step = or_usual(o->baud, 1200) / RATE, phase = 0,
           deviation = or_usual(o->deviation_hz, 3000);
    double mark_hz = or_usual(o->mark_hz, 1200), space_hz = or_usual(o->space_hz, 2200);
    float murmur = 0;
    for (size_t k = 0; k < (size_t)(o->voice_s * RATE); k++) {
        murmur += 0.3f * ((float)hz_rng_between(&rng, -1, 1) - murmur);
        hertz[n++] = 6000 * murmur * (float)fabs(sin(two_pi * 2.1 * (double)k / RATE));
    }
    n += (size_t)(o->ahead_s * RATE);
    for (double at = 0; at < (double)bits; at += step) {
        bool mark = level[(size_t)at] > 0;
        phase += two_pi * (mark ? mark_hz : space_hz) / RATE;
        hertz[n++] = (float)(deviation * pow(10, (mark ? -1 : 1) * o->twist_db / 40) * sin(phase));
    }
    n += (size_t)(o->behind_s * RATE);
    for (size_t k = begin; k < n; k++) {
        double t = (double)(k - begin) / RATE, angle = two_pi * o->under_hz * t;
        unsigned code = 0x2a5ce7u >> (unsigned)(t * o->under_hz) % 23 & 1;
        double under = o->square ? (code ? 1 : -1) : sin(angle) + 0.2 * sin(3 * angle);
        hertz[k] += (float)(o->under_deviation_hz * under + o->chirp_hz * exp(-t / 0.02));
    }
    return n;
}

/* PACKETS transmissions on the air at power 1; the samples. Noise of that SNR in half the rate. */
static size_t make(const struct odd *o, double snr_db)
{
    struct hz_noise source;
    size_t n = RATE / 2;
    hz_rng_init(&rng, 41, 1);
    memset(hertz, 0, sizeof hertz);
    memset(iq, 0, sizeof iq);
    for (unsigned i = 0; i < PACKETS; i++) {
        size_t begin = n;
        double phase = 0.3 * i;
        n = transmit(o, i, n);
        cr_assert_lt(n, MOST - RATE, "%s", o->what);
        for (size_t k = begin; k < n; k++) {
            phase += two_pi * ((double)hertz[k] + o->offset_hz) / RATE;
            iq[2 * k] = (float)cos(phase);
            iq[2 * k + 1] = (float)sin(phase);
        }
        n += (size_t)(0.23 * RATE) + 37 * i;
    }
    hz_noise_init(&source, 17);
    hz_noise_fill(&source, noise, n, (float)sqrt(1 / pow(10, snr_db / 10)));
    for (size_t k = 0; k < 2 * n; k++)
        iq[k] += noise[k];
    return n;
}

static void hear_iq(size_t n)
{
    rig_decode(&heard, &hz_bell202_decoder, NULL, &(struct hz_samples){HZ_CF32, iq, n, 0}, 480);
}

static void hear_audio(size_t n, float sigma_hz)
{
    static float audio[MOST];
    struct hz_setup setup = rig_setup(&hz_bell202_decoder);
    setup.audio = true;
    for (size_t k = 0; k < n; k++)
        audio[k] = hertz[k] + sigma_hz * noise[k];
    rig_decode(&heard, &hz_bell202_decoder, &setup, &(struct hz_samples){HZ_F32, audio, n, 0}, n);
}

/* Of how many transmissions all frames were heard; each frame counts once. */
static size_t complete(const struct odd *o)
{
    unsigned seen[PACKETS] = {0};
    for (size_t i = 0; i < heard.n; i++) {
        const uint8_t *raw = heard.message[i].burst.raw;
        unsigned ssid = raw[13] >> 1 & 15, frame = (raw[20] >> 1 & 15) - 1u;
        cr_assert(ssid < PACKETS && frame < 8, "%s: wrong", o->what);
        seen[ssid] |= 1u << frame;
    }
    size_t all = 0;
    for (unsigned i = 0; i < PACKETS; i++)
        all += seen[i] == (1u << (unsigned)or_usual(o->frames, 1)) - 1;
    return all;
}

/* Each frame of IQ is told once. */
static void expect_all(const struct odd *o, double snr_db)
{
    size_t n = make(o, snr_db), frames = (size_t)or_usual(o->frames, 1);
    hear_iq(n);
    cr_expect_eq(complete(o), (size_t)PACKETS, "IQ, %s: %zu", o->what, complete(o));
    cr_expect_leq(heard.n, PACKETS * frames, "%s: %zu told", o->what, heard.n);
    cr_expect_eq(heard.sink.count[HZ_SHED], 0, "%s: shed", o->what);
    hear_audio(n, 1000);
    cr_expect_eq(complete(o), (size_t)PACKETS, "audio, %s: %zu", o->what, complete(o));
}

static void expect_each(const struct odd *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect_all(&list[i], 15);
}
#define EACH(list) expect_each(list, sizeof(list) / sizeof(list)[0])

Test(aprs_odd, clocks_and_tones, .timeout = 120)
{
    static const struct odd list[] = {
        {"0.15 % fast", .baud = 1201.8},
        {"1.7 % slow, tones too", .baud = 1179.6, .mark_hz = 1179.6, .space_hz = 2162.6},
        {"1 % fast, tones 2 % low", .baud = 1212, .mark_hz = 1176, .space_hz = 2156},
        {"1110 baud", .baud = 1110},
        {"1110 baud, tones scaled", .baud = 1110, .mark_hz = 1110, .space_hz = 2035},
        {"1290 baud", .baud = 1290},
        {"1160 baud, tones scaled", .baud = 1160, .mark_hz = 1160, .space_hz = 2126},
        {"1200 and 2400 Hz", .space_hz = 2400},
        {"1200 and 2400 Hz, 1.5 % slow", .baud = 1182, .space_hz = 2400},
        {"tones 5 % high", .mark_hz = 1260, .space_hz = 2310},
        {"tones 5 % low", .mark_hz = 1140, .space_hz = 2090},
        {"mark and space exchanged", .mark_hz = 2200, .space_hz = 1200},
    };
    EACH(list);
}

Test(aprs_odd, deviation_and_emphasis, .timeout = 120)
{
    static const struct odd list[] = {
        {"1.5 kHz", .deviation_hz = 1500},
        {"5.3 kHz", .deviation_hz = 5300},
        {"6.5 kHz", .deviation_hz = 6500},
        {"12 dB up", .twist_db = 12, .deviation_hz = 2500},
        {"12 dB down", .twist_db = -12, .deviation_hz = 2500},
        {"3 kHz off", .offset_hz = 3000, .deviation_hz = 2500},
    };
    EACH(list);
}

Test(aprs_odd, under_the_packet, .timeout = 120)
{
    static const struct odd list[] = {
        {"71.9 Hz", .under_hz = 71.9, .under_deviation_hz = 250},
        {"110.9 Hz", .under_hz = 110.9, .under_deviation_hz = 500},
        {"192.8 Hz", .under_hz = 192.8, .under_deviation_hz = 800},
        {"250.3 Hz", .under_hz = 250.3, .under_deviation_hz = 650},
        {"digital squelch", .under_hz = 134.4, .under_deviation_hz = 500, .square = true},
        {"mains of 50 Hz", .under_hz = 50, .under_deviation_hz = 700},
        {"mains of 60 Hz", .under_hz = 60, .under_deviation_hz = 400},
    };
    EACH(list);
}

Test(aprs_odd, around_the_packet, .timeout = 120)
{
    static const struct odd list[] = {
        {"carrier of 0.15 s ahead", .ahead_s = 0.15},
        {"carrier of 1.9 s ahead", .ahead_s = 1.9},
        {"carrier of 0.8 s behind", .behind_s = 0.8},
        {"voice ahead", .voice_s = 0.7},
        {"a chirp", .chirp_hz = 2500},
        {"five in one", .frames = 5},
        {"three flags", .flags = 3},
        {"zeros ahead", .zeros = 25},
    };
    EACH(list);
}

Test(aprs_odd, many_errors_at_once, .timeout = 60)
{
    static const struct odd list[] = {
        {"slow", 1182, 1219, 2236, 2200, -6, 88.5, 450, false, .ahead_s = 0.6, .flags = 22},
        {"quick", 1221, 1188, 2178, 4600, 7, 131.8, 600, false, .ahead_s = 0.2, .flags = 30},
        {"2400 Hz", 1211, 1183, 2366, 3500, 5, 203.5, 350, false, .ahead_s = 0.9, .flags = 25},
    };
    EACH(list);
}

/* The levels of a frame that only its audio gave. */
Test(aprs_odd, levels_are_those_of_the_iq, .timeout = 60)
{
    static const struct odd o = {"off", .baud = 1170, .offset_hz = 640, .under_hz = 100,
                                 .under_deviation_hz = 600};
    hear_iq(make(&o, 15));
    cr_expect_eq(complete(&o), (size_t)PACKETS);
    for (size_t i = 0; i < heard.n; i++) {
        const struct hz_burst *b = &heard.message[i].burst;
        cr_expect_float_eq(b->rssi_dbfs, 0, 0.5, "%f", (double)b->rssi_dbfs);
        cr_expect_float_eq(b->snr_db, 15, 1, "%f", (double)b->snr_db);
        cr_expect_float_eq(b->offset_hz, 640, 60, "%f", (double)b->offset_hz);
    }
}

/* A weaker transmitter of another packet on the same channel all the time. */
Test(aprs_odd, a_second_transmitter_6_db_weaker, .timeout = 60)
{
    static const struct odd o = {.what = "the stronger"},
                            other = {.what = "the weaker", .frames = 7};
    static float second[2 * MOST];
    size_t n = make(&other, 60);
    memcpy(second, iq, sizeof second);
    n = make(&o, 15) > n ? n : make(&o, 15);
    for (size_t k = 0; k < 2 * n; k++)
        iq[k] += 0.45f * second[k];
    hear_iq(n);
    unsigned seen = 0;
    for (size_t i = 0; i < heard.n; i++)
        seen |= 1u << (heard.message[i].burst.raw[13] >> 1 & 15);
    cr_expect_eq(seen, 15u, "%x", seen);
}

/* A receiver's own carrier in the channel's middle, 8 dB under the packet. */
Test(aprs_odd, a_steady_carrier_in_the_middle, .timeout = 60)
{
    static const struct odd o = {"clean", .offset_hz = 400};
    size_t n = make(&o, 15);
    for (size_t k = 0; k < n; k++)
        iq[2 * k] += 0.4f;
    hear_iq(n);
    cr_expect_eq(complete(&o), (size_t)PACKETS, "%zu", complete(&o));
}

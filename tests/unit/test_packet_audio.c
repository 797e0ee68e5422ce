/* Packet radio out of audio: modems of the simulator's bits made here, in noise, bent, cut anyhow;
 * recordings off the air (HZ_SHARED, default ../shared). */
#include "dsp/audio_in.h"
#include "proto/decoder.h"
#include "proto/packet/bell202/audio.h"
#include "proto/packet/g3ruh/audio.h"
#include "sim/ax25.h"
#include "sim/hdlc.h"
#include "sim/noise.h"
#include "tests/unit/packets.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_bell202_decoder, hz_g3ruh_decoder;

enum { BITS = 4096, PACKETS = 6, MOST = 1 << 20 };

static const double two_pi = 6.28318530717958647692;
static struct rig heard, again;
static float audio[MOST];

struct modem {
    double rate_hz, baud, tones; /* tones: what Bell 202's are multiplied by, 0: levels instead */
};

static const struct modem bell = {HZ_BELL202_AUDIO_IN_HZ, 1200, 1};
static const struct modem levels = {HZ_G3RUH_AUDIO_HZ, 9600, 0};

/* Packet number i behind audio[n]; the length then. */
static size_t add_packet(const struct modem *m, unsigned i, size_t n)
{
    static uint8_t bit[BITS];
    static float symbol[BITS];
    char text[64];
    uint8_t frame[HZ_SIM_AX25_MAX];
    struct hz_sim_bits bits = {bit, 0, BITS};
    snprintf(text, sizeof text, "DL1ABC-%u>APRS:>packet number %u of a row", i, i);
    for (int flag = 0; flag < 30; flag++)
        hz_sim_bits_put(&bits, 8, 0x7e);
    hz_sim_hdlc_frame(&bits, frame, hz_sim_ax25(text, frame));
    hz_sim_bits_put(&bits, 16, 0x7e7e);
    if (m->tones == 0)
        hz_sim_scramble_g3ruh(&bits);
    hz_sim_nrzi(&bits, symbol);
    double phase = 0;
    for (double at = 0; at < (double)bits.n && n < MOST; at += m->baud / m->rate_hz) {
        float s = symbol[(size_t)at];
        phase += two_pi * m->tones * (s > 0 ? 1200 : 2200) / m->rate_hz;
        audio[n++] = m->tones == 0 ? s : (float)sin(phase);
    }
    return n;
}

/* PACKETS of a signal of about rms 1 and Gaussian noise all the time; returns the samples. */
static size_t make(const struct modem *m, float sigma)
{
    static float noise[MOST];
    struct hz_noise source;
    size_t n = (size_t)(m->rate_hz / 10);
    memset(audio, 0, sizeof audio);
    for (unsigned i = 0; i < PACKETS; i++)
        n = add_packet(m, i, n) + (size_t)(m->rate_hz * (0.05 + 0.0123 * i));
    hz_noise_init(&source, 77);
    hz_noise_fill(&source, noise, n / 2, sigma);
    for (size_t i = 0; i + 1 < n; i++)
        audio[i] += noise[i];
    return n;
}

/* Pushes of `cut` samples; 0: of all sizes. */
static void hear(const struct modem *m, size_t n, size_t cut, struct rig *r)
{
    const struct hz_decoder *d = m->tones != 0 ? &hz_bell202_decoder : &hz_g3ruh_decoder;
    struct hz_setup setup = rig_setup(d);
    setup.audio = true;
    rig_decode(r, d, &setup, &(struct hz_samples){HZ_F32, audio, n, 1000}, cut);
}

/* How many different packets were heard; all must be some that were sent. */
static size_t right(const struct rig *h)
{
    unsigned seen = 0;
    for (size_t i = 0; i < h->n; i++) {
        unsigned ssid = h->message[i].burst.raw[13] >> 1 & 15,
                 last = h->message[i].burst.raw[31] - '0';
        cr_expect(ssid < PACKETS && last == ssid, "ssid %u, number %u", ssid, last);
        seen |= 1u << ssid;
    }
    return (size_t)__builtin_popcount(seen);
}

static void expect_all(const struct modem *m, size_t n, const char *what)
{
    hear(m, n, 480, &heard);
    cr_expect_eq(right(&heard), (size_t)PACKETS, "%s: %zu", what, right(&heard));
}

/* Eb/N0: signal of power 1/2 (tones) or 1 over noise of sigma^2 in rate/2. */
static float sigma_at(const struct modem *m, double ebn0_db)
{
    double power = m->tones != 0 ? 0.5 : 1;
    return (float)sqrt(power * m->rate_hz / 2 / m->baud / pow(10, ebn0_db / 10));
}

Test(packet_audio, heard_in_noise_however_it_is_cut, .timeout = 60)
{
    static const struct modem *const both[] = {&bell, &levels};
    static const size_t cuts[] = {0, 1, 7777};
    for (size_t i = 0; i < 2; i++) {
        size_t n = make(both[i], sigma_at(both[i], 8.5));
        expect_all(both[i], n, "8.5 dB");
        for (size_t k = 0; k < 3; k++) {
            hear(both[i], n, cuts[k], &again);
            rig_expect_same(&again, &heard);
        }
    }
}

Test(packet_audio, clocks_and_tones_may_be_off, .timeout = 60)
{
    static const struct modem off[] = {
        {HZ_BELL202_AUDIO_IN_HZ, 1200 * 1.02, 1}, {HZ_BELL202_AUDIO_IN_HZ, 1200 * 0.98, 1},
        {HZ_BELL202_AUDIO_IN_HZ, 1200, 1.02},     {HZ_BELL202_AUDIO_IN_HZ, 1200, 0.98},
        {HZ_G3RUH_AUDIO_HZ, 9600 * 1.01, 0},      {HZ_G3RUH_AUDIO_HZ, 9600 * 0.99, 0}};
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        char what[64];
        snprintf(what, sizeof what, "%g baud, tones %g", off[i].baud, off[i].tones);
        expect_all(&off[i], make(&off[i], sigma_at(&off[i], 12)), what);
    }
}

/* One pole's emphasis or its opposite, a direct voltage, any level, either way up. */
Test(packet_audio, bent_audio_is_heard, .timeout = 60)
{
    static const float zeros[] = {0.95f, 0}, poles[] = {0, 0.95f};
    for (size_t k = 0; k < 2; k++) {
        size_t n = make(&bell, sigma_at(&bell, 12));
        for (size_t i = 1, was = 0; i < n; i++) {
            float x = audio[i];
            static float before;
            audio[i] = x - zeros[k] * (i > 1 ? before : 0) + poles[k] * audio[was];
            before = x;
            was = i;
        }
        for (size_t i = 0; i < n; i++)
            audio[i] *= -0.001f;
        expect_all(&bell, n, k ? "high tones weak" : "low tones weak");
    }
    size_t n = make(&levels, sigma_at(&levels, 12));
    for (size_t i = 0; i < n; i++)
        audio[i] = -0.01f * (audio[i] + 0.3f);
    expect_all(&levels, n, "with a direct voltage");
}

/* Clicks of a discriminator: one in 10 ms, ten times the signal. */
Test(packet_audio, clicks_are_no_bits, .timeout = 60)
{
    static const struct modem *const both[] = {&bell, &levels};
    for (size_t k = 0; k < 2; k++) {
        size_t n = make(both[k], 0.05f), every = (size_t)(both[k]->rate_hz / 101);
        for (size_t i = every; i < n; i += every)
            audio[i] += i % 2 ? 10 : -10;
        expect_all(both[k], n, both[k]->tones != 0 ? "tones" : "levels");
    }
}

Test(packet_audio, noise_says_nothing, .timeout = 120)
{
    static const struct modem *const both[] = {&bell, &levels};
    struct hz_noise source;
    hz_noise_init(&source, 5);
    for (size_t k = 0; k < 2; k++) {
        hz_noise_fill(&source, audio, MOST / 2, 1);
        hear(both[k], MOST, 4096, &heard);
        cr_expect_eq(heard.n, 0);
        for (size_t i = 1; i < MOST; i++)
            audio[i] = 0.97f * audio[i - 1] + 0.03f * audio[i];
        hear(both[k], MOST, 4096, &heard);
        cr_expect_eq(heard.n, 0);
    }
}

Test(packet_audio, numbers_that_are_none_do_no_harm, .timeout = 60)
{
    static const struct modem *const both[] = {&bell, &levels};
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e38f, -1e38f, 1e-40f};
    for (size_t k = 0; k < 2; k++) {
        size_t n = make(both[k], 0.05f);
        for (size_t i = 0; i < 600; i++)
            audio[i] = bad[i % 6];
        expect_all(both[k], n, "behind them");
    }
}

/* Messages that a decoder makes of a recording of ../shared/air, or -1 where it is not there. */
static long recording(const struct hz_decoder *d, const char *name, float level)
{
    static uint8_t wav[1 << 20];
    static int16_t pcm[1 << 19];
    struct rig r = {0};
    struct hz_setup setup = rig_setup(d);
    setup.audio = true;
    char path[512], err[128];
    snprintf(path, sizeof path, "%s/air/%s.wav", capture_shared(), name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return -1;
    size_t n = (fread(wav, 1, sizeof wav, f) - 44) / 2;
    fclose(f);
    for (size_t i = 0; i < n; i++)
        pcm[i] = (int16_t)(level * (float)(int16_t)(wav[44 + 2 * i] | wav[45 + 2 * i] << 8));
    double rate_hz = wav[24] | wav[25] << 8 | wav[26] << 16;
    struct hz_audio_in *in = hz_audio_in_new(rate_hz, d->rate_hz, err, sizeof err);
    rig_start(&r, d, &setup);
    for (size_t at = 0; at < n; at += 1000) {
        struct hz_samples s = {HZ_S16, pcm + at, n - at < 1000 ? n - at : 1000, at};
        s = hz_audio_in_push(in, &s);
        rig_push(&r, &s, s.n);
    }
    rig_finish(&r);
    long found = (long)r.n;
    rig_free(&r);
    hz_audio_in_free(in);
    return found;
}

/* As many as direwolf's atest finds in them, at any level and either way up. */
Test(packet_audio, recordings_are_heard, .timeout = 120)
{
    static const struct {
        const struct hz_decoder *decoder;
        const char *name;
        long least;
    } of[] = {{&hz_bell202_decoder, "aprs/direwolf_ideal", 4},
              {&hz_bell202_decoder, "aprs/iss_packet", 1},
              {&hz_bell202_decoder, "aprs/one_packet_clicks", 1},
              {&hz_bell202_decoder, "aprs/rs41_si4032_repeater", 1},
              {&hz_bell202_decoder, "ax25/swiatowid-ax25", 2},
              {&hz_g3ruh_decoder, "ax25/az02", 1},
              {&hz_g3ruh_decoder, "ax25/ops_sat", 1},
              {&hz_g3ruh_decoder, "ax25/tigrisat", 4},
              {&hz_g3ruh_decoder, "ax25/us01", 1}};
    static const float levels_of[] = {1, -0.05f};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        for (size_t l = 0; l < 2; l++) {
            long n = recording(of[i].decoder, of[i].name, levels_of[l]);
            if (n < 0)
                cr_skip_test("needs ../shared/air");
            cr_expect_geq(n, of[i].least, "%s: %ld", of[i].name, n);
        }
    }
}

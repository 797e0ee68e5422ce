/* What the decoders of voice tell of transmitters that are not as the book has them: carriers off
 * the channel's middle, several of them, fades, tones and codes. Samples made here, of which the
 * truth is known, go straight into the decoder. */
#include "dsp/am_carrier.h"
#include "dsp/dcs.h"
#include "proto/voice/nfm.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct hz_decoder hz_am_decoder, hz_nfm_decoder;

enum { MOST = 8 * 32000 };

/* The air at one channel. */
static struct {
    double rate_hz, noise; /* noise: of I and of Q */
    size_t n;
    float x[2 * MOST];
    struct rig rig;
} air;

static double normal(void)
{
    double u = (rand() + 1.0) / (RAND_MAX + 2.0), v = (double)rand() / RAND_MAX;
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Noise so that a carrier of power 1 has `snr_db` in `width_hz`. */
static void begin(double rate_hz, double snr_db, double width_hz)
{
    air.rate_hz = rate_hz;
    air.noise = sqrt(pow(10, -snr_db / 10) * rate_hz / width_hz / 2);
    air.n = 0;
}

static size_t pause_for(double seconds)
{
    size_t first = air.n;
    for (air.n += (size_t)(seconds * air.rate_hz); first < air.n; first++) {
        air.x[2 * first] = (float)(air.noise * normal());
        air.x[2 * first + 1] = (float)(air.noise * normal());
    }
    return (size_t)(seconds * air.rate_hz);
}

/* Talk of a kind, -1 to 1: three tones that come and go with the syllables. */
static double talk(double t)
{
    double s = fabs(sin(2 * M_PI * 1.7 * t));
    return s * (sin(2 * M_PI * 410 * t) + sin(2 * M_PI * 730 * t) + sin(2 * M_PI * 1510 * t)) / 3;
}

/* AM over the last n samples; amplitude a to b and back in the middle of them. */
static void add_am(size_t n, double offset_hz, double depth, double a, double b)
{
    for (size_t i = 0; i < n; i++) {
        double t = (double)i / air.rate_hz, middle = fabs(t - (double)n / 2 / air.rate_hz);
        double fade = middle < 0.125 ? 0.5 + 0.5 * cos(2 * M_PI * middle / 0.25) : 0;
        double level = a * pow(b / a, fade) * (1 + depth * talk(t)) / sqrt(1 + depth * depth / 12);
        float *x = &air.x[2 * (air.n - n + i)];
        x[0] += (float)(level * cos(2 * M_PI * offset_hz * t));
        x[1] += (float)(level * sin(2 * M_PI * offset_hz * t));
    }
}

/* Everything through the decoder. */
static void decode(const struct hz_decoder *d, const struct hz_setup *setup)
{
    rig_decode(&air.rig, d, setup, &(struct hz_samples){HZ_CF32, air.x, air.n, 0}, 999);
}

static size_t count(void)
{
    return air.rig.n;
}

/* A field of the i-th message or of its own object; NULL where there is none. */
static const cJSON *field(size_t i, const char *name)
{
    if (i >= air.rig.n)
        return NULL;
    const cJSON *v = cJSON_GetObjectItem(air.rig.message[i].whole, name);
    return v ? v : cJSON_GetObjectItem(air.rig.message[i].own, name);
}

static double figure(size_t i, const char *name)
{
    const cJSON *v = field(i, name);
    return v ? v->valuedouble : NAN;
}

static void expect(size_t i, const char *name, double want, double within)
{
    double is = figure(i, name);
    cr_expect(fabs(is - want) <= within, "message %zu: %s %g, not %g", i, name, is, want);
}

Test(voice_figures, an_am_carrier_anywhere_in_its_channel)
{
    for (double snr = 10; snr <= 30; snr += 10) {
        for (double offset = -3900; offset <= 3900; offset += 650) {
            begin(12000, snr, 8330);
            pause_for(0.5);
            add_am(pause_for(2), offset, 0.6, 1, 1);
            pause_for(0.5);
            decode(&hz_am_decoder, &(struct hz_setup){.rate_hz = 12000});
            cr_expect_eq(count(), 1);
            expect(0, "offset_hz", offset, 10);
            expect(0, "snr_db", snr, 1);
            expect(0, "duration_s", 2, 0.03);
        }
    }
}

Test(voice_figures, offset_carriers_of_a_wide_channel)
{
    static const double offsets[] = {-8000, -7500, -5000, 2500, 5000, 7300};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        begin(32000, 15, 25000);
        pause_for(0.5);
        add_am(pause_for(1.5), offsets[i], 0.5, 1, 1);
        pause_for(0.5);
        decode(&hz_am_decoder, &(struct hz_setup){.rate_hz = 32000, .bandwidth_hz = 25000});
        cr_expect_eq(count(), 1);
        expect(0, "offset_hz", offsets[i], 10);
        expect(0, "snr_db", 15, 1);
        expect(0, "depth", 0.5, 0.2);
    }
    begin(32000, 15, 25000); /* two stations of a network at once, a third of the power in one */
    pause_for(0.5);
    size_t n = pause_for(1.5);
    add_am(n, -5000, 0.5, 1, 1);
    add_am(n, 5000, 0.5, 0.7, 0.7);
    pause_for(0.5);
    decode(&hz_am_decoder, &(struct hz_setup){.rate_hz = 32000, .bandwidth_hz = 25000});
    cr_expect_eq(count(), 1);
    expect(0, "offset_hz", -5000, 10);
    expect(0, "snr_db", 16.7, 1);
}

Test(voice_figures, depth_of_two_overs_and_of_a_fade)
{
    for (double second = 0.3; second < 4; second *= 3) {
        begin(12000, 25, 8330);
        pause_for(0.5);
        add_am(pause_for(1), 300, 0.6, 1, 1);
        pause_for(0.15);
        add_am(pause_for(1), -200, 0.6, second, second);
        pause_for(0.5);
        decode(&hz_am_decoder, &(struct hz_setup){.rate_hz = 12000});
        cr_expect_eq(count(), 1);
        expect(0, "depth", 0.55, 0.15);
    }
    for (double low = 0.03; low < 0.5; low *= 3) {
        begin(12000, 25, 8330);
        pause_for(0.5);
        add_am(pause_for(3), 0, 0.5, 1, low);
        pause_for(0.5);
        decode(&hz_am_decoder, &(struct hz_setup){.rate_hz = 12000});
        cr_expect_eq(count(), 1);
        expect(0, "depth", 0.45, 0.15);
    }
}

/* FM whose frequency is that of `talk` and of what lies below it. */
static void add_fm(size_t n, double deviation_hz, double tone_hz, uint32_t word)
{
    double phase = 0, sent = 0;
    for (size_t i = 0; i < n; i++) {
        double t = (double)i / air.rate_hz, low = tone_hz > 0 ? sin(2 * M_PI * tone_hz * t) : 0;
        if (word)
            low = word >> ((int)(134.4 * t) % 23) & 1 ? 1 : -1;
        sent += 0.07 * (low - sent);
        phase += 2 * M_PI * (700 + deviation_hz * talk(t) + 350 * sent) / air.rate_hz;
        air.x[2 * (air.n - n + i)] += (float)cos(phase);
        air.x[2 * (air.n - n + i) + 1] += (float)sin(phase);
    }
}

static const char *text(size_t i, const char *name)
{
    const char *v = cJSON_GetStringValue(field(i, name));
    return v ? v : "";
}

static void four_overs(void)
{
    begin(24000, 20, 12500);
    pause_for(0.5);
    add_fm(pause_for(1), 2000, 0, hz_dcs_word(0023));
    pause_for(0.5);
    add_fm(pause_for(1), 2000, 192.8 * 1.005, 0);
    pause_for(0.5);
    add_fm(pause_for(1), 2000, 0, ~hz_dcs_word(0754) & 0x7fffff);
    pause_for(0.5);
    add_fm(pause_for(1), 2000, 0, 0);
    pause_for(0.5);
}

Test(voice_figures, fm_with_tone_and_code)
{
    four_overs();
    decode(&hz_nfm_decoder, &(struct hz_setup){.rate_hz = 24000});
    cr_expect_eq(count(), 4);
    cr_expect_str_eq(text(0, "dcs"), "023N");
    cr_expect_str_eq(text(0, "dcs_inverted"), "047I"); /* tables of radios have both names */
    cr_expect(isnan(figure(0, "ctcss_hz")));
    cr_expect_eq(figure(1, "ctcss_hz"), 192.8);
    cr_expect_str_eq(text(1, "dcs"), "");
    cr_expect_str_eq(text(2, "dcs"), "116N");
    cr_expect_str_eq(text(3, "dcs"), "");
    cr_expect(isnan(figure(3, "ctcss_hz")));
}

/* Seconds of speech that were told. */
static double spoken(void)
{
    size_t n = 0;
    const char *p = air.rig.lines, *end = p + strlen(p), *newline;
    for (; p < end; p = newline + 1) {
        newline = memchr(p, '\n', (size_t)(end - p));
        const char *data = memmem(p, (size_t)(newline - p), "\"data\":\"", 8);
        n += data ? (size_t)(newline - data) * 3 / 4 / 2 : 0;
    }
    return (double)n / 16000;
}

Test(voice_figures, only_the_code_or_tone_that_is_wanted_and_all_of_its_speech)
{
    four_overs();
    decode(&hz_nfm_decoder,
           &(struct hz_setup){.rate_hz = 24000,
                              .options = &(struct hz_nfm_options){.dcs = hz_dcs_word(0023)}});
    cr_expect_eq(count(), 1);
    cr_expect_str_eq(text(0, "dcs"), "023N");
    expect(0, "duration_s", 1, 0.03);
    cr_expect_float_eq(spoken(), 1.1, 0.15, "%g s", spoken());
    decode(&hz_nfm_decoder,
           &(struct hz_setup){.rate_hz = 24000,
                              .options = &(struct hz_nfm_options){.dcs = hz_dcs_word(0116)}});
    cr_expect_eq(count(), 1);
    decode(&hz_nfm_decoder,
           &(struct hz_setup){.rate_hz = 24000,
                              .options = &(struct hz_nfm_options){.ctcss_hz = 192.8}});
    cr_expect_eq(count(), 1);
    cr_expect_eq(figure(0, "ctcss_hz"), 192.8);
    expect(0, "duration_s", 1, 0.03);
    cr_expect_float_eq(spoken(), 1.1, 0.15, "%g s", spoken());
    decode(&hz_nfm_decoder,
           &(struct hz_setup){.rate_hz = 24000,
                              .options = &(struct hz_nfm_options){.ctcss_hz = 189.9}});
    cr_expect_eq(count(), 0);
    cr_expect_eq(air.rig.sink.count[HZ_SANITY], 4);
}

Test(voice_figures, deviation_off_the_middle_and_over_the_rules)
{
    for (double deviation = 2500; deviation < 9000; deviation += 2500) {
        begin(24000, 30, 12500);
        pause_for(0.5);
        size_t n = pause_for(1);
        for (size_t i = 0; i < n; i++) {
            double t = (double)i / 24000, turns = deviation / 1000 * sin(2 * M_PI * 1000 * t);
            double phase = 2 * M_PI * 2000 * t + turns;
            air.x[2 * (air.n - n + i)] += (float)cos(phase);
            air.x[2 * (air.n - n + i) + 1] += (float)sin(phase);
        }
        pause_for(0.5);
        decode(&hz_nfm_decoder, &(struct hz_setup){.rate_hz = 24000});
        cr_expect_eq(count(), 1);
        expect(0, "deviation_hz", deviation, 0.05 * deviation);
        expect(0, "offset_hz", 2000, 30);
    }
}

Test(voice_figures, noise_has_no_carrier)
{
    static const struct hz_setup setups[] = {{.rate_hz = 12000},
                                             {.rate_hz = 32000, .bandwidth_hz = 25000}};
    for (int i = 0; i < 2; i++) {
        struct hz_am_carrier c;
        float most = 0;
        double width = i ? 25000 : 8330;
        size_t n = (size_t)(setups[i].rate_hz / 100);
        begin(setups[i].rate_hz, 0, width);
        pause_for(8);
        cr_assert_eq(hz_am_carrier_init(&c, setups[i].rate_hz, width), 0);
        for (size_t at = 0; at + n <= air.n; at += n)
            most = fmaxf(most, hz_am_carrier_look(&c, air.x + 2 * at).lines);
        cr_expect_lt(most, 0.4f, "a frame of noise with %g in lines", (double)most);
        hz_am_carrier_done(&c);
        decode(&hz_am_decoder, &setups[i]);
        cr_expect_eq(count(), 0);
    }
}

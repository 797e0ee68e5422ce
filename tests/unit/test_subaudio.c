/* Tones and codes below speech, against tables and equations that the decoder does not share. */
#include "dsp/ctcss.h"
#include "dsp/dcs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 24000, MOST = 3 * RATE };

static const double tones[] = {
    67.0,  69.3,  71.9,  74.4,  77.0,  79.7,  82.5,  85.4,  88.5,  91.5,  94.8,  97.4,  100.0,
    103.5, 107.2, 110.9, 114.8, 118.8, 123.0, 127.3, 131.8, 136.5, 141.3, 146.2, 151.4, 156.7,
    159.8, 162.2, 165.5, 167.9, 171.3, 173.8, 177.3, 179.9, 183.5, 186.2, 189.9, 192.8, 196.6,
    199.5, 203.5, 206.5, 210.7, 218.1, 225.7, 229.1, 233.6, 241.8, 250.3, 254.1};
enum { TONES = sizeof tones / sizeof *tones };

/* What a discriminator gives: carrier off the middle, noise, and talk: a vowel after the other, of
 * `pitch_hz` and its harmonics, each with a pitch of its own that falls. */
static size_t talk(float *x, double seconds, double hz, double pitch_hz)
{
    size_t n = (size_t)(seconds * RATE);
    double phase = 0, step = 0, swell = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % (RATE / 6) == 0)
            step = pitch_hz * (0.85 + 0.3 * rand() / RAND_MAX);
        swell = sin(M_PI * (double)(i % (RATE / 6)) / (RATE / 6));
        phase += 2 * M_PI * (step - 20.0 * (double)(i % (RATE / 6)) / (RATE / 6)) / RATE;
        x[i] = (float)(800 + 100.0 * ((double)rand() / RAND_MAX - 0.5));
        for (int k = 1; k < 8; k++)
            x[i] += (float)(hz * swell * sin(k * phase));
    }
    return n;
}

static void add_tone(float *x, size_t n, double hz, double deviation)
{
    for (size_t i = 0; i < n; i++)
        x[i] += (float)(deviation * sin(2 * M_PI * hz * (double)i / RATE + 1));
}

static double tone_of(const float *x, size_t n)
{
    struct hz_ctcss c;
    hz_ctcss_init(&c, RATE);
    hz_ctcss_push(&c, x, n);
    return hz_ctcss_tone(&c);
}

static float air[MOST];

Test(subaudio, every_tone_that_an_encoder_has_half_a_percent_off)
{
    for (int t = 0; t < TONES; t++) {
        for (int side = -1; side <= 1; side++) {
            size_t n = talk(air, 1, 300, 130);
            add_tone(air, n, tones[t] * (1 + 0.005 * side), 350);
            double tone = tone_of(air, n);
            cr_expect_eq(tone, tones[t], "%g at %+d is told as %g", tones[t], side, tone);
        }
    }
}

Test(subaudio, tones_of_a_short_transmission_and_weak_ones)
{
    int brief = 0, weak = 0;
    for (int t = 0; t < TONES; t++) {
        size_t n = talk(air, 0.3, 0, 130);
        add_tone(air, n, tones[t] * 0.996, 350);
        brief += tone_of(air, n) == tones[t];
        n = talk(air, 2, 150, 140);
        add_tone(air, n, tones[t] * 1.004, 150);
        weak += tone_of(air, n) == tones[t];
    }
    cr_expect_eq(brief, TONES);
    cr_expect_geq(weak, TONES - 2, "%d of %d", weak, TONES);
}

Test(subaudio, talk_has_neither)
{
    static const double lasts[] = {0.3, 0.5, 1, 3};
    int found = 0;
    for (int i = 0; i < 400; i++) {
        struct hz_dcs d;
        size_t n = talk(air, lasts[i % 4], 100 + 10 * (i % 40), 90 + 3 * (i % 50));
        hz_dcs_init(&d, RATE);
        hz_dcs_push(&d, air, n);
        cr_expect_eq(hz_dcs_code(&d), -1, "%d", i);
        found += tone_of(air, n) != 0;
    }
    cr_expect_leq(found, 4, "%d tones in 400 pieces of talk", found);
}

Test(subaudio, noise_where_the_carrier_fades_takes_no_tone_away)
{
    struct hz_ctcss c;
    size_t n = talk(air, 0.4, 0, 130);
    hz_ctcss_init(&c, RATE);
    add_tone(air, n, 141.3, 300);
    hz_ctcss_push(&c, air, n);
    for (size_t i = 0; i < n; i++)
        air[i] = (float)(24000.0 * ((double)rand() / RAND_MAX - 0.5));
    hz_ctcss_carrier(&c, false);
    hz_ctcss_push(&c, air, n);
    cr_expect_eq(hz_ctcss_tone(&c), 141.3);
}

/* Radios turn the tone by 120 or 180 degrees for 0.2 s before they stop. */
Test(subaudio, a_tone_that_turns_at_the_end)
{
    for (int t = 0; t < TONES; t++) {
        size_t n = talk(air, 0.75, 100, 130);
        for (size_t i = 0; i < n; i++) {
            double turn = i < n - RATE / 5 ? 0 : t % 2 ? M_PI : 2 * M_PI / 3;
            air[i] += (float)(350 * sin(2 * M_PI * tones[t] * (double)i / RATE + turn));
        }
        double tone = tone_of(air, n);
        cr_expect_eq(tone, tones[t], "%g is told as %g", tones[t], tone);
    }
}

Test(subaudio, a_tone_of_no_list_is_known_when_it_is_wanted)
{
    struct hz_ctcss c;
    size_t n = talk(air, 1, 100, 130);
    add_tone(air, n, 150.0, 350);
    cr_expect_eq(tone_of(air, n), 0, "a hundredth below 151.4");
    hz_ctcss_init(&c, RATE);
    hz_ctcss_also(&c, 150);
    hz_ctcss_push(&c, air, n);
    cr_expect_eq(hz_ctcss_tone(&c), 150);
}

/* ---- codes ------------------------------------------------------------------------------- */

static const char *const codes[] = {
    "023", "025", "026", "031", "032", "036", "043", "047", "051", "053", "054", "065", "071",
    "072", "073", "074", "114", "115", "116", "122", "125", "131", "132", "134", "143", "145",
    "152", "155", "156", "162", "165", "172", "174", "205", "212", "223", "225", "226", "243",
    "244", "245", "246", "251", "252", "255", "261", "263", "265", "266", "271", "274", "306",
    "311", "315", "325", "331", "332", "343", "346", "351", "356", "364", "365", "371", "411",
    "412", "413", "423", "431", "432", "445", "446", "452", "454", "455", "462", "464", "465",
    "466", "503", "506", "516", "523", "526", "532", "546", "565", "606", "612", "624", "627",
    "631", "632", "654", "662", "664", "703", "712", "723", "731", "732", "734", "743", "754"};
enum { CODES = sizeof codes / sizeof *codes };

static unsigned odd(unsigned bits)
{
    return (unsigned)__builtin_parity(bits);
}

/* The check bits as published equations of the code's bits C1 (the lowest) to C9. */
static uint32_t word_by_equations(unsigned c)
{
    const unsigned p[11] = {odd(c & 0x09f),  !odd(c & 0x13e), odd(c & 0x0e3), !odd(c & 0x1c6),
                            !odd(c & 0x113), !odd(c & 0x0b9), odd(c & 0x1ed), odd(c & 0x1da),
                            odd(c & 0x1b4),  !odd(c & 0x168), !odd(c & 0x04f)};
    uint32_t word = c | 0x800;
    for (int i = 0; i < 11; i++)
        word |= p[i] << (12 + i);
    return word;
}

Test(dcs, words_are_those_published)
{
    cr_expect_eq(hz_dcs_word(0023), 0x763813);
    cr_expect_eq(hz_dcs_word(0025), 0x6b7815);
    cr_expect_eq(hz_dcs_word(0047), 0x0fd827);
    cr_expect_eq(hz_dcs_word(0431), 0x6c5919);
    for (unsigned c = 0; c < 512; c++)
        cr_expect_eq(hz_dcs_word(c), word_by_equations(c), "%03o", c);
}

Test(dcs, each_word_has_one_name)
{
    for (int i = 0; i < CODES; i++) {
        unsigned code = (unsigned)strtoul(codes[i], NULL, 8);
        uint32_t word = word_by_equations(code);
        for (int k = 0; k < 23; k++) {
            cr_expect_eq(hz_dcs_name(word), (int)code);
            word = (word >> 1 | word << 22) & 0x7fffff;
        }
    }
    cr_expect_eq(hz_dcs_name(hz_dcs_word(0340)), 0023);
    cr_expect_eq(hz_dcs_name(hz_dcs_word(0766)), 0023);
    cr_expect_eq(hz_dcs_name(hz_dcs_word(0645)), 0526);
    cr_expect_eq(hz_dcs_name(hz_dcs_word(0200)), 0017, "of no list: the lowest");
    cr_expect_eq(hz_dcs_name(0x763813 ^ 0x10), -1);
}

Test(dcs, codes_are_read_as_radios_show_them)
{
    unsigned code;
    static const struct {
        const char *text;
        unsigned code;
    } good[] = {{"023N", 0023},  {"023", 0023},  {"D023N", 0023}, {"023I", 0047},
                {"d047i", 0023}, {"244I", 0025}, {"754n", 0754},  {"116I", 0754}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        cr_expect_eq(hz_dcs_parse(good[i].text, &code), 0, "%s", good[i].text);
        cr_expect_eq(code, good[i].code, "%s: %03o", good[i].text, code);
    }
    static const char *const bad[] = {"",      "23", "0231", "028N", "023X",
                                      "023NN", "D",  "N023", "88.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(hz_dcs_parse(bad[i], &code), -EINVAL, "%s", bad[i]);
}

/* Adds a code, `clock` times as fast as it should be, from somewhere within its word on. */
static void add_code(float *x, size_t n, uint32_t word, double deviation, double clock)
{
    double at = 23.0 * rand() / RAND_MAX, sent = 0;
    for (size_t i = 0; i < n; i++, at += 134.4 * clock / RATE) {
        double bit = word >> ((int)at % 23) & 1 ? deviation : -deviation;
        sent += 0.07 * (bit - sent); /* a transmitter's filter, 280 Hz */
        x[i] += (float)sent;
    }
}

static int code_of(const float *x, size_t n)
{
    struct hz_dcs d;
    hz_dcs_init(&d, RATE);
    for (size_t at = 0; at < n; at += 777)
        hz_dcs_push(&d, x + at, n - at < 777 ? n - at : 777);
    return hz_dcs_code(&d);
}

Test(dcs, every_code_in_either_polarity)
{
    for (int i = 0; i < CODES; i++) {
        unsigned code = (unsigned)strtoul(codes[i], NULL, 8), inverse;
        char name[8];
        size_t n = talk(air, 0.6, 250, 120);
        add_code(air, n, word_by_equations(code), 400, i % 2 ? 1.005 : 0.995);
        cr_expect_eq(code_of(air, n), (int)code, "%s", codes[i]);
        snprintf(name, sizeof name, "%sI", codes[i]);
        cr_assert_eq(hz_dcs_parse(name, &inverse), 0);
        n = talk(air, 0.6, 250, 120);
        add_code(air, n, ~word_by_equations(code) & 0x7fffff, 400, 1);
        cr_expect_eq(code_of(air, n), (int)inverse, "%s", name);
    }
}

Test(dcs, is_known_after_a_third_of_a_second)
{
    for (int i = 0; i < CODES; i++) {
        size_t n = talk(air, 0.34, 0, 120);
        add_code(air, n, word_by_equations((unsigned)strtoul(codes[i], NULL, 8)), 300, 1);
        cr_expect_eq(code_of(air, n), (int)strtoul(codes[i], NULL, 8), "%s", codes[i]);
    }
}

Test(dcs, tones_are_no_codes)
{
    for (int t = 0; t < TONES; t++) {
        size_t n = talk(air, 2, 100, 130);
        add_tone(air, n, tones[t], 500);
        cr_expect_eq(code_of(air, n), -1, "%g", tones[t]);
    }
    static const double others[] = {134.4, 67.2, 33.6, 50, 60, 120, 150};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t n = talk(air, 2, 0, 130);
        add_tone(air, n, others[i], 500);
        cr_expect_eq(code_of(air, n), -1, "%g", others[i]);
    }
}

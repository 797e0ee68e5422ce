/* The narrow modulators: what a track becomes at any rate and in any spans, and frames against
 * published check values. Whole bands are held against foreign decoders end to end. */
#include "sim/ax25.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/pocsag.h"
#include "sim/scene.h"
#include "sim/speech.h"
#include "sim/track.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N = 20000 };

/* A chirp from -3 to +3 kHz over 50 ms with an envelope from 0.5 to 1.5. */
static void make_chirp(struct hz_sim_track *t)
{
    cr_assert_eq(hz_sim_track_init(t, 1000, 51), 0);
    for (int i = 0; i < 51; i++) {
        t->freq_hz[i] = (float)(-3000 + 120 * i);
        t->amplitude[i] = (float)(0.5 + 0.02 * i);
    }
    hz_sim_track_seal(t);
}

Test(sim_vhf, a_track_is_what_its_formula_says_at_any_rate)
{
    static float iq[2 * N];
    struct hz_sim_track t;
    make_chirp(&t);
    double mean_square = 0.25 + 0.5 + 1.0 / 3; /* of 0.5 + u, u from 0 to 1 */
    for (double rate = 48e3; rate < 400e3; rate *= 1.7) {
        struct hz_sim_burst burst = {100.25, 0.04, 11e3, 0.3, 1.0001};
        struct hz_span span = {iq, N, 0, rate};
        memset(iq, 0, sizeof iq);
        hz_sim_track_add(&t, &burst, &span);
        double samples = hz_sim_track_samples(&t, &burst, rate), worst = 0, power = 0;
        for (size_t i = 0; i < N; i++) {
            double u = ((double)i - burst.start) / samples, re = 0, im = 0, s = samples / rate;
            if (u >= 0 && u < 1) {
                double cycles = 0.3 + 11e3 * u * s + (-3000 * u + 3000 * u * u) * s;
                double level = 0.2 * (0.5 + u) / sqrt(mean_square);
                re = level * cos(2 * M_PI * cycles);
                im = level * sin(2 * M_PI * cycles);
            }
            power += re * re + im * im;
            worst = fmax(worst, hypot((double)iq[2 * i] - re, (double)iq[2 * i + 1] - im));
        }
        cr_expect_lt(worst, 2e-4, "%g at %g", worst, rate);
        cr_expect_float_eq(power / samples, 0.04, 1e-4);
    }
    hz_sim_track_done(&t);
}

Test(sim_vhf, a_track_cut_in_spans_is_the_same)
{
    static float whole[2 * N], parts[2 * N];
    struct hz_sim_track t;
    make_chirp(&t);
    struct hz_sim_burst burst = {100.25, 0.04, -20e3, 0.3, 1};
    hz_sim_track_add(&t, &burst, &(struct hz_span){whole, N, 0, 240e3});
    for (size_t at = 0; at < N; at += 700) {
        size_t n = N - at < 700 ? N - at : 700;
        hz_sim_track_add(&t, &burst, &(struct hz_span){parts + 2 * at, n, at, 240e3});
    }
    for (size_t i = 0; i < 2 * N; i++) {
        cr_assert_float_eq(whole[i], parts[i], 1e-4);
    }
    hz_sim_track_done(&t);
}

Test(sim_vhf, gmsk_turns_a_quarter_for_every_bit)
{
    static const struct hz_sim_fsk gmsk = {9600, 2400, 0.4, 0};
    float symbols[200];
    struct hz_sim_track t;
    double cycles = 0;
    for (int i = 0; i < 200; i++) {
        symbols[i] = i % 7 < 3 || i % 11 == 0 ? 1 : -1;
        cycles += (double)symbols[i] / 4;
    }
    cr_assert_eq(hz_sim_fsk(&gmsk, symbols, 200, &t), 0);
    /* the filter carries a part of the outermost bits over the ends */
    cr_expect_float_eq(t.cycles[t.n - 1], cycles, 0.1);
    cr_expect_eq(t.n, 200 * 8 + 1);
    hz_sim_track_done(&t);
}

/* The check value of CRC-16/X-25 over "123456789" is 0x906e. */
Test(sim_vhf, hdlc_has_its_published_check_sequence_and_no_flag_inside)
{
    uint8_t bit[256], text[11] = "123456789";
    struct hz_sim_bits b = {bit, 0, sizeof bit};
    hz_sim_hdlc_frame(&b, text, 9);
    unsigned check = 0, ones = 0, data = 0;
    for (size_t i = 8; i < b.n - 8; i++) {
        cr_expect(!(bit[i] && ones == 5), "six ones inside");
        if (ones == 5) {
            ones = 0;
            continue;
        }
        ones = bit[i] ? ones + 1 : 0;
        check |= data >= 72 ? (unsigned)bit[i] << (data - 72) : 0;
        data++;
    }
    cr_expect_eq(data, 88);
    cr_expect_eq(check, 0x906e, "%04x", check);
}

Test(sim_vhf, ax25_takes_only_what_is_a_frame)
{
    static const char *const bad[] = {"",         "no frame",           "A>:text",
                                      "A:B>text", "TOOLONGCALL>B:text", "A-16>B:text"};
    uint8_t out[HZ_SIM_AX25_MAX];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(hz_sim_ax25(bad[i], out), 0, "%s", bad[i]);
    }
    char longest[600];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memcpy(longest, "A>B:", 4);
    cr_expect_eq(hz_sim_ax25(longest, out), 0);
    cr_expect_eq(hz_sim_ax25("A-1>B,C*,D-2:hi", out), 4 * 7 + 2 + 2);
}

/* ITU-R M.584: the sync word after 576 bits, and codewords of 32 bits with even parity that the
 * generator divides. */
Test(sim_vhf, pocsag_batches_are_made_of_codewords)
{
    static float symbols[HZ_SIM_POCSAG_MAX];
    static char text[2000];
    struct hz_sim_page page = {1234567, 3, 1, "A page of some length, over two batches or three"};
    size_t n = hz_sim_pocsag(&page, symbols);
    cr_assert_eq((n - 576) % (17 * 32), 0);
    for (size_t w = 0; w < (n - 576) / 32; w++) {
        uint32_t word = 0;
        for (size_t i = 0; i < 32; i++) {
            word = word << 1 | (symbols[576 + 32 * w + i] < 0);
        }
        cr_expect(w % 17 != 0 || word == 0x7cd215d8);
        uint32_t rest = word >> 1;
        for (int bit = 30; bit >= 10; bit--) {
            rest ^= rest >> bit & 1 ? 0x769u << (bit - 10) : 0;
        }
        cr_expect_eq(rest, 0, "word %zu", w);
        cr_expect_eq(__builtin_popcount(word) % 2, 0);
    }
    memset(text, '1', sizeof text - 1);
    page.text = text;
    cr_expect_leq(hz_sim_pocsag(&page, symbols), HZ_SIM_POCSAG_MAX);
}

Test(sim_vhf, speech_stays_within_its_band)
{
    enum { LEN = HZ_SIM_SPEECH_RATE_HZ };
    static float audio[LEN];
    struct hz_rng r;
    hz_rng_init(&r, 1, 1);
    hz_sim_speech(audio, LEN, &r);
    double inside = 0, outside = 0;
    float most = 0;
    for (int i = 0; i < LEN; i++) {
        most = fmaxf(most, fabsf(audio[i]));
    }
    for (int hz = 20; hz < 12000; hz += 37) {
        double re = 0, im = 0;
        for (int i = 0; i < LEN; i++) {
            re += (double)audio[i] * cos(2 * M_PI * hz * i / LEN);
            im += (double)audio[i] * sin(2 * M_PI * hz * i / LEN);
        }
        *(hz > 250 && hz < 4000 ? &inside : &outside) += re * re + im * im;
    }
    cr_expect_float_eq((double)most, 1, 1e-6);
    cr_expect_lt(outside, 0.05 * inside, "%g of %g", outside, inside);
}

struct told {
    size_t n, voices, ships;
    uint64_t last;
    bool in_order;
};

static void hear(void *ctx, const struct hz_scene_truth *t)
{
    struct told *told = ctx;
    told->n++;
    told->voices += strcmp(t->type, "speech") == 0;
    told->ships += strcmp(t->protocol, "ais") == 0;
    told->in_order &= t->sample >= told->last;
    told->last = t->sample;
}

Test(sim_vhf, truth_comes_in_order)
{
    static const char *const names[] = {"vhf", "mix"};
    for (size_t i = 0; i < 2; i++) {
        struct told told = {.in_order = true};
        struct hz_scene *s;
        cr_assert_eq(hz_scene_new(names[i], 4, &s), 0);
        size_t n = (size_t)hz_scene_about(s)->rate_hz;
        uint8_t *sink = malloc(2 * n);
        hz_scene_on_truth(s, hear, &told);
        for (int second = 0; second < 8; second++) {
            hz_scene_read(s, sink, n);
        }
        hz_scene_free(s);
        free(sink);
        cr_expect(told.in_order, "%s", names[i]);
        cr_expect_geq(told.voices, 2);
        cr_expect(told.ships >= 8 && told.ships < 80, "%zu", told.ships);
    }
}

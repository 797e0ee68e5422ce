/* The simulator against what it promises: seeds, cuts, levels, times, the shape of its noise, and
 * frames against published ones. That a foreign decoder understands it is tested end to end. */
#include "sim/fault.h"
#include "sim/modes_burst.h"
#include "sim/modes_frame.h"
#include "sim/noise.h"
#include "sim/scene.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 2400000 };

static uint8_t *record(const char *name, uint64_t seed, size_t n, size_t cut)
{
    struct hz_scene *s;
    cr_assert_eq(hz_scene_new(name, seed, &s), 0);
    uint8_t *bytes = malloc(2 * n);
    for (size_t at = 0; at < n; at += cut) {
        hz_scene_read(s, bytes + 2 * at, n - at < cut ? n - at : cut);
    }
    hz_scene_free(s);
    return bytes;
}

Test(sim, a_seed_means_the_same_bytes_however_they_are_cut)
{
    for (const struct hz_scene_info *s = hz_scenes; s->name != NULL; s++) {
        size_t n = SECOND / 10;
        uint8_t *whole = record(s->name, 7, n, n);
        uint8_t *odd = record(s->name, 7, n, 997);
        uint8_t *other = record(s->name, 8, n, n);
        cr_expect(memcmp(whole, odd, 2 * n) == 0, "%s", s->name);
        cr_expect(memcmp(whole, other, 2 * n) != 0, "%s", s->name);
        free(whole);
        free(odd);
        free(other);
    }
}

Test(sim, an_unknown_scene_is_refused)
{
    struct hz_scene *s;
    cr_expect_eq(hz_scene_new("aircarft", 1, &s), -ENOENT);
    hz_scene_free(NULL);
}

/* ---- Faults ---- */

static uint8_t *spoiled(const char *fault, size_t n, size_t cut)
{
    struct hz_scene *s;
    cr_assert_eq(hz_scene_new("vhf", 7, &s), 0);
    cr_assert_eq(hz_scene_spoil(s, fault), 0);
    uint8_t *bytes = malloc(2 * n);
    for (size_t at = 0; at < n; at += cut) {
        hz_scene_read(s, bytes + 2 * at, n - at < cut ? n - at : cut);
    }
    hz_scene_free(s);
    return bytes;
}

Test(sim, a_fault_means_the_same_bytes_however_they_are_cut)
{
    struct hz_scene *s;
    const size_t n = SECOND; /* until somebody has sent */
    uint8_t *right = record("vhf", 7, n, n);
    for (const struct hz_fault *f = hz_faults; f->name != NULL; f++) {
        uint8_t *whole = spoiled(f->name, n, n), *odd = spoiled(f->name, n, 997);
        cr_expect(memcmp(whole, odd, 2 * n) == 0, "%s", f->name);
        cr_expect(memcmp(whole, right, 2 * n) != 0, "%s", f->name);
        free(whole);
        free(odd);
    }
    free(right);
    cr_assert_eq(hz_scene_new("vhf", 7, &s), 0);
    cr_expect_eq(hz_scene_spoil(s, "cliping"), -ENOENT);
    hz_scene_free(s);
}

/* ---- Noise ---- */

Test(sim, noise_is_gaussian_and_white)
{
    enum { N = 4096, RUNS = 500 };
    static float iq[2 * N];
    double moment[5] = {0}, neighbour = 0, across = 0, beyond4 = 0, n = 0;
    struct hz_noise noise;
    hz_noise_init(&noise, 3);
    for (int run = 0; run < RUNS; run++) {
        hz_noise_fill(&noise, iq, N, 2);
        for (int i = 0; i < 2 * N; i++) {
            double x = (double)iq[i] / 2;
            for (int p = 1; p <= 4; p++) {
                moment[p] += pow(x, p);
            }
            neighbour += i >= 2 ? x * (double)iq[i - 2] / 2 : 0;
            across += i % 2 == 1 ? x * (double)iq[i - 1] / 2 : 0;
            beyond4 += fabs(x) > 4;
        }
        n += 2 * N;
    }
    /* four standard errors of each over 4.1 million values */
    cr_expect(fabs(moment[1] / n) < 4 / sqrt(n));
    cr_expect(fabs(moment[2] / n - 1) < 4 * sqrt(2 / n));
    cr_expect(fabs(moment[3] / n) < 4 * sqrt(15 / n));
    cr_expect(fabs(moment[4] / n - 3) < 4 * sqrt(96 / n));
    cr_expect(fabs(neighbour / n) < 4 / sqrt(n));
    cr_expect(fabs(across / n) < 4 / sqrt(n));
    double expected = n * erfc(4 / sqrt(2));
    cr_expect(fabs(beyond4 - expected) < 4 * sqrt(expected), "%g of %g", beyond4, expected);
}

/* ---- Levels and times: what the truth says against what the samples hold ---- */

static double power_of(const float *iq, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < 2 * n; i++) {
        sum += (double)iq[i] * (double)iq[i];
    }
    return sum / (double)n;
}

static const uint8_t some_frame[14] = {0x8d, 0x40, 0x62, 0x1d, 0x58, 0xc3, 0x82,
                                       0xd6, 0x90, 0xc8, 0xac, 0x28, 0x63, 0xa7};

Test(sim, a_burst_has_the_power_and_place_asked_for)
{
    static const double rates[] = {2.0e6, 2.4e6, 2.56e6, 3.2e6};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        static float iq[2 * 600];
        static struct hz_sim_modes m;
        struct hz_span span = {iq, 600, 1000, rates[i]};
        struct hz_sim_burst burst = {1100.3, 0.01, 40e3, 0.2, 1};
        memset(iq, 0, sizeof iq);
        hz_sim_modes_init(&m, rates[i]);
        hz_sim_modes_add(&m, some_frame, 14, &burst, &span);

        double samples = hz_sim_modes_samples(&m, 14);
        cr_expect(fabs(samples - 120e-6 * rates[i]) < 1e-6);
        double energy = power_of(iq, 600) * 600;
        cr_expect(fabs(energy / samples / 0.01 - 1) < 1e-3, "%g at %g", energy, rates[i]);
        /* The first pulse lies half a microsecond from the start on: its middle is 250 ns in. */
        double middle = 0, weight = 0;
        for (size_t k = 95; k < (size_t)(100.3 + 0.75e-6 * rates[i] + 0.5); k++) {
            double p = power_of(iq + 2 * k, 1);
            middle += p * (double)k;
            weight += p;
        }
        double expected = 100.3 + 0.25e-6 * rates[i];
        cr_expect(fabs(middle / weight - expected) < 0.2, "%g, not %g", middle / weight, expected);
    }
}

Test(sim, a_burst_cut_in_two_spans_is_the_same)
{
    static float whole[2 * 600], first[2 * 250], second[2 * 350];
    static struct hz_sim_modes m;
    struct hz_sim_burst burst = {120.7, 0.5, -70e3, 0.9, 1.00002};
    struct hz_span all = {whole, 600, 0, 2.4e6}, a = {first, 250, 0, 2.4e6},
                   b = {second, 350, 250, 2.4e6};
    hz_sim_modes_init(&m, 2.4e6);
    hz_sim_modes_add(&m, some_frame, 14, &burst, &all);
    hz_sim_modes_add(&m, some_frame, 14, &burst, &a);
    hz_sim_modes_add(&m, some_frame, 14, &burst, &b);
    cr_expect(memcmp(whole, first, sizeof first) == 0);
    cr_expect(memcmp(whole + 500, second, sizeof second) == 0);
}

struct told {
    size_t n;
    uint64_t last;
    bool in_order, in_range;
    const uint8_t *bytes; /* the recording, when it is known */
    double worst_db;
};

static void check_level(struct told *told, const struct hz_scene_truth *t)
{
    double sum = 0;
    size_t n = (size_t)(t->samples - 1);
    for (size_t i = (size_t)(2 * t->sample); i < 2 * (t->sample + n); i++) {
        double x = (told->bytes[i] - 127.5) / 127.5;
        sum += x * x;
    }
    double noise = pow(10, (t->level_dbfs - t->snr_db) / 10) * 1.2; /* of 2 MHz, in 2.4 MHz */
    double error_db = 10 * log10(sum / (double)n - noise) - t->level_dbfs;
    told->worst_db = fmax(told->worst_db, fabs(error_db));
}

static void hear(void *ctx, const struct hz_scene_truth *t)
{
    struct told *told = ctx;
    told->n++;
    told->in_order &= t->sample >= told->last;
    told->in_range &= t->snr_db > -1 && t->snr_db < 36 && (t->raw_len == 7 || t->raw_len == 14);
    told->last = t->sample;
    if (told->bytes != NULL && t->snr_db >= 15 && t->sample + 400 < SECOND) {
        check_level(told, t);
    }
}

Test(sim, truth_comes_in_order_and_its_levels_are_in_the_samples)
{
    struct told told = {.in_order = true, .in_range = true};
    static uint8_t sink[2 * SECOND];
    told.bytes = record("ladder", 5, SECOND, SECOND);
    struct hz_scene *s;
    cr_assert_eq(hz_scene_new("ladder", 5, &s), 0);
    hz_scene_on_truth(s, hear, &told);
    hz_scene_read(s, sink, SECOND);
    hz_scene_free(s);
    free((void *)(uintptr_t)told.bytes);
    cr_expect(told.in_order && told.in_range);
    cr_expect(fabs((double)told.n - 999) <= 1, "%zu", told.n);
    cr_expect(told.worst_db < 0.5, "%g dB", told.worst_db);
}

Test(sim, scenes_are_as_busy_as_they_say)
{
    static const struct {
        const char *name;
        size_t least, most;
    } want[] = {{"noise", 0, 0}, {"aircraft", 100, 400}, {"dense", 2500, 6000}};
    static uint8_t sink[2 * SECOND];
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct told told = {.in_order = true, .in_range = true};
        struct hz_scene *s;
        cr_assert_eq(hz_scene_new(want[i].name, 2, &s), 0);
        hz_scene_on_truth(s, hear, &told);
        hz_scene_read(s, sink, SECOND);
        hz_scene_free(s);
        cr_expect(told.in_order && told.in_range, "%s", want[i].name);
        cr_expect(told.n >= want[i].least && told.n <= want[i].most, "%s %zu", want[i].name,
                  told.n);
    }
}

/* ---- Frames against published ones ---- */

static const char *hex(const uint8_t *bytes, size_t n)
{
    static char text[29];
    for (size_t i = 0; i < n; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
    return text;
}

/* Sun, "The 1090 Megahertz Riddle", 2nd edition: chapters on identification and airborne
 * position; the position of the second is the one the pair decodes to. */
Test(sim, squitters_equal_published_frames)
{
    uint8_t me[7], frame[14];
    struct hz_sim_flight f = {.address = 0x4840d6, .callsign = "KLM1023", .category = "A0"};
    hz_sim_me_identity(&f, me);
    cr_assert_eq(hz_sim_squitter(&f, 17, me, frame), 14);
    cr_expect_str_eq(hex(frame, 14), "8d4840d6202cc371c32ce0576098");

    f = (struct hz_sim_flight){.address = 0x40621d, .alt_ft = 38000};
    f.lat = 52.2572021484375;
    f.lon = 3.91937255859375;
    hz_sim_me_position(&f, false, me);
    hz_sim_squitter(&f, 17, me, frame);
    cr_expect_str_eq(hex(frame, 14), "8d40621d58c382d690c8ac2863a7");
}

/* One step of 100 ft changes one bit, and D1, Q and M stay clear (Annex 10 Vol. IV, appendix to
 * chapter 3). That the code starts at the right place, a foreign decoder says end to end. */
Test(sim, old_encoders_count_in_gillham_code)
{
    uint8_t frame[14];
    unsigned before = 0;
    for (int alt = -1000; alt <= 50000; alt += 100) {
        struct hz_sim_flight f = {.address = 1, .alt_ft = alt, .gillham = true};
        hz_sim_reply(&f, 4, NULL, frame);
        unsigned code = (frame[2] & 31u) << 8 | frame[3];
        cr_expect((code & 0x10) == 0 && (code & 0x40) == 0, "no Q, no M");
        unsigned changed = code ^ before;
        cr_expect(alt == -1000 || (changed & (changed - 1)) == 0, "one bit a step, %d", alt);
        cr_expect(changed != 0, "%d", alt);
        before = code;
    }
}

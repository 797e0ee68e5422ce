/* hertzctl scan: what it sees in spectra whose contents are known, and where it looks. */
#include "ctl/scan_look.h"
#include "ctl/scan_plan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { BINS = 1024, FRAMES = 100 };
#define FROM 160e6
#define TO   162.4e6

/* A carrier of the test: so wide, so much over the noise, in so many of the 100 frames. */
struct carrier {
    double freq_hz, width_hz, over_db;
    int frames;
};

/* Noise of -60 dBFS a bin, within 1 dB as that of 20 ms is, and the carriers. */
static void fill(struct hz_scan_look *l, const struct carrier *carriers, size_t n)
{
    const double bin_hz = (TO - FROM) / BINS;
    unsigned seed = 1;
    hz_scan_look_init(l, FROM, TO, BINS);
    for (int f = 0; f < FRAMES; f++) {
        float *db = hz_scan_look_add(l);
        cr_assert_not_null(db);
        for (int b = 0; b < BINS; b++) {
            seed = seed * 1103515245 + 12345;
            db[b] = -60 + (float)(seed >> 16 & 0x7fff) / 32768 * 2 - 1;
        }
        for (size_t i = 0; i < n; i++) {
            double low = carriers[i].freq_hz - carriers[i].width_hz / 2 - FROM;
            for (int b = (int)lround(low / bin_hz);
                 b < (int)lround((low + carriers[i].width_hz) / bin_hz); b++)
                db[b] = f < carriers[i].frames ? -60 + (float)carriers[i].over_db : db[b];
        }
    }
    cr_assert_eq(hz_scan_look_judge(l), 0);
}

Test(scan_look, noise_is_no_signal)
{
    struct hz_scan_look l;
    struct hz_scan_carrier found[8];
    struct hz_scan_level level;
    fill(&l, NULL, 0);
    cr_expect_eq(hz_scan_look_carriers(&l, found, 8), 0);
    cr_expect(hz_scan_look_channel(&l, 161e6, 25e3, &level));
    cr_expect(level.over_db < 3 && level.duty == 0, "%g dB, %g", level.over_db, level.duty);
    cr_expect(!hz_scan_look_channel(&l, 163e6, 25e3, &level));
    cr_expect(!hz_scan_look_channel(&l, 159e6, 25e3, &level));
    hz_scan_look_done(&l);
}

Test(scan_look, carriers_are_found_with_level_width_and_duty)
{
    static const struct carrier truth[] = {{160.5e6, 12e3, 20, 100},  /* always there */
                                           {161.0e6, 25e3, 15, 3},    /* a burst */
                                           {161.5e6, 200e3, 30, 50}}; /* a wide one */
    struct hz_scan_look l;
    struct hz_scan_carrier found[8];
    fill(&l, truth, 3);
    cr_assert_eq(hz_scan_look_carriers(&l, found, 8), 3);
    for (int i = 0; i < 3; i++) {
        struct hz_scan_level level;
        cr_expect_float_eq(found[i].freq_hz, truth[i].freq_hz, 2500);
        cr_expect_float_eq(found[i].width_hz, truth[i].width_hz, 5000);
        cr_expect_float_eq(found[i].level.over_db, truth[i].over_db, 1.5);
        cr_expect_float_eq(found[i].level.duty, truth[i].frames / 100.0, 1e-9);
        cr_assert(hz_scan_look_channel(&l, truth[i].freq_hz, truth[i].width_hz, &level));
        cr_expect_float_eq(level.over_db, truth[i].over_db, 1.5);
        cr_expect_float_eq(level.duty, truth[i].frames / 100.0, 1e-9);
    }
    cr_expect_eq(hz_scan_look_carriers(&l, found, 2), 2);
    hz_scan_look_done(&l);
}

/* A dongle has a spike in the middle of its band, and nothing else may be taken for it. */
Test(scan_look, the_spike_at_the_centre_is_left_out)
{
    static const struct carrier spike[] = {{161.2e6, 5e3, 40, 100}};
    static const struct carrier beside[] = {{161.23e6, 12e3, 40, 100}};
    struct hz_scan_look l;
    struct hz_scan_carrier found[8];
    fill(&l, spike, 1);
    cr_expect_eq(hz_scan_look_carriers(&l, found, 8), 0);
    hz_scan_look_done(&l);
    fill(&l, beside, 1);
    cr_expect_eq(hz_scan_look_carriers(&l, found, 8), 1);
    hz_scan_look_done(&l);
}

Test(scan_look, without_frames_there_is_no_verdict)
{
    struct hz_scan_look l;
    hz_scan_look_init(&l, FROM, TO, BINS);
    cr_expect_lt(hz_scan_look_judge(&l), 0);
    hz_scan_look_done(&l);
}

/* ---- where it looks --------------------------------------------------------------------- */

static const char decoders[] =
    "[{\"name\":\"ais\",\"bandwidth_hz\":25000,\"freqs_hz\":[161975000,162025000,156775000]},"
    "{\"name\":\"adsb\",\"bandwidth_hz\":2000000,\"freqs_hz\":[1090000000]},"
    "{\"name\":\"new\",\"bandwidth_hz\":10000,\"freqs_hz\":[144800000,144800000]}]";

static struct hz_scan_plan *plan(double from_hz, double to_hz, int expected, cJSON **json)
{
    struct hz_scan_plan *p = calloc(1, sizeof *p);
    *json = cJSON_Parse(decoders);
    cr_assert(p && *json);
    cr_assert_eq(hz_scan_plan_make(p, *json, from_hz, to_hz, 2.4e6), expected);
    return p;
}

Test(scan_plan, all_places_are_seen_from_few_centres)
{
    cJSON *json;
    struct hz_scan_plan *p = plan(0, 0, 0, &json);
    cr_expect_eq(p->n_places, 5); /* the double is one */
    cr_expect_eq(p->n_centres, 4);
    for (size_t i = 0; i < p->n_places; i++) {
        double nearest = INFINITY;
        for (size_t k = 0; k < p->n_centres; k++)
            nearest = fmin(nearest, fabs(p->centres[k] - p->places[i].freq_hz));
        cr_expect(nearest < 0.45 * 2.4e6, "%g", p->places[i].freq_hz);
        cr_expect(nearest >= 15e3 || p->places[i].width_hz > 100e3, "%g", p->places[i].freq_hz);
    }
    cJSON_Delete(json);
    free(p);
}

Test(scan_plan, a_range_is_covered_whole)
{
    cJSON *json;
    struct hz_scan_plan *p = plan(140e6, 150e6, 0, &json);
    cr_expect_eq(p->n_places, 1);
    cr_assert_eq(p->n_centres, 6);
    cr_expect_leq(p->centres[0] - 0.4 * 2.4e6, 140e6);
    cr_expect_geq(p->centres[5] + 0.4 * 2.4e6, 150e6);
    for (size_t k = 1; k < p->n_centres; k++)
        cr_expect_leq(p->centres[k] - p->centres[k - 1], 0.85 * 2.4e6);
    cJSON_Delete(json);
    free(p);
}

Test(scan_plan, a_range_that_takes_too_many_steps_is_refused)
{
    cJSON *json;
    free(plan(1e6, 4e9, -7 /* E2BIG */, &json));
    cJSON_Delete(json);
}

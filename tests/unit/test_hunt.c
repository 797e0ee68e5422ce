/* The hunt for bursts, on spectra that are made here: noise of many blocks that are drawn again and
 * again in another order, and carriers on top. */
#include "dsp/clones.h"
#include "dsp/hunt.h"
#include "sim/noise.h"
#include "sim/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ 60000.0

enum { BINS = 1500, DRAWN = 256 };

#ifdef HZ_SANITIZED /* ten times slower */
enum { HOUR = 18000 };
#else
enum { HOUR = 180000 }; /* blocks */
#endif

struct bench {
    struct hz_band *band;
    struct hz_hunt *hunt;
    struct hz_spectrum x;
    struct hz_hunt_event event[HZ_HUNT_EVENTS_MAX];
    float *noise; /* [DRAWN][2 * BINS] */
    struct hz_rng rng;
    uint64_t block;
    bool keyed;
    size_t begun, ended, too_long;
    uint64_t open_blocks; /* sum of the candidates' lengths */
    struct hz_hunt_event last;
};

static void init(struct bench *b)
{
    char err[200];
    struct hz_noise noise;
    *b = (struct bench){.band = hz_band_new(RATE_HZ, err, sizeof err)};
    cr_assert(b->band);
    cr_assert_eq(hz_band_bins(b->band), BINS);
    b->hunt = hz_hunt_new(b->band);
    b->noise = malloc(DRAWN * 2 * BINS * sizeof *b->noise);
    cr_assert(b->hunt && b->noise && hz_spectrum_init(&b->x, b->band) == 0);
    hz_noise_init(&noise, 9);
    hz_noise_fill(&noise, b->noise, (size_t)DRAWN * BINS, 1);
    hz_rng_init(&b->rng, 4, 0);
}

static void done(struct bench *b)
{
    hz_spectrum_done(&b->x);
    hz_hunt_free(b->hunt);
    hz_band_free(b->band);
    free(b->noise);
}

/* Keys the carrier: its power is in three lines. */
static void key(struct bench *b)
{
    b->keyed = true;
}

/* One block: noise times `gain`, and a carrier at hz with so many times the power that noise has in
 * 4 kHz. */
static size_t push(struct bench *b, float gain, double hz, double over)
{
    const float *from = b->noise + 2 * BINS * (size_t)hz_rng_below(&b->rng, DRAWN);
    for (size_t i = 0; i < 2 * BINS; i++)
        b->x.bins[i] = gain * from[i];
    size_t k = (size_t)(BINS + (long)lround(hz / HZ_BAND_BIN_HZ)) % BINS;
    double phase = 2 * M_PI * hz_rng_between(&b->rng, 0, 1), a = (double)gain * sqrt(200 * over);
    for (size_t i = 0; i < (b->keyed ? 3 : 1); i++) {
        double part = b->keyed ? a / sqrt(3) : a;
        b->x.bins[2 * (k + 5 * i)] += (float)(part * cos(phase));
        b->x.bins[2 * (k + 5 * i) + 1] += (float)(part * sin(phase));
    }
    b->x.noise = gain * gain * 2 / ((float)BINS * BINS);
    b->x.block = b->block++;
    size_t n = hz_hunt_push(b->hunt, &b->x, b->event);
    cr_assert_leq(n, HZ_HUNT_EVENTS_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct hz_hunt_event *e = &b->event[i];
        b->last = *e;
        cr_assert_leq(e->from, b->block);
        b->begun += !e->ends;
        b->ended += e->ends;
        b->too_long += e->too_long;
        if (e->ends) {
            cr_assert_leq(e->until, b->block);
            cr_assert_leq(e->until - e->from, HZ_HUNT_LONGEST + HZ_HUNT_PAST);
            b->open_blocks += e->until - e->from;
        }
    }
    return n;
}

static void quiet(struct bench *b, int blocks)
{
    for (int i = 0; i < blocks; i++)
        push(b, 1, 0, 0);
}

Test(hunt, noise_is_quiet)
{
    struct bench b;
    init(&b);
    quiet(&b, 20000);
    cr_expect_leq(b.begun, 1, "%zu", b.begun);
    cr_expect_eq(hz_hunt_stats(b.hunt).found, b.begun);
    /* 100 bins of power 2, of full scale BINS squared */
    cr_expect_float_eq(hz_hunt_stats(b.hunt).floor_db, 10 * log10(200.0 / BINS / BINS), 0.3);
    done(&b);
}

Test(hunt, a_burst_is_told_with_its_beginning_its_place_and_its_end)
{
    struct bench b;
    init(&b);
    quiet(&b, 500);
    for (int i = 0; i < 10; i++)
        push(&b, 1, 9000, 10);
    cr_assert_eq(b.begun, 1);
    cr_expect_leq(b.last.low_hz, 9000);
    cr_expect_geq(b.last.high_hz, 9000);
    cr_expect_leq(b.last.high_hz - b.last.low_hz, 8000);
    cr_expect_eq(b.last.from, 499);
    cr_expect_float_eq(b.last.over_db, 10, 1.5);
    quiet(&b, 20);
    cr_assert_eq(b.ended, 1);
    cr_expect_eq(b.last.id, 1);
    cr_expect_not(b.last.too_long);
    cr_expect_geq(b.last.until, 510);
    cr_expect_leq(b.last.until, 510 + 2 * HZ_HUNT_HANG);
    done(&b);
}

/* One that no block alone shows begins as far in the past as the look that found it. */
Test(hunt, a_long_weak_one_is_found_by_the_mean_of_its_blocks)
{
    struct bench b;
    init(&b);
    quiet(&b, 600);
    for (int i = 0; i < 60; i++)
        push(&b, 1, -14000, 0.2);
    quiet(&b, 60);
    cr_assert_geq(b.begun, 1);
    cr_expect_leq(b.begun, 3);
    cr_expect_leq(b.last.low_hz, -14000);
    cr_expect_geq(b.last.high_hz, -14000);
    cr_expect_gt(b.open_blocks, 40);
    done(&b);
}

Test(hunt, a_burst_in_the_first_block_is_found)
{
    struct bench b;
    init(&b);
    key(&b);
    for (int i = 0; i < 5; i++)
        push(&b, 1, 5000, 20);
    quiet(&b, 20);
    cr_assert_geq(b.begun, 1);
    cr_expect_eq(b.ended, b.begun);
    done(&b);
}

Test(hunt, a_line_in_the_first_block_is_a_spur)
{
    struct bench b;
    init(&b);
    for (int i = 0; i < 500; i++)
        push(&b, 1, 5000, 20);
    cr_expect_eq(b.begun, 0);
    key(&b);
    for (int i = 0; i < 5; i++)
        push(&b, 1, -9000, 10);
    cr_expect_eq(b.begun, 1);
    done(&b);
}

/* Of an hour of carrier some seconds are looked at, and what comes after it is heard again. */
Test(hunt, a_carrier_that_stays_on_is_a_candidate_ever_more_rarely)
{
    struct bench b;
    init(&b);
    quiet(&b, 500);
    for (int i = 0; i < HOUR; i++)
        push(&b, 1, 5000, 20);
    cr_expect_geq(b.too_long, 1);
    cr_expect_leq(b.begun, 30, "%zu", b.begun);
    cr_expect_leq(b.open_blocks, 30 * HZ_HUNT_LONGEST);
    quiet(&b, 200);
    size_t before = b.begun;
    for (int i = 0; i < 5; i++)
        push(&b, 1, 5000, 10);
    cr_expect_eq(b.begun, before + 1);
    done(&b);
}

/* One that is keyed at random for an hour is bursts, one at a time. */
Test(hunt, one_that_is_keyed_without_an_end_is_one_candidate_at_a_time)
{
    struct bench b;
    init(&b);
    quiet(&b, 500);
    for (int i = 0; i < HOUR; i++)
        push(&b, 1, 5000, hz_rng_chance(&b.rng, 0.6) ? 5 + 20 * hz_rng_between(&b.rng, 0, 1) : 0);
    cr_expect_leq(b.begun, 10000, "%zu", b.begun);
    cr_expect_leq(b.open_blocks, 90000, "%llu", (unsigned long long)b.open_blocks);
    done(&b);
}

Test(hunt, a_change_of_gain_is_no_burst)
{
    struct bench b;
    init(&b);
    quiet(&b, 500);
    for (int i = 0; i < 500; i++)
        push(&b, 4, 0, 0);
    cr_expect_eq(b.begun, 0);
    cr_expect_gt(hz_hunt_stats(b.hunt).raised, 0);
    for (int i = 0; i < 500; i++)
        push(&b, 0.5f, 0, 0);
    cr_expect_leq(b.begun, 1);
    size_t before = b.begun;
    for (int i = 0; i < 5; i++)
        push(&b, 0.5f, 5000, 10);
    cr_expect_eq(b.begun, before + 1);
    done(&b);
}

Test(hunt, missing_blocks_end_what_goes_on)
{
    struct bench b;
    init(&b);
    quiet(&b, 100);
    for (int i = 0; i < 5; i++)
        push(&b, 1, 5000, 20);
    b.block += 100;
    push(&b, 1, 5000, 20);
    push(&b, 1, 5000, 20);
    cr_expect_eq(b.ended, 1);
    cr_expect_eq(b.begun, 2);
    hz_hunt_reset(b.hunt);
    b.block = 0;
    quiet(&b, 50);
    cr_expect_eq(b.ended, 1); /* the other one was forgotten */
    done(&b);
}

/* A source that gives zeros, then samples. */
Test(hunt, silence_is_no_trap)
{
    struct bench b;
    init(&b);
    for (int i = 0; i < 500; i++)
        push(&b, 0, 0, 0);
    cr_expect_eq(b.begun, 0);
    quiet(&b, 300);
    for (int i = 0; i < 200; i++)
        push(&b, i < 2 ? 0 : 1, 0, 0); /* 40 ms are missing */
    size_t before = b.begun;
    cr_expect_leq(before, 2);
    for (int i = 0; i < 5; i++)
        push(&b, 1, 5000, 10);
    cr_expect_eq(b.begun, before + 1);
    done(&b);
}

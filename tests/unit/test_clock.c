/* The clock is held against a made-up dongle whose crystal, losses and arrival times are known. */
#include "daemon/receive/clock.h"

#include <criterion/criterion.h>
#include <math.h>

enum { BLOCK = 38400 };
static const double rate = 2.4e6;

struct dongle {
    double ppm;
    uint64_t produced, counted; /* samples: by the crystal; by the receiver */
    uint32_t seed;
    int64_t utc_step_ns;
    struct hz_clock clock;
};

/* Arrival jitter as measured of a thread on a busy machine: mostly below 0.2 ms, now and then 20
 * ms. */
static double jitter_s(struct dongle *d)
{
    d->seed = d->seed * 1664525u + 1013904223u;
    double u = (d->seed >> 8) / 16777216.0;
    return u < 0.02 ? 20e-3 * u / 0.02 : 40e-6 + 160e-6 * u;
}

static int64_t true_ns(const struct dongle *d, uint64_t produced)
{
    return 1000000000000 + (int64_t)((double)produced / (rate * (1 + d->ppm * 1e-6)) * 1e9);
}

/* One block; a loss that the clock finds is counted as the receiver would. */
static bool block(struct dongle *d, struct hz_clock_loss *loss)
{
    d->produced += BLOCK;
    d->counted += BLOCK;
    int64_t arrival = true_ns(d, d->produced) + (int64_t)(jitter_s(d) * 1e9);
    bool found = hz_clock_block(&d->clock, d->counted, arrival,
                                arrival + 500000000000 + d->utc_step_ns, loss);
    if (found)
        d->counted += loss->samples;
    return found;
}

static int losses_in(struct dongle *d, double seconds, struct hz_clock_loss *last)
{
    int n = 0;
    for (double s = 0; s < seconds; s += BLOCK / rate)
        n += block(d, last);
    return n;
}

static double error_of_stamp_s(const struct dongle *d)
{
    struct hz_stamp s = hz_clock_stamp(&d->clock, d->counted);
    return (double)(s.utc_ns - (true_ns(d, d->produced) + 500000000000 + d->utc_step_ns)) / 1e9;
}

Test(clock, crystal_error_is_measured_and_times_stay_right)
{
    static const double ppms[] = {0, 35, -80};
    for (size_t i = 0; i < 3; i++) {
        struct dongle d = {.ppm = ppms[i], .seed = 7};
        struct hz_clock_loss loss;
        hz_clock_start(&d.clock, rate, HZ_PATH_USB);
        cr_assert(isnan(hz_clock_ppm(&d.clock)));
        cr_assert_eq(losses_in(&d, 600, &loss), 0, "no loss was made, ppm %g", ppms[i]);
        cr_assert_float_eq(hz_clock_ppm(&d.clock), ppms[i], 1.5);
        cr_assert_float_eq(error_of_stamp_s(&d), 0, 0.5e-3);
        /* and from the stamp on, time goes on as fast as the crystal has it */
        double ns = hz_clock_stamp(&d.clock, d.counted).ns_per_sample;
        cr_assert_float_eq(1e9 / rate / ns, 1 + ppms[i] * 1e-6, 1.5e-6, "ppm %g", ppms[i]);
    }
}

Test(clock, a_silent_loss_is_found_within_4_s_placed_and_sized)
{
    static const uint64_t sizes[] = {BLOCK, 100000, 1000000};
    for (size_t i = 0; i < 3; i++) {
        struct dongle d = {.ppm = 20, .seed = 99 + (uint32_t)i};
        struct hz_clock_loss loss;
        hz_clock_start(&d.clock, rate, HZ_PATH_USB);
        cr_assert_eq(losses_in(&d, 61, &loss), 0);
        uint64_t where = d.counted;
        d.produced += sizes[i];
        cr_assert_eq(losses_in(&d, 4.1, &loss), 1, "size %zu", (size_t)sizes[i]);
        cr_assert_float_eq((double)loss.samples, (double)sizes[i], 0.01 * (double)sizes[i]);
        cr_assert_eq(loss.sample, where);
        cr_assert_float_eq(error_of_stamp_s(&d), 0, 0.5e-3);
        cr_assert_eq(losses_in(&d, 60, &loss), 0, "it is told once");
        cr_assert_float_eq(hz_clock_ppm(&d.clock), 20, 1.5);
    }
}

Test(clock, two_losses_in_a_row_are_both_counted)
{
    struct dongle d = {.seed = 5};
    struct hz_clock_loss loss;
    hz_clock_start(&d.clock, rate, HZ_PATH_USB);
    losses_in(&d, 21, &loss);
    d.produced += 500000;
    losses_in(&d, 1, &loss);
    d.produced += 300000;
    uint64_t before = d.counted, blocks = 0;
    for (double s = 0; s < 12; s += BLOCK / rate, blocks++)
        block(&d, &loss);
    cr_assert_float_eq((double)(d.counted - before - blocks * BLOCK), 800000, 8000);
}

Test(clock, a_busy_second_is_no_loss)
{
    struct dongle d = {.seed = 3};
    struct hz_clock_loss loss;
    hz_clock_start(&d.clock, rate, HZ_PATH_USB);
    losses_in(&d, 31, &loss);
    int64_t late = true_ns(&d, d.produced + 60 * BLOCK);
    for (int i = 0; i < 60; i++) { /* one second of blocks that all arrive at its end */
        d.produced += BLOCK;
        d.counted += BLOCK;
        cr_assert_not(hz_clock_block(&d.clock, d.counted, late, late, &loss));
    }
    cr_assert_eq(losses_in(&d, 30, &loss), 0);
}

Test(clock, a_start_that_settles_within_two_windows_is_no_loss)
{
    for (int early = 0; early < 110; early++) { /* blocks that come 0.7 ms ahead of each other */
        struct dongle d = {.seed = 17};
        struct hz_clock_loss loss;
        hz_clock_start(&d.clock, rate, HZ_PATH_USB);
        int64_t late = 700000 * early;
        for (; late > 0; late -= 700000) {
            d.produced += BLOCK;
            d.counted += BLOCK;
            int64_t at = true_ns(&d, d.produced) + late;
            cr_assert_not(hz_clock_block(&d.clock, d.counted, at, at, &loss));
        }
        cr_assert_eq(losses_in(&d, 60, &loss), 0, "%d blocks", early);
        cr_assert_float_eq(hz_clock_ppm(&d.clock), 0, 1.5);
    }
}

Test(clock, a_step_of_the_systems_clock_moves_utc_and_nothing_else)
{
    struct dongle d = {.ppm = 10, .seed = 11};
    struct hz_clock_loss loss;
    hz_clock_start(&d.clock, rate, HZ_PATH_USB);
    losses_in(&d, 60, &loss);
    d.utc_step_ns = -3600ll * 1000000000;
    cr_assert_eq(losses_in(&d, 10, &loss), 0);
    cr_assert_float_eq(error_of_stamp_s(&d), 0, 0.5e-3);
    cr_assert_eq(d.clock.utc_steps, 1);
    cr_assert_float_eq(hz_clock_ppm(&d.clock), 10, 1.5);
}

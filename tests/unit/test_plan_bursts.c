/* The planner, with a decoder that takes bursts anywhere in a band. */
#include "config/centre.h"
#include "tests/unit/plan_wants.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

static const struct hz_decoder bursts = {
    .name = "bursts",
    .input = HZ_INPUT_BURST,
    .rate_min_hz = 125e3,
    .rate_max_hz = 500e3,
    .rate_hz = 250e3,
    .rate_wide_hz = 500e3,
    .bandwidth_hz = 200e3,
    .freqs_hz = (const double[]){433.92e6, 868.3e6, 0},
    .quiet_ns = 1,
    .busy_ns = 200,
};

Test(plan_bursts, have_one_place_and_as_much_of_the_band_as_there_is)
{
    want(&bursts, 0);
    cr_assert_eq(choose(), 0, "%s", told);
    cr_expect_eq(plan.rate_hz, HZ_CENTRE_RATE_MAX_HZ);
    cr_expect_leq(fabs(plan.centre_hz - 433.92e6), 150e3);
    cr_expect_geq(fabs(plan.centre_hz - 433.92e6), 100e3); /* the spike is beside the usual place */
    cr_assert_eq(plan.n_in, 1);
    cr_expect_eq(plan.in[0].freq_hz, 0);
    cr_expect_eq(plan.n_out, 0);
}

Test(plan_bursts, are_heard_in_any_band_that_is_known)
{
    want(&bursts, 0);
    cr_assert_eq(make((struct hz_plan_band){.rate_hz = 1.024e6, .centre_hz = 162e6}), 0, "%s",
                 told);
    cr_assert_eq(plan.n_in, 1);
    cr_expect_eq(plan.in[0].freq_hz, 0);
    cr_expect_eq(make((struct hz_plan_band){.rate_hz = 250e3, .centre_hz = 162e6}), 0, "%s", told);
    cr_expect_eq(make((struct hz_plan_band){.rate_hz = 96e3, .centre_hz = 162e6}), -EINVAL);
    cr_expect_str_eq(told, "0 decoder: decoder = bursts needs at least 125000 samples per second, "
                           "but receiver r has 96000\n");
}

Test(plan_bursts, may_be_wanted_at_one_place)
{
    want(&bursts, 434.2e6)->bandwidth_hz = 300e3;
    cr_assert_eq(make((struct hz_plan_band){.rate_hz = 1.024e6, .centre_hz = 434e6}), 0, "%s",
                 told);
    cr_assert_eq(plan.n_in, 1);
    cr_expect_eq(plan.in[0].freq_hz, 434.2e6);
    cr_expect_eq(make((struct hz_plan_band){.rate_hz = 1.024e6, .centre_hz = 868e6}), -EINVAL);
    cr_expect_str_eq(told,
                     "0 frequency: 434.200000 MHz is outside the band of receiver r: expected "
                     "867.488000 to 868.512000 MHz\n");
}

Test(plan_bursts, go_where_other_channels_are)
{
    want(&bursts, 0);
    want(&voice, 868.5e6);
    cr_assert_eq(choose(), 0, "%s", told);
    cr_assert_eq(plan.n_in, 2);
    cr_expect_eq(plan.in[0].freq_hz, 0);
    cr_expect_leq(fabs(plan.centre_hz - 868.4e6), 1e6);
}

Test(plan_bursts, cost_little_while_nobody_sends)
{
    want(&bursts, 0);
    struct hz_plan_cost c = hz_plan_cost(2.4e6, wants, 1);
    cr_expect_leq(c.idle, 0.01);
    cr_expect_gt(c.busy, c.idle);
}

Test(plan_bursts, are_near_where_a_recording_lies)
{
    static const struct {
        double rate_hz, centre_hz;
        bool near;
    } cases[] = {{250e3, 433.92e6, true}, {250e3, 433.92e6 + 1.6e6, true}, {250e3, 436e6, false},
                 {2.4e6, 867e6, true},    {1.024e6, 162e6, false},         {2.4e6, 1090e6, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hz_plan_band b = {.rate_hz = cases[i].rate_hz, .centre_hz = cases[i].centre_hz};
        cr_expect_eq(hz_plan_near(&b, &bursts), cases[i].near, "%g", cases[i].centre_hz);
    }
}

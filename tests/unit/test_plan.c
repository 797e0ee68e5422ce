/* The planner, with decoders of its own: whatever is asked for, what comes out keeps its rules. */
#include "config/centre.h"
#include "proto/registry.h"
#include "tests/unit/plan_wants.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(plan, a_pair_of_channels_has_the_centre_between_them)
{
    want(&ships, 0);
    cr_assert_eq(choose(), 0, "%s", told);
    cr_expect_eq(plan.rate_hz, 1.024e6);
    cr_expect_eq(plan.centre_hz, 162e6);
    cr_assert_eq(plan.n_in, 2);
    cr_expect_eq(plan.in[0].freq_hz, 161.975e6);
    cr_expect_eq(plan.in[1].freq_hz, 162.025e6);
    cr_assert_eq(plan.n_out, 2); /* the pair that is 5 MHz away */
    cr_expect_eq(plan.out[0].freq_hz, 156.775e6);
}

Test(plan, a_channel_that_is_named_brings_the_others_to_its_band)
{
    want(&ships, 0);
    want(&voice, 156.8e6);
    cr_assert_eq(choose(), 0, "%s", told);
    cr_assert_eq(plan.n_in, 3);
    cr_expect_eq(plan.in[0].want, 0);
    cr_expect_eq(plan.in[0].freq_hz, 156.775e6);
    cr_expect_eq(plan.in[1].freq_hz, 156.825e6);
    cr_expect_eq(plan.in[2].want, 1);
    /* No gap for the spike between the three: beside them. */
    cr_expect_leq(fabs(plan.centre_hz - 156.8e6), 37500 + HZ_CENTRE_CLEAR_HZ + 1000);
    cr_expect_geq(fabs(plan.centre_hz - 156.8e6), 37500 + HZ_CENTRE_CLEAR_HZ);
}

Test(plan, one_channel_lies_beside_the_centre)
{
    want(&voice, 0);
    cr_assert_eq(choose(), 0);
    cr_expect_eq(plan.rate_hz, 1.024e6);
    cr_expect_eq(fabs(plan.centre_hz - 156.8e6), 12000); /* 6.25 + 5 kHz, in whole kHz */
}

Test(plan, the_lowest_rate_that_fits)
{
    static const struct {
        double apart_hz, rate_hz;
    } cases[] = {{400e3, 1.024e6}, {806e3, 1.024e6},   {807e3, 1.2e6},
                 {947.5e3, 1.2e6}, {947.6e3, 1.536e6}, {1.2164e6, 1.8e6},
                 {1.5e6, 2.048e6}, {1.8e6, 2.4e6},     {1.9075e6, 2.4e6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        n_wants = 0;
        want(&voice, 446e6);
        want(&voice, 446e6 + cases[i].apart_hz);
        cr_expect_eq(choose(), 0, "%s", told);
        cr_expect_eq(plan.rate_hz, cases[i].rate_hz, "%g apart: %g", cases[i].apart_hz,
                     plan.rate_hz);
    }
}

Test(plan, a_decoder_of_the_whole_band_is_in_its_middle)
{
    want(&planes, 0);
    cr_assert_eq(choose(), 0);
    cr_expect_eq(plan.rate_hz, 2.4e6);
    cr_expect_eq(plan.centre_hz, 1090e6);
    want(&voice, 1090.5e6);
    cr_assert_eq(choose(), 0, "%s", told);
    cr_expect_eq(plan.centre_hz, 1090e6);
    cr_expect_eq(plan.n_in, 2);
}

Test(plan, impossible_and_what_would_make_it_possible)
{
    want(&voice, 446e6);
    want(&voice, 448e6);
    want(&voice, 446.5e6);
    cr_expect_eq(choose(), -EINVAL);
    cr_expect_str_eq(told, "1 frequency: 448.000000 MHz has no place in the band of receiver r "
                           "beside c0 at 446 MHz: one dongle takes channels within 1.92 MHz: it "
                           "needs a second receiver\n");
    cr_expect_eq(plan.n_in, 2); /* the others are planned */
    n_wants = 0;
    for (int i = 0; i < 120; i++) /* 1.5 MHz without a gap */
        want(&voice, 446e6 + i * 12.5e3);
    cr_expect_eq(choose(), -EINVAL);
    cr_expect(strstr(told, "has no place in the band of receiver r beside c0 at 446 MHz: centre = "
                           "446.74375M would do, though the spike of a dongle there is then in a "
                           "channel\n"),
              "%s", told);
    n_wants = 0;
    want(&voice, 446e6);
    want(&voice, 447e6);
    cr_expect_eq(make((struct hz_plan_band){.rate_hz = 1.024e6, .tunable = true}), -EINVAL);
    cr_expect_str_eq(told, "1 frequency: 447.000000 MHz has no place in the band of receiver r "
                           "beside c0 at 446 MHz: rate = 1.536M would do\n");
    cr_expect_eq(make((struct hz_plan_band){.centre_hz = 445e6, .tunable = true}), -EINVAL);
    cr_expect_str_eq(told, "0 frequency: 446.000000 MHz has no place in the band of receiver r: "
                           "centre = 446.5M would do\n"
                           "1 frequency: 447.000000 MHz has no place in the band of receiver r: "
                           "centre = 446.5M would do\n");
}

Test(plan, a_band_that_is_given)
{
    want(&ships, 0);
    want(&voice, 156.8e6);
    struct hz_plan_band file = {.rate_hz = 1.536e6, .centre_hz = 161.85e6};
    cr_expect_eq(make(file), -EINVAL);
    cr_expect_str_eq(told, "1 frequency: 156.800000 MHz is outside the band of receiver r: "
                           "expected 161.082000 to 162.618000 MHz\n");
    cr_expect_eq(plan.n_in, 2);
    cr_expect_eq(plan.n_out, 2);
    n_wants = 0;
    want(&ships, 162.7e6);
    file.tunable = true;
    cr_expect_eq(make(file), -EINVAL);
    cr_expect_str_eq(told,
                     "0 frequency: 162.700000 MHz is outside the band of receiver r: expected "
                     "161.082000 to 162.618000 MHz; centre = 162.682M would do\n");
    n_wants = 0;
    want(&ships, 0);
    cr_expect_eq(make((struct hz_plan_band){.rate_hz = 1e6}), 0); /* not known before it runs */
    cr_expect_eq(plan.n_in, 4);
    cr_expect_eq(plan.centre_hz, 0);
}

Test(plan, what_a_decoder_needs_of_its_receiver)
{
    want(&wide, 446e6);
    struct hz_plan_band band = {.rate_hz = 100e3, .centre_hz = 446e6};
    cr_expect_eq(make(band), -EINVAL);
    cr_expect(strstr(told,
                     "0 decoder: decoder = wide needs at least 200000 samples per second, but "
                     "receiver r has 100000\n"));
    n_wants = 0;
    want(&voice, 446e6)->bandwidth_hz = 30e3;
    want(&wide, 0);
    band.rate_hz = 1e6;
    cr_expect_eq(make(band), -EINVAL);
    cr_expect_str_eq(told, "0 bandwidth: bandwidth = 30 kHz is too wide for decoder voice, which "
                           "takes 24000 samples per second: expected at most 21.9 kHz\n"
                           "1 frequency: [channel c1] has no 'frequency', and decoder wide has "
                           "none of its own: expected frequency = FREQUENCY, as in 162.025M\n");
    n_wants = 0;
    want(&voice, 446e6);
    band.rate_hz = 1.0001e6;
    cr_expect_eq(make(band), -EINVAL);
    cr_expect(strstr(told, "expected a multiple of 200 without prime factors over 19"));
}

Test(plan, a_wide_channel_is_sampled_faster)
{
    struct hz_plan_band band = {.rate_hz = 1e6, .centre_hz = 118.7e6};
    static const struct {
        double width_hz, rate_hz;
    } widths[] = {{0, 12000}, {9900, 12000}, {12500, 32000}, {25000, 32000}, {29900, 32000}};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct hz_conf_channel *c = want(&carriers, 118.7e6);
        c->bandwidth_hz = widths[i].width_hz;
        cr_expect_eq(make(band), 0, "%s", told);
        cr_expect_eq(hz_plan_rate(c), widths[i].rate_hz, "%g", widths[i].width_hz);
        n_wants = 0;
    }
    want(&carriers, 118.7e6)->bandwidth_hz = 31e3;
    cr_expect_eq(make(band), -EINVAL);
    cr_expect_str_eq(told, "0 bandwidth: bandwidth = 31 kHz is too wide for decoder carriers, "
                           "which takes 32000 samples per second: expected at most 29.9 kHz\n");
    n_wants = 0;
    want(&carriers, 118.7e6)->bandwidth_hz = 25e3;
    band.rate_hz = 24e3;
    cr_expect_eq(make(band), -EINVAL);
    cr_expect(strstr(told, "needs at least 32000 samples per second"), "%s", told);
}

Test(plan, a_receiver_takes_so_many_channels)
{
    for (int i = 0; i < 500; i++)
        want(&voice, 446e6 + i * 1e3);
    cr_expect_eq(choose(), -EINVAL);
    cr_expect_str_eq(told, "256 decoder: receiver r has 500 channels: expected at most 256 of "
                           "them\n");
    n_wants = 100;
    for (size_t i = 0; i < n_wants; i++)
        hz_conf_channel_init(&channels[i], "x", &ships);
    cr_expect_eq(make((struct hz_plan_band){0}), -EINVAL);
    cr_expect(strstr(told, "64 decoder: receiver r has more channels with this one: expected at "
                           "most 256 of them\n"));
    n_wants = 0;
    for (int i = 0; i < HZ_PLAN_CHANNELS_MAX; i++)
        want(&voice, 446e6 + i * 6.25e3);
    cr_expect_eq(make((struct hz_plan_band){.centre_hz = 446.8e6, .tunable = true}), 0, "%s", told);
    cr_expect_eq(plan.n_in, HZ_PLAN_CHANNELS_MAX);
}

/* Declared frequencies outside the band: all are counted, and nothing is written behind the list.
 */
Test(plan, more_frequencies_outside_than_the_list_holds)
{
    struct {
        struct hz_plan plan;
        uint8_t behind[4096];
    } *p = calloc(1, sizeof *p);
    memset(p->behind, 0xa5, sizeof p->behind);
    for (int i = 0; i < 200; i++)
        want(&ships, 0); /* one of its four frequencies is inside */
    struct hz_plan_band band = {"r", 200e3, 162.1e6, false};
    told[0] = 0;
    cr_expect_eq(hz_plan_make(&p->plan, &band, wants, n_wants, on_fail, NULL), 0, "%s", told);
    cr_expect_eq(p->plan.n_in, 200, "%zu", p->plan.n_in);
    cr_expect_eq(p->plan.n_out, 600, "%zu", p->plan.n_out);
    for (size_t i = 0; i < sizeof p->behind; i++)
        cr_assert_eq(p->behind[i], 0xa5, "byte %zu behind the plan", i);
    free(p);
}

/* All of its width must lie in the band. */
Test(plan, no_channel_hangs_over_the_edge)
{
    char err[300] = "";
    struct hz_plan_band band = {"r", 1e6, 162e6, false};
    struct hz_conf_channel c;
    hz_conf_channel_init(&c, "edge", &voice);
    for (int side = -1; side <= 1; side += 2) {
        double inside = 162e6 + side * (0.5e6 - 6250), over = inside + side * 10.0;
        c.freq_hz = inside;
        cr_expect(hz_plan_inside(&band, &c, inside));
        cr_expect_eq(hz_plan_channel_check(&band, &c, NULL, 0, err, sizeof err), 0, "%s", err);
        c.freq_hz = over;
        cr_expect_not(hz_plan_inside(&band, &c, over));
        cr_expect_eq(hz_plan_channel_check(&band, &c, NULL, 0, err, sizeof err), -EINVAL);
    }
    want(&voice, 162e6 + 0.5e6 - 6000);
    cr_expect_eq(make(band), -EINVAL);
    cr_expect(strstr(told, "outside the band of receiver r"), "%s", told);
}

Test(plan, one_more_channel_at_run_time)
{
    char err[300] = "";
    struct hz_plan_band band = {"r", 1.024e6, 162e6, true};
    want(&ships, 161.975e6);
    want(&ships, 162.025e6);
    struct hz_conf_channel more;
    hz_conf_channel_init(&more, "more", &voice);
    more.freq_hz = 162.4e6;
    cr_expect_eq(hz_plan_channel_check(&band, &more, wants, 2, err, sizeof err), 0, "%s", err);
    more.freq_hz = 162.6e6;
    cr_expect_eq(hz_plan_channel_check(&band, &more, wants, 2, err, sizeof err), -EINVAL);
    cr_expect_str_eq(err,
                     "162.600000 MHz is outside the band of receiver r: expected 161.488000 to "
                     "162.512000 MHz; centre = 162.284M would do");
    more.freq_hz = 0; /* the decoder's, far away */
    cr_expect_eq(hz_plan_channel_check(&band, &more, wants, 2, err, sizeof err), -EINVAL);
    cr_expect(strstr(err, "156.800000 MHz is outside") && strstr(err, "a second receiver"), "%s",
              err);
    more.decoder = &planes;
    cr_expect_eq(hz_plan_channel_check(&band, &more, wants, 2, err, sizeof err), -EINVAL);
    cr_expect(strstr(err, "decoder = planes needs 2e+06 to 3.2e+06"), "%s", err);
    more.decoder = &ships;
    cr_expect_eq(hz_plan_channel_check(&band, &more, wants, 2, err, sizeof err), 0, "%s", err);
    for (int i = 0; i < HZ_PLAN_CHANNELS_MAX; i++)
        want(&ships, 162e6);
    cr_expect_eq(hz_plan_channel_check(&band, &more, wants, 256, err, sizeof err), -EINVAL);
    cr_expect_str_eq(err, "receiver r has 256 channels: expected at most 256 of them");
}

/* ns of a second, from a share of a core. */
static double ns(double share)
{
    return share * 1e9;
}

Test(plan, cost_is_that_of_the_parts)
{
    const double band = 2.4e6, rate = 24000; /* of voice */
    want(&planes, 0);
    cr_expect_float_eq(ns(hz_plan_cost(band, wants, 1).idle), 2 * band, 1);
    cr_expect_float_eq(ns(hz_plan_cost(band, wants, 1).busy), 10 * band, 1);
    n_wants = 0;
    want(&voice, 0);
    struct hz_plan_cost one = hz_plan_cost(band, wants, 1);
    want(&voice, 0);
    struct hz_plan_cost two = hz_plan_cost(band, wants, 2);
    cr_expect_float_eq(ns(one.idle), 2.45 * band, 1);
    cr_expect_float_eq(ns(two.idle - one.idle), 0.05 * band, 1);
    cr_expect_float_eq(ns(two.busy - one.busy), 0.05 * band + 306 * rate, 1);
    channels[1].squelch_db = 0; /* always open: its decoder hears the noise too */
    cr_expect_float_eq(ns(hz_plan_cost(band, wants, 2).idle - one.idle), 0.05 * band + 11 * rate,
                       1);
}

/* A decoder that costs more is planned for more; one that was not measured for no less than most.
 */
Test(plan, cost_is_that_of_the_decoder)
{
    struct hz_decoder costly = voice, unknown = voice;
    costly.busy_ns = 3 * voice.busy_ns;
    unknown.quiet_ns = unknown.busy_ns = 0;
    want(&voice, 0);
    double usual = hz_plan_cost(2.4e6, wants, 1).busy;
    n_wants = 0;
    want(&costly, 0);
    cr_expect_float_eq(ns(hz_plan_cost(2.4e6, wants, 1).busy - usual), 2 * 300 * 24000.0, 1);
    n_wants = 0;
    want(&unknown, 0);
    cr_expect_geq(hz_plan_cost(2.4e6, wants, 1).busy, usual);
}

Test(plan, every_decoder_was_measured)
{
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++)
        cr_expect((*d)->quiet_ns > 0 && (*d)->busy_ns >= (*d)->quiet_ns, "%s: see bench_channel",
                  (*d)->name);
}

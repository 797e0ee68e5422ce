/* Dwells of several bands: when a receiver goes on, and how much of each band it has heard. */
#include "daemon/receive/hop.h"

#include <criterion/criterion.h>

static const struct hz_conf_hops plan = {.n = 3, .at = {{1090e6, 20}, {162e6, 10}, {434e6, 5}}};

/* Passes time in steps of 1/64 s, which doubles hold exactly: half of the first second after a hop
 * is not heard, and something is received for busy_s after the time of each dwell. Returns the
 * time.
 */
static double pass(struct hz_hop *h, double now_s, double seconds, double busy_s)
{
    const double step = 1.0 / 64, settling = 0.5;
    double cut = 0;
    for (double until = now_s + seconds; now_s < until;) {
        now_s += step;
        if (cut > 0) {
            cut -= step;
            continue;
        }
        hz_hop_heard(h, step, now_s);
        bool busy = h->dwell_s < h->plan.at[h->at].seconds + busy_s;
        if (hz_hop_over(h, busy)) {
            hz_hop_arrive(h, hz_hop_next(h));
            cut = settling;
        }
    }
    return now_s;
}

Test(hop, each_band_in_turn_for_its_time)
{
    struct hz_hop h;
    hz_hop_begin(&h, &plan, 0, 1000);
    double now = pass(&h, 1000, 20 - 1.0 / 64, 0);
    cr_expect_eq(h.at, 0);
    now = pass(&h, now, 1.0 / 64, 0);
    cr_expect_eq(h.at, 1);
    now = pass(&h, now, 10.5, 0);
    cr_expect_eq(h.at, 2);
    now = pass(&h, now, 5.5, 0);
    cr_expect_eq(h.at, 0);
    cr_expect_eq(h.band[0].dwells, 2);
    cr_expect_eq(h.band[0].heard_s, 20);
    cr_expect_eq(h.band[1].heard_s, 10);
    cr_expect_eq(h.band[2].heard_s, 5);
    cr_expect_eq(h.band[1].longer, 0);
}

Test(hop, begins_where_the_receiver_is)
{
    struct hz_hop h;
    hz_hop_begin(&h, &plan, 162e6, 0);
    cr_expect_eq(h.at, 1);
    cr_expect_eq(hz_hop_next(&h), 2);
    cr_expect_eq(h.band[1].dwells, 1);
    hz_hop_begin(&h, &plan, 868e6, 0);
    cr_expect_eq(h.at, 0, "a centre that the plan does not have");
}

Test(hop, stays_until_what_is_received_ends)
{
    struct hz_hop h;
    hz_hop_begin(&h, &plan, 0, 0);
    double now = pass(&h, 0, 22, 4);
    cr_expect_eq(h.at, 0);
    cr_expect(h.stays);
    cr_expect_eq(hz_hop_left_s(&h), 18, "it may stay as long again");
    pass(&h, now, 2, 4);
    cr_expect_eq(h.at, 1);
    cr_expect_not(h.stays);
    cr_expect_eq(h.band[0].longer, 1);
    cr_expect_float_eq(h.band[0].longer_s, 4, 1.0 / 64);
    cr_expect_eq(h.band[0].heard_s, 24);
}

Test(hop, stays_no_longer_than_once_more_its_time)
{
    struct hz_hop h;
    hz_hop_begin(&h, &plan, 0, 0);
    double now = pass(&h, 0, 40 - 1.0 / 64, 1e9);
    cr_expect_eq(h.at, 0);
    cr_expect_eq(h.band[0].longer, 1);
    pass(&h, now, 1.0 / 64, 1e9);
    cr_expect_eq(h.at, 1);
    cr_expect_eq(h.band[0].heard_s, 40);
}

Test(hop, time_until_the_next_visit)
{
    struct hz_hop h;
    hz_hop_begin(&h, &plan, 0, 0);
    pass(&h, 0, 15, 0);
    cr_expect_eq(hz_hop_left_s(&h), 5);
    cr_expect_eq(hz_hop_wait_s(&h, 0), 0);
    cr_expect_eq(hz_hop_wait_s(&h, 1), 5);
    cr_expect_eq(hz_hop_wait_s(&h, 2), 15);
    hz_hop_arrive(&h, 2);
    cr_expect_eq(hz_hop_wait_s(&h, 0), 5);
    cr_expect_eq(hz_hop_wait_s(&h, 1), 25);
}

/* What was heard of all bands, and what was cut after the hops, is all of the time. */
Test(hop, coverage_adds_up)
{
    struct hz_hop h;
    hz_hop_begin(&h, &plan, 0, 500);
    double now = pass(&h, 500, 73, 0);
    double minute = 0, hour = 0;
    for (size_t i = 0; i < plan.n; i++) {
        minute += hz_hop_last_minute(&h, i, now);
        hour += hz_hop_last_hour(&h, i, now);
    }
    /* two rounds of 36.5 s: six hops in 73 s, all of them in the last 59 s. A step that ends with a
     * slot counts for the next one. */
    cr_expect_float_eq(hour, (73 - 6 * 0.5) / 73, 1e-6);
    cr_expect_float_eq(minute, 1 - 6 * 0.5 / 59, 1.01 / 64 / 59, "%g", minute);
    cr_expect_float_eq(hz_hop_last_hour(&h, 0, now), 40.0 / 73, 1e-6);
    cr_expect_float_eq(hz_hop_last_hour(&h, 2, now), 10.0 / 73, 1e-6);
}

Test(hop, what_is_long_ago_does_not_count)
{
    struct hz_hop h;
    hz_hop_begin(&h, &plan, 0, 0);
    double now = pass(&h, 0, 36.5, 0);
    cr_expect_gt(hz_hop_last_minute(&h, 0, now), 0.5);
    cr_expect_eq(hz_hop_last_minute(&h, 0, now + 61), 0);
    cr_expect_gt(hz_hop_last_hour(&h, 0, now + 61), 0.2);
    cr_expect_eq(hz_hop_last_hour(&h, 0, now + 3700), 0);
    hz_hop_heard(&h, 1, now + 3700);
    cr_expect_float_eq(hz_hop_last_hour(&h, h.at, now + 3700), 1.0 / 3600, 1e-5);
}

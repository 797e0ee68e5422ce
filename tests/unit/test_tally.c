#include "daemon/receive/tally.h"

#include <criterion/criterion.h>
#include <math.h>

static void add(struct hz_tally *t, float snr_db, unsigned fixed_bits)
{
    struct hz_record message = {
        .kind = HZ_KIND_MESSAGE, .snr_db = snr_db, .fixed_bits = fixed_bits};
    hz_tally_add(t, &message);
}

Test(tally, tells_repaired_messages_from_right_ones)
{
    struct hz_tally t = {0};
    add(&t, 10, 0);
    add(&t, 10, 2);
    add(&t, NAN, 0);
    cr_assert_eq(t.messages[HZ_RIGHT], 2);
    cr_assert_eq(t.messages[HZ_REPAIRED], 1);
    cr_assert_eq(t.messages[HZ_DOUBTFUL], 0);
    cr_assert_eq(hz_tally_measured(&t), 2);
}

Test(tally, tells_quantiles_of_the_snr)
{
    struct hz_tally t = {0};
    for (int db = 1; db <= 100; db++)
        add(&t, (float)db / 2, 0); /* 0.5 to 50 dB */
    cr_assert_float_eq(hz_tally_quantile(&t, 0.5), 25, 0.51);
    cr_assert_float_eq(hz_tally_quantile(&t, 0.1), 5, 0.51);
    cr_assert_float_eq(hz_tally_quantile(&t, 0.9), 45, 0.51);
    cr_assert_float_eq(hz_tally_quantile(&t, 0), 0.5, 0.01);
    cr_assert_float_eq(hz_tally_quantile(&t, 1), 50, 0.51);
    cr_assert_float_eq(t.snr_sum_db, 2525, 1e-6);
}

Test(tally, has_no_quantile_of_nothing)
{
    struct hz_tally t = {0};
    cr_assert(isnan(hz_tally_quantile(&t, 0.5)));
}

Test(tally, counts_what_is_outside_in_the_outer_bins)
{
    struct hz_tally t = {0};
    add(&t, -200, 0);
    add(&t, 200, 0);
    cr_assert_eq(hz_tally_below(&t, HZ_TALLY_LOW_DB + 1), 1);
    cr_assert_eq(hz_tally_below(&t, HZ_TALLY_LOW_DB + HZ_TALLY_BINS - 1), 1);
    cr_assert_eq(hz_tally_measured(&t), 2);
}

Test(tally, counts_below_a_limit_what_is_below_it)
{
    struct hz_tally t = {0};
    add(&t, 11.9F, 0);
    add(&t, 12.0F, 0);
    add(&t, -0.1F, 0);
    cr_assert_eq(hz_tally_below(&t, 12), 2);
    cr_assert_eq(hz_tally_below(&t, 0), 1);
    cr_assert_eq(hz_tally_below(&t, HZ_TALLY_LOW_DB), 0);
}

Test(tally, tells_what_came_since)
{
    struct hz_tally t = {0};
    add(&t, 10, 0);
    struct hz_tally before = t;
    add(&t, 20, 1);
    add(&t, 22, 1);
    hz_tally_since(&t, &before);
    cr_assert_eq(t.messages[HZ_RIGHT], 0);
    cr_assert_eq(t.messages[HZ_REPAIRED], 2);
    cr_assert_eq(hz_tally_measured(&t), 2);
    cr_assert_float_eq(hz_tally_quantile(&t, 0.5), 20.5, 0.01);
    cr_assert_float_eq(t.snr_sum_db, 42, 1e-6);
}

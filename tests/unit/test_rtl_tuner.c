#include "daemon/source/rtl_tuner.h"

#include <criterion/criterion.h>

/* The ends of the lists as librtlsdr has them, by the numbers of its enum rtlsdr_tuner. */
Test(rtl_tuner, gains_by_number)
{
    const struct hz_rtl_tuner *t = hz_rtl_tuner(HZ_RTL_R820T);
    cr_assert_not_null(t);
    cr_expect_str_eq(t->name, "R820T");
    cr_assert_eq(t->n_gains, 29);
    cr_expect_eq(t->gains[0], 0);
    cr_expect_eq(t->gains[28], 496);
    t = hz_rtl_tuner(1);
    cr_assert_not_null(t);
    cr_expect_str_eq(t->name, "E4000");
    cr_assert_eq(t->n_gains, 14);
    cr_expect_eq(t->gains[0], -10);
    cr_expect_eq(t->gains[13], 420);
    cr_expect_null(hz_rtl_tuner(0));
    cr_expect_null(hz_rtl_tuner(7));
}

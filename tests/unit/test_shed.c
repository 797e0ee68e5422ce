/* What is full drops until half of it is free, and counts that as one overrun. */
#include "daemon/base/shed.h"

#include <criterion/criterion.h>

Test(shed, begins_when_full_and_ends_when_half_is_free)
{
    static const struct {
        size_t used;
        bool drops;
        unsigned times;
    } steps[] = {{0, false, 0}, {7, false, 0}, {8, true, 1},  {7, true, 1}, {5, true, 1},
                 {8, true, 1},  {4, false, 1}, {7, false, 1}, {8, true, 2}, {0, false, 2}};
    struct hz_shed s = {0};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        cr_expect_eq(hz_shed(&s, steps[i].used, 8), steps[i].drops, "step %zu", i);
        cr_expect_eq(s.times, steps[i].times, "step %zu: %llu times", i,
                     (unsigned long long)s.times);
    }
}

#include "daemon/base/utc.h"

#include <criterion/criterion.h>
#include <time.h>

static int64_t system_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

Test(utc, it_is_the_system_clock_to_the_nanosecond)
{
    for (int i = 0; i < 1000; i++) {
        int64_t before = system_ns(), now = hz_utc_now(), after = system_ns();
        if (before > after)
            continue; /* the system clock was set back in between */
        cr_assert(before <= now && now <= after, "%lld %lld %lld", (long long)before,
                  (long long)now, (long long)after);
    }
}

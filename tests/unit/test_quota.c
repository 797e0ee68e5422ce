#include "daemon/serve/quota.h"

#include <criterion/criterion.h>

static struct hz_quota quota;
static const struct hz_quota_limit three = {.times = 3, .in_ms = 1000};

static struct hz_peer peer(int n)
{
    return (struct hz_peer){.net = {4, 192, 0, (uint8_t)(n >> 8), (uint8_t)n}};
}

Test(quota, so_many_in_so_long)
{
    struct hz_peer a = peer(1), b = peer(2), own = {.local = true};
    for (int round = 0; round < 3; round++) {
        uint64_t t = 5000 + 1000 * (uint64_t)round;
        for (int i = 0; i < 3; i++) {
            cr_expect(hz_quota_left(&quota, &three, &a, t + (uint64_t)i));
            cr_expect(hz_quota_use(&quota, &three, &a, t + (uint64_t)i));
        }
        cr_expect_not(hz_quota_left(&quota, &three, &a, t + 999));
        cr_expect_not(hz_quota_use(&quota, &three, &a, t + 999)); /* and that begins nothing anew */
        cr_expect(hz_quota_use(&quota, &three, &b, t));
        cr_expect(hz_quota_left(&quota, &three, &a, t + 1000));
    }
    for (int i = 0; i < 100; i++)
        cr_expect(hz_quota_use(&quota, &three, &own, 1));
}

Test(quota, more_addresses_than_it_holds_forget_the_oldest)
{
    for (int i = 0; i < 300; i++) {
        struct hz_peer p = peer(i);
        for (int k = 0; k < 3; k++)
            cr_expect(hz_quota_use(&quota, &three, &p, 100 + (uint64_t)i));
        cr_expect_not(hz_quota_left(&quota, &three, &p, 100 + (uint64_t)i));
    }
    struct hz_peer first = peer(0), last = peer(299);
    cr_expect(hz_quota_left(&quota, &three, &first, 399));
    cr_expect_not(hz_quota_left(&quota, &three, &last, 399));
}

#include "proto/adsb/trust.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { HOLD = 100 };

static struct hz_adsb_trust *fresh(void)
{
    struct hz_adsb_trust *t = calloc(1, sizeof(*t));
    hz_adsb_trust_init(t, HOLD);
    return t;
}

Test(adsb_trust, an_address_is_trusted_until_it_expires)
{
    struct hz_adsb_trust *t = fresh();
    cr_expect(!hz_adsb_trust_has(t, 0x4d2023, 5));
    hz_adsb_trust_add(t, 0x4d2023, 5);
    cr_expect(hz_adsb_trust_has(t, 0x4d2023, 5));
    cr_expect(hz_adsb_trust_has(t, 0x4d2023, 5 + HOLD));
    cr_expect(!hz_adsb_trust_has(t, 0x4d2023, 6 + HOLD));
    cr_expect(!hz_adsb_trust_has(t, 0x4d2024, 5));
    hz_adsb_trust_add(t, 0x4d2023, 90);
    cr_expect(hz_adsb_trust_has(t, 0x4d2023, 90 + HOLD));
    free(t);
}

/* Ten times as many addresses as fit: the latest are there, and nothing that was never heard. */
Test(adsb_trust, the_oldest_leave_when_it_is_full)
{
    enum { MANY = 10 * HZ_ADSB_TRUST_SETS * HZ_ADSB_TRUST_WAYS };
    struct hz_adsb_trust *t = fresh();
    size_t kept = 0;
    t->hold = MANY;
    for (uint32_t k = 1; k <= MANY; k++)
        hz_adsb_trust_add(t, k, k);
    for (uint32_t k = 1; k <= MANY; k++)
        kept += hz_adsb_trust_has(t, k, MANY);
    cr_expect_eq(kept, HZ_ADSB_TRUST_SETS * HZ_ADSB_TRUST_WAYS);
    for (uint32_t k = MANY - 1000; k <= MANY; k++)
        cr_expect(hz_adsb_trust_has(t, k, MANY));
    cr_expect(!hz_adsb_trust_has(t, MANY + 1, MANY));
    free(t);
}

Test(adsb_trust, the_map_never_denies_an_address_that_is_there)
{
    struct hz_adsb_trust *t = fresh();
    for (uint32_t now = 1; now < 1000; now++) {
        hz_adsb_trust_add(t, now * 7919 & 0xffffff, now);
        for (uint32_t back = 0; back < HOLD && back < now; back++)
            if (hz_adsb_trust_has(t, (now - back) * 7919 & 0xffffff, now))
                cr_assert(hz_adsb_trust_maybe(t, (now - back) * 7919 & 0xffffff));
    }
    free(t);
}

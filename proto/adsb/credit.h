/* How much costly work may be done: earned with the samples, saved up to a limit, so that dense
 * traffic costs what it may and no more, while a busy moment is heard whole. A unit is about a
 * microsecond, counted and never measured: the same samples give the same frames. Pure. */
#ifndef HZ_PROTO_ADSB_CREDIT_H
#define HZ_PROTO_ADSB_CREDIT_H

#include <stdbool.h>

enum {
    HZ_ADSB_CREDIT_EARNED = 28,     /* per block of 3.4 ms at 2.4 Msps */
    HZ_ADSB_CREDIT_MOST = 32 * 600, /* saved: 2.3 s of it */
    HZ_ADSB_CREDIT_KEPT = 32 * 100, /* of that, for soft decisions alone: they give the most */
    HZ_ADSB_COST_SOFT = 3,          /* soft decisions and repair of one candidate */
    HZ_ADSB_COST_CANCEL = 3,        /* taking one burst out */
    HZ_ADSB_COST_AGAIN = 5,         /* searching its place again */
    HZ_ADSB_COST_HEADLESS = 1,      /* per 100 samples */
};

struct hz_adsb_credit {
    int left;
};

static inline void hz_adsb_credit_earn(struct hz_adsb_credit *c)
{
    const int sum = c->left + HZ_ADSB_CREDIT_EARNED;
    c->left = sum < HZ_ADSB_CREDIT_MOST ? sum : HZ_ADSB_CREDIT_MOST;
}

/* Pays for a piece of work, of which `kept` must be left over; false: it must not be done. */
static inline bool hz_adsb_credit_pay(struct hz_adsb_credit *c, int cost, int kept)
{
    if (c->left - cost < kept)
        return false;
    c->left -= cost;
    return true;
}

#endif

/* A budget for the costly stages of the demodulator: earned with each block of samples and saved up
 * to a limit. Dense traffic has a bounded cost, and a short peak is decoded completely. A unit is
 * about a microsecond of work. It is counted and not measured, so the same samples give the same
 * frames. Pure. One thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_CREDIT_H
#define HZ_PROTO_ADSB_CREDIT_H

#include <stdbool.h>

enum {
    HZ_ADSB_CREDIT_EARNED = 28,     /* per block of 3.4 ms at 2.4 Msps */
    HZ_ADSB_CREDIT_MOST = 32 * 600, /* upper limit: what 2.3 s earn */
    HZ_ADSB_CREDIT_KEPT = 6,        /* one part in so many is kept for soft decisions, which give
                                     * most frames */
    HZ_ADSB_COST_SOFT = 3,          /* soft decisions and repair of one candidate */
    HZ_ADSB_COST_CANCEL = 3,        /* cancellation of one burst */
    HZ_ADSB_COST_AGAIN = 5,         /* another search of its place */
    HZ_ADSB_COST_HEADLESS = 1,      /* per 100 samples */
};

struct hz_adsb_credit {
    int left, most;
};

/* Sets the upper limit; a new credit begins with all of it. */
static inline void hz_adsb_credit_limit(struct hz_adsb_credit *c, int most)
{
    c->left = c->most == 0 || c->left > most ? most : c->left;
    c->most = most;
}

static inline void hz_adsb_credit_earn(struct hz_adsb_credit *c)
{
    const int sum = c->left + HZ_ADSB_CREDIT_EARNED;
    c->left = sum < c->most ? sum : c->most;
}

/* Pays for soft decisions; false: the work must not be done. */
static inline bool hz_adsb_credit_pay(struct hz_adsb_credit *c, int cost)
{
    if (c->left < cost)
        return false;
    c->left -= cost;
    return true;
}

/* Pays for work of another kind, which leaves what is kept for soft decisions. */
static inline bool hz_adsb_credit_spare(struct hz_adsb_credit *c, int cost)
{
    return c->left - cost >= c->most / HZ_ADSB_CREDIT_KEPT && hz_adsb_credit_pay(c, cost);
}

#endif

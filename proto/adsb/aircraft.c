#include "proto/adsb/aircraft.h"

#include <math.h>
#include <string.h>

#define NONE      UINT16_MAX
#define FORGOTTEN UINT64_C(300000000000) /* ns */

size_t hz_aircraft_table_size(void)
{
    return sizeof(struct hz_aircraft_table);
}

void hz_aircraft_table_init(struct hz_aircraft_table *t, double latitude, double longitude)
{
    t->antenna = (struct hz_position){latitude, longitude};
    t->antenna_known = isfinite(latitude) && isfinite(longitude);
    t->used = 0;
    t->newest = t->oldest = NONE;
    memset(t->bucket, 0xff, sizeof t->bucket);
}

/* Multiplicative hashing: 2^32 over the golden ratio, the top 12 bits. */
static uint16_t *bucket_of(struct hz_aircraft_table *t, uint32_t key)
{
    return &t->bucket[(key * UINT32_C(2654435769)) >> 20];
}

static void unlink_age(struct hz_aircraft_table *t, struct hz_aircraft *a)
{
    *(a->newer == NONE ? &t->newest : &t->slot[a->newer].older) = a->older;
    *(a->older == NONE ? &t->oldest : &t->slot[a->older].newer) = a->newer;
}

static void link_newest(struct hz_aircraft_table *t, uint16_t i)
{
    t->slot[i].newer = NONE;
    t->slot[i].older = t->newest;
    *(t->newest == NONE ? &t->oldest : &t->slot[t->newest].newer) = i;
    t->newest = i;
}

/* A slot for a new aircraft, removed from all lists: an unused one, or that of the oldest. */
static uint16_t take_slot(struct hz_aircraft_table *t)
{
    if (t->used < HZ_AIRCRAFT_MAX)
        return t->used++;
    uint16_t i = t->oldest;
    struct hz_aircraft *a = &t->slot[i];
    unlink_age(t, a);
    uint16_t *link = bucket_of(t, a->key);
    while (*link != i)
        link = &t->slot[*link].chain;
    *link = a->chain;
    return i;
}

static void begin(struct hz_aircraft *a, uint32_t key)
{
    uint16_t chain = a->chain;
    *a = (struct hz_aircraft){.key = key, .chain = chain};
}

struct hz_aircraft *hz_aircraft_heard(struct hz_aircraft_table *t, uint32_t key, int64_t time_ns)
{
    uint16_t *head = bucket_of(t, key);
    uint16_t i = *head;
    while (i != NONE && t->slot[i].key != key)
        i = t->slot[i].chain;
    struct hz_aircraft *a;
    if (i == NONE) {
        i = take_slot(t);
        a = &t->slot[i];
        a->chain = *head;
        *head = i;
        begin(a, key);
    } else {
        a = &t->slot[i];
        unlink_age(t, a);
        if (hz_between_ns(time_ns, a->heard_ns) > FORGOTTEN)
            begin(a, key);
    }
    link_newest(t, i);
    a->heard_ns = time_ns;
    return a;
}

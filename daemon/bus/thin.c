#include "daemon/bus/thin.h"

#include <stdlib.h>

enum {
    WAYS = 8, /* places that a key may take */
    SETS_MIN = 4,
    SETS_MAX = 512,
};

/* A sender, and the last period in which a message of it has passed. */
struct sender {
    uint64_t key;
    int64_t period;
};

struct hz_thin {
    int64_t period_ns;
    int64_t now; /* newest period so far */
    size_t sets; /* a power of two */
    struct sender (*senders)[WAYS];
};

/* A place that nobody has, or whose sender passes next time anyway. */
static bool is_free(const struct hz_thin *t, const struct sender *s)
{
    return s->period < t->now - 1;
}

static struct sender (*new_senders(size_t sets))[WAYS]
{
    struct sender(*all)[WAYS] = malloc(sets * sizeof *all);
    for (size_t i = 0; all && i < sets; i++) {
        for (int k = 0; k < WAYS; k++)
            all[i][k] = (struct sender){0, INT64_MIN};
    }
    return all;
}

struct hz_thin *hz_thin_new(uint64_t period_s)
{
    struct hz_thin *t = malloc(sizeof *t);
    if (!t)
        return NULL;
    *t = (struct hz_thin){.period_ns = (int64_t)period_s * 1000000000,
                          .now = INT64_MIN + 2,
                          .sets = SETS_MIN,
                          .senders = new_senders(SETS_MIN)};
    if (!t->senders) {
        free(t);
        return NULL;
    }
    return t;
}

void hz_thin_free(struct hz_thin *t)
{
    if (t)
        free(t->senders);
    free(t);
}

static struct sender *find(struct sender *set, uint64_t key)
{
    for (int k = 0; k < WAYS; k++) {
        if (set[k].key == key && set[k].period != INT64_MIN)
            return &set[k];
    }
    return NULL;
}

static struct sender *oldest(struct sender *set)
{
    struct sender *s = set;
    for (int k = 1; k < WAYS; k++)
        s = set[k].period < s->period ? &set[k] : s;
    return s;
}

/* Doubles the table. False: it has its largest size, or there is no memory. */
static bool grow(struct hz_thin *t)
{
    size_t sets = 2 * t->sets;
    struct sender(*all)[WAYS] = sets <= SETS_MAX ? new_senders(sets) : NULL;
    if (!all)
        return false;
    for (size_t i = 0; i < t->sets; i++) {
        for (int k = 0; k < WAYS; k++) {
            struct sender s = t->senders[i][k];
            if (!is_free(t, &s))
                *oldest(all[s.key & (sets - 1)]) = s; /* one is free: it had 8 for two sets */
        }
    }
    free(t->senders);
    t->senders = all;
    t->sets = sets;
    return true;
}

static struct sender *place(struct hz_thin *t, uint64_t key)
{
    struct sender *s;
    do
        s = oldest(t->senders[key & (t->sets - 1)]);
    while (!is_free(t, s) && grow(t));
    return s;
}

bool hz_thin_passes(struct hz_thin *t, uint64_t key, int64_t utc_ns)
{
    int64_t period = utc_ns / t->period_ns - (utc_ns % t->period_ns < 0);
    struct sender *s = find(t->senders[key & (t->sets - 1)], key);
    if (s && (period == s->period || period == s->period - 1))
        return false;
    t->now = period > t->now ? period : t->now;
    if (!s)
        s = place(t, key);
    *s = (struct sender){key, period};
    return true;
}

#include "proto/reader/ticks.h"

#include <stdlib.h>

#define COUNTER_MASK ((UINT64_C(1) << 48) - 1)

static const int64_t window_ns = 10000000000, jump_ns = 5000000000, day_ns = 86400000000000;

static int64_t ns_of(int64_t ticks)
{
    return ticks / 12 * 1000 + ticks % 12 * 1000 / 12;
}

/* The way from one counter to the next, which may have wrapped, or be a little before. */
static int64_t step(uint64_t from, uint64_t to)
{
    uint64_t ahead = (to - from) & COUNTER_MASK;
    return ahead >> 47 ? (int64_t)ahead - (int64_t)COUNTER_MASK - 1 : (int64_t)ahead;
}

static int64_t least(const struct hz_ticks *t)
{
    return t->least_ns[0] < t->least_ns[1] ? t->least_ns[0] : t->least_ns[1];
}

static void begin(struct hz_ticks *t, uint64_t ticks, int64_t arrival_ns)
{
    uint64_t restarts = t->restarts + t->known;
    *t = (struct hz_ticks){.known = true, .last = ticks, .restarts = restarts};
    t->least_ns[0] = t->least_ns[1] = arrival_ns;
}

int64_t hz_ticks_utc(struct hz_ticks *t, uint64_t ticks, int64_t arrival_ns)
{
    if (!t->known)
        begin(t, ticks, arrival_ns);
    int64_t count = t->count_ns + ns_of(step(t->last, ticks));
    if (llabs(arrival_ns - count - least(t)) > jump_ns) {
        begin(t, ticks, arrival_ns);
        count = 0;
    }
    t->last = ticks;
    t->count_ns = count;
    int64_t differs = arrival_ns - count;
    if (llabs(count - t->window_ns) > window_ns) {
        t->window_ns = count;
        t->least_ns[1] = t->least_ns[0];
        t->least_ns[0] = differs;
    }
    if (differs < t->least_ns[0])
        t->least_ns[0] = differs;
    return count + least(t);
}

int64_t hz_ticks_gps(uint64_t ticks, int64_t arrival_ns)
{
    int64_t s = (int64_t)(ticks >> 30), ns = (int64_t)(ticks & 0x3fffffff);
    if (s >= 86400 || ns >= 1000000000)
        return 0;
    int64_t utc = arrival_ns / day_ns * day_ns + s * 1000000000 + ns;
    if (utc - arrival_ns > day_ns / 2)
        return utc - day_ns;
    return arrival_ns - utc > day_ns / 2 ? utc + day_ns : utc;
}

bool hz_ticks_mlat(uint64_t ticks)
{
    return ticks == 0xff004d4c4154;
}

#include "daemon/source/stream_time.h"

#include <math.h>
#include <stdlib.h>

enum { ENOUGH = 8 };                 /* timestamps that decide */
static const double step_max_s = 10; /* a loss of that length would have been a timeout */

void hz_stream_time_init(struct hz_stream_time *t, double rate_hz)
{
    *t = (struct hz_stream_time){.rate_hz = rate_hz};
}

void hz_stream_time_overflow(struct hz_stream_time *t)
{
    t->overflow = true;
}

void hz_stream_time_pass(struct hz_stream_time *t, uint64_t samples)
{
    t->since += samples;
}

/* Timestamps have whole nanoseconds, so the counts may differ by one sample. */
static void learn(struct hz_stream_time *t, int64_t extra)
{
    if (llabs(extra) <= 1)
        t->agreed++;
    else
        t->differed++;
    if (t->agreed == ENOUGH)
        t->trust = HZ_STREAM_EXACT;
    else if (t->differed == ENOUGH)
        t->trust = HZ_STREAM_IGNORED;
}

uint64_t hz_stream_time_at(struct hz_stream_time *t, int64_t ns)
{
    uint64_t lost = 0;
    double s = (double)(ns - t->last_ns) / 1e9;
    bool steady = t->has_last && s >= 0 && s <= step_max_s;
    int64_t extra = steady ? llround(s * t->rate_hz) - (int64_t)t->since : 0;
    if (steady && t->trust == HZ_STREAM_LEARNING && !t->overflow)
        learn(t, extra);
    else if (steady && t->trust != HZ_STREAM_IGNORED && extra > (t->overflow ? 0 : 1))
        lost = (uint64_t)extra; /* while it learns only of an overflow */
    t->has_last = true;
    t->overflow = false;
    t->last_ns = ns;
    t->since = 0;
    return lost;
}

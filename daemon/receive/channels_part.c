/* Which part of its band a receiver's channels need. */
#include "daemon/receive/channels_own.h"

#include <math.h>

/* The part of the band has so much room on both sides, where channels may be shifted. */
#define SHIFT_ROOM_PPM 3.0

/* The part of the band around a centre that its narrow channels need, relative to it; all where
 * it has none. The noise is measured beside them, where more than half of the part must be free.
 */
static void reach(const struct hz_channels *c, double centre_hz, double *low, double *high)
{
    double widest = 0;
    *low = INFINITY;
    *high = -INFINITY;
    /* with more than half of the rate between them they need all */
    for (size_t i = 0; i < c->n && *high - *low <= c->rate_hz / 2; i++) {
        if (!hz_channel_narrow(c->list[i]) || hz_channel_hosts(c->list[i]) ||
            !hz_channels_hears(c, c->list[i], centre_hz))
            continue;
        struct hz_ddc_config how = hz_channel_how(c->list[i], centre_hz, c->rate_hz);
        *low = fmin(*low, how.offset_hz - how.bandwidth_hz / 2);
        *high = fmax(*high, how.offset_hz + how.bandwidth_hz / 2);
        widest = fmax(widest, how.bandwidth_hz);
    }
    if (widest == 0) {
        *low = -INFINITY;
        *high = INFINITY;
    }
    double room = c->may_shift ? SHIFT_ROOM_PPM * 1e-6 * centre_hz : 0;
    *low -= room;
    *high += room;
    double lacks = fmax(2.5 * widest - (*high - *low), 0);
    *low -= lacks / 2;
    *high += lacks / 2;
}

/* Whether something may open anywhere in the band, or somebody wants all of it. */
static bool needs_all(const struct hz_channels *c)
{
    return c->anywhere || c->visits.stats.open > 0 || hz_channels_host(c) ||
           (c->env.wants_all && c->env.wants_all(c->env.ctx));
}

void hz_channels_part(void *channels, double centre_hz, double *low, double *high)
{
    const struct hz_channels *c = channels;
    double edge = c->rate_hz / 2;
    bool all = needs_all(c);
    if (!all)
        reach(c, centre_hz, low, high);
    if (!all && *low > -edge && *high < edge)
        return;
    *low = -edge;
    *high = edge;
}

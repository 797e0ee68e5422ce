/* The channels of a receiver that dwells in several bands in turn. */
#include "config/hops.h"
#include "daemon/receive/channels_own.h"

void hz_channels_hop(struct hz_channels *c, bool hops, double centre_hz)
{
    c->hops = hops;
    c->centre_hz = centre_hz;
}

bool hz_channels_hears(const struct hz_channels *c, const struct hz_channel *channel,
                       double centre_hz)
{
    const struct hz_conf_channel *conf = hz_channel_conf(channel);
    struct hz_plan_band band = {.rate_hz = c->rate_hz, .centre_hz = centre_hz};
    return !c->hops || hz_channel_host(channel) || hz_hops_hears(&band, conf, conf->freq_hz);
}

bool hz_channels_busy(const struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct hz_channel *ch = c->list[i];
        struct hz_channel_stats s = hz_channel_stats(ch);
        bool gated = hz_channel_narrow(ch) && hz_plan_squelch(hz_channel_conf(ch)) != 0;
        if (hz_channels_hears(c, ch, c->centre_hz) &&
            ((gated && s.open) || s.talking || s.receiving || s.bursts.open > 0))
            return true;
    }
    return false;
}

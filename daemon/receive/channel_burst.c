/* Channels whose decoder takes bursts, the hosts; and the channels that serve one burst each. */
#include "daemon/receive/channel_own.h"

bool hz_channel_hosts(const struct hz_channel *c)
{
    return c->hosts && hz_channel_narrow(c);
}

struct hz_channel *hz_channel_host(const struct hz_channel *c)
{
    return c->host;
}

struct hz_channel_bursts *hz_channel_bursts(struct hz_channel *host)
{
    return &host->stats.bursts;
}

void hz_channel_count(struct hz_channel *host, enum hz_reason reason)
{
    host->stats.count[reason]++;
}

void hz_channel_orphan(struct hz_channel *c)
{
    c->host = NULL;
}

void hz_channel_hand_over(struct hz_channel *c)
{
    struct hz_channel_stats *to = &c->host->stats, *s = &c->stats;
    for (int r = 0; r < HZ_REASONS; r++)
        to->count[r] += s->count[r];
    hz_means_join(&to->heard, &s->heard);
    hz_means_join(&to->failed, &s->failed);
    to->blocks += s->blocks;
    to->samples += s->samples;
    to->cpu_ns += s->cpu_ns;
    to->arena_drops += s->arena_drops;
    to->lost_samples += s->lost_samples;
    if (s->last_message_mono_ns > to->last_message_mono_ns)
        to->last_message_mono_ns = s->last_message_mono_ns;
    to->bursts.open--;
}

/* What is told of a channel: its inbox, its section, its counters. */
#include "daemon/bus/audience.h"
#include "daemon/receive/channel_own.h"

bool hz_channel_has_room(const struct hz_channel *c)
{
    return hz_channel_turns(c) ? hz_turner_has_room(c->turner) : hz_strand_has_room(&c->strand);
}

bool hz_channel_idle(const struct hz_channel *c)
{
    return hz_channel_turns(c) ? hz_turner_idle(c->turner) : hz_strand_idle(&c->strand);
}

bool hz_channel_has_part_in(const struct hz_channel *c, uint64_t turn)
{
    return !c->deaf && !hz_channel_hosts(c) && turn >= c->first_turn && turn <= c->last_turn;
}

uint64_t hz_channel_number(const struct hz_channel *c)
{
    return c->env.number;
}

bool hz_channel_narrow(const struct hz_channel *c)
{
    return hz_decoding_narrow(&c->decoding);
}

struct hz_ddc_config hz_channel_how(const struct hz_channel *c, double centre_hz, double rate_hz)
{
    return hz_decoding_how(&c->decoding, centre_hz, rate_hz);
}

const struct hz_conf_channel *hz_channel_conf(const struct hz_channel *c)
{
    return &c->conf;
}

struct hz_channel_stats hz_channel_stats(const struct hz_channel *c)
{
    struct hz_channel_stats s = c->stats;
    s.queued = hz_channel_turns(c) ? hz_turner_queued(c->turner) : c->strand.count;
    s.overruns = c->strand.shed.times;
    return s;
}

const struct hz_tally *hz_channel_tally(const struct hz_channel *c)
{
    return &c->tally;
}

unsigned hz_channel_at_a_time(const struct hz_channel *c)
{
    return hz_channel_turns(c) ? c->conf.decoder->turns->at_a_time : 1;
}

size_t hz_channel_listeners(const struct hz_channel *c)
{
    return hz_audience_of(hz_bus_audience(c->env.bus), c->topic);
}

const char *hz_channel_error(const struct hz_channel *c)
{
    return c->reason[0] ? c->reason : NULL;
}

uint64_t hz_channel_busy_since(const struct hz_channel *c)
{
    return hz_channel_turns(c) ? hz_turner_busy_since(c->turner) : hz_strand_busy_since(&c->strand);
}

/* Visits of a receiver's channels, and the bursts that are served by them. */
#include "daemon/receive/channels_own.h"

#include "config/plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

/* Batches that wait for the channel of a visit in a live stream: all that is held, and half a
 * second more that comes while it decodes them. */
enum { LIVE_INBOX = HZ_VISITS_HELD + 24 };

/* ---- visits ----------------------------------------------------------------------------- */

static struct hz_channel_env visit_env(struct hz_channels *c, int priority)
{
    struct hz_channel_env env = hz_channels_env_of(c, true, priority);
    if (c->env.live)
        env.inbox = LIVE_INBOX;
    return env;
}

int hz_channels_allow_visits(struct hz_channels *c, size_t limit)
{
    struct hz_channel_env env = visit_env(c, 0);
    c->anywhere = limit > 0;
    return hz_visits_init(&c->visits, limit, &env);
}

int64_t hz_channels_visit(struct hz_channels *c, const struct hz_visit *visit, char *err,
                          size_t err_len)
{
    struct hz_visit_slot *slot;
    if (hz_channels_reserve(c) != 0) {
        snprintf(err, err_len, "no memory");
        return -ENOMEM;
    }
    int rc = hz_visits_open(&c->visits, visit, c->shared, &slot, err, err_len);
    if (rc != 0)
        return rc;
    hz_channels_join(c, slot->channel);
    hz_channel_place(slot->channel, c->latitude, c->longitude);
    hz_visits_give_past(&c->visits, slot, visit->from);
    return (int64_t)slot->id;
}

int hz_channels_leave(struct hz_channels *c, uint64_t visit)
{
    struct hz_visit_slot *slot = visit ? hz_visits_find_id(&c->visits, visit) : NULL;
    if (!slot)
        return -ENOENT;
    slot->until = 0;
    return 0;
}

bool hz_channels_end_visits(struct hz_channels *c)
{
    size_t open = c->visits.stats.open;
    for (size_t i = c->n; c->visits.stats.open > 0 && i-- > 0;) {
        struct hz_visit_slot *slot = hz_visits_find(&c->visits, c->list[i]);
        if (!slot || !hz_visits_over(slot) ||
            !(c->env.live || hz_visits_due(&c->visits, slot, c->shared)))
            continue;
        hz_channels_take_out(c, i);
        hz_visits_shut(&c->visits, slot);
    }
    return c->visits.stats.open < open;
}

/* ---- bursts ----------------------------------------------------------------------------- */

/* Of the samples of a burst's channel, so much is pass band at least. */
#define CUT 0.96

/* Bursts at once that may take all the work which one may. When more are on the air each gets a
 * share, so that a second's work has a bound, whatever is sent. */
enum { AT_ONCE = 2 };

bool hz_channels_host(const struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (hz_channel_hosts(c->list[i]))
            return true;
    }
    return false;
}

int hz_channels_more_bursts(struct hz_channels *c, struct hz_channel *channel)
{
    if (!hz_channel_hosts(channel))
        return 0;
    const struct hz_conf_channel *conf = hz_channel_conf(channel);
    struct hz_channel_env env = visit_env(c, conf->priority);
    struct hz_channel_bursts *b = hz_channel_bursts(channel);
    b->limit = (size_t)conf->bursts;
    int rc = hz_visits_more(&c->visits, b->limit, &env);
    if (rc == 0 && c->band)
        hz_band_strand_hunt(c->band, true);
    return rc;
}

void hz_channels_leave_host(struct hz_channels *c, const struct hz_channel *channel)
{
    for (size_t i = 0; i < c->visits.stats.limit; i++) {
        struct hz_visit_slot *slot = &c->visits.slots[i];
        if (slot->id == 0 || hz_channel_host(slot->channel) != channel)
            continue;
        hz_channel_orphan(slot->channel);
        slot->until = 0;
    }
    if (c->band)
        hz_band_strand_hunt(c->band, hz_channels_host(c));
}

/* Whether a narrow channel of the configuration lies there, from the band's centre. */
static bool is_taken(const struct hz_channels *c, const struct hz_spectra *s, double at_hz)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct hz_channel *o = c->list[i];
        if (!hz_channel_narrow(o) || hz_channel_hosts(o) || hz_visits_find(&c->visits, o))
            continue;
        struct hz_ddc_config how = hz_channel_how(o, s->centre_hz, s->rate_hz);
        if (fabs(at_hz - how.offset_hz) < how.bandwidth_hz / 2)
            return true;
    }
    return false;
}

/* Whether a candidate is in the part of the band that a host's section names: all where no other
 * channel lies, unless it names one. */
static bool is_wanted(const struct hz_channels *c, const struct hz_spectra *s,
                      const struct hz_conf_channel *conf, const struct hz_hunt_event *e)
{
    double middle = (double)(e->low_hz + e->high_hz) / 2;
    if (conf->freq_hz == 0 && conf->bandwidth_hz == 0)
        return !is_taken(c, s, middle);
    double at = conf->freq_hz != 0 && s->centre_hz != 0 ? conf->freq_hz - s->centre_hz : 0;
    return fabs(middle - at) <= hz_plan_width(conf) / 2;
}

/* Opens the channel of one burst. The cut is around it, but inside the band. */
static void open_burst(struct hz_channels *c, const struct hz_spectra *s, struct hz_channel *host,
                       const struct hz_hunt_event *e)
{
    const struct hz_decoder *d = hz_channel_conf(host)->decoder;
    struct hz_channel_bursts *b = hz_channel_bursts(host);
    double block = s->rate_hz / HZ_BAND_BLOCKS_HZ, width = (double)(e->high_hz - e->low_hz);
    bool wide = d->rate_wide_hz > 0 && d->rate_wide_hz < s->rate_hz && width > 0.72 * d->rate_hz;
    double cut = CUT * fmin(wide ? d->rate_wide_hz : d->rate_hz, s->rate_hz);
    double low = hz_band_low(s->band->band), high = hz_band_high(s->band->band);
    double offset = round((double)(e->low_hz + e->high_hz) / 2 / 1000) * 1000;
    struct hz_visit visit = {
        .offset_hz = fmin(fmax(offset, low + cut / 2), high - cut / 2),
        .width_hz = cut,
        .decoder = d,
        .from = (uint64_t)((double)(e->from + 1) * block),
        .host = host,
        .candidate = e->id,
        .burst_low_hz = (double)e->low_hz,
        .burst_high_hz = (double)e->high_hz,
        .burst_share = b->open < AT_ONCE ? 1 : (double)AT_ONCE / (double)(b->open + 1),
    };
    char err[200];
    b->found++;
    if (b->open < b->limit && hz_channels_visit(c, &visit, err, sizeof err) > 0) {
        b->opened++;
        b->open++;
    } else {
        b->shed++;
        hz_channel_count(host, HZ_SHED);
    }
}

static void end_burst(struct hz_channels *c, const struct hz_spectra *s,
                      const struct hz_hunt_event *e)
{
    double block = s->rate_hz / HZ_BAND_BLOCKS_HZ;
    for (size_t i = 0; i < c->visits.stats.limit; i++) {
        struct hz_visit_slot *slot = &c->visits.slots[i];
        if (slot->id == 0 || slot->candidate != e->id || slot->given_last ||
            slot->epoch != s->epoch)
            continue;
        slot->until_block = e->until;
        slot->until = (uint64_t)((double)e->until * block);
        struct hz_channel *host = hz_channel_host(slot->channel);
        if (host && e->too_long)
            hz_channel_bursts(host)->too_long++;
    }
}

void hz_channels_open_bursts(struct hz_channels *c, const struct hz_spectra *s)
{
    for (size_t k = 0; k < s->n_events; k++) {
        const struct hz_hunt_event *e = &s->events[k];
        size_t n = c->n; /* those that are opened come behind */
        if (e->ends) {
            end_burst(c, s, e);
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            struct hz_channel *host = c->list[i];
            if (hz_channel_hosts(host) && hz_channels_hears(c, host, s->centre_hz) &&
                is_wanted(c, s, hz_channel_conf(host), e))
                open_burst(c, s, host, e);
        }
    }
}

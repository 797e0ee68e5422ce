/* A receiver that hops: it dwells in each band of its plan in turn. When to go on is decided by
 * daemon/receive/hop.h; here the source is tuned, and the stream of one band ends before that of
 * the next one begins. A dwell is counted in samples, so a stalled source does not use it up. */
#include "config/hops.h"
#include "daemon/base/log.h"
#include "daemon/receive/receiver_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double hz_receiver_hop_clock_s(const struct hz_receiver *r)
{
    if (r->channels.env.timed)
        return (double)uv_hrtime() / 1e9;
    double rate_hz = hz_receiver_samples(r).rate_hz;
    return rate_hz > 0 ? (double)r->stats.samples / rate_hz : 0;
}

void hz_receiver_plan(struct hz_receiver *r, const struct hz_conf_hops *plan)
{
    double centre_hz = hz_receiver_samples(r).centre_hz;
    if (memcmp(plan, &r->hop.plan, sizeof *plan) == 0)
        return;
    hz_hop_begin(&r->hop, plan, centre_hz, hz_receiver_hop_clock_s(r));
    memset(r->hop_told_s, 0, sizeof r->hop_told_s);
    r->hop_told_at_s = r->hop.began_s;
    hz_channels_hop(&r->channels, plan->n > 0, centre_hz);
    if (plan->n == 0 || plan->at[r->hop.at].centre_hz == centre_hz)
        return;
    struct hz_tuning want = hz_receiver_wants(r);
    want.centre_hz = plan->at[r->hop.at].centre_hz;
    hz_receiver_retune(r, &want);
}

bool hz_receiver_hop_lets_in(struct hz_receiver *r, const struct hz_block *b)
{
    const struct hz_hop *h = &r->hop;
    bool begins = b->epoch != r->count.source_epoch;
    if (h->plan.n == 0)
        return true;
    if (begins)
        hz_channels_finish(&r->channels, r->count.stamp);
    r->flow.hopped = begins;
    bool inside = h->dwell_s + (double)b->n / b->rate_hz < h->plan.at[h->at].seconds;
    return r->ops->live || (!begins && (inside || r->channels.env.timed)) ||
           hz_channels_done(&r->channels);
}

/* The first samples of a dwell are there. */
static void arrive(struct hz_receiver *r, size_t band)
{
    const struct hz_conf_hop *to = &r->hop.plan.at[band];
    char text[160], longer[64] = "";
    if (r->hop.stays)
        snprintf(longer, sizeof longer, "; it stayed %.1f s longer at %.6f MHz",
                 r->hop.dwell_s - r->hop.plan.at[r->hop.at].seconds,
                 r->hop.plan.at[r->hop.at].centre_hz / 1e6);
    snprintf(text, sizeof text, "dwells at %.6f MHz for %.10g s%s", to->centre_hz / 1e6,
             to->seconds, longer);
    hz_hop_arrive(&r->hop, band);
    hz_receiver_publish_state(r, text);
    hz_log(LOG_DEBUG, "receiver %s: %s", r->conf->name, text);
}

/* What the source does not take now is tried again with the next block. */
static void go_on(struct hz_receiver *r)
{
    char err[256];
    struct hz_tuning want = r->tuning.now;
    want.centre_hz = r->hop.plan.at[hz_hop_next(&r->hop)].centre_hz;
    if (r->ops->tune(r->src, &want, err, sizeof err) != 0)
        return;
    r->tuning.wanted = want;
    r->tuning.changing = r->tuning.hopping = true;
}

void hz_receiver_hop_block(struct hz_receiver *r, const struct hz_block *b)
{
    struct hz_hop *h = &r->hop;
    size_t band = hz_hops_find(&h->plan, b->centre_hz);
    if (band == h->plan.n)
        return; /* there is no plan, or its first band is not tuned yet */
    if (band != h->at)
        arrive(r, band);
    hz_hop_heard(h, (double)b->n / b->rate_hz, hz_receiver_hop_clock_s(r));
    if (r->tuning.changing || r->tuning.has_later || !hz_channels_have_room(&r->channels))
        return;
    if (hz_hop_over(h, hz_channels_busy(&r->channels)))
        go_on(r);
}

/* ---- for status ------------------------------------------------------------------------- */

const struct hz_conf_hops *hz_receiver_hops(const struct hz_receiver *r)
{
    return &r->hop.plan;
}

struct hz_receiver_band hz_receiver_band(const struct hz_receiver *r, size_t i)
{
    const struct hz_hop *h = &r->hop;
    const struct hz_hop_band *b = &h->band[i];
    const struct hz_conf_hop *plan = &h->plan.at[i];
    bool now = i == h->at;
    return (struct hz_receiver_band){
        .centre_hz = plan->centre_hz,
        .seconds = plan->seconds,
        .now = now,
        .stays = now && h->stays,
        .next_s = now ? hz_hop_left_s(h) : hz_hop_wait_s(h, i),
        .dwells = b->dwells,
        .longer = b->longer,
        .heard_s = b->heard_s,
        .longer_s = b->longer_s,
        .minute = hz_hop_last_minute(h, i, hz_receiver_hop_clock_s(r)),
        .hour = hz_hop_last_hour(h, i, hz_receiver_hop_clock_s(r)),
    };
}

bool hz_receiver_band_holds(const struct hz_receiver *r, size_t i, const struct hz_channel *c)
{
    return hz_channels_hears(&r->channels, c, r->hop.plan.at[i].centre_hz);
}

bool hz_receiver_away(const struct hz_receiver *r, const struct hz_channel *c, double *next_s)
{
    const struct hz_hop *h = &r->hop;
    *next_s = INFINITY;
    for (size_t i = 0; i < h->plan.n; i++) {
        if (hz_receiver_band_holds(r, i, c))
            *next_s = fmin(*next_s, hz_hop_wait_s(h, i));
    }
    return h->plan.n > 0 && !hz_receiver_band_holds(r, h->at, c);
}

/* The flow of blocks from a receiver's source to its channels, and when it has to wait. */
#include "daemon/receive/receiver_parts.h"

static void pull_if_room(struct hz_receiver *r)
{
    if (r->life.state != HZ_RX_STREAMING || r->ops->live || r->flow.pulled || r->flow.finishing ||
        !hz_channels_have_room(&r->channels))
        return;
    r->flow.pulled = true;
    r->ops->pull(r->src);
}

static void take_block(struct hz_receiver *r, struct hz_block *b);

static void hold(struct hz_receiver *r, bool held)
{
    r->flow.waiting = held;
    r->flow.last_block = (int64_t)uv_hrtime();
    r->ops->hold(r->src, held);
}

/* Samples that arrive in a burst can wait at the source. Samples that arrive at their nominal rate
 * cannot: those that find no room are dropped, otherwise the delay would grow without limit. */
static void hold_if_full(struct hz_receiver *r)
{
    if (r->ops->hold && hz_clock_hurried(&r->count.clock) && !hz_channels_have_room(&r->channels))
        hold(r, true);
}

void hz_receiver_progress(void *ctx)
{
    struct hz_receiver *r = ctx;
    if (r->flow.held && hz_channels_done(&r->channels)) {
        struct hz_block *b = r->flow.held;
        r->flow.held = NULL;
        take_block(r, b);
    }
    if (r->flow.finishing && hz_channels_done(&r->channels))
        hz_receiver_close_source(r);
    if (r->flow.waiting && !r->flow.finishing && r->src && hz_channels_have_room(&r->channels))
        hold(r, false);
    pull_if_room(r);
}

void hz_receiver_drop_held(struct hz_receiver *r)
{
    hz_block_unref(r->flow.held);
    r->flow.held = NULL;
}

static void take_block(struct hz_receiver *r, struct hz_block *b)
{
    r->flow.pulled = false;
    if (r->flow.hopped)
        hz_channels_begin(&r->channels, b->format, b->rate_hz, b->centre_hz);
    r->flow.hopped = false;
    r->flow.last_block = (int64_t)uv_hrtime();
    hz_backoff_reset(&r->backoff);
    hz_receiver_count(r, b);
    if (r->ops->live) {
        hz_receiver_clock(r, b);
        hz_channels_patient(&r->channels, r->ops->hold && hz_clock_hurried(&r->count.clock));
    } else if (b->utc_ns != 0) {
        hz_receiver_stamp(r, (struct hz_stamp){.sample = b->first_sample,
                                               .utc_ns = b->utc_ns,
                                               .ns_per_sample = r->count.stamp.ns_per_sample});
    }
    hz_adjust_samples(r, b->n);
    hz_meter_offer(&r->meter, b);
    if (r->env.block)
        r->env.block(r->env.ctx, r, b);
    if (r->scope && !r->channels.band)
        hz_scope_block(r->scope, r, b, r->count.stamp);
    hz_receiver_hop_block(r, b);
    hz_channels_push(&r->channels, b, r->count.stamp);
    hz_block_unref(b);
    hold_if_full(r);
    pull_if_room(r);
}

/* In a replay the line about a gap is published in the order of the messages. */
void hz_receiver_block(void *ctx, struct hz_block *b)
{
    struct hz_receiver *r = ctx;
    if (r->flow.finishing) /* the block was on its way when the receiver was told to stop */
        hz_block_unref(b);
    else if (!hz_receiver_hop_lets_in(r, b) ||
             (b->gap_before > 0 && !r->ops->live && !hz_channels_done(&r->channels)))
        r->flow.held = b;
    else
        take_block(r, b);
}

void hz_receiver_begin_flow(struct hz_receiver *r)
{
    r->flow.pulled = false; /* the answer to the last pull may have been the end of the stream */
    r->flow.waiting = r->flow.hopped = false;
    r->flow.last_block = (int64_t)uv_hrtime();
    pull_if_room(r);
}

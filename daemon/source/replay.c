#include "daemon/source/replay.h"
#include "daemon/base/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

enum { POOL_BLOCKS = 6 }; /* one being filled, one being decoded, the rest waiting */

/* Samples of a turn (daemon/receive/channels.h); no block crosses the end of one. */
enum { TURN_SAMPLES = 131072 };

/* The length of a turn of a source that may be live: at audio rates a long turn would take seconds.
 */
static const double SHORT_TURN_S = 0.1;

/* The default number of samples per block: so many that the cost of a job (about 30 us) is small,
 * and so few that a paced recording has no noticeable delay. */
static size_t block_samples(const struct hz_replay *r)
{
    const struct hz_source *src = &r->src;
    if (src->block_samples != 0)
        return src->block_samples;
    return src->conf->pace == HZ_PACE_REALTIME ? (size_t)(src->rate_hz * 0.016) + 1 : r->turn;
}

static size_t turn_samples(double rate_hz, bool short_turns)
{
    double few = ceil(rate_hz * SHORT_TURN_S);
    return short_turns && few < TURN_SAMPLES ? (size_t)few : TURN_SAMPLES;
}

static void advance(struct hz_replay *r);

static void on_timer(uv_timer_t *t)
{
    advance(t->data);
}

static void on_free_block(void *ctx)
{
    advance(ctx);
}

int hz_replay_init(struct hz_replay *r, const struct hz_replay_ops *ops, const char *label,
                   bool short_turns)
{
    r->ops = ops;
    r->label = label;
    r->turn = turn_samples(r->src.rate_hz, short_turns);
    r->pool = hz_block_pool_new(POOL_BLOCKS, block_samples(r) * hz_format_bytes(r->src.format));
    if (!r->pool)
        return -ENOMEM;
    hz_block_pool_on_free(r->pool, on_free_block, r);
    uv_timer_init(r->src.loop, &r->timer);
    r->timer.data = r;
    r->holds = 1;
    r->realtime = r->src.conf->pace == HZ_PACE_REALTIME;
    r->started_ns = uv_hrtime();
    return 0;
}

/* The time in ms until the next samples are due; 0: now. */
static uint64_t wait_ms(const struct hz_replay *r)
{
    if (!r->realtime)
        return 0;
    uint64_t due = r->started_ns + (uint64_t)((double)r->delivered / r->src.rate_hz * 1e9);
    uint64_t now = uv_hrtime();
    return due > now ? (due - now) / 1000000 : 0;
}

/* Limits the block to the end of the turn. */
static struct hz_block *take_block(const struct hz_replay *r)
{
    struct hz_block *b = hz_block_take(r->pool);
    size_t left = r->turn - r->delivered % r->turn;
    size_t bytes = left * hz_format_bytes(r->src.format);
    if (b && !r->realtime && b->cap > bytes)
        b->cap = bytes;
    return b;
}

static void deliver(struct hz_replay *r)
{
    struct hz_block *b = r->block;
    b->n = r->filled / hz_format_bytes(r->src.format);
    b->format = r->src.format;
    b->rate_hz = r->src.rate_hz;
    b->centre_hz = r->src.centre_hz;
    b->epoch = r->epoch;
    if (r->ops->stamp)
        r->ops->stamp(r);
    r->block = NULL;
    r->filled = 0;
    r->pulled = false;
    r->delivered += b->n;
    /* a paced recording is passed on without delay */
    b->ends_turn = r->realtime || r->breaks || r->delivered % r->turn == 0;
    r->breaks = false;
    r->src.events->block(r->src.ctx, b);
}

/* Passes on the rest of the block first; the next pull finds the end. */
static void end(struct hz_replay *r)
{
    size_t left = r->filled % hz_format_bytes(r->src.format);
    if (left != 0)
        hz_log(LOG_WARNING, "%s: the last %zu byte%s make no whole %s sample and were left out",
               r->label, left, left == 1 ? "" : "s", hz_format_name(r->src.format));
    r->filled -= left;
    if (r->filled > 0) {
        deliver(r);
        return;
    }
    r->pulled = false;
    int status = r->error ? r->error : r->delivered == 0 ? -ENODATA : 0;
    char reason[512];
    snprintf(reason, sizeof reason, "%s: %s", r->label,
             r->error            ? uv_strerror(r->error)
             : r->delivered == 0 ? "ended before the first sample"
                                 : "end of the recording");
    r->src.events->ended(r->src.ctx, status, reason);
}

/* Decides what happens next. All callers go through here. */
static void advance(struct hz_replay *r)
{
    if (r->closed || !r->pulled || r->filling)
        return;
    uint64_t wait = wait_ms(r);
    if (wait > 0) {
        uv_timer_start(&r->timer, on_timer, wait, 0);
    } else if (!r->block && !(r->block = take_block(r))) {
        return; /* on_free_block continues */
    } else if (r->filled == r->block->cap || r->breaks) {
        deliver(r);
    } else if (r->at_end) {
        end(r);
    } else {
        r->filling = true;
        hz_replay_hold(r);
        r->ops->fill(r);
    }
}

void hz_replay_filled(struct hz_replay *r, ssize_t bytes)
{
    r->filling = false;
    if (bytes > 0) {
        r->filled += (size_t)bytes;
    } else {
        r->at_end = true;
        r->error = (int)bytes;
    }
    advance(r);
    hz_replay_release(r);
}

void hz_replay_hold(struct hz_replay *r)
{
    r->holds++;
}

void hz_replay_release(struct hz_replay *r)
{
    if (--r->holds > 0)
        return;
    hz_block_unref(r->block);
    hz_block_pool_release(r->pool);
    if (r->closed)
        r->closed(r->src.ctx, 0);
    r->ops->destroy(r);
}

void hz_replay_pull(struct hz_source *src)
{
    struct hz_replay *r = (struct hz_replay *)src;
    r->pulled = true;
    advance(r);
}

static void on_timer_closed(uv_handle_t *h)
{
    hz_replay_release(h->data);
}

void hz_replay_close(struct hz_source *src, void (*closed)(void *ctx, int status))
{
    struct hz_replay *r = (struct hz_replay *)src;
    r->closed = closed;
    r->ops->stop(r);
    uv_close((uv_handle_t *)&r->timer, on_timer_closed);
}

#include "daemon/base/log.h"
#include "daemon/base/utc.h"
#include "daemon/receive/receiver_parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BACKOFF_MIN_MS = 1000,
    /* A device that is there but fails is tried often, so that it is back within 5 s of its
     * recovery; one that is not there is waited for: its arrival ends the wait. */
    BACKOFF_MAX_MS = 3500,
    BACKOFF_ABSENT_MAX_MS = 60000,
    GUARD_MS = 250,
    STALL_MS = 2000,
    OPEN_LIMIT_MS = 30000, /* a device that answers nothing takes librtlsdr 25 s to give up */
};

const char *hz_receiver_state_name(enum hz_receiver_state state)
{
    static const char *const names[] = {"closed", "opening",  "streaming", "stalled",
                                        "lost",   "stopping", "backoff",   "ended"};
    return names[state];
}

void hz_receiver_set_state(struct hz_receiver *r, enum hz_receiver_state state, const char *reason)
{
    r->state = state;
    r->state_since = (int64_t)uv_hrtime();
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    if (r->env.once)
        return;
    bool bad = state == HZ_RX_BACKOFF || state == HZ_RX_STALLED || state == HZ_RX_LOST;
    const char *mark = r->ops->mark;
    hz_log(bad ? LOG_WARNING : LOG_INFO, "receiver %s%s%s%s: %s%s%s", r->conf.name,
           mark ? " (" : "", mark ? mark : "", mark ? ")" : "", hz_receiver_state_name(state),
           *reason ? ": " : "", reason);
    char buf[1024];
    struct hz_json j;
    hz_json_init(&j, buf, sizeof buf);
    hz_json_str(&j, "kind", "state");
    hz_json_time(&j, "time", hz_utc_now());
    hz_json_str(&j, "receiver", r->conf.name);
    hz_json_str(&j, "state", hz_receiver_state_name(state));
    if (*reason)
        hz_json_str(&j, "reason", reason);
    hz_json_raw(&j, "}\n", 2);
    hz_bus_publish(r->env.bus, HZ_KIND_STATE, r->topic, j.buf, j.len);
}

static void pull_if_room(struct hz_receiver *r)
{
    if (r->state != HZ_RX_STREAMING || r->ops->live || r->pulled || r->finishing ||
        !hz_channels_have_room(&r->channels))
        return;
    r->pulled = true;
    r->ops->pull(r->src);
}

static void finish_source(struct hz_receiver *r);
static void take_block(struct hz_receiver *r, struct hz_block *b);

static void hold(struct hz_receiver *r, bool held)
{
    r->waiting = held;
    r->last_block = (int64_t)uv_hrtime();
    r->ops->hold(r->src, held);
}

/* Samples that come in a burst can wait where they are. Those that come at their rate cannot: what
 * finds no room is shed, or the delay would grow for ever. */
static void hold_if_full(struct hz_receiver *r)
{
    if (r->ops->hold && hz_clock_hurried(&r->clock) && !hz_channels_have_room(&r->channels))
        hold(r, true);
}

/* Something was published, or there is room again. */
static void on_progress(void *ctx)
{
    struct hz_receiver *r = ctx;
    if (r->held && hz_channels_done(&r->channels)) {
        struct hz_block *b = r->held;
        r->held = NULL;
        take_block(r, b);
    }
    if (r->finishing && hz_channels_done(&r->channels))
        finish_source(r);
    if (r->waiting && !r->finishing && r->src && hz_channels_have_room(&r->channels))
        hold(r, false);
    pull_if_room(r);
}

/* Samples that never reached us. sigma: uncertainty of their number; 0: it is exact. */
static void drop_held(struct hz_receiver *r)
{
    hz_block_unref(r->held);
    r->held = NULL;
}

static void take_block(struct hz_receiver *r, struct hz_block *b)
{
    r->pulled = false;
    r->last_block = (int64_t)uv_hrtime();
    r->backoff_ms = BACKOFF_MIN_MS;
    hz_receiver_count(r, b);
    if (r->ops->live) {
        hz_receiver_clock(r, b);
        hz_channels_patient(&r->channels, r->ops->hold && hz_clock_hurried(&r->clock));
    } else if (b->utc_ns != 0) {
        r->stamp = (struct hz_stamp){b->first_sample, b->utc_ns, r->stamp.ns_per_sample};
    }
    hz_meter_offer(&r->meter, b);
    if (r->env.block)
        r->env.block(r->env.ctx, r, b);
    hz_channels_push(&r->channels, b, r->stamp);
    hz_block_unref(b);
    hold_if_full(r);
    pull_if_room(r);
}

/* In a replay the line that tells of a gap has its place in the order of the messages, too. */
static void on_block(void *ctx, struct hz_block *b)
{
    struct hz_receiver *r = ctx;
    if (r->finishing) /* it was under way when the receiver was told to stop */
        hz_block_unref(b);
    else if (b->gap_before > 0 && !r->ops->live && !hz_channels_done(&r->channels))
        r->held = b;
    else
        take_block(r, b);
}

static void on_ended(void *ctx, int status, const char *reason)
{
    struct hz_receiver *r = ctx;
    drop_held(r);
    r->end_status = status;
    r->finishing = true;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    hz_channels_finish(&r->channels, r->stamp);
    on_progress(r);
}

/* The source says that it is over. */
static void on_lost(void *ctx, int status, const char *reason)
{
    struct hz_receiver *r = ctx;
    if (r->finishing)
        return; /* it was told to stop meanwhile */
    if (r->ops->live && r->state == HZ_RX_STREAMING)
        hz_receiver_set_state(r, HZ_RX_LOST, reason);
    on_ended(r, status, reason);
}

/* Asks for what the configuration wants, unless a change is under way: then after it. */
/* A live source that can be opened begins to deliver. */
static void on_started(void *ctx)
{
    struct hz_receiver *r = ctx;
    r->stats.opens++;
    r->pulled = false; /* what answered the last pull may have been the end */
    r->waiting = false;
    r->source_epoch = 0;
    r->last_block = (int64_t)uv_hrtime();
    hz_receiver_begin_epoch(r);
    hz_channels_mark(&r->channels, r->env.once ? NULL : r->ops->mark);
    hz_channels_begin(&r->channels, r->src->format, r->src->rate_hz, r->src->centre_hz);
    hz_receiver_set_state(r, HZ_RX_STREAMING, r->src->device);
    hz_receiver_try_later(r);
    pull_if_room(r);
}

static const struct hz_source_events source_events = {
    .started = on_started, .block = on_block, .ended = on_lost, .tuned = hz_receiver_tuned};

static void on_retry(uv_timer_t *t)
{
    hz_receiver_start(t->data);
}

/* Looks after a live source that neither delivers nor says why. */
static void on_guard(uv_timer_t *t)
{
    struct hz_receiver *r = t->data;
    int64_t now = (int64_t)uv_hrtime();
    char text[128];
    if (r->finishing || r->waiting)
        return;
    if (r->state == HZ_RX_STREAMING && now - r->last_block > STALL_MS * 1000000ll) {
        snprintf(text, sizeof text, "no samples for %.1f s", (double)(now - r->last_block) / 1e9);
        hz_receiver_set_state(r, HZ_RX_STALLED, text);
        on_ended(r, -ETIMEDOUT, text);
    } else if (r->state == HZ_RX_OPENING && now - r->state_since > OPEN_LIMIT_MS * 1000000ll) {
        snprintf(text, sizeof text, "it did not open within %d s", OPEN_LIMIT_MS / 1000);
        on_ended(r, -ETIMEDOUT, text);
    }
}

/* The wait before the next try: doubled each time, spread by up to a quarter so that several do not
 * try in step. */
static uint64_t next_backoff(struct hz_receiver *r, int status)
{
    bool absent = !r->ops->live || status == -ENODEV;
    uint64_t limit = absent ? BACKOFF_ABSENT_MAX_MS : BACKOFF_MAX_MS;
    uint64_t wait = r->backoff_ms < limit ? r->backoff_ms : limit;
    r->backoff_ms = wait * 2;
    return wait - wait / 8 + uv_hrtime() / 1000 % (wait / 4 + 1);
}

/* What to do after the source is gone: rest, or try again after a while. */
static void settle(struct hz_receiver *r, int status, const char *reason)
{
    char text[sizeof r->reason];
    snprintf(text, sizeof text, "%s", reason);
    uv_timer_stop(&r->guard);
    bool again = !r->env.once && !r->stopped && hz_source_comes_again(&r->conf);
    if (again && status == -ENODATA)
        status = 0; /* its writer left without a word, as it may */
    if (status != 0) {
        r->stats.failures++;
        snprintf(r->last_error, sizeof r->last_error, "%s", text);
    }
    if (status == 0) {
        hz_receiver_set_state(r, HZ_RX_ENDED, text);
    } else if (r->env.once) {
        hz_receiver_set_state(r, HZ_RX_CLOSED, text);
    } else {
        hz_receiver_set_state(r, HZ_RX_BACKOFF, text);
        uv_timer_start(&r->retry, on_retry, next_backoff(r, status), 0);
    }
    if (r->env.ended)
        r->env.ended(r->env.ctx, r, status, text);
    if (again && status == 0)
        hz_receiver_start(r);
}

static void let_go(struct hz_receiver *r);

static void on_source_closed(void *ctx, int status)
{
    struct hz_receiver *r = ctx;
    r->src = NULL;
    r->changing = r->later_sent = false;
    if (status != 0)
        r->stats.wedged++;
    if (r->closed)
        let_go(r);
    else
        settle(r, r->end_status, r->reason);
}

/* The last result of the stream was published. */
static void finish_source(struct hz_receiver *r)
{
    r->finishing = false;
    if (r->closed)
        return;
    r->state = HZ_RX_STOPPING;
    r->ops->close(r->src, on_source_closed);
}

struct hz_receiver *hz_receiver_new(const struct hz_receiver_env *env)
{
    struct hz_receiver *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->env = *env;
    r->topic = hz_topic_new(env->conf->name, "", "");
    if (!r->topic || hz_conf_receiver_copy(&r->conf, env->conf) != 0) {
        hz_topic_unref(r->topic);
        free(r);
        return NULL;
    }
    r->ops = hz_source_find(&r->conf);
    r->backoff_ms = BACKOFF_MIN_MS;
    hz_meter_init(&r->meter, env->jobs);
    struct hz_channels_env channels = {.jobs = env->jobs,
                                       .bus = env->bus,
                                       .receiver = &r->conf,
                                       .fold = env->fold,
                                       .live = r->ops->live,
                                       .timed = r->ops->live || r->conf.pace == HZ_PACE_REALTIME,
                                       .fixed = env->fixed,
                                       .progress = on_progress,
                                       .ctx = r};
    hz_channels_init(&r->channels, &channels);
    uv_timer_init(env->loop, &r->retry);
    uv_timer_init(env->loop, &r->guard);
    r->retry.data = r->guard.data = r;
    return r;
}

void hz_receiver_start(struct hz_receiver *r)
{
    char err[256] = "";
    if (r->has_later)
        hz_receiver_take_tuning(r, &r->later);
    r->has_later = false;
    r->ops = hz_source_find(&r->conf); /* a path may have become a FIFO meanwhile */
    struct hz_source env = {.ops = r->ops,
                            .conf = &r->conf,
                            .loop = r->env.loop,
                            .jobs = r->env.jobs,
                            .events = &source_events,
                            .ctx = r,
                            .block_samples = r->env.block_samples};
    int rc = r->ops->open(&r->src, &env, err, sizeof err);
    if (rc != 0) {
        settle(r, rc, err);
        return;
    }
    if (!r->ops->live) {
        on_started(r);
        return;
    }
    hz_receiver_set_state(r, HZ_RX_OPENING, "");
    uv_timer_start(&r->guard, on_guard, GUARD_MS, GUARD_MS);
}

void hz_receiver_kick(struct hz_receiver *r)
{
    if (r->state != HZ_RX_BACKOFF || !r->ops->live)
        return;
    uv_timer_stop(&r->retry);
    r->backoff_ms = BACKOFF_MIN_MS;
    hz_receiver_start(r);
}

void hz_receiver_place(struct hz_receiver *r, double latitude, double longitude)
{
    r->conf.latitude = latitude;
    r->conf.longitude = longitude;
    hz_channels_place(&r->channels);
}

bool hz_receiver_has_channel(const struct hz_receiver *r, const struct hz_conf_channel *conf)
{
    for (size_t i = 0; i < r->channels.n; i++) {
        if (hz_conf_channel_same(hz_channel_conf(r->channels.list[i]), conf))
            return true;
    }
    return false;
}

int hz_receiver_add_channel(struct hz_receiver *r, const struct hz_conf_channel *conf)
{
    return hz_channels_add(&r->channels, conf);
}

int hz_receiver_remove_channel(struct hz_receiver *r, const char *name)
{
    int rc = hz_channels_remove(&r->channels, name);
    if (rc == 0 && r->src)
        on_progress(r);
    return rc;
}

static void on_part_closed(void *ctx)
{
    let_go(ctx);
}

static void on_timer_closed(uv_handle_t *h)
{
    let_go(h->data);
}

static void let_go(struct hz_receiver *r)
{
    if (--r->pending > 0)
        return;
    void (*closed)(void *ctx) = r->closed;
    void *ctx = r->closed_ctx;
    hz_topic_unref(r->topic);
    hz_conf_receiver_done(&r->conf);
    free(r);
    closed(ctx);
}

void hz_receiver_stop(struct hz_receiver *r)
{
    r->stopped = true;
    if ((r->state == HZ_RX_STREAMING || r->state == HZ_RX_OPENING) && !r->finishing) {
        on_ended(r, 0, "stopped");
    } else if (r->state == HZ_RX_BACKOFF || r->state == HZ_RX_CLOSED) {
        uv_timer_stop(&r->retry);
        r->state = HZ_RX_ENDED;
    } else if (r->state != HZ_RX_ENDED) {
        r->end_status = 0; /* it is on its way down already, and not to be opened again */
    }
}

void hz_receiver_close(struct hz_receiver *r, void (*closed)(void *ctx), void *ctx)
{
    drop_held(r);
    r->closed = closed;
    r->closed_ctx = ctx;
    r->pending = hz_channels_parts(&r->channels) + 3 + (r->src != NULL);
    if (r->src && r->state != HZ_RX_STOPPING)
        r->ops->close(r->src, on_source_closed);
    r->state = HZ_RX_STOPPING;
    hz_channels_close(&r->channels, on_part_closed, r);
    hz_meter_close(&r->meter, on_part_closed, r);
    uv_close((uv_handle_t *)&r->retry, on_timer_closed);
    uv_close((uv_handle_t *)&r->guard, on_timer_closed);
}

struct hz_receiver_info hz_receiver_info(const struct hz_receiver *r)
{
    struct hz_handoff_counts capture = {0};
    if (r->src && r->ops->counts)
        r->ops->counts(r->src, &capture);
    struct hz_band_strand_stats spectra = {0};
    double received = NAN;
    enum hz_clock_pace pace = hz_clock_pace(&r->clock, &received);
    if (r->channels.band)
        spectra = hz_band_strand_stats(r->channels.band);
    return (struct hz_receiver_info){
        .conf = &r->conf,
        .state = r->state,
        .replay = !r->ops->live,
        .mark = r->ops->mark,
        .reason = r->reason,
        .last_error = r->last_error,
        .failing = r->backoff_ms != BACKOFF_MIN_MS,
        .device = r->src ? r->src->device : "",
        .tuner = r->src ? r->src->tuner : 0,
        .n_gains = r->src ? r->src->n_gains : 0,
        .tuning = r->tuning,
        .state_since_mono_ns = r->state_since,
        .format = r->src ? r->src->format : HZ_CU8,
        .level = r->meter.known ? &r->meter.level : NULL,
        .ppm_error = r->ops->live ? hz_clock_ppm(&r->clock) : NAN,
        .last_block_mono_ns = r->last_block,
        .utc_steps = r->clock.utc_steps,
        .pace = pace,
        .received_hz = received,
        .rate_hz = r->src ? r->src->rate_hz : r->conf.rate_hz,
        .centre_hz = r->src ? r->src->centre_hz : r->conf.centre_hz,
        .air_s = r->src ? (double)r->next_sample / r->src->rate_hz : 0,
        .epoch = r->epoch,
        .stats = r->stats,
        .capture = capture,
        .channels = r->channels.list,
        .n_channels = r->channels.n,
        .spectra = spectra,
    };
}

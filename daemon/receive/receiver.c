#include "daemon/base/log.h"
#include "daemon/base/utc.h"
#include "daemon/receive/receiver_parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* A device that is present but fails is retried often, so that it is back within 5 s of its
     * recovery. An absent device is retried rarely, because its arrival ends the wait. */
    BACKOFF_MAX_MS = 3500,
    BACKOFF_ABSENT_MAX_MS = 60000,
    GUARD_MS = 250,
    STALL_MS = 2000,
    OPEN_LIMIT_MS = 30000, /* librtlsdr takes 25 s to give up a device that does not answer */
};

/* How loudly a state is logged. What is waited for is told once, not at each try: a dongle may be
 * away for months. */
static int loudness(struct hz_receiver *r, enum hz_receiver_state state, const char *reason)
{
    if (state == HZ_RX_OPENING)
        return hz_backoff_failing(&r->backoff) ? LOG_DEBUG : LOG_INFO;
    if (state == HZ_RX_BACKOFF) {
        bool told = strcmp(r->logged, reason) == 0;
        snprintf(r->logged, sizeof r->logged, "%s", reason);
        return told ? LOG_DEBUG : LOG_WARNING;
    }
    r->logged[0] = '\0';
    return state == HZ_RX_STALLED || state == HZ_RX_LOST ? LOG_WARNING : LOG_INFO;
}

void hz_receiver_publish_state(struct hz_receiver *r, const char *reason)
{
    char buf[1024];
    struct hz_json j;
    hz_json_init(&j, buf, sizeof buf);
    int64_t now = hz_utc_now();
    hz_json_time(&j, "time", now);
    hz_json_str(&j, "receiver", r->conf->name);
    hz_json_str(&j, "state", hz_receiver_state_name(r->life.state));
    if (*reason)
        hz_json_str(&j, "reason", reason);
    if (r->hop.plan.n > 0 && r->life.state == HZ_RX_STREAMING) {
        hz_json_decimals(&j, "centre_hz", r->hop.plan.at[r->hop.at].centre_hz, 0);
        hz_json_uint(&j, "epoch", r->count.epoch);
    }
    hz_bus_publish_json(r->env.bus, HZ_KIND_STATE, r->topic, now, j.buf, j.len);
}

void hz_receiver_set_state(struct hz_receiver *r, enum hz_receiver_state state, const char *reason)
{
    r->life.state = state;
    r->life.since_mono_ns = (int64_t)uv_hrtime();
    snprintf(r->life.reason, sizeof r->life.reason, "%s", reason);
    if (r->env.once)
        return;
    const char *mark = r->ops->mark;
    hz_log(loudness(r, state, reason), "receiver %s%s%s%s: %s%s%s", r->conf->name, mark ? " (" : "",
           mark ? mark : "", mark ? ")" : "", hz_receiver_state_name(state), *reason ? ": " : "",
           reason);
    hz_receiver_publish_state(r, reason);
}

void hz_receiver_end(struct hz_receiver *r, int status, const char *reason)
{
    hz_receiver_drop_held(r);
    r->end_status = status;
    r->flow.finishing = true;
    snprintf(r->life.reason, sizeof r->life.reason, "%s", reason);
    hz_channels_finish(&r->channels, r->count.stamp);
    hz_receiver_progress(r);
}

/* hz_source_events.ended: the source has ended or failed. */
static void on_lost(void *ctx, int status, const char *reason)
{
    struct hz_receiver *r = ctx;
    if (r->flow.finishing)
        return; /* the receiver was told to stop in the meantime */
    if (r->ops->live && r->life.state == HZ_RX_STREAMING)
        hz_receiver_set_state(r, HZ_RX_LOST, reason);
    hz_receiver_end(r, status, reason);
}

/* hz_source_events.started: a live source is open and begins to deliver. */
static void on_started(void *ctx)
{
    struct hz_receiver *r = ctx;
    r->stats.opens++;
    r->count.source_epoch = 0;
    hz_receiver_begin_epoch(r);
    hz_adjust_started(r);
    hz_channels_mark(&r->channels, r->env.once ? NULL : r->ops->mark);
    hz_channels_begin(&r->channels, r->src->format, r->src->rate_hz, r->src->centre_hz);
    if (r->scope)
        hz_scope_band(r->scope, r, r->src->rate_hz, r->src->centre_hz);
    hz_receiver_set_state(r, HZ_RX_STREAMING, r->src->device);
    hz_receiver_try_later(r);
    hz_receiver_begin_flow(r);
}

static const struct hz_source_events source_events = {.started = on_started,
                                                      .block = hz_receiver_block,
                                                      .ended = on_lost,
                                                      .tuned = hz_receiver_tuned};

static void on_retry(uv_timer_t *t)
{
    hz_receiver_start(t->data);
}

/* Closes a live source that delivers no samples and reports no error. */
static void on_guard(uv_timer_t *t)
{
    struct hz_receiver *r = t->data;
    int64_t now = (int64_t)uv_hrtime();
    char text[128];
    if (r->flow.finishing || r->flow.waiting)
        return;
    if (r->life.state == HZ_RX_STREAMING && now - r->flow.last_block > STALL_MS * 1000000ll) {
        snprintf(text, sizeof text, "no samples for %.1f s",
                 (double)(now - r->flow.last_block) / 1e9);
        hz_receiver_set_state(r, HZ_RX_STALLED, text);
        hz_receiver_end(r, -ETIMEDOUT, text);
    } else if (r->life.state == HZ_RX_OPENING &&
               now - r->life.since_mono_ns > OPEN_LIMIT_MS * 1000000ll) {
        snprintf(text, sizeof text, "it did not open within %d s", OPEN_LIMIT_MS / 1000);
        hz_receiver_end(r, -ETIMEDOUT, text);
    }
}

/* Milliseconds until the next attempt to open the source. */
static uint64_t next_wait(struct hz_receiver *r, int status)
{
    bool absent = !r->ops->live || status == -ENODEV;
    return hz_backoff_next(&r->backoff, absent ? BACKOFF_ABSENT_MAX_MS : BACKOFF_MAX_MS);
}

/* After the source is closed: ends the receiver, or waits before the next attempt. */
static void settle(struct hz_receiver *r, int status, const char *reason)
{
    char text[sizeof r->life.reason];
    snprintf(text, sizeof text, "%s", reason);
    uv_timer_stop(&r->guard);
    bool again = !r->env.once && !r->stopped && hz_source_comes_again(r->conf);
    if (again && status == -ENODATA)
        status = 0; /* the writer of a pipe may close it at any time */
    if (status != 0) {
        r->stats.failures++;
        snprintf(r->life.last_error, sizeof r->life.last_error, "%s", text);
    }
    if (status == 0) {
        hz_receiver_set_state(r, HZ_RX_ENDED, text);
    } else if (r->env.once) {
        hz_receiver_set_state(r, HZ_RX_CLOSED, text);
    } else {
        hz_receiver_set_state(r, HZ_RX_BACKOFF, text);
        uv_timer_start(&r->retry, on_retry, next_wait(r, status), 0);
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
    r->tuning.changing = r->tuning.later_sent = r->tuning.hopping = false;
    if (status != 0)
        r->stats.wedged++;
    if (r->closed)
        let_go(r);
    else
        settle(r, r->end_status, r->life.reason);
}

/* Called when the last result of the stream is published. */
void hz_receiver_close_source(struct hz_receiver *r)
{
    r->flow.finishing = false;
    if (r->closed)
        return;
    r->life.state = HZ_RX_STOPPING;
    r->ops->close(r->src, on_source_closed);
}

/* hz_channels_env.batch. */
static void on_batch(void *ctx, struct hz_spectra *s)
{
    struct hz_receiver *r = ctx;
    if (r->scope && !hz_band_is_part(s->band->band))
        hz_scope_spectra(r->scope, r, s);
}

/* hz_channels_env.wants_all: a scope shows the whole band. */
static bool is_looked_at(const void *ctx)
{
    const struct hz_receiver *r = ctx;
    return r->scope && hz_scope_stats(r->scope)->views > 0;
}

/* Frees what hz_receiver_new made first. */
static void free_parts(struct hz_receiver *r)
{
    hz_topic_unref(r->topic);
    hz_conf_receiver_free((struct hz_conf_receiver *)r->conf);
    free(r);
}

struct hz_receiver *hz_receiver_new(const struct hz_receiver_env *env)
{
    struct hz_receiver *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->env = *env;
    r->topic = hz_topic_new(env->conf->name, "", "");
    r->conf = hz_conf_receiver_copy(env->conf);
    if (!r->topic || !r->conf) {
        free_parts(r);
        return NULL;
    }
    r->tuning.now = hz_tuning_of(r->conf);
    hz_adjust_init(r, env->state_dir);
    hz_bus_announce(env->bus, r->topic);
    r->ops = hz_source_find(r->conf);
    hz_backoff_reset(&r->backoff);
    hz_meter_init(&r->meter, env->jobs);
    struct hz_channels_env channels = {.jobs = env->jobs,
                                       .bus = env->bus,
                                       .receiver = r->conf,
                                       .fold = env->fold,
                                       .live = r->ops->live,
                                       .timed = r->ops->live || r->conf->pace == HZ_PACE_REALTIME,
                                       .batch = on_batch,
                                       .held = env->scopes ? HZ_SCOPE_HELD : 0,
                                       .wants_all = is_looked_at,
                                       .heard = hz_adjust_heard,
                                       .progress = hz_receiver_progress,
                                       .ctx = r};
    hz_channels_init(&r->channels, &channels);
    hz_receiver_plan(r, &r->conf->hops);
    if (env->visits && hz_channels_allow_visits(&r->channels, env->visits) != 0) {
        free_parts(r);
        return NULL;
    }
    uv_timer_init(env->loop, &r->retry);
    uv_timer_init(env->loop, &r->guard);
    r->retry.data = r->guard.data = r;
    return r;
}

/* Not earlier: a receiver of this name may run until this one starts, or go on if it never does. */
static void attach_scope(struct hz_receiver *r)
{
    if (r->scope || !r->env.scopes)
        return;
    r->scope = hz_scope_attach(r->env.scopes, r->conf->name, r, r->ops->live);
    if (r->scope)
        hz_scope_band(r->scope, r, r->conf->rate_hz, r->tuning.now.centre_hz);
}

void hz_receiver_start(struct hz_receiver *r)
{
    char err[256] = "";
    if (r->tuning.has_later)
        r->tuning.now = r->tuning.later;
    r->tuning.has_later = false;
    r->ops = hz_source_find(r->conf); /* the path may have become a FIFO in the meantime */
    attach_scope(r);
    struct hz_source env = {.ops = r->ops,
                            .conf = r->conf,
                            .tuning = r->tuning.now,
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
    if (r->life.state != HZ_RX_BACKOFF || !r->ops->live)
        return;
    uv_timer_stop(&r->retry);
    hz_backoff_reset(&r->backoff);
    hz_receiver_start(r);
}

void hz_receiver_place(struct hz_receiver *r, double latitude, double longitude)
{
    hz_channels_place(&r->channels, latitude, longitude);
}

bool hz_receiver_keeps_channel(struct hz_receiver *r, const struct hz_conf_channel *conf)
{
    return hz_channels_learn(&r->channels, conf);
}

int hz_receiver_add_channel(struct hz_receiver *r, const struct hz_conf_channel *conf)
{
    return hz_channels_add(&r->channels, conf);
}

int hz_receiver_remove_channel(struct hz_receiver *r, const char *name)
{
    int rc = hz_channels_remove(&r->channels, name);
    if (rc == 0 && r->src)
        hz_receiver_progress(r);
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
    free_parts(r);
    closed(ctx);
}

void hz_receiver_stop(struct hz_receiver *r)
{
    r->stopped = true;
    if ((r->life.state == HZ_RX_STREAMING || r->life.state == HZ_RX_OPENING) &&
        !r->flow.finishing) {
        hz_receiver_end(r, 0, "stopped");
    } else if (r->life.state == HZ_RX_BACKOFF || r->life.state == HZ_RX_CLOSED) {
        uv_timer_stop(&r->retry);
        r->life.state = HZ_RX_ENDED;
    } else if (r->life.state != HZ_RX_ENDED) {
        r->end_status = 0; /* the receiver is closing already and must not open the source again */
    }
}

void hz_receiver_close(struct hz_receiver *r, void (*closed)(void *ctx), void *ctx)
{
    hz_receiver_drop_held(r);
    if (r->scope)
        hz_scope_detach(r->scope, r);
    r->scope = NULL;
    hz_bus_withdraw(r->topic);
    r->closed = closed;
    r->closed_ctx = ctx;
    r->pending = hz_channels_parts(&r->channels) + 3 + (r->src != NULL);
    if (r->src && r->life.state != HZ_RX_STOPPING)
        r->ops->close(r->src, on_source_closed);
    r->life.state = HZ_RX_STOPPING;
    hz_channels_close(&r->channels, on_part_closed, r);
    hz_meter_close(&r->meter, on_part_closed, r);
    uv_close((uv_handle_t *)&r->retry, on_timer_closed);
    uv_close((uv_handle_t *)&r->guard, on_timer_closed);
}

/* A link to JetStream: each message becomes one of a stream, under the subject
 * hertzd.STATION.PROTOCOL.BUCKET, and is done with when the stream has acknowledged it. What is
 * refused, or not answered, is kept and sent again, and so is what was on its way when a connection
 * ended. The stream recognises what it has already by the id, which is the message's own number.
 *
 *     frames ──▶ window ──▶ stream        while all goes well
 *     frames ──▶ spool ──▶ window ──▶ …   from the moment at which it does not (the link is down,
 * or nothing was acknowledged for STUCK_MS), until the spool is empty again
 *
 * So the order of sending is that of the bus. Without a spool the frames wait in the bus's log. */
#include "daemon/output/nats_conf.h"
#include "daemon/output/nats_record.h"
#include "daemon/output/nats_stream.h"
#include "daemon/output/nats_window.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ACK_MS = 5000,      /* not answered for so long: sent again */
    STUCK_MS = 2000,    /* nothing is acknowledged for so long: frames go to the spool */
    GIVE_UP_MS = 12000, /* … and so long: another server is tried */
    RETRY_MIN_MS = 250, /* between tries of what was refused */
    RETRY_MAX_MS = 2000,
    NEARLY_EMPTY = 256, /* records: then nothing is added to the spool until it is empty */
    NAME_BYTES = 512,   /* of id and subject */
};

struct nats {
    struct hz_carrier_env env;
    const struct hz_conf_nats *conf;
    const struct hz_form *form;
    char station[HZ_NATS_STATION_MAX + 1];
    struct hz_nats *connection; /* NULL: none */
    bool up;
    int handles; /* that keep it from being freed: connections that close, the timer, the spool */
    struct hz_window window;
    struct hz_spool *spool; /* NULL: it has none */
    bool spooling;          /* frames go to the spool */
    bool leaving;           /* what comes now is the rest */
    uv_timer_t retry;
    uint64_t retry_ms, probe; /* wait before the next try; token that is tried, 0: none */
    uint64_t moved_ms;        /* when something was last acknowledged, or began to wait for it */
    uint64_t acks, duplicates, resent, refused, timeouts, dropped;
    bool warned;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static uint64_t now(const struct nats *t)
{
    return uv_now(t->env.loop);
}

static void warn(struct nats *t, const char *what)
{
    t->warned = *what;
    hz_link_warn(t->env.link, what);
}

static void publish(struct nats *t, const struct hz_spooled *r, uint64_t token)
{
    char reply[24];
    struct hz_nats_out out = {.reply = reply};
    hz_nats_record_read(r, &out);
    snprintf(reply, sizeof reply, "%" PRIu64, token);
    if (hz_nats_send(t->connection, &out) == 0)
        hz_link_count_bytes(t->env.link, out.len);
    /* else it is down, or times out */
}

/* ---- sending ------------------------------------------------------------------------------ */

static void send_new(struct nats *t, struct hz_spooled *r)
{
    if (t->window.n == 0)
        t->moved_ms = now(t);
    publish(t, r, hz_window_add(&t->window, r, uv_hrtime()));
}

static void send_again(struct nats *t, uint64_t token)
{
    hz_window_sent(&t->window, token, uv_hrtime());
    t->resent++;
    publish(t, hz_window_find(&t->window, token), token);
}

static void send_held(struct nats *t)
{
    for (uint64_t token = 0; hz_window_held(&t->window, &token); token++)
        send_again(t, token);
}

/* Sends what the spool has; when that is nothing, frames are sent directly again. */
static void pump(struct nats *t)
{
    struct hz_spooled *r;
    if (!t->up || !t->spooling || t->leaving)
        return;
    while (t->window.held == 0 && hz_window_room(&t->window) && (r = hz_spool_take(t->spool))) {
        struct hz_nats_out out;
        if (hz_nats_record_read(r, &out)) {
            send_new(t, r);
        } else { /* as if it were acknowledged */
            hz_link_count(t->env.link, 0, 1);
            hz_window_ack(&t->window, hz_window_add(&t->window, r, 0), 0);
            hz_spool_release(t->spool, t->window.released);
        }
    }
    if (hz_spool_is_open(t->spool) && hz_spool_records(t->spool) == 0 && t->window.n == 0) {
        t->spooling = false;
        hz_link_ready(t->env.link);
    }
}

/* From now on frames go to the spool, behind what is not acknowledged. What came from there stays
 * in the window, and on the disk. */
static void begin_spooling(struct nats *t)
{
    if (!t->spool || t->spooling)
        return;
    t->spooling = true;
    for (uint64_t token = t->window.first; token < t->window.next; token++) {
        struct hz_spooled *r = hz_window_remove(&t->window, token);
        if (r)
            hz_spool_put(t->spool, r);
    }
    hz_link_ready(t->env.link);
}

static void on_retry(uv_timer_t *timer)
{
    struct nats *t = timer->data;
    t->probe = 0;
    if (t->up && hz_window_held(&t->window, &t->probe))
        send_again(t, t->probe);
}

/* Something is held: one of it is tried after a wait, and when that is taken, all. */
static void retry_later(struct nats *t)
{
    if (uv_is_active((uv_handle_t *)&t->retry) || t->probe != 0)
        return;
    uv_timer_start(&t->retry, on_retry, t->retry_ms, 0);
    t->retry_ms = t->retry_ms * 2 < RETRY_MAX_MS ? t->retry_ms * 2 : RETRY_MAX_MS;
}

/* ---- what comes back ---------------------------------------------------------------------- */

static void on_ack(struct nats *t, uint64_t token, bool duplicate)
{
    if (!hz_window_find(&t->window, token))
        return; /* it has been acknowledged, or waits in the spool */
    hz_window_ack(&t->window, token, uv_hrtime());
    t->acks++;
    t->duplicates += duplicate;
    t->moved_ms = now(t);
    t->retry_ms = RETRY_MIN_MS;
    hz_link_count(t->env.link, 1, 0);
    if (t->spool && t->window.released > 0)
        hz_spool_release(t->spool, t->window.released);
    if (token == t->probe) {
        t->probe = 0;
        send_held(t);
    }
    if (t->warned && t->window.held == 0)
        warn(t, "");
    pump(t);
    if (!t->spooling || t->window.n == 0)
        hz_link_ready(t->env.link);
}

static void on_refused(struct nats *t, uint64_t token, const char *why)
{
    if (!hz_window_find(&t->window, token))
        return;
    t->refused += hz_window_hold(&t->window, token);
    if (token == t->probe)
        t->probe = 0;
    retry_later(t);
    warn(t, why);
}

static void on_impossible(struct nats *t, uint64_t token, const char *why)
{
    struct hz_spooled *r = hz_window_remove(&t->window, token);
    if (!r)
        return;
    free(r);
    hz_link_count(t->env.link, 0, 1);
    warn(t, why);
    if (t->spool && t->window.released > 0)
        hz_spool_release(t->spool, t->window.released);
}

static void on_answer(struct nats *t, uint64_t token, const struct hz_nats_in *m)
{
    char why[256];
    struct hz_nats_answer a;
    hz_nats_answer_read(m->data, m->len, &a);
    if (!a.stored) {
        snprintf(why, sizeof why, "stream %.60s refuses messages: %.120s; they are tried again",
                 t->conf->stream, a.text);
        on_refused(t, token, why);
        return;
    }
    on_ack(t, token, a.duplicate);
    if (strcmp(a.text, t->conf->stream) != 0) {
        snprintf(why, sizeof why, "messages go to stream %.60s, which takes the same subjects",
                 a.text);
        warn(t, why);
    }
}

static void on_message(void *ctx, const struct hz_nats_in *m)
{
    struct nats *t = ctx;
    char why[256];
    uint64_t token = strtoull(m->token, NULL, 10);
    if (m->status == 0) {
        on_answer(t, token, m);
    } else if (m->status == HZ_NATS_TOO_LARGE) {
        on_impossible(t, token, "a message was larger than the server takes (max_payload)");
    } else if (m->status == 503) {
        snprintf(why, sizeof why,
                 "stream %.60s has no leader, or was deleted: messages wait, and are tried again",
                 t->conf->stream);
        on_refused(t, token, why);
    } else {
        on_refused(t, token, m->status == -1 ? m->data : m->text);
    }
}

static void on_complaint(void *ctx, const char *what)
{
    warn(ctx, what);
}

/* ---- the connection ----------------------------------------------------------------------- */

static void maybe_free(struct nats *t)
{
    if (--t->handles > 0 || !t->closed)
        return;
    void (*closed)(void *ctx) = t->closed;
    void *ctx = t->closed_ctx;
    hz_window_done(&t->window);
    free(t);
    closed(ctx);
}

static void on_connection_closed(void *ctx)
{
    maybe_free(ctx);
}

static void hang_up(struct nats *t)
{
    if (t->connection)
        hz_nats_close(t->connection, on_connection_closed, t); /* its handle goes on until then */
    t->connection = NULL;
    t->up = false;
    t->probe = 0;
    uv_timer_stop(&t->retry);
    hz_window_hold_all(&t->window, UINT64_MAX);
}

static void on_down(void *ctx, const char *why)
{
    struct nats *t = ctx;
    hang_up(t);
    begin_spooling(t);
    hz_link_down(t->env.link, why);
}

static void on_up(void *ctx, void *job)
{
    (void)job;
    struct nats *t = ctx;
    t->up = true;
    t->warned = false;
    t->moved_ms = now(t);
    t->retry_ms = RETRY_MIN_MS;
    hz_link_up(t->env.link);
    send_held(t);
    pump(t);
}

static const struct hz_nats_ops connection_ops = {
    .setup = hz_nats_stream_setup,
    .job_free = free,
    .up = on_up,
    .down = on_down,
    .message = on_message,
    .complaint = on_complaint,
};

static void nats_connect(void *state)
{
    struct nats *t = state;
    const struct hz_conf_nats *c = t->conf;
    char name[HZ_NATS_STATION_MAX + 16];
    struct hz_nats_stream *s = calloc(1, sizeof *s);
    if (s) {
        snprintf(s->name, sizeof s->name, "%s", c->stream);
        snprintf(s->prefix, sizeof s->prefix, "hertzd.%s", t->station);
        s->create = c->create;
        s->replicas = c->replicas;
        s->max_bytes = c->max_bytes > 0 ? (int64_t)c->max_bytes : -1;
        s->duplicates_s = c->duplicates_s;
        snprintf(name, sizeof name, "hertzd %s", t->station);
        t->connection = hz_nats_open(t->env.loop, &c->nats, name, &connection_ops, t, s);
    }
    if (t->connection)
        t->handles++;
    else
        hz_link_down(t->env.link, "out of memory");
}

/* ---- as a carrier ------------------------------------------------------------------------- */

static bool nats_room(void *state)
{
    const struct nats *t = state;
    if (t->spool && (t->spooling || t->leaving)) {
        bool ends = t->up && t->window.held == 0 && !t->leaving &&
                    hz_spool_records(t->spool) < NEARLY_EMPTY;
        return !ends && hz_spool_room(t->spool);
    }
    return t->up && t->window.held == 0 && hz_window_room(&t->window);
}

static void nats_send(void *state, struct hz_frame *f)
{
    struct nats *t = state;
    struct hz_spooled *r = NULL;
    int rc = hz_nats_record_make(f, t->form, t->station, hz_bus_stream(t->env.outputs->bus), &r);
    if (!r)
        hz_link_count(t->env.link, 0, rc < 0);
    else if (t->spooling)
        hz_spool_put(t->spool, r);
    else
        send_new(t, r);
}

static bool nats_idle(void *state)
{
    const struct nats *t = state;
    return t->spooling ? hz_spool_is_written(t->spool) : t->window.n == 0;
}

static void nats_last(void *state)
{
    struct nats *t = state;
    t->leaving = true;
    begin_spooling(t);
}

static void on_spool(void *ctx)
{
    struct nats *t = ctx;
    struct hz_spool_counts c = hz_spool_counts(t->spool);
    uint64_t dropped = c.dropped + c.damaged;
    if (dropped > t->dropped)
        hz_link_count(t->env.link, 0, dropped - t->dropped);
    t->dropped = dropped;
    pump(t);
    hz_link_ready(t->env.link);
}

static void nats_tick(void *state)
{
    struct nats *t = state;
    if (t->spool)
        hz_spool_tick(t->spool);
    if (!t->up || t->window.n == 0)
        return;
    uint64_t time = uv_hrtime(), limit = (uint64_t)ACK_MS * 1000000;
    size_t late = hz_window_hold_all(&t->window, time > limit ? time - limit : 0);
    if (late > 0) {
        t->timeouts += late;
        t->probe = 0;
        retry_later(t);
    }
    if (now(t) - t->moved_ms >= STUCK_MS)
        begin_spooling(t);
    if (now(t) - t->moved_ms >= GIVE_UP_MS)
        on_down(t, "nothing was acknowledged for 12 s: has the stream a leader? Another server is "
                   "tried");
}

static void *nats_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    const struct hz_conf_nats *c = (const struct hz_conf_nats *)env->conf;
    struct nats *t = calloc(1, sizeof *t);
    if (!t) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    t->env = *env;
    t->conf = c;
    t->form = hz_link_form(env->link);
    hz_nats_station(c, t->station);
    hz_window_init(&t->window);
    t->retry_ms = RETRY_MIN_MS;
    t->handles = 1;
    if (*c->spool) {
        t->spool = hz_spool_new(env->loop, c->spool, c->spool_bytes, on_spool, t);
        t->spooling = t->spool != NULL;
        t->handles++;
    }
    if (*c->spool && !t->spool) {
        snprintf(err, err_len, "out of memory");
        free(t);
        return NULL;
    }
    uv_timer_init(env->loop, &t->retry);
    t->retry.data = t;
    return t;
}

static void on_retry_closed(uv_handle_t *h)
{
    maybe_free(h->data);
}

static void on_spool_closed(void *ctx, uint64_t lost)
{
    struct nats *t = ctx;
    hz_link_count(t->env.link, 0, lost);
    maybe_free(t);
}

static void nats_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct nats *t = state;
    t->closed = closed;
    t->closed_ctx = ctx;
    hang_up(t);
    begin_spooling(t);
    if (t->spool)
        hz_spool_close(t->spool, on_spool_closed, t);
    else
        hz_link_count(t->env.link, 0, t->window.n);
    uv_close((uv_handle_t *)&t->retry, on_retry_closed);
}

static double tenths(double ms)
{
    return (double)(int64_t)(ms * 10 + 0.5) / 10;
}

static void nats_status(void *state, cJSON *item)
{
    const struct nats *t = state;
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"in_flight", t->window.n},    {"acks", t->acks},
                  {"duplicates", t->duplicates}, {"resent", t->resent},
                  {"refused", t->refused},       {"timeouts", t->timeouts}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        cJSON_AddNumberToObject(item, counts[i].name, (double)counts[i].n);
    cJSON_AddNumberToObject(item, "ack_p50_ms", tenths(hz_window_time_ms(&t->window, 0.5)));
    cJSON_AddNumberToObject(item, "ack_p99_ms", tenths(hz_window_time_ms(&t->window, 0.99)));
    cJSON_AddStringToObject(item, "server", t->up ? hz_nats_server(t->connection) : "");
    if (!t->spool)
        return;
    struct hz_spool_counts c = hz_spool_counts(t->spool);
    cJSON_AddNumberToObject(item, "spooled", (double)hz_spool_records(t->spool));
    cJSON_AddNumberToObject(item, "spool_bytes", (double)c.bytes);
    cJSON_AddNumberToObject(item, "spool_dropped", (double)(c.dropped + c.damaged));
    cJSON_AddStringToObject(item, "spool_error", hz_spool_error(t->spool));
}

const struct hz_carrier_ops hz_nats_carrier = {
    .stores = true,
    .open = nats_open,
    .connect = nats_connect,
    .room = nats_room,
    .send = nats_send,
    .idle = nats_idle,
    .last = nats_last,
    .tick = nats_tick,
    .close = nats_close,
    .status = nats_status,
};

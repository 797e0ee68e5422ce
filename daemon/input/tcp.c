/* type = tcp: connects to another program, or lets other programs connect (listen = yes:
 * tcp_listen.c).
 *
 *     WAITING ──next try──▶ CONNECTING ──────▶ UP
 *        ▲                       └──────broken──┘        the wait doubles, up to a minute
 */
#include "daemon/base/backoff.h"
#include "daemon/base/dial.h"
#include "daemon/base/log.h"
#include "daemon/input/flow.h"
#include "daemon/input/tcp_listen.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_MS = 10000, WAIT_MAX_MS = 60000, TICK_MS = 1000, ERROR_MAX = 256, GREETING_MAX = 400 };

struct tcp {
    const struct hz_conf_net_input *conf;
    struct hz_input_env env;
    struct hz_intake *intake;
    struct hz_feed *feed;
    struct hz_flow flow;
    struct hz_dial dial;
    enum { WAITING, CONNECTING, UP } state;
    bool dial_open;
    struct hz_backoff backoff;
    uv_timer_t timer; /* the next try; while it is up, each second */
    uint64_t try_ms, up_ms, connects;
    char error[ERROR_MAX];
    uv_write_t write;
    char greeting[GREETING_MAX];
    int open_parts; /* timer, dial, intake, while it closes */
    bool closing;
    void (*closed)(void *ctx);
    void *ctx;
};

static void try_now(struct tcp *t);

static void on_timer(uv_timer_t *timer);

/* ---- the end ---------------------------------------------------------------------------- */

static void part_gone(struct tcp *t)
{
    if (--t->open_parts > 0)
        return;
    void (*closed)(void *ctx) = t->closed;
    void *ctx = t->ctx;
    free(t);
    closed(ctx);
}

static void on_part_closed(void *ctx)
{
    part_gone(ctx);
}

static void on_timer_closed(uv_handle_t *h)
{
    part_gone(h->data);
}

/* The socket is gone, so nothing comes into the feed any more. */
static void on_dial_closed(void *ctx)
{
    struct tcp *t = ctx;
    t->dial_open = false;
    hz_feed_free(t->feed);
    t->feed = NULL;
    if (t->closing) {
        hz_intake_close(t->intake, on_part_closed, t);
        return;
    }
    uint64_t wait = hz_backoff_next(&t->backoff, WAIT_MAX_MS);
    t->try_ms = uv_now(t->env.loop) + wait;
    uv_timer_start(&t->timer, on_timer, wait, 0);
}

static void close_tcp(struct tcp *t, void (*closed)(void *ctx), void *ctx)
{
    t->closing = true;
    t->closed = closed;
    t->ctx = ctx;
    t->open_parts = 2; /* timer; dial, then intake */
    hz_flow_stop(&t->flow);
    uv_close((uv_handle_t *)&t->timer, on_timer_closed);
    if (t->state != WAITING)
        hz_dial_close(&t->dial, on_dial_closed, t);
    else if (!t->dial_open)
        hz_intake_close(t->intake, on_part_closed, t);
    t->state = WAITING;
}

/* ---- broken ----------------------------------------------------------------------------- */

static void go_down(struct tcp *t, const char *why)
{
    const char *said = t->feed ? hz_feed_error(t->feed) : "";
    if (t->state == WAITING)
        return;
    snprintf(t->error, sizeof t->error, "%s: %s%s%s%s", t->conf->address, why,
             *said ? "; it said: " : "", said,
             strstr(said, "token") && !*t->conf->token ? " (expected token = TOKEN here)" : "");
    hz_log(LOG_WARNING, "input %s: %s", t->conf->input.name, t->error);
    /* a peer that accepts and gives nothing is not worth a try each second */
    if (t->state == UP && t->flow.heard_ms > t->up_ms)
        hz_backoff_reset(&t->backoff);
    t->state = WAITING;
    hz_flow_stop(&t->flow);
    hz_intake_up(t->intake, false);
    uv_timer_stop(&t->timer);
    hz_dial_close(&t->dial, on_dial_closed, t);
}

static void on_ended(void *ctx, const char *why)
{
    go_down(ctx, why);
}

static void on_failed(void *ctx, int status, const char *why)
{
    (void)status;
    go_down(ctx, why);
}

/* ---- connecting ------------------------------------------------------------------------- */

static void on_written(uv_write_t *req, int status)
{
    (void)req, (void)status; /* a connection that is broken tells so to the reader */
}

static void on_connected(void *ctx)
{
    struct tcp *t = ctx;
    hz_dial_done(&t->dial);
    t->feed = hz_feed_new(t->intake, t->conf->address);
    int rc = t->feed ? hz_flow_start(&t->flow, hz_dial_stream(&t->dial), t->feed, t->env.budget)
                     : UV_ENOMEM;
    t->state = UP;
    t->up_ms = uv_now(t->env.loop);
    t->connects++;
    if (rc != 0) {
        go_down(t, uv_strerror(rc));
        return;
    }
    t->error[0] = '\0';
    hz_log(LOG_INFO, "input %s: connected to %s", t->conf->input.name, t->conf->address);
    hz_intake_up(t->intake, true);
    uv_timer_start(&t->timer, on_timer, TICK_MS, TICK_MS);
    size_t n = hz_intake_greeting(t->intake, t->greeting, sizeof t->greeting);
    uv_buf_t buf = uv_buf_init(t->greeting, (unsigned)n);
    if (n > 0)
        uv_write(&t->write, hz_dial_stream(&t->dial), &buf, 1, on_written);
}

static void try_now(struct tcp *t)
{
    const struct hz_dial_env env = {.loop = t->env.loop,
                                    .address = t->conf->address,
                                    .limit_ms = LIMIT_MS,
                                    .connected = on_connected,
                                    .failed = on_failed,
                                    .ctx = t};
    int rc = hz_dial_open(&t->dial, &env);
    t->dial_open = rc == 0;
    t->state = rc == 0 ? CONNECTING : WAITING;
    if (rc == 0)
        return;
    snprintf(t->error, sizeof t->error, "%s: %s", t->conf->address, uv_strerror(rc));
    uv_timer_start(&t->timer, on_timer, WAIT_MAX_MS, 0);
}

static void on_timer(uv_timer_t *timer)
{
    struct tcp *t = timer->data;
    if (t->state == WAITING)
        try_now(t);
    else if (hz_flow_silent(&t->flow))
        go_down(t, "it sent nothing for 45 s, though another hertzd does");
}

static void *open_tcp(const struct hz_input_env *env, const struct hz_conf_net_input *conf)
{
    struct tcp *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->conf = conf;
    t->env = *env;
    t->intake = hz_intake_new(env, conf);
    if (!t->intake) {
        free(t);
        return NULL;
    }
    t->flow.ended = on_ended;
    t->flow.ctx = t;
    uv_timer_init(env->loop, &t->timer);
    t->timer.data = t;
    try_now(t);
    return t;
}

static void status_tcp(const struct tcp *t, cJSON *o)
{
    static const char *const names[] = {"waiting", "connecting", "up"};
    uint64_t now = uv_now(t->env.loop);
    cJSON_AddStringToObject(o, "state", names[t->state]);
    if (*t->error)
        cJSON_AddStringToObject(o, "error", t->error);
    cJSON_AddNumberToObject(o, "connects", (double)t->connects);
    if (t->state == UP)
        cJSON_AddNumberToObject(o, "up_s", (double)(now - t->up_ms) / 1e3);
    if (t->state == WAITING && t->try_ms > now)
        cJSON_AddNumberToObject(o, "next_try_s", (double)(t->try_ms - now) / 1e3);
    hz_intake_status(t->intake, o);
}

/* ---- the kind --------------------------------------------------------------------------- */

/* Either of both, by the key `listen`. */
struct either {
    bool listens;
    void *state;
};

static void *open_either(const struct hz_input_env *env, const struct hz_conf_input *conf)
{
    const struct hz_conf_net_input *net = (const struct hz_conf_net_input *)(const void *)conf;
    struct either *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->listens = net->listen;
    e->state = net->listen ? (void *)hz_tcp_listen_open(env, net) : open_tcp(env, net);
    if (e->state)
        return e;
    free(e);
    return NULL;
}

static void close_either(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct either *e = state;
    if (e->listens)
        hz_tcp_listen_close(e->state, closed, ctx);
    else
        close_tcp(e->state, closed, ctx);
    free(e);
}

static void status_either(void *state, cJSON *o)
{
    struct either *e = state;
    if (e->listens)
        hz_tcp_listen_status(e->state, o);
    else
        status_tcp(e->state, o);
}

static const char *target(const struct hz_conf_input *conf)
{
    return ((const struct hz_conf_net_input *)(const void *)conf)->address;
}

static void check_peer(const struct hz_check *c, const struct hz_conf_net_input *in)
{
    char host[256];
    bool v6 = false;
    if (!hz_check_needs(c, "address", "address = HOST:PORT, as in 127.0.0.1:30005"))
        return;
    if (hz_address_split(in->address, host, sizeof host, &v6) <= 0 || (!v6 && strchr(host, ':')))
        hz_check_error(c, "address",
                       "address = '%s': expected HOST:PORT with a name, an address or [IPv6] and a "
                       "port from 1 to 65535, as in 127.0.0.1:30005",
                       in->address);
    if (hz_check_gave(c, "allow"))
        hz_check_error(c, "allow", "allow has no meaning with listen = no: we connect");
}

static void check(const struct hz_check *c, void *item)
{
    const struct hz_conf_net_input *in = item;
    hz_net_check(c, in);
    if (in->listen)
        hz_net_check_own(c, in);
    else
        check_peer(c, in);
    if (hz_check_gave(c, "token") && (in->listen || strcmp(in->format, "json") != 0))
        hz_check_error(c, "token", "token has no meaning with %s%s",
                       in->listen ? "listen = yes" : "format = ", in->listen ? "" : in->format);
}

static const struct hz_option options[] = {
    HZ_KEYS_NET,
    {.name = "listen",
     .type = HZ_OPTION_YES,
     .at = offsetof(struct hz_conf_net_input, listen),
     .fallback = "no",
     .help = "other programs connect to us at this address; otherwise we connect to it"},
    {.name = "token",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_net_input, token),
     .example = "qu5X0rSTDtKmFzZ",
     .help = "of format = json, what the other hertzd wants to read before it sends anything"},
    {0},
};

const struct hz_input_kind hz_input_tcp = {
    .kind = {"tcp", "a connection to another program, or from it", options,
             sizeof(struct hz_conf_net_input), check},
    .ops = {.target = target, .open = open_either, .close = close_either, .status = status_either},
};

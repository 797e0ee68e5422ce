#include "daemon/input/tcp_listen.h"

#include "daemon/base/log.h"
#include "daemon/input/flow.h"

#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 1000, BACKLOG = 16, ERROR_MAX = 256 };

/* One program that has connected. */
struct peer {
    struct peer *next;
    struct hz_tcp_listen *of;
    uv_tcp_t tcp;
    struct hz_flow flow;
    char name[HZ_NET_TEXT];
};

struct hz_tcp_listen {
    const struct hz_conf_net_input *conf;
    struct hz_input_env env;
    struct hz_intake *intake;
    uv_tcp_t tcp;
    bool listens, has_tcp; /* has_tcp: its handle is not closed */
    uv_timer_t timer;      /* the next try, or each second */
    struct peer *peers;
    size_t n_peers;
    uint64_t connects, refused;
    char error[ERROR_MAX];
    bool closing, timer_gone;
    void (*closed)(void *ctx);
    void *ctx;
};

static void on_timer(uv_timer_t *timer);

/* ---- the end ---------------------------------------------------------------------------- */

static void on_intake_closed(void *ctx)
{
    struct hz_tcp_listen *l = ctx;
    void (*closed)(void *ctx) = l->closed;
    void *closed_ctx = l->ctx;
    free(l);
    closed(closed_ctx);
}

static void end_if_empty(struct hz_tcp_listen *l)
{
    if (l->closing && !l->peers && !l->has_tcp && l->timer_gone)
        hz_intake_close(l->intake, on_intake_closed, l);
}

static void on_peer_closed(uv_handle_t *h)
{
    struct peer *p = (struct peer *)((char *)h - offsetof(struct peer, tcp)), **at;
    struct hz_tcp_listen *l = p->of;
    for (at = &l->peers; *at != p; at = &(*at)->next)
        ;
    *at = p->next;
    l->n_peers--;
    hz_feed_free(p->flow.feed);
    free(p);
    if (!l->peers)
        hz_intake_up(l->intake, false);
    end_if_empty(l);
}

static void close_peer(struct peer *p)
{
    hz_flow_stop(&p->flow);
    if (!uv_is_closing((uv_handle_t *)&p->tcp))
        uv_close((uv_handle_t *)&p->tcp, on_peer_closed);
}

static void on_socket_closed(uv_handle_t *h)
{
    struct hz_tcp_listen *l = h->data;
    l->has_tcp = false;
    end_if_empty(l);
}

static void on_timer_closed(uv_handle_t *h)
{
    struct hz_tcp_listen *l = h->data;
    l->timer_gone = true;
    end_if_empty(l);
}

void hz_tcp_listen_close(struct hz_tcp_listen *l, void (*closed)(void *ctx), void *ctx)
{
    l->closing = true;
    l->closed = closed;
    l->ctx = ctx;
    for (struct peer *p = l->peers; p; p = p->next)
        close_peer(p);
    if (l->has_tcp && !uv_is_closing((uv_handle_t *)&l->tcp))
        uv_close((uv_handle_t *)&l->tcp, on_socket_closed);
    uv_close((uv_handle_t *)&l->timer, on_timer_closed);
}

/* ---- peers ------------------------------------------------------------------------------ */

static void on_ended(void *ctx, const char *why)
{
    struct peer *p = ctx;
    hz_log(LOG_INFO, "input %s: %s: %s", p->of->conf->input.name, p->name, why);
    close_peer(p);
}

/* Whether it may send. */
static bool admit(struct hz_tcp_listen *l, struct peer *p)
{
    struct sockaddr_storage a = {0};
    int len = sizeof a;
    if (uv_tcp_getpeername(&p->tcp, (struct sockaddr *)&a, &len) != 0)
        return false;
    hz_net_text((const struct sockaddr *)&a, p->name);
    if (l->n_peers > HZ_TCP_PEERS_MAX) {
        hz_log(LOG_WARNING, "input %s: %s is refused: %d programs are connected",
               l->conf->input.name, p->name, HZ_TCP_PEERS_MAX);
        return false;
    }
    if (hz_net_admits(l->conf, (const struct sockaddr *)&a))
        return true;
    hz_log(LOG_WARNING, "input %s: %s is refused: it is not in allow", l->conf->input.name,
           p->name);
    return false;
}

static void on_connection(uv_stream_t *server, int status)
{
    struct hz_tcp_listen *l = server->data;
    struct peer *p = status == 0 ? calloc(1, sizeof *p) : NULL;
    if (!p)
        return;
    p->of = l;
    uv_tcp_init(l->env.loop, &p->tcp);
    p->next = l->peers;
    l->peers = p;
    l->n_peers++;
    p->flow.ended = on_ended;
    p->flow.ctx = p;
    if (uv_accept(server, (uv_stream_t *)&p->tcp) != 0 || !admit(l, p)) {
        l->refused++;
        close_peer(p);
        return;
    }
    l->connects++;
    p->flow.feed = hz_feed_new(l->intake, p->name);
    if (!p->flow.feed ||
        hz_flow_start(&p->flow, (uv_stream_t *)&p->tcp, p->flow.feed, l->env.budget) != 0) {
        close_peer(p);
        return;
    }
    hz_log(LOG_INFO, "input %s: %s has connected", l->conf->input.name, p->name);
    hz_intake_up(l->intake, true);
}

/* ---- listening -------------------------------------------------------------------------- */

static void listen_now(struct hz_tcp_listen *l)
{
    struct sockaddr_storage own = {0};
    uv_tcp_init(l->env.loop, &l->tcp);
    l->tcp.data = l;
    l->has_tcp = true;
    int rc = hz_net_address(l->conf->address, &own);
    if (rc == 0)
        rc = uv_tcp_bind(&l->tcp, (const struct sockaddr *)&own, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&l->tcp, BACKLOG, on_connection);
    l->listens = rc == 0;
    if (rc == 0) {
        l->error[0] = '\0';
        hz_log(LOG_INFO, "input %s: listens at %s", l->conf->input.name, l->conf->address);
        return;
    }
    if (!*l->error)
        hz_log(LOG_ERR, "input %s: cannot listen at %s: %s; tried again each second",
               l->conf->input.name, l->conf->address, uv_strerror(rc));
    snprintf(l->error, sizeof l->error, "cannot listen at %s: %s", l->conf->address,
             uv_strerror(rc));
    uv_close((uv_handle_t *)&l->tcp, on_socket_closed);
}

static void on_timer(uv_timer_t *timer)
{
    struct hz_tcp_listen *l = timer->data;
    if (!l->listens && !l->has_tcp)
        listen_now(l);
    for (struct peer *p = l->peers; p; p = p->next) {
        if (hz_flow_silent(&p->flow)) {
            hz_log(LOG_WARNING, "input %s: %s is silent: closed", l->conf->input.name, p->name);
            close_peer(p);
        }
    }
}

struct hz_tcp_listen *hz_tcp_listen_open(const struct hz_input_env *env,
                                         const struct hz_conf_net_input *conf)
{
    struct hz_tcp_listen *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->conf = conf;
    l->env = *env;
    l->intake = hz_intake_new(env, conf);
    if (!l->intake) {
        free(l);
        return NULL;
    }
    uv_timer_init(env->loop, &l->timer);
    l->timer.data = l;
    uv_timer_start(&l->timer, on_timer, RETRY_MS, RETRY_MS);
    listen_now(l);
    return l;
}

void hz_tcp_listen_status(const struct hz_tcp_listen *l, cJSON *o)
{
    cJSON_AddStringToObject(o, "state", l->listens ? "listening" : "waiting");
    if (*l->error)
        cJSON_AddStringToObject(o, "error", l->error);
    struct sockaddr_storage own = {0};
    char text[HZ_NET_TEXT];
    int len = sizeof own;
    if (l->listens && uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&own, &len) == 0) {
        hz_net_text((const struct sockaddr *)&own, text);
        cJSON_AddStringToObject(o, "address", text);
    }
    cJSON_AddNumberToObject(o, "peers", (double)l->n_peers);
    cJSON_AddNumberToObject(o, "connects", (double)l->connects);
    cJSON_AddNumberToObject(o, "peers_refused", (double)l->refused);
    hz_intake_status(l->intake, o);
}

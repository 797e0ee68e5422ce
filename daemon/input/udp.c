/* type = udp: datagrams of other programs, as AIS sentences of AIS-catcher and rtl_ais. */
#include "daemon/base/log.h"
#include "daemon/input/intake.h"

#include <stdlib.h>
#include <string.h>

enum {
    TICK_MS = 1000,
    UP_MS = 10000,
    ERROR_MAX = 256,
    DATAGRAM_MAX = 65536,
    SOCKET_ROOM = 1 << 20
};

struct udp {
    struct hz_input_waiter waiter;
    const struct hz_conf_net_input *conf;
    struct hz_input_env env;
    struct hz_intake *intake;
    struct hz_feed *feed;
    uv_udp_t udp;
    bool has_udp, bound;
    uv_timer_t timer;
    uint64_t heard_ms; /* when a datagram came, by the loop's clock; 0: never */
    uint64_t datagrams, refused;
    char error[ERROR_MAX];
    bool closing, timer_gone;
    void (*closed)(void *ctx);
    void *ctx;
    char buf[DATAGRAM_MAX];
};

/* ---- the end ---------------------------------------------------------------------------- */

static void on_intake_closed(void *ctx)
{
    struct udp *u = ctx;
    void (*closed)(void *ctx) = u->closed;
    void *closed_ctx = u->ctx;
    free(u);
    closed(closed_ctx);
}

static void end_if_empty(struct udp *u)
{
    if (!u->closing || u->has_udp || !u->timer_gone)
        return;
    hz_feed_free(u->feed);
    hz_intake_close(u->intake, on_intake_closed, u);
}

static void on_socket_closed(uv_handle_t *h)
{
    struct udp *u = h->data;
    u->has_udp = false;
    end_if_empty(u);
}

static void on_timer_closed(uv_handle_t *h)
{
    struct udp *u = h->data;
    u->timer_gone = true;
    end_if_empty(u);
}

static void close_udp(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct udp *u = state;
    u->closing = true;
    u->closed = closed;
    u->ctx = ctx;
    hz_input_budget_leave(u->env.budget, &u->waiter);
    if (u->has_udp && !uv_is_closing((uv_handle_t *)&u->udp))
        uv_close((uv_handle_t *)&u->udp, on_socket_closed);
    uv_close((uv_handle_t *)&u->timer, on_timer_closed);
}

/* ---- datagrams -------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct udp *u = h->data;
    (void)suggested;
    *buf = uv_buf_init(u->buf, sizeof u->buf);
}

static void on_datagram(uv_udp_t *h, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from,
                        unsigned flags)
{
    struct udp *u = h->data;
    (void)flags;
    if (n <= 0 || !from)
        return;
    if (!hz_net_admits(u->conf, from)) {
        if (u->refused++ == 0)
            hz_log(LOG_WARNING, "input %s: datagrams of a machine that is not in allow are refused",
                   u->conf->input.name);
        return;
    }
    u->datagrams++;
    u->heard_ms = uv_now(h->loop);
    hz_intake_up(u->intake, true);
    hz_feed_datagram(u->feed, buf->base, (size_t)n);
    if (hz_input_budget_left(u->env.budget))
        return;
    uv_udp_recv_stop(h); /* meanwhile they wait in the socket, which drops what is too much */
    hz_input_budget_wait(u->env.budget, &u->waiter);
}

static void on_turn(struct hz_input_waiter *w)
{
    struct udp *u = (struct udp *)w;
    uv_udp_recv_start(&u->udp, on_alloc, on_datagram);
}

/* ---- the socket ------------------------------------------------------------------------- */

static void bind_now(struct udp *u)
{
    struct sockaddr_storage own = {0};
    uv_udp_init(u->env.loop, &u->udp);
    u->udp.data = u;
    u->has_udp = true;
    int rc = hz_net_address(u->conf->address, &own), room = SOCKET_ROOM;
    if (rc == 0)
        rc = uv_udp_bind(&u->udp, (const struct sockaddr *)&own, 0);
    if (rc == 0)
        rc = uv_udp_recv_start(&u->udp, on_alloc, on_datagram);
    u->bound = rc == 0;
    if (rc == 0) {
        uv_recv_buffer_size((uv_handle_t *)&u->udp, &room); /* the system's limit counts too */
        u->error[0] = '\0';
        hz_log(LOG_INFO, "input %s: waits for datagrams at %s", u->conf->input.name,
               u->conf->address);
        return;
    }
    if (!*u->error)
        hz_log(LOG_ERR, "input %s: cannot open %s: %s; tried again each second",
               u->conf->input.name, u->conf->address, uv_strerror(rc));
    snprintf(u->error, sizeof u->error, "cannot open %s: %s", u->conf->address, uv_strerror(rc));
    uv_close((uv_handle_t *)&u->udp, on_socket_closed);
}

static void on_timer(uv_timer_t *t)
{
    struct udp *u = t->data;
    if (!u->bound && !u->has_udp)
        bind_now(u);
    if (uv_now(t->loop) - u->heard_ms > UP_MS)
        hz_intake_up(u->intake, false);
}

static void on_nothing(void *ctx)
{
    (void)ctx;
}

static void *open_udp(const struct hz_input_env *env, const struct hz_conf_input *conf)
{
    struct udp *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->conf = (const struct hz_conf_net_input *)(const void *)conf;
    u->env = *env;
    u->waiter.go_on = on_turn;
    u->intake = hz_intake_new(env, u->conf);
    u->feed = u->intake ? hz_feed_new(u->intake, "a sender") : NULL;
    if (!u->feed) {
        if (u->intake)
            hz_intake_close(u->intake, on_nothing, NULL);
        free(u);
        return NULL;
    }
    uv_timer_init(env->loop, &u->timer);
    u->timer.data = u;
    uv_timer_start(&u->timer, on_timer, TICK_MS, TICK_MS);
    bind_now(u);
    return u;
}

static void status(void *state, cJSON *o)
{
    const struct udp *u = state;
    cJSON_AddStringToObject(o, "state", u->bound ? "listening" : "waiting");
    if (*u->error)
        cJSON_AddStringToObject(o, "error", u->error);
    struct sockaddr_storage own = {0};
    char text[HZ_NET_TEXT];
    int len = sizeof own;
    if (u->bound && uv_udp_getsockname(&u->udp, (struct sockaddr *)&own, &len) == 0) {
        hz_net_text((const struct sockaddr *)&own, text);
        cJSON_AddStringToObject(o, "address", text);
    }
    cJSON_AddNumberToObject(o, "datagrams", (double)u->datagrams);
    cJSON_AddNumberToObject(o, "datagrams_refused", (double)u->refused);
    hz_intake_status(u->intake, o);
}

static const char *target(const struct hz_conf_input *conf)
{
    return ((const struct hz_conf_net_input *)(const void *)conf)->address;
}

static void check(const struct hz_check *c, void *item)
{
    hz_net_check(c, item);
    hz_net_check_own(c, item);
}

static const struct hz_option options[] = {HZ_KEYS_NET, {0}};

const struct hz_input_kind hz_input_udp = {
    .kind = {"udp", "datagrams of other programs", options, sizeof(struct hz_conf_net_input),
             check},
    .ops = {.target = target, .open = open_udp, .close = close_udp, .status = status},
};

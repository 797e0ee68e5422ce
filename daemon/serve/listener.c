#include "daemon/serve/client.h"

#include "daemon/base/log.h"
#include "daemon/serve/rtl_tcp.h"
#include "proto/out/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPT_TURN = 64,  /* connections taken in one turn of the loop */
    REFUSED_MAX = 64,  /* of those over the limit, how many are told so at a time */
    SPARE_FILES = 128, /* open files left for what is not a client */
    SWEEP_MS = 1000,
};

/* A new transport is one file and one line here. */
static const struct {
    const char *type;
    const struct hz_transport *transport;
} types[] = {
    [HZ_LISTEN_TCP] = {"tcp", &hz_transport_lines},
    [HZ_LISTEN_HTTP] = {"http", &hz_transport_http},
    [HZ_LISTEN_UNIX] = {"unix", &hz_transport_rpc},
    [HZ_LISTEN_RTL_TCP] = {"rtl_tcp", NULL}, /* no frames of the bus: share.c */
    [HZ_LISTEN_REFUSE] = {"refused", &hz_transport_lines},
};

const char *hz_listener_type(const struct hz_listener *l)
{
    return types[l->conf.type].type;
}

/* ---- all of them ---- */

static void maybe_done(struct hz_listeners *l)
{
    if (!l->draining || l->first || l->open_handles > 0)
        return;
    if (l->reserve_fd >= 0)
        close(l->reserve_fd);
    void (*done)(void *ctx) = l->done;
    void *ctx = l->done_ctx;
    free(l);
    done(ctx);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct hz_listeners *l = handle->data;
    l->open_handles--;
    maybe_done(l);
}

/* The last listener is gone, or there never was one. */
static void close_timers(struct hz_listeners *all)
{
    if (!all->draining || all->first || uv_is_closing((uv_handle_t *)&all->sweep))
        return;
    uv_close((uv_handle_t *)&all->sweep, on_timer_closed);
    uv_close((uv_handle_t *)&all->drain, on_timer_closed);
}

void hz_listener_free(struct hz_listener *l)
{
    hz_conf_listen_done(&l->conf);
    free(l);
}

void hz_listener_unref(struct hz_listener *l)
{
    struct hz_listeners *all = l->all;
    if (--l->refs > 0)
        return;
    struct hz_listener **p = &all->first;
    while (*p != l)
        p = &(*p)->next;
    *p = l->next;
    hz_listener_free(l);
    close_timers(all);
}

static void resume_accepting(struct hz_listeners *all);

static void on_sweep(uv_timer_t *timer)
{
    struct hz_listeners *l = timer->data;
    uint64_t now = uv_now(l->env.loop);
    for (struct hz_client *c = l->clients; c; c = c->next)
        hz_client_sweep(c, now);
    if (l->draining)
        return;
    resume_accepting(l);
    hz_listeners_retry(l);
}

struct hz_listeners *hz_listeners_new(const struct hz_listen_env *env)
{
    struct hz_listeners *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->env = *env;
    /* A client is an open file. The soft limit, 1024 in most shells, is there for programs that
     * use select(); this one does not. */
    struct rlimit limit = {1024, 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    l->max_clients =
        limit.rlim_cur > 2 * SPARE_FILES ? limit.rlim_cur - SPARE_FILES : limit.rlim_cur / 2;
    l->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    uv_timer_init(env->loop, &l->sweep);
    uv_timer_init(env->loop, &l->drain);
    l->sweep.data = l->drain.data = l;
    l->open_handles = 2;
    uv_timer_start(&l->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    return l;
}

/* ---- accepting ---- */

/* No descriptor is left: a connection waiting would wake the loop for ever. The reserve is given
 * up to take one and close it; without a reserve the listener rests until the next sweep. */
static void out_of_files(struct hz_listener *l)
{
    struct hz_listeners *all = l->all;
    hz_log(LOG_ERR, "listen %s: no more open files: connections are closed (see LimitNOFILE)",
           l->conf.name);
    if (all->reserve_fd >= 0) {
        close(all->reserve_fd);
        int fd = accept4(l->socket.fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            l->counts.refused++;
            close(fd);
        }
        all->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (all->reserve_fd < 0) {
        uv_poll_stop(&l->poll);
        l->resting = true;
    }
}

static void welcome(struct hz_listener *l, int fd)
{
    struct hz_listeners *all = l->all;
    char reason[HZ_ERROR_MAX];
    const char *refuse = NULL;
    if (l->conf.type == HZ_LISTEN_REFUSE) {
        snprintf(reason, sizeof reason,
                 "systemd passed %s, but no [listen] section of hertzd.conf names it",
                 l->socket.address);
        refuse = reason;
    } else if (l->n_clients >= (size_t)l->conf.max_clients) {
        snprintf(reason, sizeof reason, "too many clients: %zu of %zu (max_clients of listen %s)",
                 l->n_clients, (size_t)l->conf.max_clients, l->conf.name);
        refuse = reason;
    } else if (all->n_clients >= all->max_clients) {
        snprintf(reason, sizeof reason,
                 "too many clients: %zu of the %zu that the limit of open files allows",
                 all->n_clients, all->max_clients);
        refuse = reason;
    }
    if (!refuse) {
        l->counts.accepted++;
        if (l->share)
            hz_share_client(l->share, fd);
        else
            hz_client_new(l, fd, NULL);
        return;
    }
    l->counts.refused++;
    hz_log(LOG_WARNING, "listen %s: refused: %s", l->conf.name, refuse);
    if (l->transport && all->n_refused < REFUSED_MAX)
        hz_client_new(l, fd, refuse);
    else
        close(fd);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct hz_listener *l = poll->data;
    (void)events;
    if (status < 0) {
        hz_log(LOG_ERR, "listen %s: %s", l->conf.name, uv_strerror(status));
        return;
    }
    for (int i = 0; i < ACCEPT_TURN; i++) {
        int fd = accept4(l->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            welcome(l, fd);
        } else if (errno == EMFILE || errno == ENFILE) {
            out_of_files(l);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            if (errno != EAGAIN)
                hz_log(LOG_ERR, "listen %s: accept: %s", l->conf.name, strerror(errno));
            return;
        }
    }
}

static void resume_accepting(struct hz_listeners *all)
{
    if (all->reserve_fd < 0)
        all->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (struct hz_listener *l = all->first; l && all->reserve_fd >= 0; l = l->next) {
        if (l->resting && l->socket.fd >= 0)
            uv_poll_start(&l->poll, UV_READABLE, on_connection);
        l->resting = false;
    }
}

/* ---- one listener ---- */

static void on_poll_closed(uv_handle_t *handle)
{
    hz_listener_unref(handle->data);
}

static void stop_listening(struct hz_listener *l)
{
    if (l->socket.fd < 0)
        return;
    uv_poll_stop(&l->poll);
    hz_socket_close(&l->socket);
    uv_close((uv_handle_t *)&l->poll, on_poll_closed);
    if (l->share)
        hz_share_close(l->share);
}

struct hz_listener *hz_listener_new(struct hz_listeners *all, const struct hz_conf_listen *conf)
{
    struct hz_listener *l = calloc(1, sizeof *l);
    if (!l || hz_conf_listen_copy(&l->conf, conf) != 0) {
        free(l);
        return NULL;
    }
    l->all = all;
    l->wanted = true;
    l->transport = types[conf->type].transport;
    l->socket.fd = -1;
    return l;
}

void hz_listener_join(struct hz_listener *l)
{
    l->refs = 1;
    l->next = l->all->first;
    l->all->first = l;
}

/* One of ours that listens there; NULL: none. */
static struct hz_listener *holder(const struct hz_listeners *all, const struct hz_conf_listen *conf)
{
    for (struct hz_listener *l = all->first; l; l = l->next) {
        if (l->socket.fd >= 0 && hz_socket_at(&l->socket, conf))
            return l;
    }
    return NULL;
}

static int take_over(struct hz_listener *l, struct hz_listener *old, char *err, size_t err_len)
{
    int rc = hz_socket_take(&l->socket, &old->socket);
    if (rc < 0)
        snprintf(err, err_len, "cannot listen on %s: %s", old->socket.address, strerror(-rc));
    else
        hz_listener_leave(old);
    return rc;
}

static int get_socket(struct hz_listener *l, char *err, size_t err_len)
{
    struct hz_listener *old = holder(l->all, &l->conf);
    if (old && !old->wanted)
        return take_over(l, old, err, err_len);
    int rc = hz_socket_open(&l->socket, &l->conf, err, err_len);
    if (rc < 0 || !old)
        return rc;
    /* two of ours cannot share one of systemd's */
    snprintf(err, err_len, "listen %s has %s already", old->conf.name, l->socket.address);
    hz_socket_close(&l->socket);
    return -EADDRINUSE;
}

/* 0, or -errno with a line in err and nothing left open. */
static int try_open(struct hz_listener *l, char *err, size_t err_len)
{
    int rc = get_socket(l, err, err_len);
    if (rc < 0)
        return rc;
    rc = uv_poll_init(l->all->env.loop, &l->poll, l->socket.fd);
    if (rc < 0) {
        snprintf(err, err_len, "cannot listen on %s: %s", l->socket.address, uv_strerror(rc));
        hz_socket_close(&l->socket);
        return rc;
    }
    l->poll.data = l;
    l->refs++;
    if (l->conf.type == HZ_LISTEN_RTL_TCP && !(l->share = hz_share_new(l))) {
        snprintf(err, err_len, "no memory");
        stop_listening(l);
        return -ENOMEM;
    }
    uv_poll_start(&l->poll, UV_READABLE, on_connection);
    return 0;
}

int hz_listener_open(struct hz_listener *l)
{
    char err[HZ_ERROR_MAX] = "";
    int rc = try_open(l, err, sizeof err);
    if (rc == 0)
        hz_log(l->conf.type == HZ_LISTEN_REFUSE ? LOG_WARNING : LOG_INFO, "listen %s: %s on %s%s",
               l->conf.name, types[l->conf.type].type, l->socket.address,
               l->conf.passed_fd        ? " (passed by systemd; no [listen] section names it)"
               : l->socket.from_systemd ? " (passed by systemd)"
                                        : "");
    else if (strcmp(err, l->error) != 0)
        hz_log(LOG_ERR, "listen %s: %s; tried again each second", l->conf.name, err);
    snprintf(l->error, sizeof l->error, "%s", err);
    return rc;
}

void hz_listener_leave(struct hz_listener *l)
{
    if (l->left)
        return;
    l->left = true;
    l->wanted = false;
    stop_listening(l);
    for (struct hz_client *c = l->all->clients; c; c = c->next) {
        if (c->listener == l)
            hz_client_away(c, "the listener was removed");
    }
    hz_listener_unref(l);
}

static void on_drained(uv_timer_t *timer)
{
    struct hz_listeners *l = timer->data;
    for (struct hz_client *c = l->clients; c; c = c->next)
        hz_client_close(c);
}

void hz_listeners_close(struct hz_listeners *l, uint64_t drain_ms, void (*done)(void *ctx),
                        void *ctx)
{
    l->draining = true;
    l->done = done;
    l->done_ctx = ctx;
    for (struct hz_client *c = l->clients; c; c = c->next)
        hz_client_wake(c);
    uv_timer_start(&l->drain, on_drained, drain_ms, 0);
    for (struct hz_listener *p = l->first, *next; p; p = next) {
        next = p->next;
        stop_listening(p);
        if (!p->left) /* its place among all; clients keep it until they are gone */
            hz_listener_unref(p);
    }
    close_timers(l);
}

void hz_listeners_block(struct hz_listeners *all, const char *receiver, const struct hz_block *b)
{
    for (struct hz_listener *l = all->first; l; l = l->next) {
        if (l->share)
            hz_share_block(l->share, receiver, b);
    }
}

#include "daemon/serve/listener_own.h"

#include "daemon/base/log.h"
#include "daemon/serve/client.h"
#include "daemon/serve/kinds.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    SPARE_FILES = 128, /* open files reserved for other things than clients */
    KEPT_CLIENTS = 32, /* places reserved for the control socket: enough for all operators */
    SWEEP_MS = 1000,
    SWEEP_CLIENTS = 500, /* in one iteration of the loop */
};

/* ---- all listeners ---- */

static void maybe_done(struct hz_listeners *l)
{
    if (!l->doors.draining || l->first || l->open_handles > 0)
        return;
    hz_listeners_give_up(l);
    hz_batches_free(l->doors.batches);
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

/* There is no listener, or the last one is gone. */
static void close_timers(struct hz_listeners *all)
{
    if (!all->doors.draining || all->first || uv_is_closing((uv_handle_t *)&all->sweep))
        return;
    uv_close((uv_handle_t *)&all->sweep, on_timer_closed);
    uv_close((uv_handle_t *)&all->doors.silence, on_timer_closed);
    uv_close((uv_handle_t *)&all->drain, on_timer_closed);
}

void hz_listener_free(struct hz_listener *l)
{
    hz_door_done(&l->door);
    free(l);
}

static void on_gone(struct hz_door *door)
{
    struct hz_listener *l = (struct hz_listener *)door;
    struct hz_listeners *all = l->all;
    struct hz_listener **p = &all->first;
    while (*p != l)
        p = &(*p)->next;
    *p = l->next;
    hz_listener_free(l);
    close_timers(all);
}

static void on_sweep(uv_timer_t *timer)
{
    struct hz_listeners *l = timer->data;
    uint64_t now = uv_now(l->doors.env.loop);
    if (!l->sweeping)
        hz_client_walk_begin(&l->walk, &l->doors);
    for (int i = 0; l->walk.at && i < SWEEP_CLIENTS; i++) {
        struct hz_client *c = l->walk.at;
        l->walk.at = c->next;
        hz_client_sweep(c, now);
    }
    l->sweeping = l->walk.at != NULL;
    uv_timer_start(timer, on_sweep, l->sweeping ? 1 : SWEEP_MS, 0);
    if (l->sweeping)
        return;
    hz_client_walk_end(&l->walk);
    if (l->doors.draining)
        return;
    hz_listeners_refill(l);
    hz_listeners_retry(l);
}

/* The number of clients that the limit of open files allows, after it was raised as far as
 * possible. The soft limit, 1024 in most shells, protects programs that use select(); this one does
 * not. */
static void limit_clients(struct hz_doors *d)
{
    struct rlimit limit = {1024, 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    size_t files = limit.rlim_cur < INT_MAX ? (size_t)limit.rlim_cur : INT_MAX;
    d->max_clients = files > 2 * SPARE_FILES ? files - SPARE_FILES : files / 2;
    d->kept_clients = d->max_clients > 2 * KEPT_CLIENTS ? KEPT_CLIENTS : d->max_clients / 2;
}

struct hz_listeners *hz_listeners_new(const struct hz_listen_env *env)
{
    struct hz_listeners *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->doors.env = *env;
    limit_clients(&l->doors);
    l->reserve_fd = -1;
    for (int i = 0; i < HZ_KEPT_FILES; i++)
        l->kept_fds[i] = -1;
    hz_listeners_refill(l);
    uv_timer_init(env->loop, &l->sweep);
    uv_timer_init(env->loop, &l->doors.silence);
    uv_timer_init(env->loop, &l->drain);
    l->sweep.data = l->drain.data = l->doors.silence.data = l; /* which begins with its doors */
    l->open_handles = 3;
    uv_timer_start(&l->sweep, on_sweep, SWEEP_MS, 0);
    return l;
}

/* ---- one listener ---- */

static void on_poll_closed(uv_handle_t *handle)
{
    struct hz_listener *l = handle->data;
    hz_door_unref(&l->door);
}

static void stop_listening(struct hz_listener *l)
{
    if (l->socket.fd < 0)
        return;
    uv_poll_stop(&l->poll);
    hz_socket_close(&l->socket);
    uv_close((uv_handle_t *)&l->poll, on_poll_closed);
    if (l->door.kind->close)
        l->door.kind->close(&l->door);
}

struct hz_listener *hz_listener_new(struct hz_listeners *all, const struct hz_conf_listen *conf)
{
    struct hz_listener *l = calloc(1, sizeof *l);
    if (!l || hz_door_init(&l->door, &all->doors, conf, hz_listener_kind(conf->type)) != 0) {
        free(l);
        return NULL;
    }
    l->door.gone = on_gone;
    l->all = all;
    l->wanted = true;
    l->socket.fd = -1;
    return l;
}

void hz_listener_join(struct hz_listener *l)
{
    hz_door_ref(&l->door);
    l->next = l->all->first;
    l->all->first = l;
}

/* The listener that is open at this address; NULL: none. */
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
    struct hz_listener *old = holder(l->all, &l->door.conf);
    if (old && !old->wanted)
        return take_over(l, old, err, err_len);
    int rc = hz_socket_open(&l->socket, &l->door.conf, err, err_len);
    if (rc < 0 || !old)
        return rc;
    /* two listeners cannot share one socket of systemd */
    snprintf(err, err_len, "listen %s has %s already", old->door.conf.name, l->socket.address);
    hz_socket_close(&l->socket);
    return -EADDRINUSE;
}

/* Opens the socket. 0, or -errno with one line in err and nothing left open. */
static int try_open(struct hz_listener *l, char *err, size_t err_len)
{
    int rc = get_socket(l, err, err_len);
    if (rc < 0)
        return rc;
    rc = uv_poll_init(l->all->doors.env.loop, &l->poll, l->socket.fd);
    if (rc < 0) {
        snprintf(err, err_len, "cannot listen on %s: %s", l->socket.address, uv_strerror(rc));
        hz_socket_close(&l->socket);
        return rc;
    }
    l->poll.data = l;
    hz_door_ref(&l->door);
    rc = l->door.kind->open ? l->door.kind->open(&l->door) : 0;
    if (rc < 0) {
        snprintf(err, err_len, "%s", strerror(-rc));
        stop_listening(l);
        return rc;
    }
    hz_listener_accept(l);
    return 0;
}

int hz_listener_open(struct hz_listener *l)
{
    char err[HZ_ERROR_MAX] = "";
    const struct hz_door *d = &l->door;
    int rc = try_open(l, err, sizeof err);
    if (rc == 0)
        hz_log(d->kind->admits ? LOG_WARNING : LOG_INFO, "listen %s: %s on %s%s", d->conf.name,
               d->kind->name, l->socket.address,
               d->conf.passed_fd        ? " (passed by systemd; no [listen] section names it)"
               : l->socket.from_systemd ? " (passed by systemd)"
                                        : "");
    else if (strcmp(err, l->error) != 0)
        hz_log(LOG_ERR, "listen %s: %s; tried again each second", d->conf.name, err);
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
    for (struct hz_client *c = l->door.all->clients; c; c = c->next) {
        if (c->door == &l->door)
            hz_client_away(c, "the listener was removed");
    }
    hz_door_unref(&l->door);
}

static void on_drained(uv_timer_t *timer)
{
    struct hz_listeners *l = timer->data;
    for (struct hz_client *c = l->doors.clients; c; c = c->next)
        hz_client_close(c);
}

void hz_listeners_close(struct hz_listeners *l, uint64_t drain_ms, void (*done)(void *ctx),
                        void *ctx)
{
    l->doors.draining = true;
    l->done = done;
    l->done_ctx = ctx;
    for (struct hz_client *c = l->doors.clients; c; c = c->next)
        hz_client_wake(c);
    uv_timer_start(&l->drain, on_drained, drain_ms, 0);
    for (struct hz_listener *p = l->first, *next; p; p = next) {
        next = p->next;
        stop_listening(p);
        if (!p->left) /* the reference of the list; its clients hold others */
            hz_door_unref(&p->door);
    }
    close_timers(l);
}

void hz_listeners_block(struct hz_listeners *all, const char *receiver, const struct hz_block *b)
{
    for (struct hz_listener *l = all->first; l; l = l->next) {
        if (l->socket.fd >= 0 && l->door.kind->block &&
            strcmp(l->door.conf.receiver, receiver) == 0)
            l->door.kind->block(&l->door, b);
    }
}

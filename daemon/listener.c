#include "daemon/client.h"

#include "daemon/log.h"
#include "daemon/share.h"
#include "proto/json.h"

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
};

/* ---- the set ---- */

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

void hz_listener_unref(struct hz_listener *l)
{
    struct hz_listeners *all = l->all;
    if (--l->refs == 0) {
        struct hz_listener **p = &all->first;
        while (*p != l)
            p = &(*p)->next;
        *p = l->next;
        free(l->allow_origin);
        free(l);
    }
    if (all->draining && !all->first && all->open_handles == 2) {
        uv_close((uv_handle_t *)&all->sweep, on_timer_closed);
        uv_close((uv_handle_t *)&all->drain, on_timer_closed);
    }
}

static void resume_accepting(struct hz_listeners *all);

static void on_sweep(uv_timer_t *timer)
{
    struct hz_listeners *l = timer->data;
    uint64_t now = uv_now(l->env.loop);
    for (struct hz_client *c = l->clients; c; c = c->next)
        hz_client_sweep(c, now);
    if (!l->draining)
        resume_accepting(l);
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
           l->name);
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
    if (l->n_clients >= l->max_clients) {
        snprintf(reason, sizeof reason, "too many clients: %zu of %zu (max_clients of listen %s)",
                 l->n_clients, l->max_clients, l->name);
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
    hz_log(LOG_WARNING, "listen %s: refused: %s", l->name, refuse);
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
        hz_log(LOG_ERR, "listen %s: %s", l->name, uv_strerror(status));
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
                hz_log(LOG_ERR, "listen %s: accept: %s", l->name, strerror(errno));
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

static bool in_use(const struct hz_listeners *all, const char *address)
{
    for (const struct hz_listener *l = all->first; l; l = l->next) {
        if (l->socket.fd >= 0 && strcmp(l->socket.address, address) == 0)
            return true;
    }
    return false;
}

/* The listener with its socket, not yet in the set. */
static int listener_open(struct hz_listener *l, const struct hz_conf_listen *conf, char *err,
                         size_t err_len)
{
    int rc = hz_socket_open(&l->socket, conf, err, err_len);
    if (rc < 0)
        return rc;
    if (in_use(l->all, l->socket.address)) { /* two of ours cannot share one of systemd's */
        snprintf(err, err_len, "%s: another listener has %s already", conf->name,
                 l->socket.address);
        hz_socket_close(&l->socket);
        return -EADDRINUSE;
    }
    rc = uv_poll_init(l->all->env.loop, &l->poll, l->socket.fd);
    if (rc < 0) {
        snprintf(err, err_len, "%s: cannot listen on %s: %s", conf->name, l->socket.address,
                 uv_strerror(rc));
        hz_socket_close(&l->socket);
        return rc;
    }
    l->poll.data = l;
    l->refs = 1;
    return 0;
}

int hz_listeners_add(struct hz_listeners *all, const struct hz_conf_listen *conf, char *err,
                     size_t err_len)
{
    struct hz_listener *l = calloc(1, sizeof *l);
    char *origins = strdup(conf->allow_origin ? conf->allow_origin : "");
    int rc = -ENOMEM;
    if (l && origins) {
        l->all = all;
        l->type = conf->type;
        l->transport = types[conf->type].transport;
        l->max_clients = (size_t)conf->max_clients;
        l->allow_origin = origins;
        snprintf(l->name, sizeof l->name, "%s", conf->name);
        rc = listener_open(l, conf, err, err_len);
    } else {
        snprintf(err, err_len, "%s: no memory", conf->name);
    }
    if (rc < 0) {
        free(origins);
        free(l);
        return rc;
    }
    l->next = all->first;
    all->first = l;
    if (conf->type == HZ_LISTEN_RTL_TCP && !(l->share = hz_share_new(l, conf))) {
        snprintf(err, err_len, "%s: no memory", conf->name);
        stop_listening(l);
        return -ENOMEM;
    }
    uv_poll_start(&l->poll, UV_READABLE, on_connection);
    hz_log(LOG_INFO, "listen %s: %s on %s%s", l->name, types[l->type].type, l->socket.address,
           l->socket.from_systemd ? " (passed by systemd)" : "");
    return 0;
}

int hz_listeners_remove(struct hz_listeners *all, const char *name)
{
    struct hz_listener *l = all->first;
    while (l && (strcmp(l->name, name) != 0 || l->socket.fd < 0))
        l = l->next;
    if (!l)
        return -ENOENT;
    stop_listening(l);
    for (struct hz_client *c = all->clients; c; c = c->next) {
        if (c->listener == l)
            hz_client_away(c, "the listener was removed");
    }
    return 0;
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
    for (struct hz_listener *p = l->first; p; p = p->next)
        stop_listening(p);
    if (!l->first) {
        uv_close((uv_handle_t *)&l->sweep, on_timer_closed);
        uv_close((uv_handle_t *)&l->drain, on_timer_closed);
    }
}

void hz_listeners_block(struct hz_listeners *all, const char *receiver, const struct hz_block *b)
{
    for (struct hz_listener *l = all->first; l; l = l->next) {
        if (l->share)
            hz_share_block(l->share, receiver, b);
    }
}

/* ---- status ---- */

size_t hz_listeners_clients(const struct hz_listeners *l)
{
    return l->n_clients;
}

static void add_counts(cJSON *o, const char *const *names, const uint64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cJSON_AddNumberToObject(o, names[i], (double)values[i]);
}

static cJSON *client_json(const struct hz_client *c)
{
    static const char *const names[] = {"id", "sent_frames", "sent_bytes", "missed", "behind"};
    uint64_t next = hz_bus_next(c->listener->all->env.bus);
    uint64_t values[] = {c->id, c->frames, c->bytes, c->missed,
                         c->streaming ? next - c->cursor : 0};
    char since[48];
    struct hz_json j;
    hz_json_init(&j, since, sizeof since - 1);
    hz_json_time(&j, NULL, c->since_utc_ns);
    since[j.len - 1] = '\0'; /* without its quotes */
    cJSON *o = cJSON_CreateObject();
    if (!o)
        return NULL;
    cJSON_AddStringToObject(o, "listener", c->listener->name);
    cJSON_AddStringToObject(o, "transport", c->transport->name);
    cJSON_AddStringToObject(o, "peer", c->peer);
    if (c->listener->type == HZ_LISTEN_UNIX) {
        cJSON_AddNumberToObject(o, "uid", c->uid);
        cJSON_AddNumberToObject(o, "pid", c->pid);
    }
    cJSON_AddStringToObject(o, "since", since + 1);
    add_counts(o, names, values, sizeof values / sizeof *values);
    cJSON_AddBoolToObject(o, "streaming", c->streaming);
    cJSON_AddItemToObject(o, "filter", hz_subscription_json(&c->filter));
    return o;
}

cJSON *hz_listeners_clients_json(const struct hz_listeners *l)
{
    cJSON *array = cJSON_CreateArray();
    for (const struct hz_client *c = l->clients; array && c; c = c->next) {
        if (!c->refused && c->state <= HZ_CLIENT_ENDING)
            cJSON_AddItemToArray(array, client_json(c));
    }
    return array;
}

static cJSON *listener_json(const struct hz_listener *l)
{
    static const char *const names[] = {"clients",     "max_clients",  "accepted",
                                        "refused",     "bad_requests", "closed_slow",
                                        "sent_frames", "sent_bytes",   "missed"};
    const struct hz_client_counts *n = &l->counts;
    uint64_t values[] = {l->n_clients, l->max_clients, n->accepted, n->refused, n->bad,
                         n->slow,      n->frames,      n->bytes,    n->missed};
    cJSON *o = cJSON_CreateObject();
    if (!o)
        return NULL;
    cJSON_AddStringToObject(o, "name", l->name);
    cJSON_AddStringToObject(o, "type", types[l->type].type);
    cJSON_AddStringToObject(o, "address", l->socket.address);
    cJSON_AddBoolToObject(o, "from_systemd", l->socket.from_systemd);
    add_counts(o, names, values, sizeof values / sizeof *values);
    if (l->share)
        hz_share_describe(l->share, o);
    return o;
}

cJSON *hz_listeners_json(const struct hz_listeners *l)
{
    cJSON *array = cJSON_CreateArray();
    for (const struct hz_listener *p = l->first; array && p; p = p->next) {
        if (p->socket.fd >= 0)
            cJSON_InsertItemInArray(array, 0, listener_json(p)); /* in the order of adding */
    }
    return array;
}

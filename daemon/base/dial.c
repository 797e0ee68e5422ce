#include "daemon/base/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { KEEPALIVE_S = 10, UNANSWERED_MS = 30000 };

static void fail(struct hz_dial *d, int status, const char *what, const char *why)
{
    char text[200];
    if (d->over)
        return;
    d->over = true;
    uv_timer_stop(&d->limit);
    snprintf(text, sizeof text, "%s%s%s", what, *why ? ": " : "", why);
    d->env.failed(d->env.ctx, status, text);
}

/* ---- the end ---------------------------------------------------------------------------- */

static void part_gone(struct hz_dial *d)
{
    if (--d->open_parts > 0)
        return;
    if (d->found)
        freeaddrinfo(d->found);
    d->found = NULL;
    d->closed(d->closed_ctx);
}

static void try_next(struct hz_dial *d);

static void on_tcp_closed(uv_handle_t *h)
{
    struct hz_dial *d = (struct hz_dial *)((char *)h - offsetof(struct hz_dial, tcp));
    d->has_tcp = false;
    if (!d->closed)
        try_next(d);
    part_gone(d);
}

static void on_limit_closed(uv_handle_t *h)
{
    part_gone(h->data);
}

static void close_tcp(struct hz_dial *d)
{
    if (d->has_tcp && !uv_is_closing((uv_handle_t *)&d->tcp))
        uv_close((uv_handle_t *)&d->tcp, on_tcp_closed);
}

void hz_dial_close(struct hz_dial *d, void (*closed)(void *ctx), void *ctx)
{
    d->over = true;
    d->closed = closed;
    d->closed_ctx = ctx;
    if (d->lookup)
        hz_lookup_give_up(d->lookup);
    d->lookup = NULL;
    close_tcp(d);
    uv_close((uv_handle_t *)&d->limit, on_limit_closed);
}

/* ---- opening ---------------------------------------------------------------------------- */

/* A far side that is gone without a word is noticed though we send: by default the kernel tries for
 * a quarter of an hour, and takes all that we write until then. */
static void limit_silence(const struct hz_dial *d)
{
    uv_os_fd_t fd;
    unsigned ms = UNANSWERED_MS;
    if (uv_fileno((const uv_handle_t *)&d->tcp, &fd) == 0)
        setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

static void on_connected(uv_connect_t *req, int status)
{
    struct hz_dial *d = req->data;
    if (d->over)
        return;
    if (status < 0) {
        d->error = status;
        close_tcp(d);
        return;
    }
    uv_tcp_nodelay(&d->tcp, 1);
    uv_tcp_keepalive(&d->tcp, 1, KEEPALIVE_S);
    limit_silence(d);
    d->env.connected(d->env.ctx);
}

/* Connects to the next of the host's addresses. */
static void try_next(struct hz_dial *d)
{
    struct addrinfo *a = d->next;
    if (d->over)
        return;
    if (!a) {
        fail(d, d->error, "cannot connect", uv_strerror(d->error));
        return;
    }
    d->next = a->ai_next;
    uv_tcp_init(d->env.loop, &d->tcp);
    d->connect.data = d;
    d->has_tcp = true;
    d->open_parts++;
    int rc = uv_tcp_connect(&d->connect, &d->tcp, a->ai_addr, on_connected);
    if (rc != 0) {
        d->error = rc;
        close_tcp(d);
    }
}

static void on_found(void *ctx, int status, struct addrinfo *found)
{
    struct hz_dial *d = ctx;
    d->lookup = NULL;
    d->found = d->next = found;
    d->doing = "no connection";
    if (status != 0)
        fail(d, -EHOSTUNREACH, "its name is not found", gai_strerror(status));
    else
        try_next(d);
}

static void on_limit(uv_timer_t *t)
{
    struct hz_dial *d = t->data;
    char what[100];
    snprintf(what, sizeof what, "%s within %g s", d->doing, d->env.limit_ms / 1000.0);
    fail(d, -ETIMEDOUT, what, "");
}

int hz_dial_open(struct hz_dial *d, const struct hz_dial_env *env)
{
    char host[256];
    const char *address = env->address, *port = strrchr(address, ':');
    size_t n = port ? (size_t)(port - address) : 0;
    bool v6 = n > 2 && address[0] == '[' && address[n - 1] == ']';
    if (n == 0 || n >= sizeof host)
        return -EINVAL;
    snprintf(host, sizeof host, "%.*s", (int)(v6 ? n - 2 : n), address + v6);
    *d = (struct hz_dial){.env = *env, .doing = "its name was not looked up", .open_parts = 1};
    d->lookup = hz_lookup_start(env->loop, host, port + 1, on_found, d);
    if (!d->lookup)
        return -ENOMEM;
    uv_timer_init(env->loop, &d->limit);
    d->limit.data = d;
    uv_timer_start(&d->limit, on_limit, env->limit_ms, 0);
    return 0;
}

void hz_dial_expect(struct hz_dial *d, const char *doing)
{
    d->doing = doing;
}

void hz_dial_done(struct hz_dial *d)
{
    d->over = true;
    uv_timer_stop(&d->limit);
}

uv_stream_t *hz_dial_stream(struct hz_dial *d)
{
    return d->has_tcp ? (uv_stream_t *)&d->tcp : NULL;
}

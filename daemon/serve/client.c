#include "daemon/serve/auth.h"

#include "daemon/base/log.h"
#include "daemon/base/utc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    STUCK_MS = 10000,  /* a socket that accepts nothing for this long is closed */
    PAUSED_MS = 60000, /* the same of one with feeds: what it misses of them is dropped anyway */
    LINGER_MS = 2000,
    SILENT_MS = 2000, /* limit for the first request when places are scarce */
    KEEPALIVE_S = 60,
    BEAT_MS = 15000,  /* without a frame, after which a stream gets a heartbeat */
    QUIET_MS = 30000, /* half of what nginx and others wait for a quiet connection by default */
    GONE_S =
        10, /* how soon a peer that only ended its own direction is asked whether it is there */
};

static struct hz_bus *bus_of(const struct hz_client *c)
{
    return c->door->all->env.bus;
}

static uint64_t now_ms(const struct hz_client *c)
{
    return uv_now(c->io.handle.loop);
}

void hz_client_wake(struct hz_client *c)
{
    if (c->state != HZ_CLIENT_CLOSED)
        hz_bus_again(bus_of(c), &c->subscriber);
}

/* ---- the list of all ---- */

void hz_client_walk_begin(struct hz_client_walk *w, struct hz_doors *all)
{
    *w = (struct hz_client_walk){.all = all, .at = all->clients, .next = all->walks};
    all->walks = w;
}

void hz_client_walk_end(struct hz_client_walk *w)
{
    struct hz_client_walk **p = &w->all->walks;
    while (*p != w)
        p = &(*p)->next;
    *p = w->next;
}

/* ---- closing ---- */

static void on_closed(uv_handle_t *handle)
{
    struct hz_client *c = handle->data;
    struct hz_doors *all = c->door->all;
    if (c->transport->done)
        c->transport->done(c);
    for (struct hz_client_walk *w = all->walks; w; w = w->next)
        w->at = w->at == c ? c->next : w->at;
    if (c->prev)
        c->prev->next = c->next;
    else
        all->clients = c->next;
    if (c->next)
        c->next->prev = c->prev;
    hz_auth_done(c);
    hz_door_exit(c->door, &c->peer, c->refused);
    hz_cursor_done(&c->cursor);
    free(c->in);
    free(c->out);
    free(c);
}

void hz_client_close(struct hz_client *c)
{
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    c->state = HZ_CLIENT_CLOSED;
    hz_feeds_leave_all(c);
    hz_bus_unsubscribe(bus_of(c), &c->subscriber);
    uv_close(&c->io.handle, on_closed);
}

void hz_client_end(struct hz_client *c)
{
    if (c->state != HZ_CLIENT_OPEN)
        return;
    c->state = HZ_CLIENT_ENDING;
    c->deadline_ms = now_ms(c) + STUCK_MS;
    hz_client_wake(c);
}

/* All is written: closes our direction. The peer's bytes are read and dropped until it closes too,
 * because closing with unread bytes resets the connection, and the peer might lose our last lines.
 */
static void linger(struct hz_client *c)
{
    uv_os_fd_t fd;
    if (c->eof || uv_fileno(&c->io.handle, &fd) < 0 || shutdown(fd, SHUT_WR) < 0) {
        hz_client_close(c);
        return;
    }
    c->state = HZ_CLIENT_LINGER;
    c->deadline_ms = now_ms(c) + LINGER_MS;
}

void hz_client_count_bad(struct hz_client *c)
{
    c->door->counts.bad++;
}

void hz_client_fail(struct hz_client *c, const char *reason)
{
    hz_client_count_bad(c);
    c->transport->bye(c, HZ_BYE_BAD, reason);
    hz_client_end(c);
}

void hz_client_away(struct hz_client *c, const char *reason)
{
    if (c->state != HZ_CLIENT_OPEN)
        return;
    c->transport->bye(c, HZ_BYE_AWAY, reason);
    hz_client_end(c);
}

/* ---- output ---- */

static void make_answer(struct hz_client *c)
{
    c->waiting = c->waiting && c->unfinished;
    if (c->unfinished && c->state == HZ_CLIENT_OPEN && !c->write && c->out_len == 0)
        c->transport->more(c);
}

/* Processes a piece of input, starts a write, and handles the consequences of both. */
static void on_wake(struct hz_subscriber *s)
{
    struct hz_client *c = (struct hz_client *)s;
    bool draining = c->door->all->draining;
    if (c->broken) {
        hz_client_close(c);
        return;
    }
    hz_client_take_input(c);
    make_answer(c);
    if (c->eof || draining)
        hz_client_begin(c);
    bool wrote = hz_client_pump(c);
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    bool open = c->state == HZ_CLIENT_OPEN;
    bool more_answer = open && c->unfinished && !c->waiting;
    bool behind = open && !c->unfinished && c->streaming && hz_cursor_behind(&c->cursor) > 0;
    bool fed = open && hz_feeds_waiting(c);
    bool more_input = open && c->in_len > 0 && !c->hungry;
    bool idle = open && !c->write && !more_answer;
    if (!c->write && !wrote && c->state == HZ_CLIENT_ENDING)
        linger(c);
    else if (idle && !more_input && c->eof && !hz_client_goes_on(c))
        hz_client_end(c);
    else if (idle && !behind && draining)
        hz_client_away(c, "hertzd stops");
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    hz_client_keep_reading(c);
    bool follow =
        wrote && ((c->eof && !hz_client_goes_on(c)) || draining || c->state == HZ_CLIENT_ENDING);
    if (!c->write && (behind || fed || more_input || more_answer || follow))
        hz_client_wake(c);
}

void hz_client_become(struct hz_client *c, const struct hz_transport *t)
{
    if (c->transport->done)
        c->transport->done(c);
    c->proto = NULL;
    c->deadline_ms = 0;
    c->transport = t;
    if (t->open(c) < 0)
        hz_client_close(c);
}

/* ---- life cycle ---- */

/* Whether the client occupies a place but has made no request. */
static bool is_silent(const struct hz_client *c)
{
    return c->state == HZ_CLIENT_OPEN && !c->asked && c->transport->timeout;
}

/* Nothing was sent for that time. */
static void keep(struct hz_client *c, uint64_t quiet_ms)
{
    if (c->state != HZ_CLIENT_OPEN || c->unfinished || c->out_len > 0)
        return;
    if (c->streaming && c->transport->beat && quiet_ms >= BEAT_MS)
        c->transport->beat(c);
    else if (!c->streaming && c->transport->keep && quiet_ms >= QUIET_MS)
        c->transport->keep(c);
    if (c->out_len > 0)
        hz_client_wake(c);
}

void hz_client_sweep(struct hz_client *c, uint64_t now)
{
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    if (c->deadline_ms && now >= c->deadline_ms) {
        c->deadline_ms = 0;
        if (c->state == HZ_CLIENT_OPEN)
            c->transport->timeout(c);
        else
            hz_client_close(c);
        return;
    }
    if (hz_client_goes_on(c) && hz_client_is_reset(c)) {
        hz_client_close(c);
        return;
    }
    if (is_silent(c) && now - c->since_ms >= SILENT_MS && hz_door_crowded(c->door)) {
        c->transport->timeout(c);
        return;
    }
    if (!c->write) {
        keep(c, now - c->progress_ms);
        return;
    }
    size_t left = uv_stream_get_write_queue_size(&c->io.stream);
    if (left != c->left) {
        c->left = left;
        c->progress_ms = now;
    }
    bool lapped = c->streaming && hz_cursor_lapped(&c->cursor);
    int limit_ms = c->feeds ? PAUSED_MS : STUCK_MS;
    if (now - c->progress_ms >= (uint64_t)limit_ms && (lapped || !c->streaming)) {
        c->door->counts.slow++;
        hz_log(LOG_NOTICE, "client %s of %s: closed: its socket took nothing for %d s",
               c->peer.name, c->door->conf.name, limit_ms / 1000);
        hz_client_close(c);
    }
}

static int adopt(struct hz_client *c, int fd)
{
    uv_loop_t *loop = c->door->all->env.loop;
    if (c->peer.is_unix) {
        uv_pipe_init(loop, &c->io.pipe, 0);
        c->io.handle.data = c;
        return uv_pipe_open(&c->io.pipe, fd);
    }
    uv_tcp_init(loop, &c->io.tcp); /* without a family it only fills in the handle */
    c->io.handle.data = c;
    int rc = uv_tcp_open(&c->io.tcp, fd);
    if (rc == 0) {
        uv_tcp_nodelay(&c->io.tcp, 1);
        uv_tcp_keepalive(&c->io.tcp, 1, KEEPALIVE_S);
    }
    return rc;
}

static void link_client(struct hz_client *c)
{
    struct hz_doors *all = c->door->all;
    hz_door_enter(c->door, &c->peer, c->refused);
    c->id = ++all->next_id;
    c->since_ms = uv_now(all->env.loop);
    c->next = all->clients;
    if (c->next)
        c->next->prev = c;
    all->clients = c;
    hz_bus_subscribe(all->env.bus, &c->subscriber);
}

int hz_client_new(struct hz_door *d, const struct hz_transport *transport, int fd,
                  const struct hz_peer *peer, const char *refuse)
{
    struct hz_client *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return -ENOMEM;
    }
    c->door = d;
    c->transport = transport;
    c->peer = *peer;
    c->refused = refuse != NULL;
    c->subscriber.wake = on_wake;
    c->since_utc_ns = hz_utc_now();
    link_client(c);
    int rc = adopt(c, fd);
    if (rc < 0)
        close(fd);
    else if (refuse) {
        c->transport->bye(c, HZ_BYE_BUSY, refuse);
        hz_client_end(c);
    } else
        rc = c->transport->open(c);
    if (rc < 0)
        hz_client_close(c);
    else
        hz_client_wake(c);
    return rc;
}

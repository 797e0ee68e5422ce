#include "daemon/serve/client.h"

#include "daemon/base/log.h"
#include "daemon/base/utc.h"
#include "proto/out/json.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    WRITE_BYTES = 64 * 1024, /* of frames in one write */
    WRITE_FRAMES = 256,
    SCAN_FRAMES = 4096, /* frames looked at for one write: most may not pass the filter */
    STUCK_MS = 10000,   /* a socket that takes nothing for so long is given up */
    LINGER_MS = 2000,
    KEEPALIVE_S = 60,
    QUIET_MS = 30000, /* half of what nginx and others wait for a quiet connection by default */
    GONE_S =
        10, /* how soon a peer that only ended its own direction is asked whether it is there */
};

/* What a write still needs when the socket did not take all of it at once. */
struct hz_client_write {
    uv_write_t req;
    struct hz_client *client;
    char *out; /* the client's own bytes, owned */
    size_t n;
    struct hz_frame *frames[]; /* referenced */
};

/* What is to be written now; borrowed from the client and the bus. */
struct batch {
    size_t n_bufs, n_frames, bytes;
    uv_buf_t bufs[1 + WRITE_FRAMES * HZ_WRAP_MAX];
    struct hz_frame *frames[WRITE_FRAMES];
};

static struct hz_bus *bus_of(const struct hz_client *c)
{
    return c->listener->all->env.bus;
}

static uint64_t now_ms(const struct hz_client *c)
{
    return uv_now(c->io.handle.loop);
}

void hz_client_wake(struct hz_client *c)
{
    if (c->state != HZ_CLIENT_CLOSED)
        hz_bus_again(bus_of(c), &c->turn);
}

/* ---- closing ---- */

static void on_closed(uv_handle_t *handle)
{
    struct hz_client *c = handle->data;
    struct hz_listener *l = c->listener;
    if (c->transport->done)
        c->transport->done(c);
    if (c->prev)
        c->prev->next = c->next;
    else
        l->all->clients = c->next;
    if (c->next)
        c->next->prev = c->prev;
    if (c->refused) {
        l->n_refused--;
        l->all->n_refused--;
    } else {
        l->n_clients--;
        l->all->n_clients--;
    }
    free(c->in);
    free(c->out);
    free(c);
    hz_listener_unref(l);
}

void hz_client_close(struct hz_client *c)
{
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    c->state = HZ_CLIENT_CLOSED;
    hz_bus_unsubscribe(bus_of(c), &c->turn);
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

/* All is written: no more from us. The peer's bytes are read and dropped until it closes, because
 * closing with bytes unread resets the connection, and the peer may then never see our last words.
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
    c->listener->counts.bad++;
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

/* ---- writing ---- */

void hz_client_send(struct hz_client *c, const void *data, size_t n)
{
    if (c->state != HZ_CLIENT_OPEN || n == 0)
        return;
    if (c->out_len + n > c->out_cap) {
        size_t cap = 2 * c->out_cap > c->out_len + n ? 2 * c->out_cap : c->out_len + n;
        char *p = realloc(c->out, cap);
        if (!p) {
            hz_log(LOG_ERR, "client %s: closed: no memory for an answer", c->peer);
            hz_client_close(c);
            return;
        }
        c->out = p;
        c->out_cap = cap;
    }
    memcpy(c->out + c->out_len, data, n);
    c->out_len += n;
}

/* The gap line: the client was overtaken by the log and goes on at the oldest frame. Or it asked
 * to resume a stream that has ended: how much came in it after `since` cannot be known, so it is
 * told that it ended, and gets all of this one. */
static void tell_gap(struct hz_client *c, uint64_t missed)
{
    char text[128];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", hz_kind_name(HZ_KIND_GAP));
    hz_json_uint(&j, "missed", missed);
    if (c->ended)
        hz_json_str(&j, "ended", c->filter.stream);
    hz_json_close(&j);
    c->ended = false;
    c->missed += missed;
    c->listener->counts.missed += missed;
    c->transport->say(c, text, j.len);
}

static void gather_frames(struct hz_client *c, struct batch *b)
{
    struct hz_bus *bus = bus_of(c);
    uint64_t next = hz_bus_next(bus);
    size_t bytes = 0;
    for (int scanned = 0; c->cursor < next && scanned < SCAN_FRAMES && b->n_frames < WRITE_FRAMES;
         scanned++) {
        struct hz_frame *f = hz_bus_get(bus, c->cursor);
        if (hz_subscription_matches(&c->filter, f) && hz_frame_print(f)) {
            if (b->n_frames > 0 && bytes + f->len > WRITE_BYTES)
                break;
            size_t n = c->transport->wrap(f, b->bufs + b->n_bufs);
            for (size_t i = 0; i < n; i++)
                b->bytes += b->bufs[b->n_bufs++].len;
            bytes += f->len;
            b->frames[b->n_frames++] = f;
        }
        c->cursor++;
    }
}

static void gather(struct hz_client *c, struct batch *b)
{
    b->n_bufs = b->n_frames = b->bytes = 0;
    bool stream = c->streaming && c->state == HZ_CLIENT_OPEN;
    uint64_t first = hz_bus_first(bus_of(c));
    if (stream && (c->cursor < first || c->ended)) {
        tell_gap(c, c->cursor < first ? first - c->cursor : 0);
        c->cursor = c->cursor < first ? first : c->cursor;
    }
    if (c->out_len > 0) {
        b->bufs[b->n_bufs++] = uv_buf_init(c->out, (unsigned int)c->out_len);
        b->bytes = c->out_len;
    }
    if (stream)
        gather_frames(c, b);
}

static void write_free(struct hz_client_write *w)
{
    for (size_t i = 0; i < w->n; i++)
        hz_frame_unref(w->frames[i]);
    free(w->out);
    free(w);
}

static void on_written(uv_write_t *req, int status)
{
    struct hz_client_write *w = req->data;
    struct hz_client *c = w->client;
    c->write = NULL;
    write_free(w);
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    if (status < 0)
        hz_client_close(c);
    else
        hz_client_wake(c);
}

/* The socket took `sent` bytes of the batch: the rest waits for it, as the one write in flight. */
static void write_rest(struct hz_client *c, struct batch *b, size_t sent)
{
    struct hz_client_write *w = malloc(sizeof *w + b->n_frames * sizeof *w->frames);
    if (!w) {
        hz_log(LOG_ERR, "client %s: closed: no memory for a write", c->peer);
        hz_client_close(c);
        return;
    }
    w->req.data = w;
    w->client = c;
    w->n = b->n_frames;
    for (size_t i = 0; i < b->n_frames; i++)
        w->frames[i] = hz_frame_ref(b->frames[i]);
    w->out = c->out;
    c->out = NULL;
    c->out_len = c->out_cap = 0;
    size_t at = 0;
    while (sent >= b->bufs[at].len)
        sent -= b->bufs[at++].len;
    b->bufs[at].base += sent;
    b->bufs[at].len -= sent;
    c->write = w;
    int rc =
        uv_write(&w->req, &c->io.stream, b->bufs + at, (unsigned int)(b->n_bufs - at), on_written);
    c->left = uv_stream_get_write_queue_size(&c->io.stream);
    if (rc < 0) {
        c->write = NULL;
        write_free(w);
        hz_client_close(c);
    }
}

static void drop_out(struct hz_client *c)
{
    free(c->out);
    c->out = NULL;
    c->out_len = c->out_cap = 0;
}

/* One write of what there is. False when there was nothing to write, or one is in flight. */
static bool pump(struct hz_client *c)
{
    if (c->write || c->state > HZ_CLIENT_ENDING)
        return false;
    struct batch b;
    gather(c, &b);
    if (b.bytes == 0 || c->state == HZ_CLIENT_CLOSED)
        return false;
    int sent = uv_try_write(&c->io.stream, b.bufs, (unsigned int)b.n_bufs);
    if (sent < 0 && sent != UV_EAGAIN) {
        hz_client_close(c);
        return false;
    }
    struct hz_client_counts *counts = &c->listener->counts;
    c->progress_ms = now_ms(c);
    c->frames += b.n_frames;
    c->bytes += b.bytes;
    counts->frames += b.n_frames;
    counts->bytes += b.bytes;
    if (sent < 0 || (size_t)sent < b.bytes)
        write_rest(c, &b, sent < 0 ? 0 : (size_t)sent);
    else
        drop_out(c);
    return c->state != HZ_CLIENT_CLOSED;
}

/* The client's turn: a piece of input, a write, and what follows from both. */
static void on_turn(struct hz_subscriber *s)
{
    struct hz_client *c = (struct hz_client *)s;
    bool draining = c->listener->all->draining;
    hz_client_take_input(c);
    bool wrote = pump(c);
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    bool open = c->state == HZ_CLIENT_OPEN;
    bool behind = open && c->streaming && c->cursor < hz_bus_next(bus_of(c));
    bool more_input = open && c->in_len > 0 && !c->hungry;
    if (!c->write && !wrote && c->state == HZ_CLIENT_ENDING)
        linger(c);
    else if (!c->write && !more_input && open && c->eof && !hz_client_goes_on(c))
        hz_client_end(c);
    else if (!c->write && !behind && open && draining)
        hz_client_away(c, "hertzd stops");
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    hz_client_keep_reading(c);
    bool follow =
        wrote && ((c->eof && !hz_client_goes_on(c)) || draining || c->state == HZ_CLIENT_ENDING);
    if (!c->write && (behind || more_input || follow))
        hz_client_wake(c);
}

/* ---- streaming ---- */

size_t hz_client_hello(struct hz_client *c, char buf[HZ_HELLO_MAX])
{
    struct hz_json j;
    hz_json_init(&j, buf, HZ_HELLO_MAX - 1);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", hz_kind_name(HZ_KIND_HELLO));
    hz_json_int(&j, "schema", 1);
    hz_json_str(&j, "version", HZ_VERSION);
    hz_json_str(&j, "stream", hz_bus_stream(bus_of(c)));
    hz_json_uint(&j, "seq", hz_bus_next(bus_of(c)));
    hz_json_close(&j);
    buf[j.len] = '\0';
    if (!c->streaming)
        c->cursor = hz_bus_next(bus_of(c));
    return j.len;
}

int hz_client_subscribe(struct hz_client *c, const struct hz_subscription *s, char *err,
                        size_t err_len)
{
    struct hz_bus *bus = bus_of(c);
    bool ours = s->stream[0] == '\0' || strcmp(s->stream, hz_bus_stream(bus)) == 0;
    if (s->has_since && ours && s->since >= hz_bus_next(bus)) {
        snprintf(err, err_len, "since %llu: the last seq of this stream is %llu",
                 (unsigned long long)s->since, (unsigned long long)hz_bus_next(bus) - 1);
        return -EINVAL;
    }
    c->filter = *s;
    c->streaming = true;
    c->ended = s->has_since && !ours;
    if (s->has_since)
        c->cursor = ours ? s->since + 1 : 1; /* what of it has left is told as a gap */
    return 0;
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

/* ---- life ---- */

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
    if (!c->write) {
        if (c->state == HZ_CLIENT_OPEN && c->transport->keep && now - c->progress_ms >= QUIET_MS)
            c->transport->keep(c);
        return;
    }
    size_t left = uv_stream_get_write_queue_size(&c->io.stream);
    if (left != c->left) {
        c->left = left;
        c->progress_ms = now;
    }
    bool lapped = c->cursor < hz_bus_first(bus_of(c));
    if (now - c->progress_ms >= STUCK_MS && (lapped || !c->streaming)) {
        c->listener->counts.slow++;
        hz_log(LOG_NOTICE, "client %s of %s: closed: its socket took nothing for %d s", c->peer,
               c->listener->conf.name, STUCK_MS / 1000);
        hz_client_close(c);
    }
}

static void name_peer(struct hz_client *c, int fd)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    struct ucred cred;
    socklen_t cred_len = sizeof cred;
    char host[INET6_ADDRSTRLEN] = "";
    snprintf(c->peer, sizeof c->peer, "unknown");
    if (getpeername(fd, (struct sockaddr *)&a, &n) < 0)
        return;
    if (a.ss_family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)&a;
        uv_ip4_name(in, host, sizeof host);
        snprintf(c->peer, sizeof c->peer, "%s:%u", host, ntohs(in->sin_port));
    } else if (a.ss_family == AF_INET6) {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)&a;
        uv_ip6_name(in, host, sizeof host);
        snprintf(c->peer, sizeof c->peer, "[%s]:%u", host, ntohs(in->sin6_port));
    } else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len) == 0) {
        c->uid = cred.uid;
        c->pid = cred.pid;
        snprintf(c->peer, sizeof c->peer, "uid %u pid %d", cred.uid, cred.pid);
    }
}

static int adopt(struct hz_client *c, int fd)
{
    uv_loop_t *loop = c->listener->all->env.loop;
    if (c->listener->conf.type == HZ_LISTEN_UNIX) {
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
    struct hz_listener *l = c->listener;
    l->refs++;
    if (c->refused) {
        l->n_refused++;
        l->all->n_refused++;
    } else {
        l->n_clients++;
        l->all->n_clients++;
    }
    c->id = ++l->all->next_id;
    c->next = l->all->clients;
    if (c->next)
        c->next->prev = c;
    l->all->clients = c;
    hz_bus_subscribe(l->all->env.bus, &c->turn);
}

int hz_client_new(struct hz_listener *l, int fd, const char *refuse)
{
    struct hz_client *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return -ENOMEM;
    }
    c->listener = l;
    c->transport = l->transport;
    c->refused = refuse != NULL;
    c->turn.wake = on_turn;
    c->since_utc_ns = hz_utc_now();
    name_peer(c, fd);
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

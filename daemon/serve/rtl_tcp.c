/* A listener with `type = rtl_tcp`: shares a receiver's raw samples with ordinary rtl_tcp clients.
 * Each block is copied once, into a ring of half a second from which all clients are served. A
 * client that falls further behind loses whole blocks. So no client holds blocks of the source, and
 * none delays it. */
#include "daemon/base/log.h"
#include "daemon/serve/http_head.h"
#include "daemon/serve/kinds.h"
#include "daemon/serve/rtl_tcp_commands.h"
#include "daemon/source/block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RING = 32, /* blocks kept for clients that are behind: half a second */
    KEEPALIVE_S = 30,
};

/* A copy of a block's bytes, referenced by the ring and by the clients to which it is being sent.
 */
struct chunk {
    int refs;
    size_t n;
    uint8_t data[];
};

struct viewer {
    uv_tcp_t tcp;
    struct share *share;
    struct viewer *next;
    uint64_t cursor; /* number of the chunk to send next */
    uv_write_t write;
    struct chunk *chunk; /* being written; NULL also while the greeting is */
    bool writing;
    uint8_t greeting[HZ_RTL_GREETING]; /* sent first */
    uint8_t in[HZ_RTL_COMMAND];
    size_t in_len;
    bool commands; /* its first bytes were a command, so it is not a browser */
    struct hz_peer peer;
};

struct share {
    struct hz_door *door; /* referenced */
    bool closing, wrong_format;
    struct hz_rtl_commands commands;
    struct viewer *viewers;
    struct chunk *ring[RING];
    uint64_t next; /* number of the next chunk */
    uint64_t skipped;
};

static void chunk_unref(struct chunk *c)
{
    if (c && --c->refs == 0)
        free(c);
}

/* ---- the end ---------------------------------------------------------------------------- */

static void maybe_gone(struct share *s)
{
    if (!s->closing || s->viewers)
        return;
    for (size_t i = 0; i < RING; i++)
        chunk_unref(s->ring[i]);
    struct hz_door *d = s->door;
    d->own = NULL;
    free(s);
    hz_door_unref(d);
}

static void on_viewer_closed(uv_handle_t *h)
{
    struct viewer *v = h->data;
    struct share *s = v->share;
    struct viewer **p = &s->viewers;
    while (*p != v)
        p = &(*p)->next;
    *p = v->next;
    hz_door_exit(s->door, &v->peer, false);
    chunk_unref(v->chunk);
    free(v);
    maybe_gone(s);
}

static void close_viewer(struct viewer *v)
{
    if (!uv_is_closing((uv_handle_t *)&v->tcp))
        uv_close((uv_handle_t *)&v->tcp, on_viewer_closed);
}

static void close_viewers(struct share *s)
{
    for (struct viewer *v = s->viewers; v; v = v->next)
        close_viewer(v);
}

static void close_share(struct hz_door *d)
{
    struct share *s = d->own;
    if (!s)
        return;
    s->closing = true;
    close_viewers(s);
    maybe_gone(s);
}

/* ---- samples ---------------------------------------------------------------------------- */

static void on_written(uv_write_t *req, int status);

/* Sends the next chunk after the one before was sent. */
static void pump(struct viewer *v)
{
    struct share *s = v->share;
    if (s->next - v->cursor > RING) { /* too far behind: continue in the newer half */
        s->skipped += s->next - RING / 2 - v->cursor;
        v->cursor = s->next - RING / 2;
    }
    if (v->writing || v->cursor == s->next || uv_is_closing((uv_handle_t *)&v->tcp))
        return;
    struct chunk *c = s->ring[v->cursor++ % RING];
    uv_buf_t buf = uv_buf_init((char *)c->data, (unsigned)c->n);
    c->refs++;
    v->chunk = c;
    v->writing = true;
    if (uv_write(&v->write, (uv_stream_t *)&v->tcp, &buf, 1, on_written) != 0)
        close_viewer(v);
}

static void on_written(uv_write_t *req, int status)
{
    struct viewer *v = req->data;
    struct hz_door_counts *n = &v->share->door->counts;
    v->writing = false;
    if (status < 0) {
        close_viewer(v);
        return;
    }
    if (v->chunk) {
        n->bytes += v->chunk->n;
        n->frames++;
    }
    chunk_unref(v->chunk);
    v->chunk = NULL;
    pump(v);
}

static void refuse_format(struct share *s, enum hz_format format)
{
    if (!s->wrong_format)
        hz_log(LOG_ERR, "listen %s: receiver %s delivers %s: expected cu8, as rtl_tcp has it",
               s->door->conf.name, s->door->conf.receiver, hz_format_name(format));
    s->wrong_format = true;
    close_viewers(s);
}

static void share_block(struct hz_door *d, const struct hz_block *b)
{
    struct share *s = d->own;
    if (!s || s->closing)
        return;
    hz_rtl_commands_retry(&s->commands);
    if (b->format != HZ_CU8) {
        refuse_format(s, b->format);
        return;
    }
    s->wrong_format = false;
    if (!s->viewers)
        return;
    size_t n = b->n * hz_format_bytes(HZ_CU8);
    struct chunk *c = malloc(sizeof *c + n);
    if (!c)
        return;
    c->refs = 1;
    c->n = n;
    memcpy(c->data, b->data, n);
    struct chunk **place = &s->ring[s->next++ % RING];
    chunk_unref(*place);
    *place = c;
    for (struct viewer *v = s->viewers; v; v = v->next)
        pump(v);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct viewer *v = h->data;
    *buf = uv_buf_init(v->share->door->all->scrap, (unsigned)sizeof v->share->door->all->scrap);
}

/* A web page can make a browser post anything to any port, so the bytes after the head of its
 * request might be commands. */
static bool speaks_http(struct viewer *v)
{
    struct hz_door *d = v->share->door;
    if (v->commands || !hz_http_begins(v->in, sizeof v->in))
        return false;
    d->counts.bad++;
    hz_log(LOG_WARNING, "listen %s: %s closed: it speaks HTTP instead of rtl_tcp", d->conf.name,
           v->peer.name);
    return true;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct viewer *v = stream->data;
    if (n < 0)
        close_viewer(v);
    for (ssize_t i = 0; i < n; i++) {
        v->in[v->in_len++] = (uint8_t)buf->base[i];
        if (v->in_len < sizeof v->in)
            continue;
        if (speaks_http(v)) {
            uv_read_stop(stream);
            close_viewer(v);
            return;
        }
        v->commands = true;
        v->in_len = 0;
        hz_rtl_commands_take(&v->share->commands, v->in);
    }
}

/* ---- new clients ------------------------------------------------------------------------ */

static void accept_client(struct hz_door *d, int fd, const struct hz_peer *p, const char *refuse)
{
    struct share *s = d->own;
    /* the protocol cannot transfer a reason */
    struct viewer *v = refuse || !s || s->wrong_format ? NULL : calloc(1, sizeof *v);
    if (!v) {
        close(fd);
        return;
    }
    uv_tcp_init(d->all->env.loop, &v->tcp);
    v->tcp.data = v->write.data = v;
    v->share = s;
    v->peer = *p;
    v->cursor = s->next;
    v->next = s->viewers;
    s->viewers = v;
    hz_door_enter(d, p, false);
    if (uv_tcp_open(&v->tcp, fd) != 0) {
        close(fd);
        close_viewer(v);
        return;
    }
    uv_tcp_nodelay(&v->tcp, 1);
    uv_tcp_keepalive(&v->tcp, 1, KEEPALIVE_S);
    hz_rtl_commands_greet(&s->commands, v->greeting);
    uv_buf_t buf = uv_buf_init((char *)v->greeting, sizeof v->greeting);
    v->writing = uv_write(&v->write, (uv_stream_t *)&v->tcp, &buf, 1, on_written) == 0;
    if (!v->writing || uv_read_start((uv_stream_t *)&v->tcp, on_alloc, on_read) != 0)
        close_viewer(v);
}

static int open_share(struct hz_door *d)
{
    struct share *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    hz_rtl_commands_init(&s->commands, d);
    s->door = d;
    d->own = s;
    hz_door_ref(d);
    return 0;
}

static void describe(const struct hz_door *d, cJSON *o)
{
    const struct share *s = d->own;
    cJSON_AddStringToObject(o, "receiver", d->conf.receiver);
    cJSON_AddBoolToObject(o, "control", d->conf.control);
    if (!s) /* it is not open */
        return;
    cJSON_AddNumberToObject(o, "skipped_blocks", (double)s->skipped);
    hz_rtl_commands_describe(&s->commands, o);
}

const struct hz_listener_kind hz_kind_rtl_tcp = {
    .name = "rtl_tcp",
    .open = open_share,
    .accept = accept_client,
    .block = share_block,
    .describe = describe,
    .close = close_share,
};

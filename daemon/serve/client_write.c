/* Output to a client: its own bytes, messages of its feeds and frames of the bus, with at most one
 * write in flight. */
#include "daemon/serve/client.h"

#include "daemon/base/log.h"

#include <stdlib.h>
#include <string.h>

enum {
    MESSAGES = 32,             /* of feeds in one write */
    MESSAGE_BYTES = 64 * 1024, /* after these no further one */
};

/* What the socket did not accept of a write. */
struct hz_client_write {
    uv_write_t req;
    struct hz_client *client;
    char data[];
};

/* The buffers of a write; borrowed, but for the messages. */
struct buffers {
    size_t n, n_messages, bytes, frames;
    uv_buf_t bufs[MESSAGES + 2];
    struct hz_feed_message *messages[MESSAGES]; /* referenced */
};

void hz_client_send(struct hz_client *c, const void *data, size_t n)
{
    if (c->state != HZ_CLIENT_OPEN || n == 0)
        return;
    if (c->out_len + n > c->out_cap) {
        size_t cap = 2 * c->out_cap > c->out_len + n ? 2 * c->out_cap : c->out_len + n;
        char *p = realloc(c->out, cap);
        if (!p) {
            hz_log(LOG_ERR, "client %s: closed: no memory for an answer", c->peer.name);
            hz_client_close(c);
            return;
        }
        c->out = p;
        c->out_cap = cap;
    }
    memcpy(c->out + c->out_len, data, n);
    c->out_len += n;
}

char *hz_client_take_back(struct hz_client *c, size_t *n)
{
    char *out = c->out;
    *n = c->out_len;
    c->out = NULL;
    c->out_len = c->out_cap = 0;
    return out;
}

static void on_written(uv_write_t *req, int status)
{
    struct hz_client_write *w = req->data;
    struct hz_client *c = w->client;
    c->write = NULL;
    free(w);
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    if (status < 0)
        hz_client_close(c);
    else
        hz_client_wake(c);
}

static void drop_messages(struct buffers *b)
{
    for (size_t i = 0; i < b->n_messages; i++)
        hz_feed_message_unref(b->messages[i]);
    b->n_messages = 0;
}

static void add(struct buffers *b, const char *data, size_t n)
{
    b->bufs[b->n++] = uv_buf_init((char *)data, (unsigned int)n);
    b->bytes += n;
}

/* Before frames: a view or speech must be new, and lines can wait. */
static void add_messages(struct hz_client *c, struct buffers *b)
{
    struct hz_feed_message *m;
    while (b->bytes < MESSAGE_BYTES && b->n_messages < MESSAGES && (m = hz_feeds_next(c))) {
        add(b, (char *)m->data - m->ws_len, m->ws_len + m->len);
        b->messages[b->n_messages++] = m;
    }
}

/* The client's own bytes, then messages of feeds, then frames. */
static void gather(struct hz_client *c, struct buffers *b)
{
    b->n = b->n_messages = b->bytes = b->frames = 0;
    bool open = c->state == HZ_CLIENT_OPEN, stream = open && c->streaming && !c->unfinished;
    if (stream)
        hz_client_say_gap(c);
    if (c->out_len > 0)
        add(b, c->out, c->out_len);
    if (open && c->feeds)
        add_messages(c, b);
    if (!stream || c->state != HZ_CLIENT_OPEN)
        return;
    struct hz_client_piece piece = hz_client_frames(c);
    if (piece.len > 0)
        add(b, piece.data, piece.len);
    b->frames = piece.frames;
}

/* The socket accepted `sent` bytes: the rest becomes the write in flight. */
static void write_rest(struct hz_client *c, const struct buffers *b, size_t sent)
{
    struct hz_client_write *w = malloc(sizeof *w + b->bytes - sent);
    if (!w) {
        hz_log(LOG_ERR, "client %s: closed: no memory for a write", c->peer.name);
        hz_client_close(c);
        return;
    }
    w->req.data = w;
    w->client = c;
    size_t len = 0;
    for (size_t i = 0; i < b->n; i++) {
        size_t skip = sent < b->bufs[i].len ? sent : b->bufs[i].len;
        memcpy(w->data + len, b->bufs[i].base + skip, b->bufs[i].len - skip);
        len += b->bufs[i].len - skip;
        sent -= skip;
    }
    uv_buf_t rest = uv_buf_init(w->data, (unsigned int)len);
    c->write = w;
    int rc = uv_write(&w->req, &c->io.stream, &rest, 1, on_written);
    c->left = uv_stream_get_write_queue_size(&c->io.stream);
    if (rc < 0) {
        c->write = NULL;
        free(w);
        hz_client_close(c);
    }
}

static void drop_out(struct hz_client *c)
{
    free(c->out);
    c->out = NULL;
    c->out_len = c->out_cap = 0;
}

bool hz_client_pump(struct hz_client *c)
{
    if (c->write || c->state > HZ_CLIENT_ENDING)
        return false;
    struct buffers b;
    gather(c, &b);
    int sent = 0;
    if (b.bytes > 0 && c->state != HZ_CLIENT_CLOSED) {
        sent = uv_try_write(&c->io.stream, b.bufs, (unsigned int)b.n);
        if (sent < 0 && sent != UV_EAGAIN)
            hz_client_close(c);
    }
    if (b.bytes == 0 || c->state == HZ_CLIENT_CLOSED) {
        drop_messages(&b);
        return false;
    }
    struct hz_door_counts *counts = &c->door->counts;
    c->progress_ms = uv_now(c->io.handle.loop);
    c->frames += b.frames;
    c->bytes += b.bytes;
    counts->frames += b.frames;
    counts->bytes += b.bytes;
    if (sent < 0 || (size_t)sent < b.bytes)
        write_rest(c, &b, sent < 0 ? 0 : (size_t)sent);
    drop_messages(&b);
    drop_out(c);
    return c->state != HZ_CLIENT_CLOSED;
}

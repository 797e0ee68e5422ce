/* Output to a client: its own bytes, messages of its feeds and frames of the bus, with at most one
 * write in flight. */
#include "daemon/serve/client.h"

#include "daemon/base/log.h"

#include <stdlib.h>
#include <string.h>

/* The buffers of a write that the socket did not accept completely. */
struct hz_client_write {
    uv_write_t req;
    struct hz_client *client;
    char *out; /* the client's own bytes, owned */
    size_t n, n_messages;
    struct hz_feed_message **messages; /* behind frames; referenced */
    struct hz_frame *frames[];         /* referenced */
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

static void write_free(struct hz_client_write *w)
{
    for (size_t i = 0; i < w->n; i++)
        hz_frame_unref(w->frames[i]);
    for (size_t i = 0; i < w->n_messages; i++)
        hz_feed_message_unref(w->messages[i]);
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

static void drop_messages(struct hz_batch *b)
{
    for (size_t i = 0; i < b->n_messages; i++)
        hz_feed_message_unref(b->messages[i]);
    b->n_messages = 0;
}

/* The socket accepted `sent` bytes of the batch: the rest becomes the write in flight. */
static void write_rest(struct hz_client *c, struct hz_batch *b, size_t sent)
{
    struct hz_client_write *w = malloc(sizeof *w + (b->n_frames + b->n_messages) * sizeof(void *));
    if (!w) {
        drop_messages(b);
        hz_log(LOG_ERR, "client %s: closed: no memory for a write", c->peer.name);
        hz_client_close(c);
        return;
    }
    w->req.data = w;
    w->client = c;
    w->n = b->n_frames;
    for (size_t i = 0; i < b->n_frames; i++)
        w->frames[i] = hz_frame_ref(b->frames[i]);
    w->messages = (struct hz_feed_message **)(w->frames + b->n_frames);
    w->n_messages = b->n_messages;
    memcpy(w->messages, b->messages, b->n_messages * sizeof(void *));
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

bool hz_client_pump(struct hz_client *c)
{
    if (c->write || c->state > HZ_CLIENT_ENDING)
        return false;
    struct hz_batch b;
    hz_client_gather(c, &b);
    if (b.bytes == 0 || c->state == HZ_CLIENT_CLOSED) {
        drop_messages(&b);
        return false;
    }
    int sent = uv_try_write(&c->io.stream, b.bufs, (unsigned int)b.n_bufs);
    if (sent < 0 && sent != UV_EAGAIN) {
        drop_messages(&b);
        hz_client_close(c);
        return false;
    }
    struct hz_door_counts *counts = &c->door->counts;
    c->progress_ms = uv_now(c->io.handle.loop);
    c->frames += b.n_frames;
    c->bytes += b.bytes;
    counts->frames += b.n_frames;
    counts->bytes += b.bytes;
    if (sent < 0 || (size_t)sent < b.bytes) {
        write_rest(c, &b, sent < 0 ? 0 : (size_t)sent);
    } else {
        drop_messages(&b);
        drop_out(c);
    }
    return c->state != HZ_CLIENT_CLOSED;
}

/* Input of a client: read into its buffer, and passed to its transport piece by piece. */
#include "daemon/serve/client.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* With more than this to use, no more is read, unless the transport needs it. So what is moved to
 * the front of the buffer is never more than what was used before it. */
enum { READ_ON = HZ_INPUT_MAX / 2 };

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct hz_client *c = handle->data;
    if (c->state != HZ_CLIENT_OPEN) {
        *buf = uv_buf_init(c->door->all->scrap, sizeof c->door->all->scrap);
        return;
    }
    if (c->in_at > 0 && c->in_at + c->in_len == c->in_cap) {
        memmove(c->in, c->in + c->in_at, c->in_len);
        c->in_at = 0;
    }
    if (c->in_len == c->in_cap) {
        size_t cap = c->in_cap ? 4 * c->in_cap : 4096;
        if (cap > HZ_INPUT_MAX)
            cap = HZ_INPUT_MAX;
        char *p = realloc(c->in, cap);
        if (!p) {
            *buf = uv_buf_init(NULL, 0); /* libuv reports UV_ENOBUFS */
            return;
        }
        c->in = p;
        c->in_cap = cap;
    }
    size_t end = c->in_at + c->in_len;
    *buf = uv_buf_init(c->in + end, (unsigned int)(c->in_cap - end));
}

bool hz_client_goes_on(const struct hz_client *c)
{
    bool streams = (c->streaming || c->begin_ms) && c->transport->half_closed;
    bool waits = c->unfinished && c->waiting && c->transport->answers_end;
    return c->eof && c->state == HZ_CLIENT_OPEN && (streams || waits);
}

bool hz_client_is_reset(const struct hz_client *c)
{
    uv_os_fd_t fd;
    if (uv_fileno(&c->io.handle, &fd) < 0)
        return true;
    struct pollfd p = {.fd = fd};
    return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    struct hz_client *c = stream->data;
    if (n == UV_EOF) {
        c->eof = true;
        c->hungry = false; /* incomplete input will never be completed */
        uv_read_stop(stream);
        c->reading = false;
        /* What came before the end is still answered, unless it waits behind a stream that stands.
         */
        if (c->state == HZ_CLIENT_LINGER || (c->streaming && c->write && !hz_client_goes_on(c)))
            hz_client_close(c);
        else
            hz_client_wake(c);
    } else if (n < 0) { /* closed in its turn: a thousand may be reset at once */
        c->broken = true;
        uv_read_stop(stream);
        c->reading = false;
        hz_client_wake(c);
    } else if (n > 0 && c->state == HZ_CLIENT_OPEN) {
        c->in_len += (size_t)n;
        c->hungry = false;
        if (c->in_len > READ_ON) {
            uv_read_stop(stream);
            c->reading = false;
        }
        hz_client_wake(c);
    }
}

void hz_client_take_input(struct hz_client *c)
{
    if (c->state != HZ_CLIENT_OPEN || c->in_len == 0 || c->hungry || c->out_len > 0 || c->write ||
        c->unfinished)
        return;
    size_t used = c->transport->input(c, c->in + c->in_at, c->in_len);
    if (c->state == HZ_CLIENT_CLOSED)
        return;
    c->hungry = used == 0;
    c->in_at += used;
    c->in_len -= used;
    if (c->in_len == 0 || c->state != HZ_CLIENT_OPEN) {
        free(c->in);
        c->in = NULL;
        c->in_at = c->in_len = c->in_cap = 0;
    }
}

void hz_client_keep_reading(struct hz_client *c)
{
    bool want = !c->eof && (c->in_len <= READ_ON || c->hungry);
    if (want && !c->reading)
        c->reading = uv_read_start(&c->io.stream, on_alloc, on_read) == 0;
}

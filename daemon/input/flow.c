#include "daemon/input/flow.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

static void pump(struct hz_flow *f);

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct hz_flow *f = h->data;
    (void)suggested;
    *buf = uv_buf_init(f->buf, sizeof f->buf);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    struct hz_flow *f = s->data;
    (void)buf;
    if (n < 0) {
        hz_flow_stop(f);
        f->ended(f->ctx,
                 n == UV_EOF ? "the other side has closed the connection" : uv_strerror((int)n));
        return;
    }
    f->at = 0;
    f->n = (size_t)n;
    f->heard_ms = uv_now(s->loop);
    pump(f);
}

/* Takes what is there; reads on when all is taken. */
static void pump(struct hz_flow *f)
{
    f->at += hz_feed_take(f->feed, f->buf + f->at, f->n - f->at);
    if (f->at < f->n) {
        uv_read_stop(f->stream);
        f->reading = false;
        hz_input_budget_wait(f->budget, &f->waiter);
    } else if (!f->reading) {
        f->reading = uv_read_start(f->stream, on_alloc, on_read) == 0;
    }
}

static void on_turn(struct hz_input_waiter *w)
{
    pump((struct hz_flow *)w);
}

/* A peer that is gone without a word is noticed after 40 s. */
static void watch(uv_stream_t *stream)
{
    int fd, every_s = 10, count = 3;
    if (uv_fileno((uv_handle_t *)stream, &fd) != 0)
        return;
    uv_tcp_keepalive((uv_tcp_t *)stream, 1, 10);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

int hz_flow_start(struct hz_flow *f, uv_stream_t *stream, struct hz_feed *feed,
                  struct hz_input_budget *budget)
{
    f->waiter = (struct hz_input_waiter){.go_on = on_turn};
    f->budget = budget;
    f->stream = stream;
    f->feed = feed;
    f->at = f->n = 0;
    f->heard_ms = uv_now(stream->loop);
    stream->data = f;
    watch(stream);
    int rc = uv_read_start(stream, on_alloc, on_read);
    f->reading = rc == 0;
    return rc;
}

void hz_flow_stop(struct hz_flow *f)
{
    if (!f->stream)
        return;
    uv_read_stop(f->stream);
    hz_input_budget_leave(f->budget, &f->waiter);
    f->stream = NULL;
    f->reading = false;
}

bool hz_flow_silent(const struct hz_flow *f)
{
    uint64_t most = hz_feed_silence_ms(f->feed);
    return f->stream && most > 0 && uv_now(f->stream->loop) - f->heard_ms > most;
}

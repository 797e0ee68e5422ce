/* A link to a TCP server, such as an aggregator or another program that listens: messages in any
 * format, as a listener would send them. What the far side sends back is read and dropped. */
#include "daemon/base/dial.h"
#include "daemon/output/link.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_MS = 20000,
    STUCK_MS = 30000,    /* it takes nothing for so long: the connection is given up */
    BEAT_MS = 15000,     /* nothing was sent for so long: the format's beat */
    HOLD_MS = 1000,      /* for the answer to what was sent after the far side's end */
    OUT_MAX = 32 * 1024, /* bytes that are gathered while others are in flight */
    SCRAP = 16 * 1024,
    SYSTEM_MAX = 128 * 1024, /* bytes that the system takes before they are gone; it doubles this */
};

struct hz_conf_tcp {
    struct hz_conf_link link;
    char *address;
};

/* Encoded frames. */
struct batch {
    char *p; /* OUT_MAX + HZ_CODED_MAX bytes */
    size_t n, frames;
};

struct tcp {
    struct hz_carrier_env env;
    const char *address;
    const struct hz_form *form;
    struct hz_dial dial;
    bool dialled;   /* the dial is open */
    bool closing;   /* it is being closed */
    bool reconnect; /* connect was called before that was done */
    bool up;
    struct batch out, flight;
    uv_write_t write;
    bool writing;
    uint64_t moved_ms; /* when the socket last took bytes */
    size_t left;       /* that it had not taken then */
    uint64_t said_ms;  /* when a write began */
    bool eof;          /* the far side has ended its direction */
    uint64_t hold_ms;  /* nothing is sent before */
    void (*closed)(void *ctx);
    void *closed_ctx;
    char scrap[SCRAP];
};

static uint64_t now(const struct tcp *t)
{
    return uv_now(t->env.loop);
}

/* ---- the end of a connection ------------------------------------------------------------ */

static void tcp_connect(void *state);

static void tcp_free(struct tcp *t)
{
    void (*closed)(void *ctx) = t->closed;
    void *ctx = t->closed_ctx;
    free(t->out.p);
    free(t->flight.p);
    free(t);
    closed(ctx);
}

static void on_dial_closed(void *ctx)
{
    struct tcp *t = ctx;
    t->dialled = t->closing = false;
    if (t->closed)
        tcp_free(t);
    else if (t->reconnect)
        tcp_connect(t);
}

/* Closes the connection. What is in flight is counted when libuv gives it back. */
static void hang_up(struct tcp *t)
{
    t->up = false;
    hz_link_count(t->env.link, 0, t->out.frames);
    t->out.n = t->out.frames = 0;
    if (t->dialled && !t->closing) {
        t->closing = true;
        hz_dial_close(&t->dial, on_dial_closed, t);
    }
}

static void down(struct tcp *t, const char *why)
{
    char line[256];
    if (t->closed || t->closing)
        return;
    snprintf(line, sizeof line, "%s: %s", t->address, why);
    hang_up(t);
    hz_link_down(t->env.link, line);
}

/* Whether it is closed in both directions: libuv tells that only of a socket that it reads. */
static bool is_reset(const struct tcp *t)
{
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&t->dial.tcp, &fd) < 0)
        return true;
    struct pollfd p = {.fd = fd};
    return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP));
}

/* ---- sending ---------------------------------------------------------------------------- */

static void tcp_flush(void *state);

static void on_written(uv_write_t *req, int status)
{
    struct tcp *t = req->data;
    size_t frames = t->flight.frames, n = t->flight.n;
    t->writing = false;
    t->flight.n = t->flight.frames = 0;
    hz_link_count(t->env.link, status == 0 ? frames : 0, status == 0 ? 0 : frames);
    if (status < 0) {
        down(t, uv_strerror(status));
        return;
    }
    hz_link_count_bytes(t->env.link, n);
    tcp_flush(t);
    hz_link_ready(t->env.link);
}

static void tcp_flush(void *state)
{
    struct tcp *t = state;
    if (!t->up || t->writing || t->out.n == 0)
        return;
    struct batch b = t->flight;
    t->flight = t->out;
    t->out = b;
    uv_buf_t buf = uv_buf_init(t->flight.p, (unsigned)t->flight.n);
    t->write.data = t;
    t->writing = true;
    t->said_ms = t->moved_ms = now(t);
    t->left = t->flight.n;
    int rc = uv_write(&t->write, hz_dial_stream(&t->dial), &buf, 1, on_written);
    if (rc < 0)
        on_written(&t->write, rc);
}

static bool tcp_room(void *state)
{
    const struct tcp *t = state;
    return t->up && t->out.n < OUT_MAX && now(t) >= t->hold_ms;
}

static void tcp_send(void *state, struct hz_frame *f)
{
    struct tcp *t = state;
    struct hz_bytes out = {.p = t->out.p + t->out.n, .cap = HZ_CODED_MAX};
    hz_link_code(t->env.link, t->form, f, &out);
    t->out.n += out.n;
    t->out.frames += out.n > 0;
}

static bool tcp_idle(void *state)
{
    const struct tcp *t = state;
    return !t->writing && t->out.n == 0;
}

static void beat(struct tcp *t)
{
    if (t->form->beat_len == 0 || t->writing || t->out.n > 0)
        return;
    memcpy(t->out.p, t->form->beat, t->form->beat_len);
    t->out.n = t->form->beat_len;
    tcp_flush(t);
}

static void tcp_tick(void *state)
{
    struct tcp *t = state;
    if (!t->up)
        return;
    size_t left = uv_stream_get_write_queue_size(hz_dial_stream(&t->dial));
    if (left < t->left)
        t->moved_ms = now(t);
    t->left = left;
    if (t->eof && is_reset(t))
        down(t, "the far side has closed the connection");
    else if (t->writing && now(t) - t->moved_ms >= STUCK_MS)
        down(t, "it is connected, but has read nothing for 30 s");
    else if (now(t) - t->said_ms >= BEAT_MS)
        beat(t);
    if (t->up && t->hold_ms != 0 && now(t) >= t->hold_ms) {
        t->hold_ms = 0;
        hz_link_ready(t->env.link);
    }
}

/* ---- connecting ------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *h, size_t wanted, uv_buf_t *buf)
{
    (void)wanted;
    struct tcp *t = h->data;
    *buf = uv_buf_init(t->scrap, SCRAP);
}

/* The far side ended its direction. It may still read, as one that only listens does; far more
 * often it was closed, which the answer to the next bytes tells. */
static void on_end(struct tcp *t)
{
    t->eof = true;
    t->hold_ms = now(t) + HOLD_MS;
    uv_read_stop(hz_dial_stream(&t->dial));
    beat(t);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    struct tcp *t = stream->data;
    if (n == UV_EOF)
        on_end(t);
    else if (n < 0)
        down(t, uv_strerror((int)n));
}

static void on_connected(void *ctx)
{
    struct tcp *t = ctx;
    uv_stream_t *stream = hz_dial_stream(&t->dial);
    int size = SYSTEM_MAX;
    hz_dial_done(&t->dial);
    uv_send_buffer_size((uv_handle_t *)stream,
                        &size); /* else it may become megabytes of old news */
    stream->data = t;
    t->up = true;
    t->eof = false;
    t->hold_ms = 0;
    t->said_ms = now(t);
    if (t->form->head)
        t->out.n = strlen(strcpy(t->out.p, t->form->head));
    uv_read_start(stream, on_alloc, on_read);
    hz_link_up(t->env.link);
}

static void on_failed(void *ctx, int status, const char *why)
{
    (void)status;
    down(ctx, why);
}

static void tcp_connect(void *state)
{
    struct tcp *t = state;
    struct hz_dial_env dial = {.loop = t->env.loop,
                               .address = t->address,
                               .limit_ms = CONNECT_MS,
                               .connected = on_connected,
                               .failed = on_failed,
                               .ctx = t};
    t->reconnect = t->closing;
    if (t->closing)
        return;
    int rc = hz_dial_open(&t->dial, &dial);
    t->dialled = rc == 0;
    if (rc < 0)
        down(t, uv_strerror(rc));
}

static void *tcp_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    struct tcp *t = calloc(1, sizeof *t);
    if (!t || !(t->out.p = malloc(OUT_MAX + HZ_CODED_MAX)) ||
        !(t->flight.p = malloc(OUT_MAX + HZ_CODED_MAX))) {
        snprintf(err, err_len, "out of memory");
        if (t)
            free(t->out.p);
        free(t);
        return NULL;
    }
    t->env = *env;
    t->address = ((const struct hz_conf_tcp *)env->conf)->address;
    t->form = hz_link_form(env->link);
    return t;
}

static void tcp_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct tcp *t = state;
    hang_up(t);
    t->closed = closed;
    t->closed_ctx = ctx;
    if (!t->dialled)
        tcp_free(t);
}

static void tcp_status(void *state, cJSON *item)
{
    const struct tcp *t = state;
    cJSON_AddNumberToObject(item, "in_flight", (double)(t->flight.frames + t->out.frames));
}

/* ---- the configuration ------------------------------------------------------------------ */

static const char *tcp_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_tcp *)section)->address;
}

static void tcp_check(const struct hz_check *c, void *item)
{
    hz_link_check(c, item);
    hz_link_check_address(c, ((const struct hz_conf_tcp *)item)->address);
}

static const struct hz_option options[] = {
    {.name = "address",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_tcp, address),
     .example = "feed.example.org:30004",
     .help = "HOST:PORT of the server"},
    HZ_KEY_FORMAT,
    HZ_KEY_STATION,
    HZ_KEY_KIND,
    HZ_KEY_MAX_AGE,
    {0},
};

static const struct hz_carrier_ops carrier = {
    .open = tcp_open,
    .connect = tcp_connect,
    .room = tcp_room,
    .send = tcp_send,
    .flush = tcp_flush,
    .idle = tcp_idle,
    .tick = tcp_tick,
    .close = tcp_close,
    .status = tcp_status,
};

const struct hz_output_kind hz_output_tcp = {
    .kind = {.name = "tcp",
             .title = "messages in any format to a TCP server",
             .options = options,
             .size = sizeof(struct hz_conf_tcp),
             .check = tcp_check},
    .target = tcp_target,
    .carrier = &carrier,
};

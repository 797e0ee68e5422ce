/* The WebSocket /stream (RFC 6455): the same lines as a TCP client's, each a text message without
 * its newline. The client's messages are subscribe lines. wslay reads frames and writes our control
 * frames and own lines; frames of the bus carry their header already (bus.h). */
#include "daemon/serve/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

struct ws {
    wslay_event_context_ptr ctx;
    const uint8_t *in; /* what came and wslay has not read yet */
    size_t in_len;
};

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user)
{
    (void)flags;
    struct ws *ws = ((struct hz_client *)user)->proto;
    if (ws->in_len == 0) {
        wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    size_t n = len < ws->in_len ? len : ws->in_len;
    memcpy(buf, ws->in, n);
    ws->in += n;
    ws->in_len -= n;
    return (ssize_t)n;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags,
                       void *user)
{
    (void)ctx, (void)flags;
    hz_client_send(user, data, len);
    return (ssize_t)len;
}

static void say(struct hz_client *c, const char *line, size_t n)
{
    struct ws *ws = c->proto;
    struct wslay_event_msg msg = {WSLAY_TEXT_FRAME, (const uint8_t *)line, n};
    wslay_event_queue_msg(ws->ctx, &msg);
    wslay_event_send(ws->ctx);
}

static void send_close(struct hz_client *c, uint16_t code, const char *reason)
{
    struct ws *ws = c->proto;
    wslay_event_shutdown_read(ws->ctx);
    wslay_event_queue_close(ws->ctx, code, (const uint8_t *)reason, strlen(reason));
    wslay_event_send(ws->ctx);
}

static void ws_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    if (why == HZ_BYE_AWAY) {
        send_close(c, WSLAY_CODE_GOING_AWAY, reason);
        return;
    }
    hz_client_say_error(c, reason);
    send_close(c, WSLAY_CODE_POLICY_VIOLATION, "bad subscribe message: see the one before");
}

/* A ping: a quiet band is no reason for a proxy to close the connection. */
static void ws_keep(struct hz_client *c)
{
    struct ws *ws = c->proto;
    struct wslay_event_msg ping = {WSLAY_PING, NULL, 0};
    wslay_event_queue_msg(ws->ctx, &ping);
    wslay_event_send(ws->ctx);
    hz_client_wake(c);
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                       void *user)
{
    (void)ctx;
    struct hz_client *c = user;
    struct hz_subscription s;
    char err[HZ_ERROR_MAX];
    if (arg->opcode == WSLAY_BINARY_FRAME) {
        hz_client_count_bad(c);
        send_close(c, WSLAY_CODE_UNSUPPORTED_DATA, "expected a text message");
        hz_client_end(c);
    } else if (arg->opcode == WSLAY_TEXT_FRAME && c->state == HZ_CLIENT_OPEN) {
        if (hz_subscription_from_line(&s, (const char *)arg->msg, arg->msg_length, err,
                                      sizeof err) < 0 ||
            hz_client_subscribe(c, &s, err, sizeof err) < 0)
            hz_client_fail(c, err);
    }
}

static int ws_open(struct hz_client *c)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_msg_recv_callback = on_message,
    };
    struct ws *ws = calloc(1, sizeof *ws);
    if (!ws)
        return -ENOMEM;
    if (wslay_event_context_server_init(&ws->ctx, &callbacks, c) != 0) {
        free(ws);
        return -ENOMEM;
    }
    wslay_event_config_set_max_recv_msg_length(ws->ctx, HZ_LINE_MAX);
    c->proto = ws;
    char hello[HZ_HELLO_MAX];
    size_t n = hz_client_hello(c, hello);
    say(c, hello, n);
    return 0;
}

static size_t ws_input(struct hz_client *c, const char *data, size_t n)
{
    struct ws *ws = c->proto;
    ws->in = (const uint8_t *)data;
    ws->in_len = n;
    int rc = wslay_event_recv(ws->ctx);
    ws->in = NULL;
    ws->in_len = 0;
    if (rc != 0) {
        hz_client_close(c);
        return n;
    }
    wslay_event_send(ws->ctx); /* a pong, or the answer to a close */
    if (!wslay_event_get_read_enabled(ws->ctx) && c->state == HZ_CLIENT_OPEN) {
        if (!wslay_event_get_close_received(ws->ctx))
            hz_client_count_bad(c); /* wslay has told the reason in its close */
        hz_client_end(c);
    }
    return n;
}

static size_t ws_wrap(const struct hz_frame *f, uv_buf_t *bufs)
{
    bufs[0] = uv_buf_init((char *)f->data - f->ws_len, (unsigned int)(f->ws_len + f->len - 1));
    return 1;
}

static void ws_done(struct hz_client *c)
{
    struct ws *ws = c->proto;
    if (ws)
        wslay_event_context_free(ws->ctx);
    free(ws);
}

const struct hz_transport hz_transport_ws = {
    .name = "websocket",
    .open = ws_open,
    .input = ws_input,
    .wrap = ws_wrap,
    .keep = ws_keep,
    .say = say,
    .bye = ws_bye,
    .done = ws_done,
};

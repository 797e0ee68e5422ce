/* The WebSocket /stream (RFC 6455): the lines of a TCP client, each as a text message without its
 * newline. Messages of the client are subscribe lines. wslay reads frames and writes control frames
 * and lines for this client; frames of the bus have their header already (bus.h).
 *
 * A wslay context has 5 KiB, and most clients never send anything. So it is created when there is
 * something to read or to write, and freed when it has no state: wslay gets complete frames, so its
 * only state is an incomplete message. */
#include "daemon/base/json_line.h"
#include "daemon/serve/mux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

struct ws {
    wslay_event_context_ptr ctx; /* NULL: no state */
    bool in_message;             /* a message is incomplete */
    bool mute;                   /* output of wslay is dropped */
    const uint8_t *in;           /* input that wslay has not read yet */
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
    struct hz_client *c = user;
    struct ws *ws = c->proto;
    if (!ws->mute)
        hz_client_send(c, data, len);
    return (ssize_t)len;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                       void *user);

/* Returns the context, created if necessary; NULL: no memory, and the client is closed. */
static wslay_event_context_ptr context(struct hz_client *c)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = on_recv,
        .send_callback = on_send,
        .on_msg_recv_callback = on_message,
    };
    struct ws *ws = c->proto;
    if (ws->ctx)
        return ws->ctx;
    if (wslay_event_context_server_init(&ws->ctx, &callbacks, c) != 0) {
        ws->ctx = NULL;
        hz_client_close(c);
        return NULL;
    }
    wslay_event_config_set_max_recv_msg_length(ws->ctx, HZ_LINE_MAX);
    return ws->ctx;
}

static void forget(struct ws *ws)
{
    if (ws->ctx)
        wslay_event_context_free(ws->ctx);
    ws->ctx = NULL;
}

static void send_message(struct hz_client *c, uint8_t opcode, const char *text, size_t n)
{
    struct ws *ws = c->proto;
    struct wslay_event_msg msg = {opcode, (const uint8_t *)text, n};
    bool had = ws->ctx != NULL;
    if (!context(c))
        return;
    wslay_event_queue_msg(ws->ctx, &msg);
    wslay_event_send(ws->ctx);
    if (!had)
        forget(ws);
}

static void say(struct hz_client *c, const char *line, size_t n)
{
    send_message(c, WSLAY_TEXT_FRAME, line, n);
}

static void send_close(struct hz_client *c, uint16_t code, const char *reason)
{
    struct ws *ws = c->proto;
    if (!context(c))
        return;
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

/* Sends a ping, so that proxies do not close a quiet connection. */
static void ws_keep(struct hz_client *c)
{
    send_message(c, WSLAY_PING, NULL, 0);
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
                       void *user)
{
    (void)ctx;
    struct hz_client *c = user;
    char err[HZ_ERROR_MAX];
    if (arg->opcode == WSLAY_BINARY_FRAME) {
        hz_client_count_bad(c);
        send_close(c, WSLAY_CODE_UNSUPPORTED_DATA, "expected a text message");
        hz_client_end(c);
    } else if (arg->opcode == WSLAY_TEXT_FRAME && c->state == HZ_CLIENT_OPEN) {
        cJSON *json = hz_json_line((const char *)arg->msg, arg->msg_length);
        if (!hz_mux(c, json) && hz_client_words(c, json, err, sizeof err) < 0)
            hz_client_fail(c, err);
        cJSON_Delete(json);
    }
}

static int ws_open(struct hz_client *c)
{
    char hello[HZ_HELLO_MAX];
    c->proto = calloc(1, sizeof(struct ws));
    if (!c->proto)
        return -ENOMEM;
    say(c, hello, hz_client_hello(c, hello));
    return 0;
}

/* ---- input ---- */

static void end_with(struct hz_client *c, uint16_t code)
{
    forget(c->proto);
    hz_client_count_bad(c);
    send_close(c, code,
               code == WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA ? "the text is not UTF-8"
               : code == WSLAY_CODE_MESSAGE_TOO_BIG          ? "the message is over 64 KiB"
                                                             : "a frame against RFC 6455");
    hz_client_end(c);
}

/* The code of the close that wslay wants to send, without a reason. */
static uint16_t code_of_close(struct ws *ws)
{
    ws->mute = true;
    wslay_event_send(ws->ctx);
    ws->mute = false;
    return wslay_event_get_status_code_sent(ws->ctx);
}

/* The length of the first frame in `data`; 0: it is incomplete. *wrong: the code of a close, where
 * wslay would wait for more of a frame that is too long, or take a close without a whole code;
 * else 0. Other invalid input is passed to wslay, which reports the error. */
static size_t frame_length(const uint8_t *data, size_t n, uint16_t *wrong)
{
    *wrong = 0;
    if (n < 2)
        return 0;
    uint64_t len = data[1] & 0x7f;
    size_t head = 2 + (len == 126 ? 2u : len == 127 ? 8u : 0u);
    if (n < head)
        return 0;
    if (len > 125) {
        len = 0;
        for (size_t i = 2; i < head; i++)
            len = len << 8 | data[i];
    }
    bool masked = data[1] & 0x80, control = data[0] & 8;
    if (masked && !control && len > HZ_LINE_MAX)
        *wrong = WSLAY_CODE_MESSAGE_TOO_BIG;
    if (masked && (data[0] & 0x0f) == WSLAY_CONNECTION_CLOSE && len == 1)
        *wrong = WSLAY_CODE_PROTOCOL_ERROR;
    if (*wrong || !masked || len > HZ_LINE_MAX || (control && len > 125))
        return n;
    size_t whole = head + 4 + (size_t)len;
    return n < whole ? 0 : whole;
}

static void take_frame(struct hz_client *c, const uint8_t *data, size_t n)
{
    struct ws *ws = c->proto;
    if (!context(c))
        return;
    ws->in = data;
    ws->in_len = n;
    int rc = wslay_event_recv(ws->ctx);
    ws->in = NULL;
    ws->in_len = 0;
    bool ended = !wslay_event_get_read_enabled(ws->ctx);
    if (rc == WSLAY_ERR_NOMEM)
        hz_client_close(c);
    else if (rc != 0) /* the header itself is wrong */
        end_with(c, WSLAY_CODE_PROTOCOL_ERROR);
    else if (ended && !wslay_event_get_close_received(ws->ctx) && c->state == HZ_CLIENT_OPEN)
        end_with(c, code_of_close(ws));
    else
        wslay_event_send(ws->ctx); /* a pong, or the answer to a close */
    if (ended && c->state == HZ_CLIENT_OPEN)
        hz_client_end(c);
}

static size_t ws_input(struct hz_client *c, const char *data, size_t n)
{
    struct ws *ws = c->proto;
    const uint8_t *p = (const uint8_t *)data;
    uint16_t wrong;
    size_t used = frame_length(p, n, &wrong);
    if (wrong)
        end_with(c, wrong);
    if (used == 0 || wrong)
        return used;
    if (!(p[0] & 8)) /* control frames may be sent between the frames of a message */
        ws->in_message = !(p[0] & 0x80);
    take_frame(c, p, used);
    if (c->state == HZ_CLIENT_OPEN && !ws->in_message)
        forget(ws);
    return used;
}

static size_t ws_wrap(const struct hz_bus *bus, const struct hz_frame *f, char *out)
{
    (void)bus;
    size_t n = f->ws_len + f->len - 1;
    memcpy(out, f->data - f->ws_len, n);
    return n;
}

static void ws_done(struct hz_client *c)
{
    if (c->proto)
        forget(c->proto);
    free(c->proto);
}

const struct hz_transport hz_transport_ws = {
    .name = "websocket",
    .binary = true,
    .open = ws_open,
    .input = ws_input,
    .wrap = ws_wrap,
    .keep = ws_keep,
    .beat = hz_client_say_beat,
    .say = say,
    .bye = ws_bye,
    .done = ws_done,
};

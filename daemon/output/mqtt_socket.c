#include "daemon/output/mqtt_own.h"
#include "daemon/output/mqtt_reason.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEND_BUFFER = 64 * 1024 }; /* what the kernel holds is lost when a broker hangs: not much */

/* ---- the library's callbacks ------------------------------------------------------------ */

static void on_connect(struct mosquitto *m, void *ctx, int code, int flags,
                       const mosquitto_property *props)
{
    struct hz_mqtt_client *c = ctx;
    (void)m, (void)flags, (void)props;
    if (code == 0) {
        if (c->phase == HZ_MQTT_CONNECTING)
            hz_mqtt_enter(c, HZ_MQTT_UP);
        return;
    }
    hz_mqtt_connack_text(&c->conf, code, c->why, sizeof c->why);
    snprintf(c->error, sizeof c->error, "%s", c->why); /* no other address would help */
}

static void on_disconnect(struct mosquitto *m, void *ctx, int rc, const mosquitto_property *props)
{
    struct hz_mqtt_client *c = ctx;
    int error = errno;
    (void)m, (void)props;
    hz_mqtt_stop_poll(c);
    if (!c->lost && !*c->why)
        hz_mqtt_error_text(&c->conf, rc, error, c->phase == HZ_MQTT_UP, c->why, sizeof c->why);
    c->lost = true;
}

static void on_publish(struct mosquitto *m, void *ctx, int mid, int reason,
                       const mosquitto_property *props)
{
    struct hz_mqtt_client *c = ctx;
    (void)m, (void)props;
    c->on.done(c->ctx, mid, reason >= 128 ? mosquitto_reason_string(reason) : NULL);
}

static void on_message(struct mosquitto *m, void *ctx, const struct mosquitto_message *msg)
{
    struct hz_mqtt_client *c = ctx;
    (void)m;
    if (c->phase == HZ_MQTT_UP && msg->payloadlen >= 0)
        c->on.message(c->ctx, msg->topic, msg->payload ? msg->payload : "", (size_t)msg->payloadlen,
                      msg->retain);
}

static void on_log(struct mosquitto *m, void *ctx, int level, const char *text)
{
    struct hz_mqtt_client *c = ctx;
    (void)m;
    const char *colon = strrchr(text, ':');
    if (level == MOSQ_LOG_ERR && !*c->error)
        snprintf(c->error, sizeof c->error, "%s", colon ? colon + 1 : text);
}

void hz_mqtt_set_callbacks(struct mosquitto *m)
{
    mosquitto_connect_v5_callback_set(m, on_connect);
    mosquitto_disconnect_v5_callback_set(m, on_disconnect);
    mosquitto_publish_v5_callback_set(m, on_publish);
    mosquitto_message_callback_set(m, on_message);
    mosquitto_log_callback_set(m, on_log);
}

/* ---- the socket ------------------------------------------------------------------------- */

static void on_poll(uv_poll_t *handle, int status, int events);

/* The socket may be another one, and wait for other things. */
static void follow(struct hz_mqtt_client *c)
{
    int fd = c->mosq ? mosquitto_socket(c->mosq) : -1;
    if (fd != c->fd)
        hz_mqtt_stop_poll(c);
    if (fd < 0)
        return;
    if (!c->poll) {
        struct hz_mqtt_poll *p = calloc(1, sizeof *p);
        if (!p || uv_poll_init(c->loop, &p->poll, fd) != 0) {
            free(p);
            snprintf(c->why, sizeof c->why, "out of memory");
            c->lost = true;
            return;
        }
        p->client = c;
        p->poll.data = p;
        c->poll = p;
        c->fd = fd;
        c->events = 0;
        c->open_parts++;
    }
    /* until the broker has answered the library wants to write all the time; once is enough */
    bool write = c->phase == HZ_MQTT_CONNECTING && c->conf.tls ? c->events == 0
                                                               : mosquitto_want_write(c->mosq);
    int events = UV_READABLE | (write ? UV_WRITABLE : 0);
    if (events != c->events)
        uv_poll_start(&c->poll->poll, c->events = events, on_poll);
}

void hz_mqtt_settle(struct hz_mqtt_client *c, int rc)
{
    int error = errno;
    if (rc == MOSQ_ERR_TLS && !*c->why)
        snprintf(c->why, sizeof c->why, "TLS: %.250s",
                 c->tls && *c->tls->wrong ? c->tls->wrong
                 : *c->error              ? c->error
                                          : "the broker ended the handshake");
    else if (rc != MOSQ_ERR_SUCCESS && !c->lost && !*c->why)
        hz_mqtt_error_text(&c->conf, rc, error, c->phase == HZ_MQTT_UP, c->why, sizeof c->why);
    if (rc == MOSQ_ERR_TLS && !*c->error)
        snprintf(c->error, sizeof c->error, "TLS");
    c->lost |= rc != MOSQ_ERR_SUCCESS;
    follow(c);
}

/* The connection was refused, or ended before there was an answer: the library does not tell what
 * it was. */
static bool ended_early(struct hz_mqtt_client *c)
{
    int error = 0;
    socklen_t len = sizeof error;
    char byte;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error != 0) {
        hz_mqtt_error_text(&c->conf, MOSQ_ERR_ERRNO, error, false, c->why, sizeof c->why);
        return true;
    }
    if (recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
        return false;
    if (!*c->why)
        hz_mqtt_error_text(&c->conf, MOSQ_ERR_CONN_LOST, 0, false, c->why, sizeof c->why);
    return true;
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct hz_mqtt_client *c = ((struct hz_mqtt_poll *)handle->data)->client;
    enum hz_mqtt_phase before = c->phase;
    if (c->phase == HZ_MQTT_CONNECTING && ended_early(c)) {
        hz_mqtt_end(c);
        return;
    }
    int rc = MOSQ_ERR_SUCCESS;
    if (status < 0 || events & UV_READABLE || before == HZ_MQTT_CONNECTING)
        rc = mosquitto_loop_read(c->mosq, 1);
    if (rc == MOSQ_ERR_SUCCESS && !c->lost &&
        (events & UV_WRITABLE || before == HZ_MQTT_CONNECTING))
        rc = mosquitto_loop_write(c->mosq, 1);
    hz_mqtt_settle(c, rc);
    if (c->lost) {
        hz_mqtt_end(c);
        return;
    }
    if (before == HZ_MQTT_CONNECTING && c->phase == HZ_MQTT_UP) {
        setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &(int){SEND_BUFFER}, sizeof(int));
        c->on.up(c->ctx);
        follow(c);
    }
    if (c->phase == HZ_MQTT_UP)
        c->on.ready(c->ctx);
}

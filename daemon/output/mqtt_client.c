#include "daemon/output/mqtt_own.h"
#include "daemon/output/mqtt_reason.h"

#include <errno.h>
#include <fcntl.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LIMIT_S = 10,       /* until the broker must have answered; the keepalive, if that is less */
    FAREWELL_MS = 1000, /* for what is still to be written at the end */
};

static void try_next(struct hz_mqtt_client *c);

void hz_mqtt_enter(struct hz_mqtt_client *c, enum hz_mqtt_phase phase)
{
    c->phase = phase;
    c->since_ms = uv_now(c->loop);
}

/* ---- its end ---------------------------------------------------------------------------- */

static void maybe_closed(struct hz_mqtt_client *c)
{
    if (!c->closed || c->open_parts > 0 || c->job_busy)
        return;
    void (*closed)(void *ctx) = c->closed;
    void *ctx = c->closed_ctx;
    hz_mqtt_tls_free(c->tls);
    mosquitto_lib_cleanup();
    free(c);
    closed(ctx);
}

static void poll_closed(uv_handle_t *h)
{
    struct hz_mqtt_poll *p = (struct hz_mqtt_poll *)h;
    struct hz_mqtt_client *c = p->client;
    free(p);
    c->open_parts--;
    maybe_closed(c);
}

void hz_mqtt_stop_poll(struct hz_mqtt_client *c)
{
    if (!c->poll)
        return;
    uv_poll_stop(&c->poll->poll);
    uv_close((uv_handle_t *)&c->poll->poll, poll_closed);
    c->poll = NULL;
    c->fd = -1;
}

/* Lets go of the connection and of what led to it. */
static void drop(struct hz_mqtt_client *c)
{
    hz_mqtt_stop_poll(c);
    if (c->mosq)
        mosquitto_destroy(c->mosq);
    c->mosq = NULL;
    if (c->lookup)
        hz_lookup_give_up(c->lookup);
    c->lookup = NULL;
    if (c->found)
        freeaddrinfo(c->found);
    c->found = c->next = NULL;
    c->lost = false;
}

static void on_timer_closed(uv_handle_t *h)
{
    struct hz_mqtt_client *c = h->data;
    c->open_parts--;
    maybe_closed(c);
}

static void shut(struct hz_mqtt_client *c)
{
    drop(c);
    if (!uv_is_closing((uv_handle_t *)&c->later))
        uv_close((uv_handle_t *)&c->later, on_timer_closed);
}

void hz_mqtt_end(struct hz_mqtt_client *c)
{
    bool more = c->phase == HZ_MQTT_CONNECTING && c->next && !*c->error;
    char why[HZ_MQTT_WHY_MAX];
    if (c->phase == HZ_MQTT_IDLE)
        return;
    if (c->phase == HZ_MQTT_LEAVING) {
        shut(c);
        return;
    }
    if (more) {
        struct addrinfo *found = c->found, *next = c->next;
        c->found = NULL;
        drop(c);
        c->found = found;
        c->next = next;
        try_next(c);
        return;
    }
    snprintf(why, sizeof why, "%s", *c->why ? c->why : "the connection has ended");
    drop(c);
    hz_mqtt_enter(c, HZ_MQTT_IDLE);
    c->on.down(c->ctx, why);
}

static void on_later(uv_timer_t *timer)
{
    hz_mqtt_end(timer->data);
}

void hz_mqtt_end_later(struct hz_mqtt_client *c)
{
    uv_timer_start(&c->later, on_later, 0, 0);
}

/* ---- the way up ------------------------------------------------------------------------- */

static struct mosquitto *new_mosquitto(struct hz_mqtt_client *c)
{
    const struct hz_mqtt_client_conf *conf = &c->conf;
    struct mosquitto *m = mosquitto_new(conf->client_id, true, c);
    if (!m)
        return NULL;
    mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION,
                         conf->v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
    mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_max_inflight_messages_set(m, conf->in_flight);
    if (*conf->user || *c->password)
        mosquitto_username_pw_set(m, *conf->user ? conf->user : NULL,
                                  *c->password ? c->password : NULL);
    if (c->tls) {
        mosquitto_void_option(m, MOSQ_OPT_SSL_CTX, c->tls->ctx);
        mosquitto_int_option(m, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    }
    if (*conf->will_topic)
        mosquitto_will_set(m, conf->will_topic, (int)strlen(conf->will), conf->will, 1, true);
    hz_mqtt_set_callbacks(m);
    return m;
}

static void try_next(struct hz_mqtt_client *c)
{
    char host[NI_MAXHOST];
    const struct addrinfo *a = c->next;
    c->next = a->ai_next;
    hz_mqtt_enter(c, HZ_MQTT_CONNECTING);
    *c->why = *c->error = '\0';
    if (getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0 ||
        !(c->mosq = new_mosquitto(c))) {
        snprintf(c->why, sizeof c->why, "out of memory");
        hz_mqtt_end_later(c);
        return;
    }
    hz_mqtt_settle(c,
                   mosquitto_connect_async(c->mosq, host, (int)c->conf.port, c->conf.keepalive_s));
    if (c->lost)
        hz_mqtt_end_later(c);
}

static void on_found(void *ctx, int status, struct addrinfo *found)
{
    struct hz_mqtt_client *c = ctx;
    c->lookup = NULL;
    if (status != 0) {
        snprintf(c->why, sizeof c->why, "%.80s: %s: check url", c->conf.files.host,
                 gai_strerror(status));
        hz_mqtt_end(c);
        return;
    }
    c->found = c->next = found;
    try_next(c);
}

static void look_up(struct hz_mqtt_client *c)
{
    char port[16];
    snprintf(port, sizeof port, "%u", c->conf.port);
    hz_mqtt_enter(c, HZ_MQTT_LOOKING_UP);
    c->lookup = hz_lookup_start(c->loop, c->conf.files.host, port, on_found, c);
    if (!c->lookup) {
        snprintf(c->why, sizeof c->why, "out of memory");
        hz_mqtt_end_later(c);
    }
}

/* The first line of the file is the password. */
static void read_password(struct hz_mqtt_client *c)
{
    const char *path = c->conf.password_file;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, c->password, sizeof c->password - 1);
    if (n < 0)
        snprintf(c->why, sizeof c->why, "password_file = '%.150s': %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    c->password[n > 0 ? n : 0] = '\0';
    c->password[strcspn(c->password, "\r\n")] = '\0';
}

/* On a worker, which owns tls, password and why meanwhile. */
static void prepare(uv_work_t *job)
{
    struct hz_mqtt_client *c = job->data;
    if (*c->conf.password_file)
        read_password(c);
    if (c->conf.tls && !*c->why)
        c->tls = hz_mqtt_tls_new(&c->conf.files, c->why, sizeof c->why);
}

static void prepared(uv_work_t *job, int status)
{
    struct hz_mqtt_client *c = job->data;
    (void)status;
    c->job_busy = false;
    if (c->closed)
        maybe_closed(c);
    else if (*c->why)
        hz_mqtt_end(c);
    else
        look_up(c);
}

void hz_mqtt_client_connect(struct hz_mqtt_client *c)
{
    if (c->phase != HZ_MQTT_IDLE)
        return;
    *c->why = *c->error = '\0';
    hz_mqtt_tls_free(c->tls);
    c->tls = NULL;
    snprintf(c->password, sizeof c->password, "%s", c->conf.password);
    if (!c->conf.tls && !*c->conf.password_file) {
        look_up(c);
        return;
    }
    hz_mqtt_enter(c, HZ_MQTT_PREPARING);
    c->job.data = c;
    c->job_busy = uv_queue_work(c->loop, &c->job, prepare, prepared) == 0;
    if (!c->job_busy) {
        snprintf(c->why, sizeof c->why, "out of memory");
        hz_mqtt_end_later(c);
    }
}

struct hz_mqtt_client *hz_mqtt_client_new(uv_loop_t *loop, const struct hz_mqtt_client_conf *conf,
                                          const struct hz_mqtt_events *events, void *ctx)
{
    struct hz_mqtt_client *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    mosquitto_lib_init();
    c->loop = loop;
    c->conf = *conf;
    c->on = *events;
    c->ctx = ctx;
    c->fd = -1;
    uv_timer_init(loop, &c->later);
    c->later.data = c;
    c->open_parts = 1;
    return c;
}

/* ---- while it is up --------------------------------------------------------------------- */

void hz_mqtt_client_fail(struct hz_mqtt_client *c, const char *why)
{
    if (c->phase == HZ_MQTT_IDLE || c->phase == HZ_MQTT_LEAVING || c->phase == HZ_MQTT_PREPARING)
        return;
    snprintf(c->why, sizeof c->why, "%s", why);
    c->lost = true;
    hz_mqtt_stop_poll(c);
    hz_mqtt_end_later(c);
}

int hz_mqtt_client_publish(struct hz_mqtt_client *c, const struct hz_mqtt_publish *p, int *mid,
                           char *err, size_t err_len)
{
    if (c->phase != HZ_MQTT_UP || c->lost)
        return -ENOTCONN;
    mosquitto_property *props = NULL;
    if (c->conf.v5 && p->expiry_s > 0)
        mosquitto_property_add_int32(&props, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, p->expiry_s);
    /* of QoS 0 it is done when it was written, and p may be gone then */
    int rc = mosquitto_publish_v5(c->mosq, mid, p->topic, (int)p->len, p->payload, p->qos,
                                  p->retain, props);
    mosquitto_property_free_all(&props);
    switch (rc) {
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_MALFORMED_UTF8:
    case MOSQ_ERR_PAYLOAD_SIZE:
    case MOSQ_ERR_OVERSIZE_PACKET:
    case MOSQ_ERR_QOS_NOT_SUPPORTED:
    case MOSQ_ERR_RETAIN_NOT_SUPPORTED:
    case MOSQ_ERR_NOMEM:
        snprintf(err, err_len, "%s", mosquitto_strerror(rc));
        return rc == MOSQ_ERR_OVERSIZE_PACKET ? -EMSGSIZE : -EINVAL;
    default:
        hz_mqtt_settle(c, rc);
        if (c->lost)
            hz_mqtt_end_later(c);
        return c->lost ? -ENOTCONN : 0;
    }
}

void hz_mqtt_client_subscribe(struct hz_mqtt_client *c, const char *topic)
{
    if (c->phase != HZ_MQTT_UP || c->lost)
        return;
    hz_mqtt_settle(c, mosquitto_subscribe(c->mosq, NULL, topic, 0));
    if (c->lost)
        hz_mqtt_end_later(c);
}

void hz_mqtt_client_tick(struct hz_mqtt_client *c)
{
    if (c->phase == HZ_MQTT_UP && !c->lost) {
        int rc = mosquitto_loop_misc(c->mosq);
        hz_mqtt_settle(c, rc);
        if (c->lost)
            hz_mqtt_end_later(c);
    } else if (c->phase == HZ_MQTT_CONNECTING) {
        uint64_t limit_s = c->conf.keepalive_s < LIMIT_S ? (uint64_t)c->conf.keepalive_s : LIMIT_S;
        char why[HZ_MQTT_WHY_MAX];
        if (uv_now(c->loop) - c->since_ms <= limit_s * 1000)
            return;
        snprintf(why, sizeof why, "no answer within %u s: does a broker listen at %.80s:%u?",
                 (unsigned)limit_s, c->conf.files.host, c->conf.port);
        hz_mqtt_client_fail(c, why);
    }
}

void hz_mqtt_client_close(struct hz_mqtt_client *c, void (*closed)(void *ctx), void *ctx)
{
    c->closed = closed;
    c->closed_ctx = ctx;
    bool up = c->phase == HZ_MQTT_UP && !c->lost;
    hz_mqtt_enter(c, HZ_MQTT_LEAVING);
    if (!up) {
        shut(c);
        return;
    }
    hz_mqtt_settle(c, mosquitto_disconnect(c->mosq));
    uv_timer_start(&c->later, on_later, c->lost ? 0 : FAREWELL_MS, 0);
}

/* An output to an MQTT broker, and to Home Assistant through it. */
#include "daemon/base/utc.h"
#include "daemon/output/ha_radio.h"
#include "daemon/output/mqtt_conf.h"
#include "daemon/output/mqtt_flight.h"
#include "daemon/output/mqtt_topic.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TURN_NS = 1000000, /* of publishing what is no frame in one turn of the loop */
    RESERVED = 8,      /* places in flight that frames leave to Home Assistant */
    ID_MAX = 128,
};

struct mqtt {
    struct hz_carrier_env env;
    const struct hz_conf_mqtt *conf;
    const struct hz_form *form;
    struct hz_mqtt_client *client;
    struct hz_mqtt_flights flights;
    bool up;
    uint64_t not_taken, confirmed_ms; /* when the broker confirmed something last */
    char station[HZ_HA_NAME_MAX], host[256], client_id[ID_MAX];
    char availability[HZ_MQTT_TOPIC_MAX], base[HZ_MQTT_TOPIC_MAX];
    /* Home Assistant; NULL: not told */
    struct hz_ha *ha;
    struct hz_ha_radio radio;
    uint64_t next_update_ms;
    char payload[HZ_CODED_MAX];
    void (*closed)(void *ctx);
    void *closed_ctx;
};

static int64_t now_ms(const struct mqtt *m)
{
    return (int64_t)uv_now(m->env.loop);
}

/* ---- publishing ------------------------------------------------------------------------- */

/* Given up: it can never be sent, or the broker did not take it. */
static void give_up(struct mqtt *m, struct hz_mqtt_flight *f, const char *why)
{
    char text[200];
    m->not_taken++;
    snprintf(text, sizeof text, "the broker did not take a message to %.80s: %.80s",
             f->publish.topic, why);
    hz_link_warn(m->env.link, text);
    if (f->frame)
        hz_link_count(m->env.link, 0, 1);
    hz_mqtt_flight_remove(&m->flights, f);
}

/* f may be gone afterwards: of QoS 0, it is done when it is written. */
static void give_to_client(struct mqtt *m, struct hz_mqtt_flight *f)
{
    char err[100] = "";
    f->at_ms = uv_now(m->env.loop);
    if (m->flights.n == 1)
        m->confirmed_ms = f->at_ms;
    int rc = hz_mqtt_client_publish(m->client, &f->publish, &f->mid, err, sizeof err);
    if (rc == -EINVAL || rc == -EMSGSIZE)
        give_up(m, f, err);
}

/* Takes a copy of it. */
static void publish(struct mqtt *m, const struct hz_mqtt_publish *p, bool frame)
{
    struct hz_mqtt_flight *f = hz_mqtt_flight_add(&m->flights, p, frame);
    if (f)
        give_to_client(m, f);
    else if (frame)
        hz_link_count(m->env.link, 0, 1);
}

/* Frames of the connection before, first. True: there are more. */
static bool send_again(struct mqtt *m, uint64_t start_ns)
{
    for (struct hz_mqtt_flight *f = m->flights.first, *next; f; f = next) {
        next = f->next;
        if (f->mid != 0)
            continue;
        if (uv_hrtime() - start_ns > TURN_NS)
            return true;
        give_to_client(m, f);
    }
    return false;
}

/* What Home Assistant is to be told. */
static bool send_home_assistant(struct mqtt *m, uint64_t start_ns)
{
    struct hz_ha_out out;
    while (m->ha && m->flights.n < (unsigned)m->conf->in_flight + RESERVED) {
        if (uv_hrtime() - start_ns > TURN_NS)
            return true;
        if (!hz_ha_next(m->ha, &out))
            return false;
        struct hz_mqtt_publish p = {.topic = out.topic,
                                    .payload = out.payload,
                                    .len = out.len,
                                    .qos = m->conf->qos > 0 ? 1 : 0,
                                    .retain = out.retain};
        publish(m, &p, false);
        free(out.payload);
    }
    return false;
}

/* Publishes what is no new frame. True: there is room for a frame. */
static bool pump(struct mqtt *m)
{
    uint64_t start_ns = uv_hrtime();
    if (!m->up)
        return false;
    bool more = send_again(m, start_ns);
    bool behind = more;
    if (!more)
        more = send_home_assistant(m, start_ns);
    if (more)
        hz_link_ready(m->env.link);
    return !behind && m->flights.n < (unsigned)m->conf->in_flight;
}

/* ---- what the client tells -------------------------------------------------------------- */

static void say(struct mqtt *m, const char *word, int qos)
{
    struct hz_mqtt_publish p = {
        .topic = m->availability, .payload = word, .len = strlen(word), .qos = qos, .retain = true};
    publish(m, &p, false);
}

static void on_up(void *ctx)
{
    struct mqtt *m = ctx;
    char topic[HZ_HA_TOPIC_MAX];
    m->up = true;
    m->confirmed_ms = uv_now(m->env.loop);
    say(m, "online", 1);
    for (size_t i = 0; m->ha && hz_ha_watches(m->ha, i, topic); i++)
        hz_mqtt_client_subscribe(m->client, topic);
    if (m->ha)
        hz_ha_up(m->ha, now_ms(m));
    m->next_update_ms = uv_now(m->env.loop) + 1000; /* what was retained comes before */
    hz_link_up(m->env.link);
}

static void on_down(void *ctx, const char *why)
{
    struct mqtt *m = ctx;
    m->up = false;
    hz_mqtt_flights_lost(&m->flights);
    hz_link_down(m->env.link, why);
}

static void on_done(void *ctx, int mid, const char *refused)
{
    struct mqtt *m = ctx;
    struct hz_mqtt_flight *f = hz_mqtt_flight_find(&m->flights, mid);
    m->confirmed_ms = uv_now(m->env.loop);
    if (!f)
        return;
    if (refused) {
        give_up(m, f, refused);
        return;
    }
    if (f->frame)
        hz_link_count(m->env.link, 1, 0);
    hz_link_count_bytes(m->env.link, f->publish.len + strlen(f->publish.topic));
    hz_mqtt_flight_remove(&m->flights, f);
}

static void on_message(void *ctx, const char *topic, const char *payload, size_t len, bool retained)
{
    struct mqtt *m = ctx;
    if (m->ha && retained)
        hz_ha_adopt(m->ha, topic, payload, len, now_ms(m), hz_utc_now());
}

static void on_ready(void *ctx)
{
    struct mqtt *m = ctx;
    if (pump(m))
        hz_link_ready(m->env.link);
}

/* ---- the carrier ------------------------------------------------------------------------ */

static void mqtt_connect(void *state)
{
    hz_mqtt_client_connect(((struct mqtt *)state)->client);
}

static bool mqtt_room(void *state)
{
    return pump(state);
}

/* Lines end without a newline there; binary frames stay as they are. */
static size_t without_end(const struct mqtt *m, size_t n)
{
    if (m->form == &hz_form_beast || m->form == &hz_form_kiss)
        return n;
    while (n > 0 && (m->payload[n - 1] == '\n' || m->payload[n - 1] == '\r'))
        n--;
    return n;
}

static void send_frame(struct mqtt *m, const struct hz_frame *f)
{
    char form[HZ_MQTT_TOPIC_MAX], topic[HZ_MQTT_TOPIC_MAX];
    const struct hz_mqtt_words words = {.station = m->station,
                                        .output = m->conf->link.output.name,
                                        .receiver = f->topic->receiver,
                                        .channel = f->topic->channel,
                                        .protocol = f->topic->protocol,
                                        .id = f->rec.about.id,
                                        .kind = hz_kind_name(f->rec.kind)};
    bool own = hz_mqtt_topic_of(m->conf->topics, f->topic->protocol, form, sizeof form);
    struct hz_bytes bytes = {.p = m->payload, .cap = sizeof m->payload};
    hz_link_code(m->env.link, m->form, f, &bytes);
    struct hz_mqtt_publish p = {.topic = topic,
                                .payload = m->payload,
                                .len = without_end(m, bytes.n),
                                .qos = m->conf->qos,
                                .retain = m->conf->retain,
                                .expiry_s = (unsigned)m->conf->expiry_s};
    if (p.len == 0)
        return; /* the format has no words for it */
    if (hz_mqtt_topic(own ? form : m->conf->topic, &words, topic, sizeof topic))
        publish(m, &p, true);
    else
        hz_link_count(m->env.link, 0, 1);
}

static void mqtt_send(void *state, struct hz_frame *f)
{
    struct mqtt *m = state;
    struct hz_ha_out event;
    if (m->conf->messages)
        send_frame(m, f);
    if (!m->ha)
        return;
    hz_ha_radio_hear(&m->radio, f);
    if (hz_ha_hear(m->ha, f, now_ms(m), &event)) {
        struct hz_mqtt_publish p = {
            .topic = event.topic, .payload = event.payload, .len = event.len, .qos = m->conf->qos};
        publish(m, &p, false);
        free(event.payload);
    }
}

static bool mqtt_idle(void *state)
{
    return ((struct mqtt *)state)->flights.frames == 0;
}

static void update_home_assistant(struct mqtt *m)
{
    const struct hz_output_env *env = m->env.outputs;
    if (!m->ha || !m->up || uv_now(m->env.loop) < m->next_update_ms)
        return;
    m->next_update_ms = uv_now(m->env.loop) + m->conf->ha_interval_s * 1000;
    cJSON *status = env->status ? env->status(env->ctx) : NULL;
    if (status)
        hz_ha_radio_update(&m->radio, m->ha, status, env->picture, now_ms(m));
    cJSON_Delete(status);
    hz_ha_sweep(m->ha, now_ms(m));
}

static void mqtt_tick(void *state)
{
    struct mqtt *m = state;
    hz_mqtt_client_tick(m->client);
    uint64_t silent_ms = uv_now(m->env.loop) - m->confirmed_ms;
    if (m->up && m->flights.n > 0 && silent_ms > (uint64_t)m->conf->keepalive_s * 1000) {
        char why[120];
        snprintf(why, sizeof why, "the broker has confirmed nothing for %d s",
                 m->conf->keepalive_s);
        m->confirmed_ms = uv_now(m->env.loop);
        hz_mqtt_client_fail(m->client, why);
    }
    update_home_assistant(m);
    pump(m);
}

static void mqtt_status(void *state, cJSON *item)
{
    const struct mqtt *m = state;
    cJSON_AddNumberToObject(item, "in_flight", m->flights.frames);
    cJSON_AddStringToObject(item, "confirmed_by", m->conf->qos > 0 ? "broker" : "nobody");
    cJSON_AddNumberToObject(item, "not_taken", (double)m->not_taken);
    cJSON_AddStringToObject(item, "client_id", m->client_id);
    if (m->ha)
        cJSON_AddItemToObject(item, "home_assistant", hz_ha_json(m->ha));
}

static void on_closed(void *ctx)
{
    struct mqtt *m = ctx;
    void (*closed)(void *ctx) = m->closed;
    void *closed_ctx = m->closed_ctx;
    hz_ha_free(m->ha);
    free(m);
    closed(closed_ctx);
}

static void mqtt_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct mqtt *m = state;
    m->closed = closed;
    m->closed_ctx = ctx;
    if (m->flights.frames > 0)
        hz_link_count(m->env.link, 0, m->flights.frames);
    hz_mqtt_flights_clear(&m->flights);
    if (m->up)
        say(m, "offline", 0);
    hz_mqtt_flights_clear(&m->flights);
    hz_mqtt_client_close(m->client, on_closed, m);
}

/* ---- its beginning ---------------------------------------------------------------------- */

/* The station's name: as configured, else the host's; letters, digits, - _ and . alone. */
static void name_station(struct mqtt *m)
{
    if (*m->conf->link.station)
        snprintf(m->station, sizeof m->station, "%s", m->conf->link.station);
    else if (gethostname(m->station, sizeof m->station - 1) != 0 || !*m->station)
        snprintf(m->station, sizeof m->station, "hertzd");
    for (char *p = m->station; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
            *p = '_';
    }
}

static bool make_client(struct mqtt *m)
{
    static const struct hz_mqtt_events events = {
        .up = on_up, .down = on_down, .done = on_done, .message = on_message, .ready = on_ready};
    const struct hz_conf_mqtt *conf = m->conf;
    struct hz_mqtt_client_conf c = {.v5 = conf->version == 1,
                                    .files = {.host = m->host,
                                              .ca = conf->tls_ca,
                                              .cert = conf->tls_cert,
                                              .key = conf->tls_key},
                                    .client_id = m->client_id,
                                    .user = conf->user,
                                    .password = conf->password,
                                    .password_file = conf->password_file,
                                    .keepalive_s = conf->keepalive_s,
                                    .in_flight = (unsigned)conf->in_flight + RESERVED,
                                    .will_topic = m->availability,
                                    .will = "offline"};
    hz_mqtt_url(conf->url, m->host, sizeof m->host, &c.port, &c.tls); /* it was checked */
    m->client = hz_mqtt_client_new(m->env.loop, &c, &events, m);
    return m->client != NULL;
}

static bool make_home_assistant(struct mqtt *m)
{
    const struct hz_conf_mqtt *conf = m->conf;
    struct hz_ha_conf c = {.common = {.station = m->station,
                                      .prefix = conf->ha_prefix,
                                      .base = m->base,
                                      .availability = m->availability,
                                      .expire_s = (unsigned)conf->ha_expire_s},
                           .allow = conf->ha_allow,
                           .deny = conf->ha_deny,
                           .after = (unsigned)conf->ha_after,
                           .max_devices = (unsigned)conf->ha_devices,
                           .forget_s = (unsigned)conf->ha_forget_s};
    if (!conf->home_assistant)
        return true;
    m->ha = hz_ha_new(&c);
    return m->ha != NULL;
}

static void *mqtt_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    struct mqtt *m = calloc(1, sizeof *m);
    if (m) {
        m->env = *env;
        m->conf = (const struct hz_conf_mqtt *)env->conf;
        m->form = hz_link_form(env->link);
        const char *name = m->conf->link.output.name;
        name_station(m);
        struct hz_mqtt_words words = {.station = m->station, .output = name};
        hz_mqtt_topic(m->conf->availability, &words, m->availability, sizeof m->availability);
        snprintf(m->base, sizeof m->base, "hertzd/%s/ha", m->station);
        snprintf(m->client_id, sizeof m->client_id, "hertzd-%s-%s", m->station, name);
        if (*m->conf->client_id)
            snprintf(m->client_id, sizeof m->client_id, "%s", m->conf->client_id);
    }
    if (!m || !make_home_assistant(m) || !make_client(m)) {
        snprintf(err, err_len, "out of memory");
        if (m)
            hz_ha_free(m->ha);
        free(m);
        return NULL;
    }
    return m;
}

static const char *mqtt_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_mqtt *)section)->url;
}

static const struct hz_carrier_ops carrier = {
    .open = mqtt_open,
    .connect = mqtt_connect,
    .room = mqtt_room,
    .send = mqtt_send,
    .idle = mqtt_idle,
    .tick = mqtt_tick,
    .close = mqtt_close,
    .status = mqtt_status,
};

const struct hz_output_kind hz_output_mqtt = {
    .kind = {.name = "mqtt",
             .title = "messages to an MQTT broker, and to Home Assistant",
             .options = hz_mqtt_options,
             .size = sizeof(struct hz_conf_mqtt),
             .check = hz_mqtt_check},
    .target = mqtt_target,
    .carrier = &carrier,
};

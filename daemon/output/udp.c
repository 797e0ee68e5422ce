/* A link that sends datagrams: a message each, or several where `bundle` allows it. What belongs to
 * one message, such as the sentences of AIS, is never divided. */
#include "daemon/base/lookup.h"
#include "daemon/output/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IN_FLIGHT_MAX = 64,   /* datagrams that the socket has not taken */
    DATAGRAM_MAX = 65507, /* bytes of the longest over IPv4 */
    QUIET_MS = 10000,     /* without a refusal, after which it is forgotten */
    REFUSED_MS = 60000,   /* of refusals, after which the name is looked up again */
};

struct hz_conf_udp {
    struct hz_conf_link link;
    char *address;
    int bundle; /* bytes; 0: each message by itself */
};

struct udp {
    struct hz_carrier_env env;
    const struct hz_conf_udp *conf;
    const struct hz_form *form;
    struct hz_lookup *lookup; /* under way, or NULL */
    uv_udp_t socket;
    bool open, closing; /* of the socket */
    bool reconnect;     /* connect was called while it was being closed */
    unsigned in_flight;
    size_t frames_in_flight;
    char out[DATAGRAM_MAX + 1 + HZ_CODED_MAX]; /* the datagram that is being gathered */
    size_t n, frames;
    unsigned n_addresses, at;              /* of the host; the one in use */
    uint64_t refused_ms, refused_since_ms; /* the last refusal, the first of them; 0: none */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct datagram {
    uv_udp_send_t req;
    struct udp *udp;
    size_t frames, n;
    char data[];
};

/* ---- the end ---------------------------------------------------------------------------- */

static void udp_connect(void *state);

static void udp_free(struct udp *u)
{
    void (*closed)(void *ctx) = u->closed;
    void *ctx = u->closed_ctx;
    free(u);
    closed(ctx);
}

static void on_closed(uv_handle_t *h)
{
    struct udp *u = h->data;
    u->open = u->closing = false;
    if (u->closed)
        udp_free(u);
    else if (u->reconnect)
        udp_connect(u);
}

static void hang_up(struct udp *u)
{
    if (u->lookup)
        hz_lookup_give_up(u->lookup);
    u->lookup = NULL;
    hz_link_count(u->env.link, 0, u->frames);
    u->n = u->frames = 0;
    if (u->open && !u->closing) {
        u->closing = true;
        uv_close((uv_handle_t *)&u->socket, on_closed);
    }
}

static void tell(const struct udp *u, char line[256], const char *why)
{
    snprintf(line, 256, "%s: %s", u->conf->address, why);
}

static void down(struct udp *u, const char *why)
{
    char line[256];
    if (u->closed || u->closing)
        return;
    tell(u, line, why);
    hang_up(u);
    hz_link_down(u->env.link, line);
}

/* ---- sending ---------------------------------------------------------------------------- */

/* Nobody takes it: the answer to a datagram is told with the next one. */
static void refused(struct udp *u, int status)
{
    char line[256];
    uint64_t now = uv_now(u->env.loop);
    if (u->refused_since_ms == 0)
        u->refused_since_ms = now;
    u->refused_ms = now;
    if (status == UV_ECONNREFUSED && u->at + 1 < u->n_addresses) {
        u->at++;
        down(u, "nothing listens there; the next address of its name is tried");
        return;
    }
    tell(u, line, status == UV_ECONNREFUSED ? "nothing listens there" : uv_strerror(status));
    hz_link_warn(u->env.link, line);
}

static void on_sent(uv_udp_send_t *req, int status)
{
    struct datagram *d = req->data;
    struct udp *u = d->udp;
    bool ok = status == 0;
    u->in_flight--;
    u->frames_in_flight -= d->frames;
    hz_link_count(u->env.link, ok ? d->frames : 0, ok ? 0 : d->frames);
    hz_link_count_bytes(u->env.link, ok ? d->n : 0);
    if (!ok && status != UV_ECANCELED)
        refused(u, status);
    free(d);
    if (u->in_flight == 0 || u->in_flight == IN_FLIGHT_MAX - 1)
        hz_link_ready(u->env.link);
}

/* Sends the first n bytes of what was gathered. */
static void send_first(struct udp *u, size_t n, size_t frames)
{
    struct datagram *d = n <= DATAGRAM_MAX ? malloc(sizeof *d + n) : NULL;
    int rc = n <= DATAGRAM_MAX ? UV_ENOMEM : UV_EMSGSIZE;
    if (d) {
        *d = (struct datagram){.udp = u, .frames = frames, .n = n};
        memcpy(d->data, u->out, n);
        d->req.data = d;
        uv_buf_t buf = uv_buf_init(d->data, (unsigned)n);
        rc = uv_udp_send(&d->req, &u->socket, &buf, 1, NULL, on_sent);
    }
    memmove(u->out, u->out + n, u->n - n);
    u->n -= n;
    u->frames -= frames;
    if (rc == 0) {
        u->in_flight++;
        u->frames_in_flight += frames;
    } else {
        free(d);
        hz_link_count(u->env.link, 0, frames);
        refused(u, rc);
    }
}

static void udp_flush(void *state)
{
    struct udp *u = state;
    if (u->n > 0 && u->open && !u->closing)
        send_first(u, u->n, u->frames);
}

static bool udp_room(void *state)
{
    const struct udp *u = state;
    return u->open && !u->closing && u->in_flight < IN_FLIGHT_MAX;
}

static void udp_send(void *state, struct hz_frame *f)
{
    struct udp *u = state;
    struct hz_bytes out = {.p = u->out + u->n, .cap = HZ_CODED_MAX};
    hz_link_code(u->env.link, u->form, f, &out);
    if (out.n == 0)
        return;
    size_t before = u->n;
    u->n += out.n;
    u->frames++;
    if (before > 0 && u->n > (size_t)u->conf->bundle)
        send_first(u, before, u->frames - 1);
    if (u->n >= (size_t)u->conf->bundle)
        udp_flush(u);
}

static bool udp_idle(void *state)
{
    const struct udp *u = state;
    return u->in_flight == 0 && u->n == 0;
}

static void udp_tick(void *state)
{
    struct udp *u = state;
    uint64_t now = uv_now(u->env.loop);
    if (u->refused_since_ms == 0 || !u->open || u->closing)
        return;
    if (now - u->refused_ms >= QUIET_MS) {
        u->refused_since_ms = 0;
        hz_link_warn(u->env.link, "");
    } else if (now - u->refused_since_ms >= REFUSED_MS) {
        u->at = 0;
        down(u, "nothing listens there; its name is looked up again");
    }
}

/* ---- connecting ------------------------------------------------------------------------- */

static int open_socket(struct udp *u, const struct addrinfo *a)
{
    int rc = uv_udp_init_ex(u->env.loop, &u->socket, (unsigned)a->ai_family);
    if (rc < 0)
        return rc;
    u->socket.data = u;
    u->open = true;
    if (a->ai_family == AF_INET)
        uv_udp_set_broadcast(&u->socket, 1);
    return uv_udp_connect(&u->socket, a->ai_addr);
}

static void on_found(void *ctx, int status, struct addrinfo *found)
{
    struct udp *u = ctx;
    char why[200];
    u->lookup = NULL;
    if (status != 0) {
        snprintf(why, sizeof why, "its name is not found: %s", gai_strerror(status));
        down(u, why);
        return;
    }
    u->n_addresses = 0;
    for (const struct addrinfo *a = found; a; a = a->ai_next)
        u->n_addresses++;
    const struct addrinfo *chosen = found;
    for (unsigned i = 0; i < u->at && chosen->ai_next; i++)
        chosen = chosen->ai_next;
    int rc = open_socket(u, chosen);
    freeaddrinfo(found);
    u->refused_since_ms = 0;
    if (rc < 0)
        down(u, uv_strerror(rc));
    else
        hz_link_up(u->env.link);
}

static void udp_connect(void *state)
{
    struct udp *u = state;
    char host[256];
    bool v6;
    u->reconnect = u->closing;
    if (u->closing)
        return;
    hz_address_split(u->conf->address, host, sizeof host, &v6);
    const char *port = strrchr(u->conf->address, ':') + 1;
    u->lookup = hz_lookup_start(u->env.loop, host, port, on_found, u);
    if (!u->lookup)
        down(u, uv_strerror(UV_ENOMEM));
}

static void *udp_open(const struct hz_carrier_env *env, char *err, size_t err_len)
{
    struct udp *u = calloc(1, sizeof *u);
    if (!u) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    u->env = *env;
    u->conf = (const struct hz_conf_udp *)env->conf;
    u->form = hz_link_form(env->link);
    return u;
}

static void udp_close(void *state, void (*closed)(void *ctx), void *ctx)
{
    struct udp *u = state;
    hang_up(u);
    u->closed = closed;
    u->closed_ctx = ctx;
    if (!u->open)
        udp_free(u);
}

static void udp_status(void *state, cJSON *item)
{
    const struct udp *u = state;
    cJSON_AddNumberToObject(item, "in_flight", (double)(u->frames_in_flight + u->frames));
}

/* ---- the configuration ------------------------------------------------------------------ */

static const char *udp_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_udp *)section)->address;
}

static void udp_check(const struct hz_check *c, void *item)
{
    hz_link_check(c, item);
    hz_link_check_address(c, ((const struct hz_conf_udp *)item)->address);
}

static const struct hz_option options[] = {
    {.name = "address",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_udp, address),
     .example = "feed.example.org:5321",
     .help = "HOST:PORT that datagrams are sent to"},
    {.name = "bundle",
     .type = HZ_OPTION_COUNT,
     .at = offsetof(struct hz_conf_udp, bundle),
     .max = DATAGRAM_MAX,
     .fallback = "0",
     .unit = "bytes",
     .help = "messages that come at the same time share a datagram of this length; 0: each has its "
             "own"},
    HZ_KEY_FORMAT,
    HZ_KEY_STATION,
    HZ_KEY_KIND,
    HZ_KEY_MAX_AGE,
    {0},
};

static const struct hz_carrier_ops carrier = {
    .open = udp_open,
    .connect = udp_connect,
    .room = udp_room,
    .send = udp_send,
    .flush = udp_flush,
    .idle = udp_idle,
    .tick = udp_tick,
    .close = udp_close,
    .status = udp_status,
};

const struct hz_output_kind hz_output_udp = {
    .kind = {.name = "udp",
             .title = "messages in any format as datagrams",
             .options = options,
             .size = sizeof(struct hz_conf_udp),
             .check = udp_check},
    .target = udp_target,
    .carrier = &carrier,
};

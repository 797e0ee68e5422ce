/* GET /events: the stream as server-sent events (the EventSource of browsers; WHATWG HTML, section
 * 9.2). Each line is the data of one event. Its id is STREAM:SEQ, from which a browser that lost
 * the connection resumes by itself, with the field Last-Event-ID. */
#include "daemon/serve/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 64 };

static int events_open(struct hz_client *c)
{
    (void)c;
    return 0;
}

/* Nobody has anything to say here. */
static size_t events_input(struct hz_client *c, const char *data, size_t n)
{
    (void)c, (void)data;
    return n;
}

static size_t put_id(const struct hz_bus *bus, uint64_t seq, char *out)
{
    return (size_t)snprintf(out, ID_MAX, "id: %s:%llu\n", hz_bus_stream(bus),
                            (unsigned long long)seq);
}

/* Frames of the other logs do not move the place where a client resumes. */
static size_t events_wrap(const struct hz_bus *bus, const struct hz_frame *f, char *out)
{
    bool counts = strcmp(f->number, "seq") == 0;
    size_t n = counts ? put_id(bus, f->seq, out) : 0;
    memcpy(out + n, "data: ", 6);
    memcpy(out + n + 6, f->data, f->len);
    out[n + 6 + f->len] = '\n';
    return n + 6 + f->len + 1;
}

static void send_id(struct hz_client *c)
{
    char id[ID_MAX];
    if (c->streaming)
        hz_client_send(c, id, put_id(c->cursor.bus, hz_cursor_seq(&c->cursor) - 1, id));
}

static void events_say(struct hz_client *c, const char *line, size_t n)
{
    send_id(c);
    hz_client_send(c, "data: ", 6);
    hz_client_send(c, line, n);
    hz_client_send(c, "\n\n", 2);
}

/* A comment; the id beside it, for one whose filter nothing has passed. */
static void events_beat(struct hz_client *c)
{
    hz_client_send(c, ": heartbeat\n", 12);
    send_id(c);
    hz_client_send(c, "\n", 1);
}

static void events_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    if (why != HZ_BYE_AWAY) /* the end of the answer says it, and the browser comes again */
        hz_client_say_error(c, reason);
}

static const struct hz_transport events = {
    .name = "events",
    .open = events_open,
    .input = events_input,
    .wrap = events_wrap,
    .beat = events_beat,
    .half_closed = true,
    .say = events_say,
    .bye = events_bye,
};

/* STREAM:SEQ in place of the words of the query. */
static bool take_id(struct hz_subscription *s, struct hz_http_text id)
{
    const char *colon = memchr(id.p, ':', id.n);
    char seq[24];
    size_t n = colon ? (size_t)(colon - id.p) : 0, digits = colon ? id.n - n - 1 : 0;
    if (n == 0 || n > HZ_NAME_MAX || digits == 0 || digits > 15)
        return false;
    memcpy(seq, colon + 1, digits);
    seq[digits] = '\0';
    memcpy(s->stream, id.p, n);
    s->stream[n] = '\0';
    s->since = strtoull(seq, NULL, 10);
    s->has_since = true;
    return hz_name_ok(s->stream) && strspn(seq, "0123456789") == digits;
}

void hz_http_events(struct hz_client *c, const struct hz_http_request *r)
{
    static const struct hz_http_answer answer = {
        .type = "text/event-stream",
        .fields = "X-Accel-Buffering: no\r\n", /* nginx would hold events back */
    };
    struct hz_http_text id = hz_http_field(r->head, "last-event-id");
    struct hz_subscription s;
    char err[HZ_ERROR_MAX], hello[HZ_HELLO_MAX], ack[HZ_ACK_MAX];
    bool asked = r->query.n > 0 || id.n > 0;
    if (hz_subscription_from_query(&s, c->door->all->env.decoders, r->query.p, r->query.n, err,
                                   sizeof err) < 0) {
        hz_http_refuse(c, r, 400, NULL, err);
        return;
    }
    if (id.n > 0 && !take_id(&s, id)) {
        hz_http_refuse(c, r, 400, NULL, "Last-Event-ID: expected the id of an event, STREAM:SEQ");
        return;
    }
    size_t n = hz_client_hello(c, hello);
    if (hz_client_subscribe(c, &s, err, sizeof err) < 0) {
        hz_http_refuse(c, r, 400, NULL, err);
        return;
    }
    hz_http_open(c, r, &answer);
    hz_client_become(c, &events);
    if (c->state != HZ_CLIENT_OPEN)
        return;
    hz_client_send(c, "retry: 1000\n", 12);
    events_say(c, hello, n);
    if (asked)
        events_say(c, ack, hz_client_ack(c, ack));
}

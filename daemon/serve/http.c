/* HTTP/1.1: requests, one after the other on a connection, each answered by the resource that the
 * table in http_routes.c names for its path. */
#include "daemon/serve/http_own.h"

#include "daemon/serve/http_origin.h"
#include "daemon/serve/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REQUEST_MS = 10000, /* time limit for a request, its body included */
    WORD_SHOWN = 40,    /* characters of a client's word repeated in an error */
};

static uint64_t later(const struct hz_client *c, uint64_t ms)
{
    return uv_now(c->io.handle.loop) + ms;
}

/* ---- checks of a request against its route ---- */

static unsigned method_bit(struct hz_http_text method)
{
    return hz_http_is(method, "GET")    ? HZ_HTTP_GET
           : hz_http_is(method, "HEAD") ? HZ_HTTP_HEAD
           : hz_http_is(method, "POST") ? HZ_HTTP_POST
                                        : 0;
}

/* "GET, HEAD" */
static void list_methods(unsigned methods, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s", methods & HZ_HTTP_GET ? "GET" : "",
             methods & HZ_HTTP_HEAD ? ", HEAD" : "",
             !(methods & HZ_HTTP_POST) ? ""
             : methods & HZ_HTTP_GET   ? ", POST"
                                       : "POST");
}

static const struct hz_http_route *find_route(struct hz_http_text path, struct hz_http_text *rest)
{
    for (const struct hz_http_route *p = hz_http_routes; p->path; p++) {
        size_t n = strlen(p->path);
        bool prefix = p->path[n - 1] == '/';
        if (path.n < n || memcmp(path.p, p->path, n) != 0 || (!prefix && path.n > n))
            continue;
        *rest = (struct hz_http_text){path.p + n, path.n - n};
        return p;
    }
    return NULL;
}

/* Answers the preflight request of a browser (CORS). */
static void options(struct hz_client *c, const struct hz_http_request *r)
{
    char methods[32], fields[256];
    list_methods(r->route->methods, methods, sizeof methods);
    snprintf(fields, sizeof fields,
             "Allow: %s, OPTIONS\r\nAccess-Control-Allow-Methods: %s\r\n"
             "Access-Control-Allow-Headers: Authorization, Content-Type, Last-Event-ID\r\n",
             methods, methods);
    const struct hz_http_answer a = {.fields = fields};
    hz_http_respond(c, r, &a, "", 0);
}

static void refuse_method(struct hz_client *c, const struct hz_http_request *r)
{
    char methods[32], fields[64], text[64];
    list_methods(r->route->methods, methods, sizeof methods);
    snprintf(fields, sizeof fields, "Allow: %s, OPTIONS\r\n", methods);
    snprintf(text, sizeof text, "expected %s", methods);
    hz_http_refuse(c, r, 405, fields, text);
}

static void refuse_query(struct hz_client *c, const struct hz_http_request *r)
{
    char err[HZ_ERROR_MAX];
    snprintf(err, sizeof err, "unknown word \"%.*s\": %s takes none",
             r->query.n < WORD_SHOWN ? (int)r->query.n : WORD_SHOWN, r->query.p, r->route->path);
    hz_http_refuse(c, r, 400, NULL, err);
}

static bool origin_allowed(const struct hz_client *c, const struct hz_http_head *h)
{
    struct hz_http_text origin = hz_http_field(h, "origin");
    return !origin.p || hz_http_origin_ok(origin, h->host, c->door->conf.allow_origin);
}

static void refuse_origin(struct hz_client *c, const struct hz_http_request *r)
{
    hz_door_count(c->door, HZ_REFUSAL_ORIGIN);
    hz_http_refuse(c, r, 403, NULL, "this Origin may not change anything: see allow_origin");
}

/* Fills in the request as far as the head tells. False: it was refused, or answered. */
static bool check_head(struct hz_client *c, struct hz_http_request *r, char query[HZ_HTTP_HEAD_MAX])
{
    const struct hz_http_head *h = r->head;
    if (h->host.p && !hz_http_host_ok(h->host, c->door->conf.allow_host)) {
        hz_door_count(c->door, HZ_REFUSAL_HOST);
        hz_http_refuse(c, r, 421, NULL, "hertzd does not go by this Host: see allow_host");
        return false;
    }
    r->route = find_route(h->path, &r->rest);
    r->query = h->query;
    if (!r->route)
        hz_http_not_found(c, r);
    else if (hz_http_is(h->method, "OPTIONS"))
        options(c, r);
    else if (!(method_bit(h->method) & r->route->methods))
        refuse_method(c, r);
    else if (hz_http_is(h->method, "POST") && !origin_allowed(c, h))
        refuse_origin(c, r);
    else if (!hz_http_authorize(c, r, query))
        return false;
    else if (!r->route->query && r->query.n > 0)
        refuse_query(c, r);
    else
        return true;
    return false;
}

/* The length that the head gives for the body. False: it was refused. Two lengths, or a length
 * beside a coding, are what smuggled requests are made of (RFC 9112, section 11.2). */
static bool body_length(struct hz_client *c, const struct hz_http_request *r, size_t *n)
{
    const struct hz_http_head *h = r->head;
    int fields = 0;
    *n = 0;
    if (hz_http_field(h, "transfer-encoding").p) {
        hz_http_refuse(c, r, 501, NULL, "a body needs Content-Length: chunks are not read here");
        return false;
    }
    for (int i = 0; i < h->n_fields; i++) {
        if (!hz_http_is_like(h->names[i], "content-length"))
            continue;
        struct hz_http_text v = h->values[i];
        bool digits = v.n > 0 && ++fields == 1;
        for (size_t k = 0; digits && k < v.n; k++) {
            digits = v.p[k] >= '0' && v.p[k] <= '9';
            if (*n <= HZ_HTTP_BODY_MAX)
                *n = *n * 10 + (size_t)(v.p[k] - '0');
        }
        if (!digits) {
            hz_http_refuse(c, r, 400, NULL, "Content-Length: expected one number");
            return false;
        }
    }
    if (*n > HZ_HTTP_BODY_MAX) {
        hz_http_refuse(c, r, 413, NULL, "the body is over 64 KiB");
        return false;
    }
    return true;
}

/* A client may wait for this before it sends a body (RFC 9110, section 10.1.1). */
static void say_continue(struct hz_client *c, const struct hz_http_head *h)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct hz_http *s = c->proto;
    if (s->continued || h->minor < 1 || !hz_http_lists(h, "expect", "100-continue"))
        return;
    s->continued = true;
    hz_client_send(c, text, sizeof text - 1);
}

/* Returns the bytes used; 0: the body is not complete. */
static size_t take_request(struct hz_client *c, const struct hz_http_head *h, const char *data,
                           size_t n, size_t head)
{
    struct hz_http_request r = {.head = h};
    char query[HZ_HTTP_HEAD_MAX];
    size_t length;
    if (!body_length(c, &r, &length))
        return n;
    if (!check_head(c, &r, query)) {
        if (n - head >= length)
            return head + length;
        hz_client_end(c); /* the rest of the body is no request */
        return n;
    }
    if (n - head < length && !c->eof) {
        say_continue(c, h);
        return 0;
    }
    if (n - head < length) {
        hz_http_refuse(c, &r, 400, NULL, "the body is not complete");
        return n;
    }
    r.body = (struct hz_http_text){data + head, length};
    c->asked = true;
    r.route->serve(c, &r);
    return head + length;
}

/* ---- the transport ---- */

static int http_open(struct hz_client *c)
{
    c->proto = calloc(1, sizeof(struct hz_http));
    c->deadline_ms = later(c, REQUEST_MS);
    return c->proto ? 0 : -ENOMEM;
}

static size_t http_input(struct hz_client *c, const char *data, size_t n)
{
    struct hz_http *s = c->proto;
    struct hz_http_head h;
    const char *reason = "";
    if (s->idle)
        c->deadline_ms = later(c, REQUEST_MS);
    s->idle = false;
    int rc = hz_http_head_parse(&h, data, n, &reason);
    if (rc > 0 && !s->counted && !hz_http_may_ask(c))
        return n;
    s->counted = rc > 0;
    if (rc > 0)
        return take_request(c, &h, data, n, (size_t)rc);
    if (rc < 0)
        hz_http_refuse(c, NULL, -rc, NULL, reason);
    else if (c->eof)
        hz_http_refuse(c, NULL, 400, NULL, "the request is not complete");
    else
        return 0;
    return n;
}

static void refuse_late(struct hz_client *c)
{
    hz_door_count(c->door, HZ_REFUSAL_TIMEOUT);
    hz_http_refuse(c, NULL, 408, NULL, "no complete request in time");
}

static void http_timeout(struct hz_client *c)
{
    const struct hz_http *s = c->proto;
    if (s->idle && (c->write || c->out_len > 0))
        c->deadline_ms = later(c, REQUEST_MS); /* the last answer is still on its way */
    else if (s->idle)
        hz_client_end(c);
    else
        refuse_late(c);
}

static void http_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    const struct hz_http *s = c->proto;
    if (s && (s->idle || s->body)) /* nobody asked; or the answer is just cut */
        return;
    const struct hz_http_answer a = {.status = why == HZ_BYE_BAD ? 400 : 503,
                                     .fields = why == HZ_BYE_BUSY ? "Retry-After: 10\r\n" : NULL};
    char line[HZ_ERROR_MAX + 1];
    int n = snprintf(line, sizeof line, "%s\n", reason);
    hz_http_respond(c, NULL, &a, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static void http_done(struct hz_client *c)
{
    if (c->proto)
        hz_http_body_done(c->proto);
    free(c->proto);
}

const struct hz_transport hz_transport_http = {
    .name = "http",
    .open = http_open,
    .input = http_input,
    .timeout = http_timeout,
    .more = hz_http_more,
    .bye = http_bye,
    .done = http_done,
};

static void accept_client(struct hz_door *d, int fd, const struct hz_peer *p, const char *why_not)
{
    hz_client_new(d, &hz_transport_http, fd, p, why_not);
}

const struct hz_listener_kind hz_kind_http = {.name = "http", .accept = accept_client};

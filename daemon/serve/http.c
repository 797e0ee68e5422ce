/* HTTP/1.1: one request per connection, which is answered and closed, or upgraded to the WebSocket
 * /stream.
 * A new resource is one line in `routes`. */
#include "daemon/serve/client.h"

#include "daemon/serve/http_head.h"
#include "daemon/serve/http_origin.h"
#include "daemon/serve/http_page.h"
#include "daemon/serve/kinds.h"
#include "daemon/serve/ws_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    REQUEST_MS = 10000, /* time limit for the request */
    WORD_SHOWN = 40,    /* characters of a client's word repeated in an error */
    ORIGIN_MAX = 300,   /* bytes of an Origin that is echoed: a name has at most 253 */
};

struct route {
    const char *path;
    void (*get)(struct hz_client *c, const struct hz_http_head *h);
};

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {421, "Misdirected Request"},
        {426, "Upgrade Required"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].status == status)
            return texts[i].text;
    }
    return "";
}

/* Browsers send the Origin of the page. Programs send none. */
static bool origin_allowed(const struct hz_client *c, const struct hz_http_head *h)
{
    struct hz_http_text origin = hz_http_field(h, "origin");
    return !origin.p || hz_http_origin_ok(origin, h->host, c->door->conf.allow_origin);
}

/* The header fields that let a page of another origin read the answer, with line ends; ""
 * otherwise. */
static void cors_fields(const struct hz_client *c, const struct hz_http_head *h, char *out,
                        size_t size)
{
    struct hz_http_text origin = h ? hz_http_field(h, "origin") : (struct hz_http_text){NULL, 0};
    *out = '\0';
    if (origin.n == 0 || origin.n > ORIGIN_MAX)
        return;
    if (origin_allowed(c, h))
        snprintf(out, size, "Access-Control-Allow-Origin: %.*s\r\nVary: Origin\r\n", (int)origin.n,
                 origin.p);
    else
        snprintf(out, size, "Vary: Origin\r\n");
}

/* Sends the answer and closes. h: NULL if the request could not be parsed. fields: further header
 * fields, each with its line end. */
static void respond(struct hz_client *c, const struct hz_http_head *h, int status,
                    const char *fields, const char *type, const char *body, size_t n)
{
    char head[512 + 2 * ORIGIN_MAX], cors[64 + ORIGIN_MAX];
    cors_fields(c, h, cors, sizeof cors);
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                       "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                       "%s%sConnection: close\r\n\r\n",
                       status, status_text(status), type, n, fields, cors);
    hz_client_send(c, head, (size_t)len);
    if (!h || !hz_http_is(h->method, "HEAD"))
        hz_client_send(c, body, n);
    hz_client_end(c);
}

static void respond_text(struct hz_client *c, const struct hz_http_head *h, int status,
                         const char *fields, const char *text)
{
    char body[2 * HZ_ERROR_MAX];
    int n = snprintf(body, sizeof body, "%s\n", text);
    respond(c, h, status, fields, "text/plain; charset=utf-8", body,
            (size_t)n < sizeof body ? (size_t)n : sizeof body - 1);
}

static void refuse(struct hz_client *c, const struct hz_http_head *h, int status,
                   const char *fields, const char *text)
{
    hz_client_count_bad(c);
    respond_text(c, h, status, fields, text);
}

/* ---- the resources ---- */

static void get_status(struct hz_client *c, const struct hz_http_head *h)
{
    const struct hz_listen_env *env = &c->door->all->env;
    cJSON *status = env->calls->status(env->calls_ctx);
    char *text = status ? cJSON_PrintUnformatted(status) : NULL;
    cJSON_Delete(status);
    if (text)
        respond(c, h, 200, "", "application/json", text, strlen(text));
    else
        respond_text(c, h, 500, "", "no memory");
    cJSON_free(text);
}

static void get_healthz(struct hz_client *c, const struct hz_http_head *h)
{
    const struct hz_listen_env *env = &c->door->all->env;
    char err[HZ_ERROR_MAX] = "";
    if (env->calls->healthy(env->calls_ctx, err, sizeof err))
        respond_text(c, h, 200, "", "ok");
    else
        respond_text(c, h, 503, "", err);
}

static void upgrade(struct hz_client *c, struct hz_http_text key, const struct hz_subscription *s,
                    bool asked)
{
    char accept[HZ_WS_ACCEPT_LEN + 1], head[256], err[HZ_ERROR_MAX];
    hz_ws_accept(key.p, accept);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     accept);
    hz_client_send(c, head, (size_t)n);
    hz_client_become(c, &hz_transport_ws);
    if (c->state == HZ_CLIENT_OPEN &&
        (asked ? hz_client_subscribe_said : hz_client_subscribe)(c, s, err, sizeof err) < 0)
        hz_client_fail(c, err);
}

static void get_stream(struct hz_client *c, const struct hz_http_head *h)
{
    struct hz_http_text key = hz_http_field(h, "sec-websocket-key");
    struct hz_subscription s;
    char err[HZ_ERROR_MAX];
    if (h->minor < 1 || !hz_http_lists(h, "upgrade", "websocket") ||
        !hz_http_lists(h, "connection", "upgrade"))
        refuse(c, h, 426, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
               "/stream is a WebSocket: expected an upgrade");
    else if (!hz_http_is(hz_http_field(h, "sec-websocket-version"), "13"))
        refuse(c, h, 426, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
               "expected Sec-WebSocket-Version: 13");
    else if (!hz_ws_key_ok(key.p, key.n))
        refuse(c, h, 400, "", "Sec-WebSocket-Key: expected the base64 of 16 bytes");
    else if (!origin_allowed(c, h))
        refuse(c, h, 403, "", "this Origin may not open /stream: see allow_origin");
    else if (hz_subscription_from_query(&s, c->door->all->env.decoders, h->query.p, h->query.n, err,
                                        sizeof err) < 0)
        refuse(c, h, 400, "", err);
    else
        upgrade(c, key, &s, h->query.n > 0);
}

static const struct route routes[] = {
    {"/stream", get_stream},
    {"/status", get_status},
    {"/healthz", get_healthz},
};

/* ---- the transport ---- */

/* Answers the preflight request of a browser (CORS). */
static void options(struct hz_client *c, const struct hz_http_head *h)
{
    respond_text(c, h, 200,
                 "Allow: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Methods: GET, HEAD\r\n"
                 "Access-Control-Allow-Headers: *\r\n",
                 "GET, HEAD, OPTIONS");
}

static const struct route page = {"the page", hz_http_page_get};

static void serve_route(struct hz_client *c, const struct route *r, const struct hz_http_head *h)
{
    bool stream = r->get == get_stream;
    char err[HZ_ERROR_MAX];
    if (hz_http_is(h->method, "OPTIONS")) {
        options(c, h);
    } else if (!hz_http_is(h->method, "GET") && (stream || !hz_http_is(h->method, "HEAD"))) {
        refuse(c, h, 405, "Allow: GET, HEAD, OPTIONS\r\n",
               stream ? "expected GET" : "expected GET or HEAD");
    } else if (!stream && h->query.n > 0) {
        snprintf(err, sizeof err, "unknown word \"%.*s\": %s takes none",
                 h->query.n < WORD_SHOWN ? (int)h->query.n : WORD_SHOWN, h->query.p, r->path);
        refuse(c, h, 400, "", err);
    } else {
        r->get(c, h);
    }
}

static void dispatch(struct hz_client *c, const struct hz_http_head *h)
{
    char there[HZ_ERROR_MAX] = "no such page; there are";
    c->asked = true;
    if (h->host.p && !hz_http_host_ok(h->host, c->door->conf.allow_host)) {
        refuse(c, h, 421, "", "hertzd does not go by this Host: see allow_host");
        return;
    }
    if (hz_http_page_has(h->path)) {
        serve_route(c, &page, h);
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (hz_http_is(h->path, routes[i].path)) {
            serve_route(c, &routes[i], h);
            return;
        }
        size_t len = strlen(there);
        snprintf(there + len, sizeof there - len, " %s", routes[i].path);
    }
    refuse(c, h, 404, "", there);
}

static int http_open(struct hz_client *c)
{
    c->deadline_ms = uv_now(c->io.handle.loop) + REQUEST_MS;
    return 0;
}

static size_t http_input(struct hz_client *c, const char *data, size_t n)
{
    struct hz_http_head h;
    const char *reason = "";
    int rc = hz_http_head_parse(&h, data, n, &reason);
    if (rc > 0)
        dispatch(c, &h);
    else if (rc < 0)
        refuse(c, NULL, -rc, "", reason);
    else if (c->eof)
        refuse(c, NULL, 400, "", "the request is not complete");
    else
        return 0;
    return rc > 0 ? (size_t)rc : n;
}

static void http_timeout(struct hz_client *c)
{
    refuse(c, NULL, 408, "", "no complete request in time");
}

static void http_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    respond_text(c, NULL, why == HZ_BYE_BAD ? 400 : 503,
                 why == HZ_BYE_BUSY ? "Retry-After: 10\r\n" : "", reason);
}

const struct hz_transport hz_transport_http = {
    .name = "http",
    .open = http_open,
    .input = http_input,
    .timeout = http_timeout,
    .bye = http_bye,
};

static void accept_client(struct hz_door *d, int fd, const struct hz_peer *p, const char *why_not)
{
    hz_client_new(d, &hz_transport_http, fd, p, why_not);
}

const struct hz_listener_kind hz_kind_http = {.name = "http", .accept = accept_client};

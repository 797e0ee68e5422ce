/* HTTP/1.1: one request a connection, answered and closed, or upgraded to the WebSocket /stream.
 * A new resource is one line in `routes`. */
#include "daemon/serve/client.h"

#include "daemon/serve/http_head.h"
#include "daemon/serve/ws_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { REQUEST_MS = 10000 }; /* how long a client may take to send its request */

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

/* Answers and ends. `h`: NULL when the request was not understood. `fields`: further header
 * fields, each with its line end. */
static void respond(struct hz_client *c, const struct hz_http_head *h, int status,
                    const char *fields, const char *type, const char *body, size_t n)
{
    char head[512];
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                       "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                       "%sConnection: close\r\n\r\n",
                       status, status_text(status), type, n, fields);
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
    const struct hz_listen_env *env = &c->listener->all->env;
    char err[HZ_ERROR_MAX] = "";
    cJSON *result = NULL;
    if (env->control(env->control_ctx, "status", NULL, &result, err, sizeof err) < 0) {
        respond_text(c, h, 500, "", err);
        return;
    }
    char *text = cJSON_PrintUnformatted(result);
    cJSON_Delete(result);
    if (text)
        respond(c, h, 200, "", "application/json", text, strlen(text));
    else
        respond_text(c, h, 500, "", "no memory");
    cJSON_free(text);
}

static void get_healthz(struct hz_client *c, const struct hz_http_head *h)
{
    const struct hz_listen_env *env = &c->listener->all->env;
    char err[HZ_ERROR_MAX] = "";
    cJSON *result = NULL;
    int rc = env->control(env->control_ctx, "health", NULL, &result, err, sizeof err);
    cJSON_Delete(result);
    if (rc < 0)
        respond_text(c, h, 503, "", err);
    else
        respond_text(c, h, 200, "", "ok");
}

/* HOST[:PORT] without a port that is the default of the scheme, which a browser leaves out of
 * Origin (RFC 6454, section 6.2) while a proxy may put it into Host. */
static struct hz_http_text without_default_port(struct hz_http_text host, const char *port)
{
    size_t n = strlen(port);
    if (host.n > n && memcmp(host.p + host.n - n, port, n) == 0)
        host.n -= n;
    return host;
}

static bool same_host(struct hz_http_text origin, struct hz_http_text host)
{
    static const struct {
        const char *scheme, *port;
    } schemes[] = {{"http://", ":80"}, {"https://", ":443"}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].scheme);
        if (origin.n <= n || strncasecmp(origin.p, schemes[i].scheme, n) != 0)
            continue;
        struct hz_http_text page = {origin.p + n, origin.n - n};
        page = without_default_port(page, schemes[i].port);
        host = without_default_port(host, schemes[i].port);
        return page.n == host.n && strncasecmp(page.p, host.p, host.n) == 0;
    }
    return false;
}

/* Whether the page is one of this machine: its host is localhost or a loopback address by number,
 * on any port. Nobody else can serve such a page: names that lead to 127.0.0.1 are not taken. */
static bool local_page(struct hz_http_text origin)
{
    static const char *const starts[] = {"http://localhost", "https://localhost",
                                         "http://127.0.0.1", "https://127.0.0.1",
                                         "http://[::1]",     "https://[::1]"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i]);
        if (origin.n >= n && strncasecmp(origin.p, starts[i], n) == 0 &&
            (origin.n == n || origin.p[n] == ':'))
            return true;
    }
    return false;
}

/* Whether a word of allow_origin lets the page in: itself, "*", or "localhost". */
static bool word_allows(const char *word, size_t n, struct hz_http_text origin)
{
    static const char local[] = "localhost";
    if (n == 1 && *word == '*')
        return true;
    if (n == sizeof local - 1 && memcmp(word, local, n) == 0)
        return local_page(origin);
    return n == origin.n && strncasecmp(word, origin.p, n) == 0;
}

/* Browsers name the page that a WebSocket was opened from, and open it from any: so a page of
 * another origin is refused. Programs send no Origin. */
static bool origin_allowed(const struct hz_client *c, const struct hz_http_head *h)
{
    struct hz_http_text origin = hz_http_field(h, "origin"), host = hz_http_field(h, "host");
    if (!origin.p)
        return true;
    const char *allowed = c->listener->conf.allow_origin;
    while (*allowed) {
        size_t n = strcspn(allowed, " ");
        if (word_allows(allowed, n, origin))
            return true;
        allowed += n + strspn(allowed + n, " ");
    }
    return same_host(origin, host);
}

static void upgrade(struct hz_client *c, struct hz_http_text key, const struct hz_subscription *s)
{
    char accept[HZ_WS_ACCEPT_LEN + 1], head[256], err[HZ_ERROR_MAX];
    hz_ws_accept(key.p, accept);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     accept);
    hz_client_send(c, head, (size_t)n);
    hz_client_become(c, &hz_transport_ws);
    if (c->state == HZ_CLIENT_OPEN && hz_client_subscribe(c, s, err, sizeof err) < 0)
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
    else if (hz_subscription_from_query(&s, h->query.p, h->query.n, err, sizeof err) < 0)
        refuse(c, h, 400, "", err);
    else
        upgrade(c, key, &s);
}

static const struct route routes[] = {
    {"/stream", get_stream},
    {"/status", get_status},
    {"/healthz", get_healthz},
};

/* ---- the transport ---- */

static void dispatch(struct hz_client *c, const struct hz_http_head *h)
{
    char there[HZ_ERROR_MAX] = "no such page; there are";
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (hz_http_is(h->path, routes[i].path)) {
            bool head = hz_http_is(h->method, "HEAD") && routes[i].get != get_stream;
            if (head || hz_http_is(h->method, "GET"))
                routes[i].get(c, h);
            else
                refuse(c, h, 405, "Allow: GET, HEAD\r\n", "expected GET or HEAD");
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
    refuse(c, NULL, 408, "", "no complete request within 10 s");
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

/* Answers to HTTP requests: a whole one, or a long one in pieces. */
#include "daemon/serve/http_own.h"

#include "daemon/serve/http_origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ORIGIN_MAX = 300, /* bytes of an Origin that is echoed: a name has at most 253 */
    HEAD_MAX = 2048,
    KEEP_MS = 15000, /* how long a connection waits for its next request */
};

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        {200, "OK"},
        {204, "No Content"},
        {206, "Partial Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {421, "Misdirected Request"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].status == status)
            return texts[i].text;
    }
    return "";
}

/* The header fields that let a page of another origin read the answer, with line ends; ""
 * otherwise. */
static void cors_fields(const struct hz_client *c, const struct hz_http_request *r, char *out,
                        size_t size)
{
    struct hz_http_text none = {NULL, 0}, origin = r ? hz_http_field(r->head, "origin") : none;
    *out = '\0';
    if (origin.n == 0 || origin.n > ORIGIN_MAX)
        return;
    if (hz_http_origin_ok(origin, r->head->host, c->door->conf.allow_origin))
        snprintf(out, size, "Access-Control-Allow-Origin: %.*s\r\nVary: Origin\r\n", (int)origin.n,
                 origin.p);
    else
        snprintf(out, size, "Vary: Origin\r\n");
}

/* Whether the connection stays for the next request. */
static bool keeps(const struct hz_client *c, const struct hz_http_request *r)
{
    return r && r->head->minor >= 1 && !hz_http_lists(r->head, "connection", "close") && !c->eof &&
           !c->door->all->draining;
}

/* framing: how the body's end is told, with its line end. */
static void send_head(struct hz_client *c, const struct hz_http_request *r,
                      const struct hz_http_answer *a, const char *framing)
{
    char head[HEAD_MAX], cors[64 + ORIGIN_MAX];
    struct hz_http *s = c->proto;
    int status = a->status ? a->status : 200;
    cors_fields(c, r, cors, sizeof cors);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n%s"
                     "Cache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n"
                     "%s%s%s\r\n",
                     status, status_text(status), a->type ? a->type : "text/plain; charset=utf-8",
                     framing, a->cache ? a->cache : "no-store", a->fields ? a->fields : "", cors,
                     s && s->keep ? "" : "Connection: close\r\n");
    if ((size_t)n < sizeof head)
        hz_client_send(c, head, (size_t)n);
    else
        hz_client_close(c); /* fields that no resource has */
}

static bool is_head(const struct hz_http_request *r)
{
    return r && hz_http_is(r->head->method, "HEAD");
}

/* The answer is complete: the next request, or the end. */
static void finish(struct hz_client *c)
{
    struct hz_http *s = c->proto;
    if (!s || !s->keep) {
        hz_client_end(c);
        return;
    }
    s->idle = true;
    s->counted = s->continued = false;
    c->asked = false;
    c->deadline_ms = uv_now(c->io.handle.loop) + KEEP_MS;
}

static void respond(struct hz_client *c, const struct hz_http_request *r,
                    const struct hz_http_answer *a, const void *body, size_t n)
{
    char framing[64] = "";
    if (a->status != 204 && a->status != 304) /* these never have a body (RFC 9112, section 6.3) */
        snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", n);
    send_head(c, r, a, framing);
    if (!is_head(r))
        hz_client_send(c, body, n);
    finish(c);
}

void hz_http_respond(struct hz_client *c, const struct hz_http_request *r,
                     const struct hz_http_answer *a, const void *body, size_t n)
{
    struct hz_http *s = c->proto;
    if (s)
        s->keep = keeps(c, r);
    respond(c, r, a, body, n);
}

static size_t one_line(char *body, size_t size, const char *text)
{
    int n = snprintf(body, size, "%s\n", text);
    return (size_t)n < size ? (size_t)n : size - 1;
}

void hz_http_respond_text(struct hz_client *c, const struct hz_http_request *r, int status,
                          const char *text)
{
    char body[HEAD_MAX];
    const struct hz_http_answer a = {.status = status};
    hz_http_respond(c, r, &a, body, one_line(body, sizeof body, text));
}

void hz_http_refuse(struct hz_client *c, const struct hz_http_request *r, int status,
                    const char *fields, const char *text)
{
    char body[HEAD_MAX];
    const struct hz_http_answer a = {.status = status, .fields = fields};
    struct hz_http *s = c->proto;
    hz_client_count_bad(c);
    if (s)
        s->keep = false;
    respond(c, r, &a, body, one_line(body, sizeof body, text));
}

void hz_http_not_found(struct hz_client *c, const struct hz_http_request *r)
{
    char there[HEAD_MAX] = "no such page; there are";
    for (const struct hz_http_route *p = hz_http_routes; p->path; p++) {
        size_t len = strlen(there);
        snprintf(there + len, sizeof there - len, " %s", p->path);
    }
    hz_http_refuse(c, r, 404, NULL, there);
}

/* ---- long answers ---- */

void hz_http_open(struct hz_client *c, const struct hz_http_request *r,
                  const struct hz_http_answer *a)
{
    struct hz_http *s = c->proto;
    s->keep = false;
    send_head(c, r, a, "");
}

void hz_http_begin(struct hz_client *c, const struct hz_http_request *r,
                   const struct hz_http_answer *a, int64_t length, const struct hz_http_body *body,
                   void *own)
{
    char framing[64] = "";
    struct hz_http *s = c->proto;
    s->body = body;
    s->own = own;
    s->chunked = length < 0 && r->head->minor >= 1;
    s->keep = keeps(c, r) && (length >= 0 || s->chunked);
    if (length >= 0)
        snprintf(framing, sizeof framing, "Content-Length: %lld\r\n", (long long)length);
    else if (s->chunked)
        snprintf(framing, sizeof framing, "Transfer-Encoding: chunked\r\n");
    send_head(c, r, a, framing);
    if (is_head(r)) {
        hz_http_body_done(s);
        finish(c);
        return;
    }
    c->deadline_ms = 0;
    c->unfinished = true;
}

void hz_http_write(struct hz_client *c, const void *data, size_t n)
{
    const struct hz_http *s = c->proto;
    char size[24];
    if (n == 0)
        return;
    if (s->chunked)
        hz_client_send(c, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", n));
    hz_client_send(c, data, n);
    if (s->chunked)
        hz_client_send(c, "\r\n", 2);
}

void hz_http_more(struct hz_client *c)
{
    struct hz_http *s = c->proto;
    enum hz_http_next next = s->body->more(c, s->own);
    c->waiting = next == HZ_HTTP_WAIT;
    if (next == HZ_HTTP_MORE || next == HZ_HTTP_WAIT || c->state != HZ_CLIENT_OPEN)
        return;
    c->unfinished = false;
    hz_http_body_done(s);
    if (next == HZ_HTTP_CUT)
        s->keep = false;
    else if (s->chunked)
        hz_client_send(c, "0\r\n\r\n", 5);
    finish(c);
}

void hz_http_body_done(struct hz_http *s)
{
    if (s->body && s->body->done)
        s->body->done(s->own);
    s->body = NULL;
    s->own = NULL;
}

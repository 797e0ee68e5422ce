/* Answers a request for a file of the web page. The file is sent in pieces from where it is, so a
 * slow client costs one piece of memory. */
#include "daemon/serve/http_page.h"

#include "daemon/serve/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 32 * 1024 };

/* What the page may load and connect to: this origin alone. 'self' covers its WebSocket too. The
 * decoder of sound is WebAssembly where the browser has none of its own. */
static const char security[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src "
    "'self'; "
    "img-src 'self' data:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action "
    "'none'; "
    "frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n";

/* The state of a client that gets a file. */
struct rest {
    const char *at, *end;
};

static int page_open(struct hz_client *c)
{
    c->proto = calloc(1, sizeof(struct rest));
    return c->proto ? 0 : -ENOMEM;
}

/* One request a connection: what comes after it is dropped. */
static size_t page_input(struct hz_client *c, const char *data, size_t n)
{
    (void)c, (void)data;
    return n;
}

static void page_more(struct hz_client *c)
{
    struct rest *rest = c->proto;
    size_t left = (size_t)(rest->end - rest->at), n = left < PIECE ? left : PIECE;
    hz_client_send(c, rest->at, n);
    rest->at += n;
    if (n < left)
        return;
    c->unfinished = false;
    hz_client_end(c);
}

/* In the middle of a file there is nothing to say: a length that is not reached says it. */
static void page_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    (void)c, (void)why, (void)reason;
}

static void page_done(struct hz_client *c)
{
    free(c->proto);
}

static const struct hz_transport transport_page = {
    .name = "http",
    .open = page_open,
    .input = page_input,
    .more = page_more,
    .bye = page_bye,
    .done = page_done,
};

bool hz_http_page_has(struct hz_http_text path)
{
    return hz_page_find(path) != NULL;
}

void hz_http_page_get(struct hz_client *c, const struct hz_http_head *h)
{
    const struct hz_page_file *f = hz_page_find(h->path);
    bool packed = hz_http_lists(h, "accept-encoding", "gzip");
    const char *data = packed ? f->gzip : f->plain, *end = packed ? f->gzip_end : f->plain_end;
    char tag[HZ_PAGE_TAG_LEN + 5], length[64] = "", head[1024];
    snprintf(tag, sizeof tag, "W/\"%.*s\"", HZ_PAGE_TAG_LEN, f->tag);
    bool same = hz_http_lists(h, "if-none-match", tag);
    if (!same)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n%s", (size_t)(end - data),
                 packed ? "Content-Encoding: gzip\r\n" : "");
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Type: %s\r\n%sETag: %s\r\nCache-Control: no-cache\r\n"
                     "Vary: Accept-Encoding\r\n%sConnection: close\r\n\r\n",
                     same ? "304 Not Modified" : "200 OK", f->type, length, tag, security);
    hz_client_become(c, &transport_page);
    hz_client_send(c, head, (size_t)n);
    if (same || hz_http_is(h->method, "HEAD")) {
        hz_client_end(c);
    } else if (c->state == HZ_CLIENT_OPEN) {
        *(struct rest *)c->proto = (struct rest){data, end};
        c->unfinished = true;
    }
}

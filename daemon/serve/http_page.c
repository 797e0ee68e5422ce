/* GET of a file of the web page. What the page may load is fixed by a Content-Security-Policy. A
 * browser asks each time whether its copy is still good, so an update of hertzd is seen at once.
 * The file is sent in pieces from where it is, so a slow client costs one piece of memory. */
#include "daemon/serve/http.h"
#include "daemon/serve/page.h"
#include "daemon/serve/tiles.h"

#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 32 * 1024 };

/* What the page may load and connect to: this origin alone, but for the pictures of a map server
 * that the configuration names. 'self' covers its WebSocket too. The decoder of sound is
 * WebAssembly where the browser has none of its own. %s%s: a blank and an origin, or nothing. */
static const char security[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src "
    "'self'; "
    "img-src 'self' data:%s%s; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action "
    "'none'; "
    "frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

/* What is left of a file. */
struct rest {
    const char *at, *end;
};

static enum hz_http_next more(struct hz_client *c, void *own)
{
    struct rest *rest = own;
    size_t left = (size_t)(rest->end - rest->at), n = left < PIECE ? left : PIECE;
    hz_http_write(c, rest->at, n);
    rest->at += n;
    return n < left ? HZ_HTTP_MORE : HZ_HTTP_END;
}

static const struct hz_http_body body = {.more = more, .done = free};

void hz_http_page(struct hz_client *c, const struct hz_http_request *r)
{
    const struct hz_page_file *f = hz_page_find(r->head->path);
    if (!f) {
        hz_http_not_found(c, r);
        return;
    }
    bool packed = hz_http_lists(r->head, "accept-encoding", "gzip");
    const char *data = packed ? f->gzip : f->plain, *end = packed ? f->gzip_end : f->plain_end;
    char tag[HZ_PAGE_TAG_LEN + 5], fields[1400], origin[HZ_TILES_ORIGIN] = "";
    if (c->door->conf.tiles)
        hz_tiles_origin(c->door->conf.tiles, origin);
    snprintf(tag, sizeof tag, "W/\"%.*s\"", HZ_PAGE_TAG_LEN, f->tag);
    int n = snprintf(fields, sizeof fields, "ETag: %s\r\n%sVary: Accept-Encoding\r\n", tag,
                     packed ? "Content-Encoding: gzip\r\n" : "");
    snprintf(fields + n, sizeof fields - (size_t)n, security, *origin ? " " : "", origin);
    struct hz_http_answer a = {.type = f->type, .cache = "no-cache", .fields = fields};
    struct rest *rest = malloc(sizeof *rest);
    if (hz_http_lists(r->head, "if-none-match", tag)) {
        a.status = 304;
        free(rest);
        hz_http_respond(c, r, &a, "", 0);
    } else if (!rest) {
        hz_http_respond_text(c, r, 500, "no memory");
    } else {
        *rest = (struct rest){data, end};
        hz_http_begin(c, r, &a, end - data, &body, rest);
    }
}

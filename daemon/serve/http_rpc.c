/* POST /rpc: a request of JSON-RPC, as on the control socket (docs/control.md), for one with a
 * control token. GET /whoami: what the client may. */
#include "daemon/serve/http.h"

#include "daemon/serve/auth.h"
#include "daemon/serve/rpc.h"
#include "daemon/serve/tiles.h"
#include "proto/out/json.h"

#include <stdlib.h>
#include <string.h>

static const struct hz_http_answer json_answer = {.type = "application/json"};

/* A page of another origin can send this type only after it has asked (CORS), so that no form
 * does. */
static bool is_json(const struct hz_http_head *h)
{
    struct hz_http_text type = hz_http_field(h, "content-type"), word = hz_http_cut(&type, ';');
    while (word.n > 0 && (word.p[word.n - 1] == ' ' || word.p[word.n - 1] == '\t'))
        word.n--;
    return hz_http_is_like(word, "application/json");
}

/* ---- a long answer ---- */

/* What was queued for the client goes out as a piece of the answer. */
static void write_queued(struct hz_client *c)
{
    size_t n;
    char *text = hz_client_take_back(c, &n);
    hz_http_write(c, text, n);
    free(text);
}

static enum hz_http_next list_more(struct hz_client *c, void *own)
{
    enum hz_rpc_next next = hz_rpc_more(c, own);
    write_queued(c);
    return next == HZ_RPC_MORE ? HZ_HTTP_MORE : next == HZ_RPC_WAIT ? HZ_HTTP_WAIT : HZ_HTTP_END;
}

static void list(struct hz_client *c, struct hz_rpc_long *l, void *ctx)
{
    static const struct hz_http_body body = {.more = list_more, .done = hz_rpc_long_free};
    size_t n;
    char *begin = hz_client_take_back(c, &n);
    hz_http_begin(c, ctx, &json_answer, HZ_HTTP_LENGTH_UNKNOWN, &body, l);
    hz_http_write(c, begin, n);
    free(begin);
}

void hz_http_rpc(struct hz_client *c, const struct hz_http_request *r)
{
    static const struct hz_http_answer nothing = {.status = 204};
    const struct hz_rpc_carrier http = {.list = list, .ctx = (void *)r};
    struct hz_http_text text = r->body;
    size_t n;
    if (!is_json(r->head)) {
        hz_http_refuse(c, r, 415, NULL, "expected Content-Type: application/json");
        return;
    }
    while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1]))
        text.n--;
    hz_rpc_request(c, &http, text.p, text.n);
    if (c->unfinished || c->state != HZ_CLIENT_OPEN)
        return;
    char *answer = hz_client_take_back(c, &n);
    hz_http_respond(c, r, n > 0 ? &json_answer : &nothing, answer, n);
    free(answer);
}

void hz_http_whoami(struct hz_client *c, const struct hz_http_request *r)
{
    const char *tiles = c->door->conf.tiles;
    char text[HZ_ERROR_MAX + 2 * HZ_TILES_MAX];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "role", r->role == HZ_ROLE_CONTROL ? "control" : "read");
    hz_json_str(&j, "version", HZ_VERSION);
    hz_json_bool(&j, "needs_token", hz_auth_needed(c->door));
    if (c->token)
        hz_json_str(&j, "name", c->token->name);
    if (tiles && *tiles)
        hz_json_str(&j, "tiles", tiles);
    hz_json_close(&j);
    hz_json_raw(&j, "\n", 1);
    hz_http_respond(c, r, &json_answer, text, j.len);
}

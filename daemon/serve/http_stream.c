/* GET /stream: the WebSocket of the bus; and the opening of a WebSocket in general. */
#include "daemon/serve/http.h"

#include "daemon/serve/http_origin.h"
#include "daemon/serve/ws_key.h"

#include <stdio.h>

bool hz_http_wants_websocket(struct hz_client *c, const struct hz_http_request *r)
{
    static const char fields[] = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    const struct hz_http_head *h = r->head;
    struct hz_http_text key = hz_http_field(h, "sec-websocket-key");
    struct hz_http_text origin = hz_http_field(h, "origin");
    char err[HZ_ERROR_MAX];
    if (h->minor < 1 || !hz_http_lists(h, "upgrade", "websocket") ||
        !hz_http_lists(h, "connection", "upgrade")) {
        snprintf(err, sizeof err, "%s is a WebSocket: expected an upgrade", r->route->path);
        hz_http_refuse(c, r, 426, fields, err);
    } else if (!hz_http_is(hz_http_field(h, "sec-websocket-version"), "13")) {
        hz_http_refuse(c, r, 426, fields, "expected Sec-WebSocket-Version: 13");
    } else if (!hz_ws_key_ok(key.p, key.n)) {
        hz_http_refuse(c, r, 400, NULL, "Sec-WebSocket-Key: expected the base64 of 16 bytes");
    } else if (origin.p && !hz_http_origin_ok(origin, h->host, c->door->conf.allow_origin)) {
        hz_door_count(c->door, HZ_REFUSAL_ORIGIN);
        snprintf(err, sizeof err, "this Origin may not open %s: see allow_origin", r->route->path);
        hz_http_refuse(c, r, 403, NULL, err);
    } else {
        return true;
    }
    return false;
}

void hz_http_upgrade(struct hz_client *c, const struct hz_http_request *r,
                     const struct hz_transport *t)
{
    char accept[HZ_WS_ACCEPT_LEN + 1], head[256];
    hz_ws_accept(hz_http_field(r->head, "sec-websocket-key").p, accept);
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     accept);
    hz_client_send(c, head, (size_t)n);
    hz_client_become(c, t);
}

void hz_http_stream(struct hz_client *c, const struct hz_http_request *r)
{
    struct hz_subscription s;
    char err[HZ_ERROR_MAX];
    if (!hz_http_wants_websocket(c, r))
        return;
    if (hz_subscription_from_query(&s, c->door->all->env.decoders, r->query.p, r->query.n, err,
                                   sizeof err) < 0) {
        hz_http_refuse(c, r, 400, NULL, err);
        return;
    }
    hz_http_upgrade(c, r, &hz_transport_ws);
    bool asked = r->query.n > 0;
    if (c->state == HZ_CLIENT_OPEN &&
        (asked ? hz_client_subscribe_said : hz_client_subscribe)(c, &s, err, sizeof err) < 0)
        hz_client_fail(c, err);
}

/* GET /spectrum: a WebSocket with frames of a receiver's band, and nothing else. */
#include "daemon/serve/http.h"
#include "daemon/serve/spectrum.h"

void hz_http_spectrum(struct hz_client *c, const struct hz_http_request *r)
{
    struct hz_spectrum_words words;
    char err[HZ_ERROR_MAX];
    if (hz_spectrum_from_query(&words, r->query.p, r->query.n, err, sizeof err) < 0) {
        hz_http_refuse(c, r, 400, NULL, err);
        return;
    }
    if (!hz_http_wants_websocket(c, r))
        return;
    if (!hz_scopes_find(c->door->all->env.scopes, *words.receiver ? words.receiver : NULL, err,
                        sizeof err)) {
        hz_http_refuse(c, r, *words.receiver ? 404 : 400, NULL, err);
        return;
    }
    hz_http_upgrade(c, r, &hz_transport_ws);
    if (c->state == HZ_CLIENT_OPEN && hz_spectrum_show(c, &words, err, sizeof err) < 0)
        hz_client_fail(c, err);
}

/* Resources over HTTP/1.1. A resource is a file http_NAME.c with a function of type hz_http_serve,
 * which is declared below and named by one line of the table in http_routes.c. It is called when
 * the whole request is there and was checked against its line: Host, method, role, query and size
 * of the body. Private to this folder. Loop thread.
 *
 * A function answers in one of three ways:
 * - hz_http_respond() and its like: a whole answer;
 * - hz_http_begin(): a long answer, made in pieces;
 * - hz_http_upgrade(): a WebSocket. */
#ifndef HZ_DAEMON_SERVE_HTTP_H
#define HZ_DAEMON_SERVE_HTTP_H

#include "daemon/serve/client.h"
#include "daemon/serve/http_head.h"

enum {
    HZ_HTTP_GET = 1 << 0,
    HZ_HTTP_HEAD = 1 << 1,
    HZ_HTTP_POST = 1 << 2,
    HZ_HTTP_READ = HZ_HTTP_GET | HZ_HTTP_HEAD, /* a page that can be read; HEAD is done for it */
};

enum { HZ_HTTP_BODY_MAX = HZ_LINE_MAX }; /* bytes of a request's body */

struct hz_http_route;

/* All texts are valid during the call only. */
struct hz_http_request {
    const struct hz_http_head *head;
    const struct hz_http_route *route;
    struct hz_http_text rest;  /* the path behind a route that ends with '/' */
    struct hz_http_text query; /* without the token, if it had one */
    struct hz_http_text body;  /* of POST; of others empty */
    enum hz_role role;         /* what the client may; at least the role of the route */
};

typedef void hz_http_serve(struct hz_client *c, const struct hz_http_request *r);

struct hz_http_route {
    const char *path;  /* one that ends with '/' is a prefix; the first line that fits counts */
    bool query;        /* takes a query; else one is refused with 400 */
    unsigned methods;  /* OPTIONS is answered for all */
    enum hz_role role; /* that it needs; below it 401 or 403 */
    hz_http_serve *serve;
};

extern const struct hz_http_route hz_http_routes[]; /* ends with {NULL} */

/* What stands before a body. */
struct hz_http_answer {
    int status;         /* 0: 200 */
    const char *type;   /* Content-Type; NULL: text/plain; charset=utf-8 */
    const char *cache;  /* Cache-Control; NULL: no-store */
    const char *fields; /* further fields, each with its line end, 1024 bytes at most; NULL: none */
};

/* A whole answer. The body is copied; of HEAD it is not sent. r: NULL if the request could not be
 * parsed. */
void hz_http_respond(struct hz_client *c, const struct hz_http_request *r,
                     const struct hz_http_answer *a, const void *body, size_t n);
/* One line of text. */
void hz_http_respond_text(struct hz_client *c, const struct hz_http_request *r, int status,
                          const char *text);
/* The same for a request that is wrong: counts it, and closes the connection. fields: as above. */
void hz_http_refuse(struct hz_client *c, const struct hz_http_request *r, int status,
                    const char *fields, const char *text);
/* 404 with the list of what there is. */
void hz_http_not_found(struct hz_client *c, const struct hz_http_request *r);

/* A long answer: `more` is called as soon as the kernel has taken the piece before, so memory is
 * bounded by one piece (at most 64 KiB, please, made in less than 1 ms) and a slow client is never
 * ahead of itself. One whose socket takes nothing for 10 s is closed and counted (closed_slow). */
enum hz_http_next {
    HZ_HTTP_MORE, /* call again when this piece is taken */
    HZ_HTTP_WAIT, /* nothing now: call again after hz_client_wake() or any event of the bus. A
                   * client that closes its own direction meanwhile is closed. */
    HZ_HTTP_END,  /* the answer is complete */
    HZ_HTTP_CUT,  /* it cannot be completed: the connection is closed, and the client sees that */
};

struct hz_http_body {
    /* Makes the next piece with hz_http_write(). */
    enum hz_http_next (*more)(struct hz_client *c, void *own);
    void (*done)(void *own); /* the answer is over, however it ended: frees `own`. NULL: nothing */
};

enum { HZ_HTTP_LENGTH_UNKNOWN = -1 };

/* Begins a long answer of `length` bytes; HZ_HTTP_LENGTH_UNKNOWN: it is sent in chunks (to a client
 * of HTTP/1.0: until the connection closes). `own` is owned by the answer from now on, also if
 * `more` is never called (HEAD, no memory). */
void hz_http_begin(struct hz_client *c, const struct hz_http_request *r,
                   const struct hz_http_answer *a, int64_t length, const struct hz_http_body *body,
                   void *own);
/* Of `more`: adds bytes to the piece; they are copied. */
void hz_http_write(struct hz_client *c, const void *data, size_t n);

/* The head of an answer that goes on until the connection is closed, by another transport that the
 * client gets next. */
void hz_http_open(struct hz_client *c, const struct hz_http_request *r,
                  const struct hz_http_answer *a);

/* Whether the request is the opening of a WebSocket that may be accepted; if not, it is refused. */
bool hz_http_wants_websocket(struct hz_client *c, const struct hz_http_request *r);
/* Accepts the WebSocket that hz_http_wants_websocket() saw: the client has the transport t then
 * (hz_transport_ws, …), which was opened. */
void hz_http_upgrade(struct hz_client *c, const struct hz_http_request *r,
                     const struct hz_transport *t);

/* Cuts the next NAME=VALUE from the front of a query and decodes both. False: none is left, or
 * (*wrong is then true) it is malformed or too long. */
bool hz_http_query_next(struct hz_http_text *query, char *name, size_t name_size, char *value,
                        size_t value_size, bool *wrong);

/* The resources. */
hz_http_serve hz_http_events, hz_http_stream, hz_http_status, hz_http_metrics, hz_http_healthz,
    hz_http_audio, hz_http_page;
hz_http_serve hz_http_rpc, hz_http_whoami;
hz_http_serve hz_http_spectrum;
hz_http_serve hz_http_recordings, hz_http_recording;
hz_http_serve hz_http_aircraft, hz_http_ships, hz_http_stations, hz_http_geojson,
    hz_http_aircraft_geojson, hz_http_ships_geojson, hz_http_stations_geojson, hz_http_kml,
    hz_http_coverage;
hz_http_serve hz_http_readsb_aircraft, hz_http_readsb_receiver, hz_http_readsb_stats;

#endif

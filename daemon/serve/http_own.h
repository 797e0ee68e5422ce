/* An HTTP connection. Private to http.c (requests) and http_answer.c (answers). Loop thread. */
#ifndef HZ_DAEMON_SERVE_HTTP_OWN_H
#define HZ_DAEMON_SERVE_HTTP_OWN_H

#include "daemon/serve/http.h"

/* c->proto. NULL while a client is refused before it was opened. */
struct hz_http {
    bool idle;                       /* an answer was given; nothing of the next request came yet */
    bool counted;                    /* this request was counted: its body is awaited */
    bool continued;                  /* 100 Continue was sent for this request */
    bool keep;                       /* the connection stays after this answer */
    bool chunked;                    /* the answer is sent in chunks */
    const struct hz_http_body *body; /* of a long answer, or NULL */
    void *own;
};

/* Whether the address has a request left; if not, it was refused. */
bool hz_http_may_ask(struct hz_client *c);
/* Sets the client's role by the token of the request, and takes that out of r->query, into `query`.
 * False: it was refused. */
bool hz_http_authorize(struct hz_client *c, struct hz_http_request *r,
                       char query[HZ_HTTP_HEAD_MAX]);
/* `more` of the transport: the next piece of a long answer. */
void hz_http_more(struct hz_client *c);
/* Frees what a long answer has. */
void hz_http_body_done(struct hz_http *s);

#endif

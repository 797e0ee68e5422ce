/* An HTTP connection. Private to http.c (requests) and http_answer.c (answers). Loop thread. */
#ifndef HZ_DAEMON_SERVE_HTTP_OWN_H
#define HZ_DAEMON_SERVE_HTTP_OWN_H

#include "daemon/serve/http.h"

/* c->proto. NULL while a client is refused before it was opened. */
struct hz_http {
    bool idle;                       /* an answer was given; nothing of the next request came yet */
    bool continued;                  /* 100 Continue was sent for this request */
    bool keep;                       /* the connection stays after this answer */
    bool chunked;                    /* the answer is sent in chunks */
    const struct hz_http_body *body; /* of a long answer, or NULL */
    void *own;
};

/* `more` of the transport: the next piece of a long answer. */
void hz_http_more(struct hz_client *c);
/* Frees what a long answer has. */
void hz_http_body_done(struct hz_http *s);

#endif

/* Requests to HTTP servers, as of an upload or a webhook, by libcurl on the loop. Nothing waits:
 * the look-up of a name runs on a thread of libcurl's that is left behind when a request ends, gzip
 * is a job on a worker. Connections are kept for the next request to the same server. Loop thread:
 * everything here. */
#ifndef HZ_DAEMON_BASE_WEB_H
#define HZ_DAEMON_BASE_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct hz_web;
struct hz_web_call; /* a request under way */

enum { HZ_WEB_ANSWER_MAX = 1024, HZ_WEB_LIMIT_MS = 20000, HZ_WEB_SHOWN_MAX = 256 };

/* Everything is copied. */
struct hz_web_request {
    const char *url;    /* http:// or https://; may have user:password@ */
    const char *method; /* NULL: POST */
    /* "Name: value", ends with NULL; NULL: none. One that is not given here is made by libcurl;
     * User-Agent is hertzd's. */
    const char *const *headers;
    const void *body; /* NULL with len 0: none */
    size_t len;
    bool gzip;         /* the body is packed, and Content-Encoding says so */
    unsigned limit_ms; /* for the whole request; 0: HZ_WEB_LIMIT_MS */
    const char *ca;    /* file of the authorities that are trusted; NULL or "": the system's */
};

/* Valid in `done` only. */
struct hz_web_answer {
    int code;             /* as 200; 0: no answer came */
    const char *error;    /* code 0: why, one line for people; else "" */
    const char *location; /* where a redirection points, which is not followed; else "" */
    const char *body;     /* its first bytes, terminated */
    size_t len;
    unsigned retry_after_s; /* that it asks for; 0: it does not */
};

/* NULL: no memory, or no libcurl, which is logged. */
struct hz_web *hz_web_new(uv_loop_t *loop);
/* Gives up all requests (`done` is not called) and closes the connections. It is freed later, so
 * the loop must still run. NULL is allowed. */
void hz_web_close(struct hz_web *w);

/* Starts a request. `done` is called once, never at once, unless it is given up before. NULL: no
 * memory; `done` is not called. */
struct hz_web_call *hz_web_post(struct hz_web *w, const struct hz_web_request *r,
                                void (*done)(void *ctx, const struct hz_web_answer *a), void *ctx);
/* `done` will not be called. Do not call it after `done`, nor in it. */
void hz_web_give_up(struct hz_web_call *c);

/* Whether the request was taken: a code of 200 to 299. */
bool hz_web_good(const struct hz_web_answer *a);
/* What to say of an answer that is not good, as one line: why none came; or the code, what to do
 * and the begin of the server's text, in printable ASCII. */
void hz_web_line(const struct hz_web_answer *a, char *out, size_t size);

/* Whether the text is a URL for hz_web_post. Any thread. */
bool hz_web_url_ok(const char *url);
/* The URL without what may be secret, for status and log: user, password and query are left out.
 * Any thread. */
void hz_web_show(const char *url, char out[HZ_WEB_SHOWN_MAX]);

#endif

/* Parser for the head of an HTTP/1.x request (RFC 9112). The texts it returns point into the
 * caller's buffer. Pure: any thread. */
#ifndef HZ_DAEMON_SERVE_HTTP_HEAD_H
#define HZ_DAEMON_SERVE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HZ_HTTP_HEAD_MAX = 8192, /* bytes of a head */
    HZ_HTTP_FIELDS_MAX = 64,
};

/* Bytes of the caller's buffer, not terminated. */
struct hz_http_text {
    const char *p;
    size_t n;
};

struct hz_http_head {
    struct hz_http_text method, path, query; /* "GET", "/stream", "since=7" (without the '?') */
    struct hz_http_text host; /* host of the target if it has one, else Host; {NULL, 0}: none */
    int minor;                /* HTTP/1.minor */
    int n_fields;
    struct hz_http_text names[HZ_HTTP_FIELDS_MAX], values[HZ_HTTP_FIELDS_MAX];
};

/* Parses a head. Empty lines before a request are skipped (RFC 9112, section 2.2).
 * Returns the bytes of the head (line ends included); 0: it is not complete; or the negated status
 * of the error: -400 malformed, -431 too long or too many fields, -505 not HTTP/1.x. *reason then
 * points to one constant line of text. */
int hz_http_head_parse(struct hz_http_head *h, const char *data, size_t n, const char **reason);

/* Whether the first bytes of a connection are an HTTP method and a blank. */
bool hz_http_begins(const void *data, size_t n);

/* The value of a field, ignoring the case of its name; {NULL, 0}: there is none. */
struct hz_http_text hz_http_field(const struct hz_http_head *h, const char *name);

/* Removes and returns the text before the first `c`, which is removed too; all of it if there is
 * none. */
struct hz_http_text hz_http_cut(struct hz_http_text *rest, char c);

bool hz_http_is(struct hz_http_text s, const char *text);      /* equal */
bool hz_http_is_like(struct hz_http_text s, const char *text); /* equal but for ASCII case */
/* Whether the comma-separated list in a field has a token, ignoring case: "keep-alive, Upgrade" has
 * "upgrade". A list may be split over several fields of that name (RFC 9110, section 5.3). */
bool hz_http_lists(const struct hz_http_head *h, const char *name, const char *token);

#endif

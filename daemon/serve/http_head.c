#include "daemon/serve/http_head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool hz_http_is(struct hz_http_text s, const char *text)
{
    return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

bool hz_http_is_like(struct hz_http_text s, const char *text)
{
    return s.n == strlen(text) && strncasecmp(s.p, text, s.n) == 0;
}

static struct hz_http_text trim(struct hz_http_text s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

struct hz_http_text hz_http_cut(struct hz_http_text *rest, char c)
{
    const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
    struct hz_http_text head = {rest->p, at ? (size_t)(at - rest->p) : rest->n};
    size_t used = at ? head.n + 1 : head.n;
    if (used > 0) /* an empty text may have no place */
        rest->p += used;
    rest->n -= used;
    return head;
}

static bool lists(struct hz_http_text s, const char *token)
{
    while (s.n > 0) {
        if (hz_http_is_like(trim(hz_http_cut(&s, ',')), token))
            return true;
    }
    return false;
}

bool hz_http_lists(const struct hz_http_head *h, const char *name, const char *token)
{
    for (int i = 0; i < h->n_fields; i++) {
        if (hz_http_is_like(h->names[i], name) && lists(h->values[i], token))
            return true;
    }
    return false;
}

struct hz_http_text hz_http_field(const struct hz_http_head *h, const char *name)
{
    for (int i = 0; i < h->n_fields; i++) {
        if (hz_http_is_like(h->names[i], name))
            return h->values[i];
    }
    return (struct hz_http_text){NULL, 0};
}

bool hz_http_begins(const void *data, size_t n)
{
    static const char *const methods[] = {"GET ",     "HEAD ",    "POST ",  "PUT ",  "DELETE ",
                                          "CONNECT ", "OPTIONS ", "TRACE ", "PATCH "};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        size_t len = strlen(methods[i]);
        if (memcmp(data, methods[i], n < len ? n : len) == 0)
            return n > 0;
    }
    return false;
}

/* RFC 9110, section 5.6.2. */
static bool is_token(struct hz_http_text s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c))
            return false;
    }
    return s.n > 0;
}

/* A target is visible ASCII; a field's value may have blanks, tabs and bytes over 0x7f too. */
static bool is_clean(struct hz_http_text s, bool target)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (target ? c <= ' ' || c >= 0x7f : (c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static int parse_request_line(struct hz_http_head *h, struct hz_http_text line, const char **reason)
{
    h->method = hz_http_cut(&line, ' ');
    struct hz_http_text target = hz_http_cut(&line, ' ');
    if (!is_token(h->method) || !is_clean(target, true)) {
        *reason = "malformed request line";
        return -400;
    }
    if (line.n != 8 || memcmp(line.p, "HTTP/", 5) != 0) {
        *reason = "malformed request line";
        return -400;
    }
    if (line.p[5] != '1' || line.p[6] != '.' || !isdigit((unsigned char)line.p[7])) {
        *reason = "only HTTP/1.0 and HTTP/1.1 are spoken here";
        return -505;
    }
    h->minor = line.p[7] - '0';
    /* The absolute form, which a server must accept, and whose host counts (RFC 9112,
     * section 3.2.2).
     */
    if (target.n > 7 && strncasecmp(target.p, "http://", 7) == 0) {
        const char *end = target.p + target.n, *slash = target.p + 7;
        while (slash < end && *slash != '/' && *slash != '?')
            slash++;
        h->host = (struct hz_http_text){target.p + 7, (size_t)(slash - target.p) - 7};
        target = slash < end ? (struct hz_http_text){slash, (size_t)(end - slash)}
                             : (struct hz_http_text){"/", 1};
    }
    if (target.n == 0 || target.p[0] != '/') {
        *reason = "the target must begin with /";
        return -400;
    }
    h->path = hz_http_cut(&target, '?');
    h->query = target;
    return 0;
}

static int parse_field(struct hz_http_head *h, struct hz_http_text line, const char **reason)
{
    const char *colon = memchr(line.p, ':', line.n);
    struct hz_http_text name = hz_http_cut(&line, ':');
    if (!colon || !is_token(name) || !is_clean(line, false)) {
        *reason = "malformed header field";
        return -400;
    }
    if (h->n_fields == HZ_HTTP_FIELDS_MAX) {
        *reason = "too many header fields";
        return -431;
    }
    h->names[h->n_fields] = name;
    h->values[h->n_fields++] = trim(line);
    return 0;
}

/* One Host, which HTTP/1.1 must have (RFC 9112, section 3.2). */
static int check_host(struct hz_http_head *h, const char **reason)
{
    int hosts = 0;
    for (int i = 0; i < h->n_fields; i++)
        hosts += hz_http_is_like(h->names[i], "host");
    if (!h->host.p)
        h->host = hz_http_field(h, "host");
    if (hosts == 1 || (hosts == 0 && h->minor == 0))
        return 0;
    *reason = "exactly one Host is required";
    return -400;
}

int hz_http_head_parse(struct hz_http_head *h, const char *data, size_t n, const char **reason)
{
    *h = (struct hz_http_head){0};
    size_t limit = n < HZ_HTTP_HEAD_MAX ? n : HZ_HTTP_HEAD_MAX;
    size_t at = 0;
    while (at < limit &&
           (data[at] == '\n' || (data[at] == '\r' && at + 1 < limit && data[at + 1] == '\n')))
        at += data[at] == '\r' ? 2 : 1;
    for (int line = 0;; line++) {
        const char *end = at < limit ? memchr(data + at, '\n', limit - at) : NULL;
        if (!end) {
            *reason = "the head is over 8 KiB";
            return n >= HZ_HTTP_HEAD_MAX ? -431 : 0;
        }
        struct hz_http_text s = {data + at, (size_t)(end - (data + at))};
        at += s.n + 1;
        if (s.n > 0 && s.p[s.n - 1] == '\r')
            s.n--;
        if (line > 0 && s.n == 0)
            break;
        int rc = line == 0 ? parse_request_line(h, s, reason) : parse_field(h, s, reason);
        if (rc)
            return rc;
    }
    int rc = check_host(h, reason);
    return rc ? rc : (int)at;
}

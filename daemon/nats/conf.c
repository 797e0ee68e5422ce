#include "config/kind.h"
#include "daemon/nats/connect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool scheme_is_known(const char *url, size_t n)
{
    return (n > 7 && strncmp(url, "nats://", 7) == 0) || (n > 6 && strncmp(url, "tls://", 6) == 0);
}

static void check_url(const struct hz_check *c, const char *list)
{
    int n = 0;
    for (const char *p = list; *p; n++) {
        p += strspn(p, ", \t");
        size_t len = strcspn(p, ", \t");
        if (len > 0 && (len >= 256 || !scheme_is_known(p, len))) {
            const char *at = memchr(p, '@', len); /* what stands before it is secret */
            hz_check_error(c, "url",
                           "'%s%.*s' in url is no server; expected nats://HOST:PORT or "
                           "tls://HOST:PORT, several with commas",
                           at ? "…" : "", (int)(at ? p + len - at : (ptrdiff_t)len), at ? at : p);
            return;
        }
        p += len;
    }
    if (n > 16)
        hz_check_error(c, "url", "url has %d servers; expected 16 at most", n);
}

void hz_nats_check(const struct hz_check *c, const struct hz_nats_conf *conf)
{
    if (hz_check_needs(c, "url", "url = nats://HOST:4222"))
        check_url(c, conf->url);
    if (!*conf->user != !*conf->password)
        hz_check_error(c, *conf->user ? "user" : "password", "user and password belong together");
    if (*conf->user && *conf->credentials)
        hz_check_error(c, "user", "user has no meaning with credentials; expected one of them");
    if (!*conf->tls_cert != !*conf->tls_key)
        hz_check_error(c, *conf->tls_cert ? "tls_cert" : "tls_key",
                       "tls_cert and tls_key belong together");
}

void hz_nats_target(const char *url, char *out, size_t size)
{
    size_t n = 0;
    for (const char *p = url; *p;) {
        p += strspn(p, ", \t");
        size_t len = strcspn(p, ", \t");
        const char *at = memchr(p, '@', len);
        const char *host = strstr(p, "://");
        host = host && host < p + len ? host + 3 : p;
        const char *rest = at ? at + 1 : host;
        int k = len == 0 || n >= size ? 0
                                      : snprintf(out + n, size - n, "%s%.*s%.*s", n > 0 ? "," : "",
                                                 (int)(host - p), p, (int)(p + len - rest), rest);
        n += (size_t)k;
        p += len;
    }
    if (n == 0 && size > 0)
        out[0] = '\0';
}

void hz_nats_token(const char *text, char *out, size_t size)
{
    size_t n = 0;
    for (; text[n] && n + 1 < size; n++) {
        unsigned char c = (unsigned char)text[n];
        out[n] = isalnum(c) || c == '-' || c == '_' ? (char)c : '_';
    }
    out[n] = '\0';
}

void hz_nats_conf_done(struct hz_nats_conf *c)
{
    free(c->url);
    free(c->credentials);
    free(c->user);
    free(c->password);
    free(c->tls_ca);
    free(c->tls_cert);
    free(c->tls_key);
}

bool hz_nats_conf_copy(struct hz_nats_conf *to, const struct hz_nats_conf *from)
{
    *to = (struct hz_nats_conf){strdup(from->url),     strdup(from->credentials),
                                strdup(from->user),    strdup(from->password),
                                strdup(from->tls_ca),  strdup(from->tls_cert),
                                strdup(from->tls_key), from->ping_s};
    return to->url && to->credentials && to->user && to->password && to->tls_ca && to->tls_cert &&
           to->tls_key;
}

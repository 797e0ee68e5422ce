#include "daemon/serve/http_origin.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool ends_with(struct hz_http_text s, const char *end)
{
    size_t n = strlen(end);
    return s.n > n && strncasecmp(s.p + s.n - n, end, n) == 0;
}

/* Finds the next word; returns its length, 0 at the end. */
static size_t next_word(const char **p)
{
    *p += strspn(*p, " ");
    return strcspn(*p, " ");
}

/* ---- Host ---- */

static bool is_address(struct hz_http_text name, int family)
{
    char text[INET6_ADDRSTRLEN], bin[16];
    if (name.n >= sizeof text)
        return false;
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    return strlen(text) == name.n && inet_pton(family, text, bin) == 1;
}

/* Removes a port: the rest is a name, or an address in brackets. False: neither. */
static bool cut_port(struct hz_http_text *host)
{
    const char *bracket = host->n && *host->p == '[' ? memchr(host->p, ']', host->n) : NULL;
    size_t from = bracket ? (size_t)(bracket - host->p) + 1 : 0;
    const char *colon = from < host->n ? memchr(host->p + from, ':', host->n - from) : NULL;
    size_t name = colon ? (size_t)(colon - host->p) : host->n;
    for (size_t i = name + 1; i < host->n; i++) {
        if (host->p[i] < '0' || host->p[i] > '9')
            return false;
    }
    host->n = name;
    return name > 0 && (!bracket || name == from);
}

static bool is_nobodys(struct hz_http_text name)
{
    static const char *const ends[] = {".localhost", ".local", ".home.arpa", ".internal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (ends_with(name, ends[i]))
            return true;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '-' && name.p[i] != '_')
            return false;
    }
    return true;
}

bool hz_http_host_ok(struct hz_http_text host, const char *allow_host)
{
    if (!cut_port(&host))
        return false;
    if (*host.p == '[') {
        struct hz_http_text inside = {host.p + 1, host.n - 2};
        return is_address(inside, AF_INET6);
    }
    if (host.n > 1 && host.p[host.n - 1] == '.') /* a name may end with the dot of the root */
        host.n--;
    for (size_t n; (n = next_word(&allow_host)) > 0; allow_host += n) {
        if ((n == 1 && *allow_host == '*') ||
            (n == host.n && strncasecmp(allow_host, host.p, n) == 0))
            return true;
    }
    return is_address(host, AF_INET) || is_nobodys(host);
}

/* ---- Origin ---- */

/* Removes the default port of the scheme from HOST[:PORT]. A browser leaves it out of Origin (RFC
 * 6454, section 6.2), but a proxy may put it into Host. */
static struct hz_http_text without_default_port(struct hz_http_text host, const char *port)
{
    if (ends_with(host, port))
        host.n -= strlen(port);
    return host;
}

static bool same_host(struct hz_http_text origin, struct hz_http_text host)
{
    static const struct {
        const char *scheme, *port;
    } schemes[] = {{"http://", ":80"}, {"https://", ":443"}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].scheme);
        if (origin.n <= n || strncasecmp(origin.p, schemes[i].scheme, n) != 0)
            continue;
        struct hz_http_text page = {origin.p + n, origin.n - n};
        page = without_default_port(page, schemes[i].port);
        host = without_default_port(host, schemes[i].port);
        return page.n == host.n && strncasecmp(page.p, host.p, host.n) == 0;
    }
    return false;
}

/* Whether the page was served by this machine: its host is localhost or a numeric loopback address,
 * on any port. Names that resolve to 127.0.0.1 are not accepted, since anybody can have one. */
static bool local_page(struct hz_http_text origin)
{
    static const char *const starts[] = {"http://localhost", "https://localhost",
                                         "http://127.0.0.1", "https://127.0.0.1",
                                         "http://[::1]",     "https://[::1]"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i]);
        if (origin.n >= n && strncasecmp(origin.p, starts[i], n) == 0 &&
            (origin.n == n || origin.p[n] == ':'))
            return true;
    }
    return false;
}

/* Whether a word of allow_origin permits the page: its origin, "*", or "localhost". */
static bool word_allows(const char *word, size_t n, struct hz_http_text origin)
{
    static const char local[] = "localhost";
    if (n == 1 && *word == '*')
        return true;
    if (n == sizeof local - 1 && memcmp(word, local, n) == 0)
        return local_page(origin);
    return n == origin.n && strncasecmp(word, origin.p, n) == 0;
}

bool hz_http_origin_ok(struct hz_http_text origin, struct hz_http_text host,
                       const char *allow_origin)
{
    for (size_t n; (n = next_word(&allow_origin)) > 0; allow_origin += n) {
        if (word_allows(allow_origin, n, origin))
            return true;
    }
    return same_host(origin, host);
}

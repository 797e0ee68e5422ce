#include "daemon/nats/connect.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRY_MS = 2000, WRITE_MS = 2000, SERVERS = 16, URL_MAX = 256 };

/* Piece i of "a, b,c". False: there is none. */
static bool nth_url(const char *list, size_t i, char *url, size_t size)
{
    for (const char *p = list; *p;) {
        p += strspn(p, ", \t");
        size_t n = strcspn(p, ", \t");
        if (n > 0 && i-- == 0) {
            snprintf(url, size, "%.*s", (int)n, p);
            return n < size;
        }
        p += n;
    }
    return false;
}

static const char *host_of(const char *url)
{
    const char *p = strstr(url, "://");
    p = p ? p + 3 : url;
    const char *at = strrchr(p, '@');
    return at ? at + 1 : p;
}

/* The library says of every name only that no server is available. */
static bool resolves(const char *url, char *err, size_t err_len)
{
    char host[URL_MAX];
    const char *p = host_of(url);
    if (*p == '[')
        snprintf(host, sizeof host, "%.*s", (int)strcspn(p + 1, "]"), p + 1);
    else
        snprintf(host, sizeof host, "%.*s", (int)strcspn(p, ":/"), p);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(host, NULL, &hints, &found);
    if (rc != 0) {
        snprintf(err, err_len, "%.100s: %.80s: check the name in url", host, gai_strerror(rc));
        return false;
    }
    freeaddrinfo(found);
    return true;
}

static natsStatus set_tls(const struct hz_nats_conf *c, const char *url, natsOptions *o)
{
    if (strncmp(url, "tls://", 6) != 0 && !*c->tls_ca && !*c->tls_cert)
        return NATS_OK;
    natsStatus s = natsOptions_SetSecure(o, true);
    if (s == NATS_OK && *c->tls_ca)
        s = natsOptions_LoadCATrustedCertificates(o, c->tls_ca);
    if (s == NATS_OK && *c->tls_cert)
        s = natsOptions_LoadCertificatesChain(o, c->tls_cert, c->tls_key);
    return s;
}

static natsStatus make_options(const struct hz_nats_conf *c, const char *url, const char *name,
                               const struct hz_nats_hooks *hooks, natsOptions **options)
{
    natsStatus s = natsOptions_Create(options);
    if (s != NATS_OK)
        return s;
    natsOptions *o = *options;
    s = natsOptions_SetURL(o, url);
    if (s == NATS_OK)
        s = natsOptions_SetName(o, name);
    if (s == NATS_OK)
        s = natsOptions_SetTimeout(o, TRY_MS);
    if (s == NATS_OK)
        s = natsOptions_SetWriteDeadline(o, WRITE_MS);
    if (s == NATS_OK)
        s = natsOptions_SetAllowReconnect(o, false);
    if (s == NATS_OK)
        s = natsOptions_SetPingInterval(o, (int64_t)c->ping_s * 1000);
    if (s == NATS_OK)
        s = natsOptions_SetMaxPingsOut(o, 1);
    if (s == NATS_OK)
        s = natsOptions_SetClosedCB(o, hooks->closed, hooks->ctx);
    if (s == NATS_OK)
        s = natsOptions_SetErrorHandler(o, hooks->error, hooks->ctx);
    if (s == NATS_OK && *c->user)
        s = natsOptions_SetUserInfo(o, c->user, c->password);
    if (s == NATS_OK && *c->credentials)
        s = natsOptions_SetUserCredentialsFromFiles(o, c->credentials, NULL);
    if (s == NATS_OK)
        s = set_tls(c, url, o);
    return s;
}

static int explain(natsStatus s, const char *url, char *err, size_t err_len)
{
    const char *host = host_of(url);
    natsStatus last;
    const char *text = nats_GetLastError(&last);
    if (!text || !*text)
        text = natsStatus_GetText(s);
    switch (s) {
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_NOT_PERMITTED:
        snprintf(err, err_len,
                 "%.80s refuses the login (%.100s): check user and password, or credentials", host,
                 text);
        return -EACCES;
    case NATS_SSL_ERROR:
        snprintf(err, err_len, "%.80s: %.100s: check the server's certificate, tls_ca and tls_cert",
                 host, text);
        return -EACCES;
    case NATS_SECURE_CONNECTION_REQUIRED:
        snprintf(err, err_len, "%.80s takes TLS only: write tls:// in url", host);
        return -EACCES;
    case NATS_SECURE_CONNECTION_WANTED:
        snprintf(err, err_len,
                 "%.80s has no TLS: write nats:// in url, without tls_ca and tls_cert", host);
        return -EACCES;
    case NATS_NO_SERVER:
        snprintf(err, err_len, "%.80s: nobody answers there: does nats-server run, on that port?",
                 host);
        return -ECONNREFUSED;
    case NATS_TIMEOUT:
        snprintf(err, err_len, "%.80s: no answer in %d ms: is it a NATS server, does it hang?",
                 host, TRY_MS);
        return -ETIMEDOUT;
    default:
        snprintf(err, err_len, "%.80s: %.150s", host, text);
        return -EIO;
    }
}

static int try_one(const struct hz_nats_conf *c, const char *url, const char *name,
                   const struct hz_nats_hooks *hooks, natsConnection **nc, char *err,
                   size_t err_len)
{
    if (!resolves(url, err, err_len))
        return -ENOENT;
    natsOptions *options = NULL;
    nats_GetLastError(NULL);
    natsStatus s = make_options(c, url, name, hooks, &options);
    if (s == NATS_OK)
        s = natsConnection_Connect(nc, options);
    int rc = s == NATS_OK ? 0 : explain(s, url, err, err_len);
    natsOptions_Destroy(options);
    return rc;
}

int hz_nats_connect(const struct hz_nats_conf *c, const char *name,
                    const struct hz_nats_hooks *hooks, natsConnection **nc, char *err,
                    size_t err_len)
{
    char url[URL_MAX], text[HZ_NATS_ERROR_MAX];
    size_t n = 0;
    while (n < SERVERS && nth_url(c->url, n, url, sizeof url))
        n++;
    if (n == 0) {
        snprintf(err, err_len, "url = '%s' names no server, as in nats://host:4222", c->url);
        return -EINVAL;
    }
    size_t first = uv_hrtime() / 1000 % n;
    int rc = -ECANCELED;
    for (size_t i = 0; i < n && !hooks->given_up(hooks->ctx); i++) {
        nth_url(c->url, (first + i) % n, url, sizeof url);
        int now = try_one(c, url, name, hooks, nc, text, sizeof text);
        if (now == 0)
            return 0;
        /* what a server answered says more than that another one is away */
        if (rc == -ECANCELED || rc == -ECONNREFUSED || now == -EACCES) {
            rc = now;
            snprintf(err, err_len, "%s", text);
        }
    }
    if (rc == -ECONNREFUSED && n > 1)
        snprintf(err, err_len,
                 "none of the %zu servers of url answers: does nats-server run there?", n);
    return rc;
}

void hz_nats_ended(const struct hz_nats_conf *c, natsStatus status, const char *text, char *why,
                   size_t size)
{
    if (status == NATS_STALE_CONNECTION)
        snprintf(why, size, "the server was silent for %d to %d s, though it was asked (ping = %d)",
                 c->ping_s, 2 * c->ping_s, c->ping_s);
    else if (status == NATS_CONNECTION_AUTH_FAILED)
        snprintf(why, size, "the server ended the login (%s): have the credentials expired?", text);
    else if (status == NATS_OK || status == NATS_CONNECTION_CLOSED || !*text)
        snprintf(why, size, "the server ended the connection");
    else
        snprintf(why, size, "the server ended the connection: %s", text);
}

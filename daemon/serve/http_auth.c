/* Who asks over HTTP: the token of a request, and how many requests an address may make. */
#include "daemon/serve/http_own.h"

#include "daemon/serve/auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A page with all its files and an impatient person is far below it. */
static const struct hz_quota_limit requests = {.times = 1000, .in_ms = 10000};

/* The token behind "Bearer "; {NULL, 0}: there is none. */
static struct hz_http_text bearer(const struct hz_http_head *h)
{
    static const char scheme[] = "Bearer ";
    size_t n = sizeof scheme - 1;
    struct hz_http_text v = hz_http_field(h, "authorization");
    if (v.n <= n || strncasecmp(v.p, scheme, n) != 0)
        return (struct hz_http_text){NULL, 0};
    v = (struct hz_http_text){v.p + n, v.n - n};
    while (v.n > 0 && *v.p == ' ') {
        v.p++;
        v.n--;
    }
    return v;
}

/* Copies the query without the word `token`, whose value goes to `token`: resources do not know it,
 * and no error may repeat it. False: there is none, and `rest` is not written. */
static bool cut_token(struct hz_http_text query, char rest[HZ_HTTP_HEAD_MAX], size_t *rest_n,
                      char token[HZ_TOKEN_MAX + 1])
{
    static const char key[] = "token=";
    size_t n = 0, key_n = sizeof key - 1;
    bool found = false;
    while (query.n > 0) {
        struct hz_http_text word = hz_http_cut(&query, '&'), one = word;
        char name[sizeof key];
        bool wrong;
        if (word.n >= key_n && memcmp(word.p, key, key_n) == 0) {
            found = true;
            if (!hz_http_query_next(&one, name, sizeof name, token, HZ_TOKEN_MAX + 1, &wrong))
                *token = '\0'; /* too long, or badly encoded: a wrong one */
            continue;
        }
        if (n > 0)
            rest[n++] = '&';
        memcpy(rest + n, word.p, word.n);
        n += word.n;
    }
    *rest_n = n;
    return found;
}

bool hz_http_may_ask(struct hz_client *c)
{
    struct hz_doors *all = c->door->all;
    if (hz_quota_use(&all->requests, &requests, &c->peer, uv_now(all->env.loop)))
        return true;
    hz_door_count(c->door, HZ_REFUSAL_TOO_OFTEN);
    hz_http_refuse(c, NULL, 429, "Retry-After: 10\r\n",
                   "too many requests from this address: at most 1000 in 10 s");
    return false;
}

static void refuse_token(struct hz_client *c, const struct hz_http_request *r, int rc,
                         const char *why)
{
    char text[2 * HZ_ERROR_MAX];
    snprintf(text, sizeof text, "%s%s", why,
             rc == -EACCES ? ": Authorization: Bearer TOKEN, or token=TOKEN in the query" : "");
    hz_http_refuse(c, r, rc == -EAGAIN ? 429 : 401,
                   rc == -EAGAIN ? "Retry-After: 60\r\n"
                                 : "WWW-Authenticate: Bearer realm=\"hertzd\"\r\n",
                   text);
}

/* The role is good, but not good enough. */
static void refuse_role(struct hz_client *c, const struct hz_http_request *r)
{
    hz_door_count(c->door, HZ_REFUSAL_ROLE);
    hz_http_refuse(
        c, r, 403, NULL,
        hz_auth_needed(c->door)
            ? "this needs a token with the role control"
            : "control over HTTP is off: it needs tokens, or on an address that only this "
              "machine reaches control = yes in the section of the listener");
}

bool hz_http_authorize(struct hz_client *c, struct hz_http_request *r, char query[HZ_HTTP_HEAD_MAX])
{
    char token[HZ_TOKEN_MAX + 1] = "", err[HZ_ERROR_MAX];
    struct hz_http_text given = bearer(r->head);
    if (cut_token(r->query, query, &r->query.n, token)) {
        r->query.p = query;
        given = given.p ? given : (struct hz_http_text){token, strlen(token)};
    }
    int rc = 0;
    c->role = HZ_ROLE_NONE;
    if (r->route->role != HZ_ROLE_NONE)
        rc = hz_auth(c, given.p, given.n, err, sizeof err);
    explicit_bzero(token, sizeof token);
    r->role = c->role;
    if (rc < 0)
        refuse_token(c, r, rc, err);
    else if (r->role < r->route->role)
        refuse_role(c, r);
    return rc == 0 && r->role >= r->route->role;
}

#include "daemon/serve/auth.h"

#include "config/networks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Tokens have 16 characters or more, so guessing is hopeless at any rate; this keeps who tries from
 * filling the log and the loop. */
static const struct hz_quota_limit wrong_tokens = {.times = 10, .in_ms = 60000};

bool hz_auth_needed(const struct hz_door *d)
{
    return d->conf.token_list != NULL;
}

void hz_auth_done(struct hz_client *c)
{
    hz_tokens_unref(c->tokens);
    c->tokens = NULL;
    c->token = NULL;
}

static void accept_token(struct hz_client *c, const struct hz_token *token)
{
    struct hz_tokens *list = hz_tokens_ref(c->door->conf.token_list);
    hz_auth_done(c);
    c->tokens = list;
    c->token = token;
    c->role = token->role;
}

static int refuse(struct hz_client *c, int rc, enum hz_refusal why, char *err, size_t err_len,
                  const char *text)
{
    hz_door_count(c->door, why);
    hz_auth_done(c);
    c->role = HZ_ROLE_NONE;
    snprintf(err, err_len, "%s", text);
    return rc;
}

int hz_auth(struct hz_client *c, const char *token, size_t n, char *err, size_t err_len)
{
    struct hz_door *d = c->door;
    struct hz_quota *quota = &d->all->wrong_tokens;
    uint64_t now = uv_now(d->all->env.loop);
    if (!hz_auth_needed(d)) {
        c->role = d->conf.control ? HZ_ROLE_CONTROL : HZ_ROLE_READ;
        return 0;
    }
    if (!token)
        return refuse(c, -EACCES, HZ_REFUSAL_NO_TOKEN, err, err_len, "a token is needed");
    if (!hz_quota_left(quota, &wrong_tokens, &c->peer, now))
        return refuse(c, -EAGAIN, HZ_REFUSAL_TOO_OFTEN, err, err_len,
                      "too many wrong tokens from this address: wait a minute");
    const struct hz_token *found = hz_tokens_find(d->conf.token_list, token, n);
    if (!found) {
        hz_quota_use(quota, &wrong_tokens, &c->peer, now);
        return refuse(c, -EPERM, HZ_REFUSAL_WRONG_TOKEN, err, err_len, "this token is wrong");
    }
    accept_token(c, found);
    return 0;
}

/* Whether the client would be let in as the section is now. */
static bool is_still_good(struct hz_client *c)
{
    const struct hz_door *d = c->door;
    if (!hz_door_allows(d, &c->peer))
        return false;
    if (!hz_auth_needed(d)) {
        hz_auth_done(c);
        c->role = d->conf.control ? HZ_ROLE_CONTROL : HZ_ROLE_READ;
        return true;
    }
    if (c->role == HZ_ROLE_NONE)
        return true; /* it has not been asked yet */
    const struct hz_token *found =
        c->token ? hz_tokens_find(d->conf.token_list, c->token->text,
                                  strnlen(c->token->text, sizeof c->token->text))
                 : NULL;
    if (!found || found->role < c->role)
        return false;
    accept_token(c, found);
    return true;
}

void hz_auth_again(struct hz_door *d)
{
    for (struct hz_client *c = d->all->clients; c; c = c->next) {
        if (c->door == d && !is_still_good(c))
            hz_client_away(c, "its token or its address is no longer allowed");
    }
}

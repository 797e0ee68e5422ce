/* A client's line or message of words: a token, a subscription, or both. */
#include "daemon/serve/auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Takes the token out of the object. 0, or -EINVAL. */
static int take_token(struct hz_client *c, cJSON *json, bool *had, char *err, size_t err_len)
{
    cJSON *token = cJSON_DetachItemFromObjectCaseSensitive(json, "token");
    int rc = 0;
    *had = token != NULL;
    if (token && !cJSON_IsString(token)) {
        snprintf(err, err_len, "token: expected a string");
        rc = -EINVAL;
    } else if (c->role == HZ_ROLE_NONE) {
        const char *text = token ? token->valuestring : NULL;
        rc = hz_auth(c, text, text ? strlen(text) : 0, err, err_len);
        if (rc == -EACCES)
            snprintf(err, err_len, "a token is needed first: {\"token\":\"…\"}");
    }
    if (token && cJSON_IsString(token))
        explicit_bzero(token->valuestring, strlen(token->valuestring));
    cJSON_Delete(token);
    return rc < 0 ? -EINVAL : 0;
}

int hz_client_words(struct hz_client *c, cJSON *json, char *err, size_t err_len)
{
    struct hz_subscription s;
    bool had_token = false;
    if (!json) {
        snprintf(err, err_len, "not JSON: expected {\"subscribe\":{...}}");
        return -EINVAL;
    }
    int rc = take_token(c, json, &had_token, err, err_len);
    if (rc == 0 && !(had_token && cJSON_IsObject(json) && !json->child)) {
        rc = hz_subscription_from_message(&s, c->door->all->env.decoders, json, err, err_len);
        if (rc == 0)
            rc = hz_client_subscribe_said(c, &s, err, err_len);
    }
    return rc;
}

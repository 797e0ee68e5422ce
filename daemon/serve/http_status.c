/* GET /status, /metrics and /healthz: how the daemon is, as JSON, for Prometheus, and as a word. */
#include "daemon/serve/http.h"

#include <stdlib.h>
#include <string.h>

void hz_http_status(struct hz_client *c, const struct hz_http_request *r)
{
    static const struct hz_http_answer json = {.type = "application/json"};
    const struct hz_listen_env *env = &c->door->all->env;
    cJSON *status = env->calls->status(env->calls_ctx);
    char *text = status ? cJSON_PrintUnformatted(status) : NULL;
    cJSON_Delete(status);
    if (text)
        hz_http_respond(c, r, &json, text, strlen(text));
    else
        hz_http_respond_text(c, r, 500, "no memory");
    cJSON_free(text);
}

void hz_http_metrics(struct hz_client *c, const struct hz_http_request *r)
{
    static const struct hz_http_answer prometheus = {
        .type = "text/plain; version=0.0.4; charset=utf-8"};
    const struct hz_listen_env *env = &c->door->all->env;
    char *text = env->calls->metrics(env->calls_ctx);
    if (text)
        hz_http_respond(c, r, &prometheus, text, strlen(text));
    else
        hz_http_respond_text(c, r, 500, "no memory");
    free(text);
}

void hz_http_healthz(struct hz_client *c, const struct hz_http_request *r)
{
    const struct hz_listen_env *env = &c->door->all->env;
    char err[HZ_ERROR_MAX] = "";
    if (env->calls->healthy(env->calls_ctx, err, sizeof err))
        hz_http_respond_text(c, r, 200, "ok");
    else
        hz_http_respond_text(c, r, 503, err);
}

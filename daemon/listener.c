#include "daemon/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct hz_listeners {
    struct hz_listen_env env;
};

struct hz_listeners *hz_listeners_new(const struct hz_listen_env *env)
{
    struct hz_listeners *l = calloc(1, sizeof *l);
    if (l)
        l->env = *env;
    return l;
}

int hz_listeners_add(struct hz_listeners *l, const struct hz_conf_listen *conf, char *err,
                     size_t err_len)
{
    (void)l;
    snprintf(err, err_len, "%s: listeners are not built yet", conf->name);
    return -ENOSYS;
}

int hz_listeners_remove(struct hz_listeners *l, const char *name)
{
    (void)l, (void)name;
    return -ENOENT;
}

size_t hz_listeners_clients(const struct hz_listeners *l)
{
    (void)l;
    return 0;
}

cJSON *hz_listeners_clients_json(const struct hz_listeners *l)
{
    (void)l;
    return cJSON_CreateArray();
}

cJSON *hz_listeners_json(const struct hz_listeners *l)
{
    (void)l;
    return cJSON_CreateArray();
}

void hz_listeners_close(struct hz_listeners *l, uint64_t drain_ms, void (*done)(void *ctx),
                        void *ctx)
{
    (void)drain_ms;
    free(l);
    done(ctx);
}

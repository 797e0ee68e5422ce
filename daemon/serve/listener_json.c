/* What status shows of the listeners and their clients. */
#include "daemon/serve/client.h"

#include "daemon/serve/rtl_tcp.h"
#include "proto/out/json.h"

#include <stdio.h>
#include <string.h>

size_t hz_listeners_clients(const struct hz_listeners *l)
{
    return l->n_clients;
}

size_t hz_listeners_waiting(const struct hz_listeners *all, char *err, size_t err_len)
{
    size_t n = 0;
    for (const struct hz_listener *l = all->first; l; l = l->next) {
        if (!l->wanted || l->socket.fd >= 0)
            continue;
        snprintf(err, err_len, "listen %s: %s", l->conf.name, l->error);
        n++;
    }
    return n;
}

static void add_counts(cJSON *o, const char *const *names, const uint64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cJSON_AddNumberToObject(o, names[i], (double)values[i]);
}

static cJSON *client_json(const struct hz_client *c)
{
    static const char *const names[] = {"id", "sent_frames", "sent_bytes", "missed", "behind"};
    uint64_t next = hz_bus_next(c->listener->all->env.bus);
    uint64_t values[] = {c->id, c->frames, c->bytes, c->missed,
                         c->streaming ? next - c->cursor : 0};
    char since[48];
    struct hz_json j;
    hz_json_init(&j, since, sizeof since - 1);
    hz_json_time(&j, NULL, c->since_utc_ns);
    since[j.len - 1] = '\0'; /* without its quotes */
    cJSON *o = cJSON_CreateObject();
    if (!o)
        return NULL;
    cJSON_AddStringToObject(o, "listener", c->listener->conf.name);
    cJSON_AddStringToObject(o, "transport", c->transport->name);
    cJSON_AddStringToObject(o, "peer", c->peer);
    if (c->listener->conf.type == HZ_LISTEN_UNIX) {
        cJSON_AddNumberToObject(o, "uid", c->uid);
        cJSON_AddNumberToObject(o, "pid", c->pid);
    }
    cJSON_AddStringToObject(o, "since", since + 1);
    add_counts(o, names, values, sizeof values / sizeof *values);
    cJSON_AddBoolToObject(o, "streaming", c->streaming);
    cJSON_AddItemToObject(o, "filter", hz_subscription_json(&c->filter));
    return o;
}

cJSON *hz_listeners_clients_json(const struct hz_listeners *l)
{
    cJSON *array = cJSON_CreateArray();
    for (const struct hz_client *c = l->clients; array && c; c = c->next) {
        if (!c->refused && c->state <= HZ_CLIENT_ENDING)
            cJSON_AddItemToArray(array, client_json(c));
    }
    return array;
}

static cJSON *listener_json(const struct hz_listener *l)
{
    static const char *const names[] = {"clients",     "max_clients",  "accepted",
                                        "refused",     "bad_requests", "closed_slow",
                                        "sent_frames", "sent_bytes",   "missed"};
    const struct hz_client_counts *n = &l->counts;
    uint64_t values[] = {l->n_clients, (uint64_t)l->conf.max_clients,
                         n->accepted,  n->refused,
                         n->bad,       n->slow,
                         n->frames,    n->bytes,
                         n->missed};
    cJSON *o = cJSON_CreateObject();
    if (!o)
        return NULL;
    cJSON_AddStringToObject(o, "name", l->conf.name);
    cJSON_AddStringToObject(o, "type", hz_listener_type(l));
    bool listens = l->socket.fd >= 0;
    const char *wanted = *l->conf.path ? l->conf.path : l->conf.address;
    cJSON_AddStringToObject(o, "address", listens ? l->socket.address : wanted);
    cJSON_AddStringToObject(o, "state",
                            !listens    ? "waiting"
                            : l->wanted ? "listening"
                                        : "leaving"); /* when what replaces it listens */
    cJSON_AddStringToObject(o, "error", l->error);
    cJSON_AddBoolToObject(o, "from_systemd", l->socket.from_systemd);
    add_counts(o, names, values, sizeof values / sizeof *values);
    if (l->share)
        hz_share_describe(l->share, o);
    return o;
}

cJSON *hz_listeners_json(const struct hz_listeners *l)
{
    cJSON *array = cJSON_CreateArray();
    for (const struct hz_listener *p = l->first; array && p; p = p->next) {
        if (!p->left)
            cJSON_InsertItemInArray(array, 0, listener_json(p)); /* in the order of adding */
    }
    return array;
}

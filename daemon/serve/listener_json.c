/* The status of the listeners as JSON. */
#include "daemon/serve/listener_own.h"

#include "daemon/serve/kinds.h"

#include <stdio.h>
#include <string.h>

size_t hz_listeners_clients(const struct hz_listeners *l)
{
    return l->doors.n_clients;
}

size_t hz_listeners_waiting(const struct hz_listeners *all, char *err, size_t err_len)
{
    size_t n = 0;
    for (const struct hz_listener *l = all->first; l; l = l->next) {
        if (!l->wanted || l->socket.fd >= 0)
            continue;
        snprintf(err, err_len, "listen %s: %s", l->door.conf.name, l->error);
        n++;
    }
    return n;
}

static void add_counts(cJSON *o, const char *const *names, const uint64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cJSON_AddNumberToObject(o, names[i], (double)values[i]);
}

static cJSON *listener_json(const struct hz_listener *l)
{
    static const char *const names[] = {"clients",     "max_clients",  "accepted",
                                        "refused",     "bad_requests", "closed_slow",
                                        "sent_frames", "sent_bytes",   "missed"};
    const struct hz_door *d = &l->door;
    const struct hz_door_counts *n = &d->counts;
    uint64_t values[] = {d->n_clients, (uint64_t)d->conf.max_clients,
                         n->accepted,  n->refused,
                         n->bad,       n->slow,
                         n->frames,    n->bytes,
                         n->missed};
    cJSON *o = cJSON_CreateObject();
    if (!o)
        return NULL;
    cJSON_AddStringToObject(o, "name", d->conf.name);
    cJSON_AddStringToObject(o, "type", d->kind->name);
    bool listens = l->socket.fd >= 0;
    const char *wanted = *d->conf.path ? d->conf.path : d->conf.address;
    cJSON_AddStringToObject(o, "address", listens ? l->socket.address : wanted);
    cJSON_AddStringToObject(o, "state",
                            !listens    ? "waiting"
                            : l->wanted ? "listening"
                                        : "leaving"); /* until its replacement is open */
    cJSON_AddStringToObject(o, "error", l->error);
    cJSON_AddBoolToObject(o, "from_systemd", l->socket.from_systemd);
    add_counts(o, names, values, sizeof values / sizeof *values);
    cJSON *why = cJSON_AddObjectToObject(o, "refusals");
    for (int i = 0; i < HZ_REFUSALS; i++)
        cJSON_AddNumberToObject(why, hz_refusal_name((enum hz_refusal)i), (double)n->why[i]);
    if (d->kind->describe)
        d->kind->describe(d, o);
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

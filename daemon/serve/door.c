#include "daemon/serve/door.h"

#include "config/networks.h"
#include "daemon/serve/kinds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hz_door_net {
    uint8_t net[sizeof((struct hz_peer *)0)->net];
    size_t n;
};

int hz_door_init(struct hz_door *d, struct hz_doors *all, const struct hz_conf_listen *conf,
                 const struct hz_listener_kind *kind)
{
    *d = (struct hz_door){.all = all, .kind = kind};
    return hz_conf_listen_copy(&d->conf, conf);
}

void hz_door_done(struct hz_door *d)
{
    hz_conf_listen_done(&d->conf);
    free(d->nets);
}

void hz_door_ref(struct hz_door *d)
{
    d->refs++;
}

void hz_door_unref(struct hz_door *d)
{
    if (--d->refs == 0)
        d->gone(d);
}

static struct hz_door_net *find_net(const struct hz_door *d, const struct hz_peer *p)
{
    for (size_t i = 0; i < d->n_nets; i++) {
        if (memcmp(d->nets[i].net, p->net, sizeof p->net) == 0)
            return &d->nets[i];
    }
    return NULL;
}

/* The total number of clients that the doors of its kind may have. */
static size_t places(const struct hz_door *d)
{
    return d->all->max_clients - (d->kind->kept ? 0 : d->all->kept_clients);
}

bool hz_door_allows(const struct hz_door *d, const struct hz_peer *p)
{
    return !d->conf.allow || !*d->conf.allow || p->local || hz_networks_have(d->conf.allow, &p->ip);
}

void hz_door_count(struct hz_door *d, enum hz_refusal why)
{
    d->counts.why[why]++;
}

const char *hz_refusal_name(enum hz_refusal why)
{
    static const char *const names[] = {
        [HZ_REFUSAL_MAX_CLIENTS] = "max_clients", [HZ_REFUSAL_MAX_PER_ADDRESS] = "max_per_address",
        [HZ_REFUSAL_OPEN_FILES] = "open_files",   [HZ_REFUSAL_ALLOW] = "allow",
        [HZ_REFUSAL_NOT_SERVED] = "not_served",   [HZ_REFUSAL_NO_TOKEN] = "no_token",
        [HZ_REFUSAL_WRONG_TOKEN] = "wrong_token", [HZ_REFUSAL_ROLE] = "role",
        [HZ_REFUSAL_TOO_OFTEN] = "too_often",     [HZ_REFUSAL_HOST] = "host",
        [HZ_REFUSAL_ORIGIN] = "origin",           [HZ_REFUSAL_TIMEOUT] = "timeout",
    };
    return names[why];
}

bool hz_door_admits(struct hz_door *d, const struct hz_peer *p, char *reason, size_t len)
{
    const struct hz_door_net *net = p->local ? NULL : find_net(d, p);
    size_t max = (size_t)d->conf.max_clients, each = (size_t)d->conf.max_per_address;
    enum hz_refusal why;
    if (d->kind->admits && !d->kind->admits(d, reason, len)) {
        why = HZ_REFUSAL_NOT_SERVED;
    } else if (!hz_door_allows(d, p)) {
        why = HZ_REFUSAL_ALLOW;
        snprintf(reason, len, "this address may not connect (allow of listen %s)", d->conf.name);
    } else if (d->n_clients >= max) {
        why = HZ_REFUSAL_MAX_CLIENTS;
        snprintf(reason, len, "too many clients: %zu of %zu (max_clients of listen %s)",
                 d->n_clients, max, d->conf.name);
    } else if (net && net->n >= each) {
        why = HZ_REFUSAL_MAX_PER_ADDRESS;
        snprintf(reason, len,
                 "too many clients from one address: %zu of %zu (max_per_address of listen %s)",
                 net->n, each, d->conf.name);
    } else if (d->all->n_clients >= places(d)) {
        why = HZ_REFUSAL_OPEN_FILES;
        snprintf(reason, len,
                 "too many clients: %zu of the %zu that the limit of open files allows",
                 d->all->n_clients, places(d));
    } else {
        return true;
    }
    hz_door_count(d, why);
    return false;
}

bool hz_door_crowded(const struct hz_door *d)
{
    return d->n_clients >= (size_t)d->conf.max_clients * 3 / 4 ||
           d->all->n_clients >= places(d) * 3 / 4;
}

/* Counts the client's address; without memory it is not counted. */
static void net_enter(struct hz_door *d, const struct hz_peer *p)
{
    struct hz_door_net *net = find_net(d, p);
    if (!net && d->n_nets == d->nets_cap) {
        size_t cap = d->nets_cap ? 2 * d->nets_cap : 16;
        struct hz_door_net *more = realloc(d->nets, cap * sizeof *more);
        if (!more)
            return;
        d->nets = more;
        d->nets_cap = cap;
    }
    if (!net) {
        net = &d->nets[d->n_nets++];
        memcpy(net->net, p->net, sizeof net->net);
        net->n = 0;
    }
    net->n++;
}

static void net_exit(struct hz_door *d, const struct hz_peer *p)
{
    struct hz_door_net *net = find_net(d, p);
    if (net && --net->n == 0)
        *net = d->nets[--d->n_nets];
}

void hz_door_enter(struct hz_door *d, const struct hz_peer *p, bool refused)
{
    hz_door_ref(d);
    d->n_refused += refused;
    d->all->n_refused += refused;
    d->n_clients += !refused;
    d->all->n_clients += !refused;
    if (!refused && !p->local)
        net_enter(d, p);
}

void hz_door_exit(struct hz_door *d, const struct hz_peer *p, bool refused)
{
    d->n_refused -= refused;
    d->all->n_refused -= refused;
    d->n_clients -= !refused;
    d->all->n_clients -= !refused;
    if (!refused && !p->local)
        net_exit(d, p);
    hz_door_unref(d);
}

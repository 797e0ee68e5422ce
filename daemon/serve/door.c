#include "daemon/serve/door.h"

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

bool hz_door_admits(const struct hz_door *d, const struct hz_peer *p, char *reason, size_t len)
{
    const struct hz_door_net *net = p->local ? NULL : find_net(d, p);
    size_t max = (size_t)d->conf.max_clients, each = (size_t)d->conf.max_per_address;
    if (d->kind->admits && !d->kind->admits(d, reason, len))
        return false;
    if (d->n_clients >= max)
        snprintf(reason, len, "too many clients: %zu of %zu (max_clients of listen %s)",
                 d->n_clients, max, d->conf.name);
    else if (net && net->n >= each)
        snprintf(reason, len,
                 "too many clients from one address: %zu of %zu (max_per_address of listen %s)",
                 net->n, each, d->conf.name);
    else if (d->all->n_clients >= places(d))
        snprintf(reason, len,
                 "too many clients: %zu of the %zu that the limit of open files allows",
                 d->all->n_clients, places(d));
    else
        return true;
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

#include "daemon/serve/rpc_long.h"

#include "daemon/picture/snapshot.h"
#include "daemon/serve/listing.h"
#include "daemon/serve/rpc_spectrum.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hz_rpc_long {
    struct hz_listing *clients;       /* or */
    struct hz_rpc_spectrum *spectrum; /* or */
    struct hz_snapshot_reader *targets;
    bool begun;
};

/* The list of that name; HZ_LISTS: there is none. */
static int list_of(const char *method)
{
    int i = 0;
    while (i < HZ_LISTS && strcmp(method, hz_lists[i].name) != 0)
        i++;
    return i;
}

static int spectrum_new(struct hz_client *c, const cJSON *params, struct hz_rpc_long **l, char *err)
{
    struct hz_rpc_long *made = calloc(1, sizeof *made);
    int rc = made ? hz_rpc_spectrum_new(c, params, &made->spectrum, err, HZ_ERROR_MAX) : -ENOMEM;
    if (rc == 0)
        *l = made;
    else
        free(made);
    return rc;
}

int hz_rpc_long_new(struct hz_client *c, const char *method, const cJSON *params,
                    struct hz_rpc_long **l, char *err)
{
    if (strcmp(method, "spectrum") == 0 && c->door->all->env.scopes)
        return spectrum_new(c, params, l, err);
    struct hz_snapshots *snapshots = c->door->all->env.snapshots;
    bool clients = strcmp(method, "clients") == 0;
    int list = list_of(method);
    if (!clients && (list == HZ_LISTS || !snapshots))
        return 1;
    if (cJSON_GetArraySize(params) != 0) {
        snprintf(err, HZ_ERROR_MAX, "%s takes no params", method);
        return -EINVAL;
    }
    struct hz_rpc_long *made = calloc(1, sizeof *made);
    if (made && clients)
        made->clients = hz_listing_new(c->door->all);
    else if (made)
        made->targets = hz_snapshot_reader_new(snapshots, &hz_format_lists[list]);
    if (made && (made->clients || made->targets)) {
        *l = made;
        return 0;
    }
    free(made);
    return -ENOMEM;
}

void hz_rpc_long_free(void *l)
{
    struct hz_rpc_long *own = l;
    if (own) {
        hz_listing_free(own->clients);
        hz_rpc_spectrum_free(own->spectrum);
        hz_snapshot_reader_free(own->targets);
    }
    free(own);
}

static enum hz_rpc_next more_clients(struct hz_client *c, struct hz_rpc_long *l, bool first)
{
    if (first)
        hz_client_send(c, "[", 1);
    if (hz_listing_more(l->clients, c))
        return HZ_RPC_MORE;
    hz_client_send(c, "]", 1);
    return HZ_RPC_END;
}

static enum hz_rpc_next more_targets(struct hz_client *c, struct hz_rpc_long *l)
{
    const char *piece;
    size_t n;
    int rc = hz_snapshot_read(l->targets, &piece, &n);
    if (rc == 0)
        n--; /* its newline would end the line of the answer */
    hz_client_send(c, piece, n);
    if (rc == -ENOMEM)
        hz_client_close(c); /* half of an answer is sent */
    return rc > 0 ? HZ_RPC_MORE : rc == -EBUSY ? HZ_RPC_WAIT : HZ_RPC_END;
}

const char *hz_rpc_long_error(const struct hz_rpc_long *l)
{
    return l->spectrum ? hz_rpc_spectrum_error(l->spectrum) : "";
}

enum hz_rpc_next hz_rpc_long_more(struct hz_client *c, struct hz_rpc_long *l)
{
    static const char member[] = "\"result\":";
    const bool first = !l->begun;
    if (l->spectrum && hz_rpc_spectrum_waits(l->spectrum))
        return HZ_RPC_WAIT;
    if (first)
        hz_client_send(c, member, sizeof member - 1);
    l->begun = true;
    if (l->spectrum)
        return hz_rpc_spectrum_more(c, l->spectrum);
    return l->clients ? more_clients(c, l, first) : more_targets(c, l);
}

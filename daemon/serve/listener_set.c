/* Changes the set of listeners to that of a configuration. */
#include "daemon/serve/auth.h"
#include "daemon/serve/listener_own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What becomes of one section. */
struct change {
    struct hz_listener *kept;   /* an existing listener; `conf` has its new limits */
    struct hz_conf_listen conf; /* empty if there is none */
    struct hz_listener *made;   /* otherwise a new listener */
};

static struct hz_listener *find(const struct hz_listeners *all, const struct hz_conf_listen *conf)
{
    for (struct hz_listener *l = all->first; l; l = l->next) {
        if (l->wanted && hz_conf_listen_same_place(&l->door.conf, conf))
            return l;
    }
    return NULL;
}

/* Allocates everything first, so that nothing has changed if memory is short. */
static bool prepare(struct hz_listeners *all, const struct hz_conf_listen *wanted, size_t n,
                    struct change *changes)
{
    for (size_t i = 0; i < n; i++) {
        changes[i].kept = find(all, &wanted[i]);
        if (!changes[i].kept)
            changes[i].made = hz_listener_new(all, &wanted[i]);
        else if (hz_conf_listen_copy(&changes[i].conf, &wanted[i]) != 0)
            changes[i].kept = NULL;
        if (!changes[i].kept && !changes[i].made)
            return false;
    }
    return true;
}

static void give_up(struct change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (changes[i].kept)
            hz_conf_listen_done(&changes[i].conf);
        if (changes[i].made)
            hz_listener_free(changes[i].made);
    }
}

/* Changes the kept ones in place, marks all other existing ones as unwanted, and adds the new ones.
 */
static void apply(struct hz_listeners *all, struct change *changes, size_t n)
{
    for (struct hz_listener *l = all->first; l; l = l->next)
        l->wanted = false;
    for (size_t i = 0; i < n; i++) {
        struct hz_listener *l = changes[i].kept;
        if (!l) {
            hz_listener_join(changes[i].made);
            continue;
        }
        hz_conf_listen_done(&l->door.conf);
        l->door.conf = changes[i].conf;
        hz_auth_again(&l->door);
        l->wanted = true;
    }
}

/* The wanted listener of that name that waits; NULL: none. */
static const struct hz_listener *waiting(const struct hz_listeners *all, const char *name)
{
    for (const struct hz_listener *l = all->first; l; l = l->next) {
        if (l->wanted && l->socket.fd < 0 && strcmp(l->door.conf.name, name) == 0)
            return l;
    }
    return NULL;
}

/* Closes the unwanted listeners, except those whose replacement is not open yet. */
static void end_unwanted(struct hz_listeners *all)
{
    for (struct hz_listener *l = all->first, *next; l; l = next) {
        next = l->next;
        if (!l->wanted && (l->socket.fd < 0 || !waiting(all, l->door.conf.name)))
            hz_listener_leave(l);
    }
}

/* Opens those that are not open. 0, or -errno and the reason of one that still waits. */
static int open_waiting(struct hz_listeners *all, char *err, size_t err_len)
{
    int first = 0;
    for (struct hz_listener *l = all->first; l; l = l->next) {
        int rc = l->wanted && l->socket.fd < 0 ? hz_listener_open(l) : 0;
        if (rc == 0)
            continue;
        first = rc;
        snprintf(err, err_len, "listen %s: %s", l->door.conf.name, l->error);
    }
    return first;
}

int hz_listeners_set(struct hz_listeners *all, const struct hz_conf_listen *wanted, size_t n,
                     char *err, size_t err_len)
{
    struct change *changes = calloc(n + 1, sizeof *changes);
    if (!changes || !prepare(all, wanted, n, changes)) {
        if (changes)
            give_up(changes, n);
        free(changes);
        snprintf(err, err_len, "no memory for the listeners");
        return -ENOMEM;
    }
    apply(all, changes, n);
    free(changes);
    int rc = open_waiting(all, err, err_len);
    end_unwanted(all);
    return rc;
}

void hz_listeners_retry(struct hz_listeners *all)
{
    char err[HZ_ERROR_MAX];
    open_waiting(all, err, sizeof err);
    end_unwanted(all);
}

int hz_listeners_add(struct hz_listeners *all, const struct hz_conf_listen *conf, char *err,
                     size_t err_len)
{
    struct hz_listener *l = hz_listener_new(all, conf);
    if (!l) {
        snprintf(err, err_len, "listen %s: no memory", conf->name);
        return -ENOMEM;
    }
    hz_listener_join(l);
    int rc = hz_listener_open(l);
    if (rc != 0) {
        snprintf(err, err_len, "listen %s: %s", conf->name, l->error);
        hz_listener_leave(l);
    }
    return rc;
}

int hz_listeners_remove(struct hz_listeners *all, const char *name)
{
    struct hz_listener *l = all->first;
    while (l && (l->left || strcmp(l->door.conf.name, name) != 0))
        l = l->next;
    if (!l)
        return -ENOENT;
    hz_listener_leave(l);
    return 0;
}

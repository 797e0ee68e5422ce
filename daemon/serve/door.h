/* The door of a listener: whom it lets in, how many are inside, and what they were sent. It is all
 * that a client needs to know of its listener. Loop thread. */
#ifndef HZ_DAEMON_SERVE_DOOR_H
#define HZ_DAEMON_SERVE_DOOR_H

#include "daemon/serve/listener.h"
#include "daemon/serve/peer.h"

enum { HZ_ERROR_MAX = 256 /* bytes of one line for people */ };

struct hz_client;
struct hz_client_walk;
struct hz_listener_kind;

/* What all doors share. */
struct hz_doors {
    struct hz_listen_env env;
    struct hz_client *clients;    /* newest first */
    struct hz_client_walk *walks; /* that are under way over `clients` */
    size_t n_clients, n_refused;
    size_t max_clients;  /* what the limit of open files allows */
    size_t kept_clients; /* of these, how many only doors of a kind with `kept` may take */
    uint64_t next_id;
    bool draining;         /* everyone gets what the bus still has, and is then ended */
    char scrap[16 * 1024]; /* where bytes go that nobody reads */
};

struct hz_door_counts {
    uint64_t accepted, refused;
    uint64_t bad;  /* requests that were refused with an error */
    uint64_t slow; /* closed because they took nothing */
    uint64_t frames, bytes, missed;
};

/* How many clients one address has. */
struct hz_door_net;

struct hz_door {
    struct hz_doors *all;
    const struct hz_listener_kind *kind;
    void *own;                  /* the kind's */
    struct hz_conf_listen conf; /* what is wanted; a copy of its own */
    size_t n_clients, n_refused;
    struct hz_door_net *nets; /* of clients on other machines */
    size_t n_nets, nets_cap;
    struct hz_door_counts counts;
    int refs;
    void (*gone)(struct hz_door *d); /* the last reference was dropped: frees it */
};

/* Takes a copy of conf; no reference is held yet. -ENOMEM: nothing to undo. */
int hz_door_init(struct hz_door *d, struct hz_doors *all, const struct hz_conf_listen *conf,
                 const struct hz_listener_kind *kind);
/* Frees what it has. */
void hz_door_done(struct hz_door *d);

void hz_door_ref(struct hz_door *d);
void hz_door_unref(struct hz_door *d);

/* Whether one more client, that one, may come in; if not, why, in `reason`. */
bool hz_door_admits(const struct hz_door *d, const struct hz_peer *p, char *reason, size_t len);
/* A client is inside, or is only told that it is refused. References the door. */
void hz_door_enter(struct hz_door *d, const struct hz_peer *p, bool refused);
/* It is gone. Drops the reference. */
void hz_door_exit(struct hz_door *d, const struct hz_peer *p, bool refused);
/* Three quarters of the places that it could give are taken: who only holds one is asked to go. */
bool hz_door_crowded(const struct hz_door *d);

#endif

/* The door of a listener: admission, limits and counters of its clients. A client knows nothing
 * else of its listener. Loop thread. */
#ifndef HZ_DAEMON_SERVE_DOOR_H
#define HZ_DAEMON_SERVE_DOOR_H

#include "config/tokens.h"
#include "daemon/serve/listener.h"
#include "daemon/serve/peer.h"
#include "daemon/serve/quota.h"

enum { HZ_ERROR_MAX = 256 /* bytes of one line of text */ };

struct hz_client;
struct hz_client_walk;
struct hz_batches;
struct hz_listener_kind;

/* State that all doors share. */
struct hz_doors {
    struct hz_listen_env env;
    struct hz_client *clients;    /* newest first */
    struct hz_client_walk *walks; /* iterations over `clients` that are under way */
    size_t n_clients, n_refused;
    struct hz_quota wrong_tokens, requests;
    size_t max_clients;  /* limit by the number of open files */
    size_t kept_clients; /* of these, reserved for doors of a kind with `kept` */
    uint64_t next_id;
    uv_timer_t silence;         /* the next client that has sent nothing begins to stream */
    struct hz_batches *batches; /* of client_batch.c */
    bool draining;              /* clients get the rest of the bus and are then disconnected */
    char scrap[16 * 1024];      /* buffer for bytes that are discarded */
};

/* Why a connection or a request was refused. */
enum hz_refusal {
    HZ_REFUSAL_MAX_CLIENTS,
    HZ_REFUSAL_MAX_PER_ADDRESS,
    HZ_REFUSAL_OPEN_FILES,
    HZ_REFUSAL_ALLOW,      /* it is in none of the networks */
    HZ_REFUSAL_NOT_SERVED, /* nothing is served here */
    HZ_REFUSAL_NO_TOKEN,
    HZ_REFUSAL_WRONG_TOKEN,
    HZ_REFUSAL_ROLE,      /* the token is good, but not for this */
    HZ_REFUSAL_TOO_OFTEN, /* too many requests, or wrong tokens, of one address */
    HZ_REFUSAL_HOST,
    HZ_REFUSAL_ORIGIN,
    HZ_REFUSAL_TIMEOUT, /* no request, or no token, in time */
    HZ_REFUSALS,
};

struct hz_door_counts {
    uint64_t accepted, refused;
    uint64_t why[HZ_REFUSALS]; /* of refused connections and of requests */
    uint64_t bad;              /* requests that were answered with an error */
    uint64_t slow;             /* clients closed because they did not read */
    uint64_t frames, bytes, missed;
};

/* The number of clients of one address. */
struct hz_door_net;

struct hz_door {
    struct hz_doors *all;
    const struct hz_listener_kind *kind;
    void *own;                  /* state of the kind of listener */
    struct hz_conf_listen conf; /* its section; a copy */
    size_t n_clients, n_refused;
    struct hz_door_net *nets; /* of clients on other machines */
    size_t n_nets, nets_cap;
    struct hz_door_counts counts;
    int refs;
    void (*gone)(struct hz_door *d); /* the last reference was dropped: frees it */
};

/* Copies conf; there is no reference yet. 0; -ENOMEM: there is nothing to undo. */
int hz_door_init(struct hz_door *d, struct hz_doors *all, const struct hz_conf_listen *conf,
                 const struct hz_listener_kind *kind);
/* Frees what it has. */
void hz_door_done(struct hz_door *d);

void hz_door_ref(struct hz_door *d);
void hz_door_unref(struct hz_door *d);

/* Whether the peer is in one of the networks of its section, or on this machine. */
bool hz_door_allows(const struct hz_door *d, const struct hz_peer *p);
/* Whether this client may be admitted; if not, `reason` says why, and the refusal is counted. */
bool hz_door_admits(struct hz_door *d, const struct hz_peer *p, char *reason, size_t len);
/* Counts a refusal. */
void hz_door_count(struct hz_door *d, enum hz_refusal why);
/* "max_clients", as the status names it. */
const char *hz_refusal_name(enum hz_refusal why);
/* Counts a client that was admitted, or that is being refused. References the door. */
void hz_door_enter(struct hz_door *d, const struct hz_peer *p, bool refused);
/* The client is gone. Releases its reference. */
void hz_door_exit(struct hz_door *d, const struct hz_peer *p, bool refused);
/* Whether three quarters of its places are taken; then clients without a request are disconnected.
 */
bool hz_door_crowded(const struct hz_door *d);

#endif

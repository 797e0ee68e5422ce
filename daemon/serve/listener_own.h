/* A listener, and the set of all. Private to listener.c (one and all), listener_set.c (changes of
 * the set), listener_accept.c (new connections) and listener_json.c (status). Loop thread. */
#ifndef HZ_DAEMON_SERVE_LISTENER_OWN_H
#define HZ_DAEMON_SERVE_LISTENER_OWN_H

#include "daemon/serve/client.h"
#include "daemon/serve/door.h"
#include "daemon/serve/socket.h"

enum { HZ_KEPT_FILES = 8 }; /* descriptors held for doors of a kind with `kept` */

/*     waiting ◀──cannot listen── (added) ──▶ listening ──▶ leaving ──▶ gone, once its clients are
 *        └─────────tried each second──────────▶┘ */
struct hz_listener {
    struct hz_door door; /* referenced by the set, and by the poll handle until that is closed */
    struct hz_listeners *all;
    struct hz_listener *next;
    bool wanted; /* in the configuration; else it leaves, perhaps after a replacement */
    bool left;   /* it is out of the set: only its clients reference it */
    char error[HZ_ERROR_MAX]; /* why it waits; "" if it does not */
    struct hz_socket socket;  /* fd -1: not open */
    uv_poll_t poll;
    bool resting; /* paused until the next sweep */
};

struct hz_listeners {
    struct hz_doors doors;
    struct hz_listener *first;
    /* Reserve descriptors. When no other is left, `reserve` is used to accept and close a
     * connection, and one of `kept` to accept and serve one. -1: in use. */
    int reserve_fd, kept_fds[HZ_KEPT_FILES];
    uv_timer_t sweep;
    struct hz_client_walk walk; /* where the sweep is, if it has begun */
    bool sweeping;
    uv_timer_t drain;
    int open_handles;
    void (*done)(void *ctx);
    void *done_ctx;
};

/* A wanted listener that is not open and not in the set. NULL: no memory. */
struct hz_listener *hz_listener_new(struct hz_listeners *all, const struct hz_conf_listen *conf);
void hz_listener_free(struct hz_listener *l);
/* Adds it to the set. */
void hz_listener_join(struct hz_listener *l);
/* Opens it, or takes over the socket of one that leaves. 0, or -errno with the reason in l->error;
 * a new reason is logged. */
int hz_listener_open(struct hz_listener *l);
/* Closes it. Its clients get the reason and are disconnected. */
void hz_listener_leave(struct hz_listener *l);

/* listener_set.c: tries again to open those that wait. */
void hz_listeners_retry(struct hz_listeners *all);

/* listener_accept.c: accepts connections from now on. */
void hz_listener_accept(struct hz_listener *l);
/* Opens the reserve descriptors that were used, and resumes paused listeners. */
void hz_listeners_refill(struct hz_listeners *all);
/* Closes the reserve descriptors. */
void hz_listeners_give_up(struct hz_listeners *all);

#endif

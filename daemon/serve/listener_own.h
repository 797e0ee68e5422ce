/* A listening socket and all of them together. Private to listener.c (one of them, and all),
 * listener_set.c (which there are), listener_accept.c (who connects) and listener_json.c (what
 * status shows of them). Loop thread. */
#ifndef HZ_DAEMON_SERVE_LISTENER_OWN_H
#define HZ_DAEMON_SERVE_LISTENER_OWN_H

#include "daemon/serve/door.h"
#include "daemon/serve/socket.h"

enum { HZ_KEPT_FILES = 8 }; /* descriptors held for doors of a kind with `kept` */

/*     waiting ◀──cannot listen── (added) ──▶ listening ──▶ leaving ──▶ gone, once its clients are
 *        └─────────tried each second──────────▶┘ */
struct hz_listener {
    struct hz_door
        door; /* referenced by its place among all and the poll handle until it is closed */
    struct hz_listeners *all;
    struct hz_listener *next;
    bool wanted;              /* else it leaves, at once or when that which replaces it listens */
    bool left;                /* it has: no more than its clients keep it */
    char error[HZ_ERROR_MAX]; /* why it does not listen, while it waits; "" */
    struct hz_socket socket;  /* its fd is -1 while it does not listen */
    uv_poll_t poll;
    bool resting; /* not accepting until the next sweep */
};

struct hz_listeners {
    struct hz_doors doors;
    struct hz_listener *first;
    /* Open on nothing. When no descriptor is left, the reserve is given up to take and close a
     * connection, and one of `kept` to take and serve one. -1: given up. */
    int reserve_fd, kept_fds[HZ_KEPT_FILES];
    uv_timer_t sweep;
    uv_timer_t drain;
    int open_handles;
    void (*done)(void *ctx);
    void *done_ctx;
};

/* One that is wanted and does not listen yet, not among all. NULL: no memory. */
struct hz_listener *hz_listener_new(struct hz_listeners *all, const struct hz_conf_listen *conf);
void hz_listener_free(struct hz_listener *l);
/* Puts it among all. */
void hz_listener_join(struct hz_listener *l);
/* Makes it listen; takes over the socket of one that leaves. 0, or -errno with the reason in
 * l->error, which is logged when it is another than before. */
int hz_listener_open(struct hz_listener *l);
/* Listens no more; its clients are told why and closed. */
void hz_listener_leave(struct hz_listener *l);

/* listener_set.c: tries those that wait again. */
void hz_listeners_retry(struct hz_listeners *all);

/* listener_accept.c: takes connections from now on. */
void hz_listener_accept(struct hz_listener *l);
/* Holds descriptors again that were given up, and accepts where that had to stop. */
void hz_listeners_refill(struct hz_listeners *all);
/* Closes the descriptors that it holds. */
void hz_listeners_give_up(struct hz_listeners *all);

#endif

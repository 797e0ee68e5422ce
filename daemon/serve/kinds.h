/* The kinds of listeners. A new kind is one file and one line in kinds.c. Loop thread. */
#ifndef HZ_DAEMON_SERVE_KINDS_H
#define HZ_DAEMON_SERVE_KINDS_H

#include "daemon/serve/door.h"

struct hz_block;

struct hz_listener_kind {
    const char *name; /* as in `type =`, and as status shows it */
    /* Places and file descriptors are reserved for it. */
    bool kept;
    /* It was opened: creates its state in d->own. 0 or -errno. NULL: it has none. */
    int (*open)(struct hz_door *d);
    /* Whether it serves anyone; if not, why. NULL: yes. */
    bool (*admits)(const struct hz_door *d, char *reason, size_t len);
    /* Takes over a connected socket. refuse: NULL, or the reason for which the client is refused.
     * The client is counted by the door until it is gone. */
    void (*accept)(struct hz_door *d, int fd, const struct hz_peer *p, const char *refuse);
    /* A block of the receiver that the listener names. It is not kept. NULL: not used. */
    void (*block)(struct hz_door *d, const struct hz_block *b);
    /* Adds its fields to the listener's object in the status. NULL: it has none. */
    void (*describe)(const struct hz_door *d, cJSON *o);
    /* It was closed: ends everything in `own`, and frees that later. NULL: it has no `own`. */
    void (*close)(struct hz_door *d);
};

extern const struct hz_listener_kind hz_kind_lines, hz_kind_http, hz_kind_rpc, hz_kind_rtl_tcp,
    hz_kind_refused;

const struct hz_listener_kind *hz_listener_kind(enum hz_listen_type type);

#endif

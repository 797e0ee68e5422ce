/* What a listener can be. A new kind is one file and one line in kinds.c. Loop thread. */
#ifndef HZ_DAEMON_SERVE_KINDS_H
#define HZ_DAEMON_SERVE_KINDS_H

#include "daemon/serve/door.h"

struct hz_block;

struct hz_listener_kind {
    const char *name; /* as in `type =`, and as status shows it */
    /* Places and file descriptors are kept back for it, which no other kind can take. */
    bool kept;
    /* It listens: makes what it needs in d->own. 0 or -errno. NULL: needs nothing. */
    int (*open)(struct hz_door *d);
    /* Whether it serves anyone; if not, why. NULL: yes. */
    bool (*admits)(const struct hz_door *d, char *reason, size_t len);
    /* Takes over a connected socket. `refuse`: NULL, or the reason why it is only told to go. It
     * enters by the door, and exits by it when it is gone. */
    void (*accept)(struct hz_door *d, int fd, const struct hz_peer *p, const char *refuse);
    /* A block of the receiver that the listener names, as it came. Not kept. NULL: has no use for
     * them. */
    void (*block)(struct hz_door *d, const struct hz_block *b);
    /* Adds its own to the listener's object in status. NULL: nothing. */
    void (*describe)(const struct hz_door *d, cJSON *o);
    /* It listens no more: ends what only `own` knows, and frees that when it is done. NULL: has
     * no `own`. */
    void (*close)(struct hz_door *d);
};

extern const struct hz_listener_kind hz_kind_lines, hz_kind_http, hz_kind_rpc, hz_kind_rtl_tcp,
    hz_kind_refused;

const struct hz_listener_kind *hz_listener_kind(enum hz_listen_type type);

#endif

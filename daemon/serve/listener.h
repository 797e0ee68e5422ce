/* Listening sockets and their clients: TCP lines, HTTP with WebSocket, the Unix control socket.
 * Loop thread. */
#ifndef HZ_DAEMON_SERVE_LISTENER_H
#define HZ_DAEMON_SERVE_LISTENER_H

#include "config/config.h"
#include "daemon/bus/bus.h"
#include "daemon/serve/calls.h"

struct hz_decoder;
struct hz_listeners;
struct hz_scopes;
struct hz_snapshots;
struct hz_sounds; /* daemon/serve/sound.h */

struct hz_listen_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    const struct hz_serve_calls *calls;
    void *calls_ctx;
    const struct hz_decoder *const
        *decoders; /* whose messages a client may ask for; ends with NULL */
    /* of what is known now of all that is heard; NULL: that is not served */
    struct hz_snapshots *snapshots;
    struct hz_sounds *sounds;
    struct hz_scopes *scopes; /* the bands that can be looked at */
};

/* Creates an empty set of listeners and raises the process's limit of open files as far as
 * possible. The program must ignore SIGPIPE. NULL: no memory. */
struct hz_listeners *hz_listeners_new(const struct hz_listen_env *env);

/* Replaces the set of listeners by these n. New ones are opened before old ones are closed. One
 * that differs only in its limits, allow-lists or control changes in place, and its clients stay. A
 * socket that systemd passed for the address is used instead of a new one. A listener that cannot
 * be opened waits and is tried every second; one of its name from before stays open until then. 0;
 * -errno with one line in err that names a waiting one; -ENOMEM: nothing changed. */
int hz_listeners_set(struct hz_listeners *l, const struct hz_conf_listen *wanted, size_t n,
                     char *err, size_t err_len);
/* Adds a listener that must be opened at once: 0, or -errno with one line in err and nothing added.
 */
int hz_listeners_add(struct hz_listeners *l, const struct hz_conf_listen *conf, char *err,
                     size_t err_len);
/* Closes the listener of that name and its clients. 0 or -ENOENT. */
int hz_listeners_remove(struct hz_listeners *l, const char *name);

struct hz_block;
/* Passes a block of a receiver to the listeners that share its samples. It is not kept. */
void hz_listeners_block(struct hz_listeners *l, const char *receiver, const struct hz_block *b);

/* The number of connected clients. */
size_t hz_listeners_clients(const struct hz_listeners *l);
/* The number of listeners that wait; the reason of one of them in err. */
size_t hz_listeners_waiting(const struct hz_listeners *l, char *err, size_t err_len);

/* An array for the status, owned by the caller, with one object per listener (name, type, address,
 * state, error, clients, accepted, refused, bad requests). NULL: no memory. */
cJSON *hz_listeners_json(const struct hz_listeners *l);

/* Stops accepting, sends the rest of the bus to each client (for at most drain_ms), closes all,
 * frees `l`, and then calls done. */
void hz_listeners_close(struct hz_listeners *l, uint64_t drain_ms, void (*done)(void *ctx),
                        void *ctx);

#endif

/* Listening sockets and their clients: TCP lines, HTTP with WebSocket, the Unix control socket.
 * Loop thread. */
#ifndef HZ_DAEMON_SERVE_LISTENER_H
#define HZ_DAEMON_SERVE_LISTENER_H

#include "config/config.h"
#include "daemon/bus/bus.h"
#include "daemon/serve/calls.h"

struct hz_listeners;

struct hz_listen_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    const struct hz_serve_calls *calls;
    void *calls_ctx;
};

/* Raises the process's limit of open files as far as it goes. The program must ignore SIGPIPE.
 * NULL: no memory. */
struct hz_listeners *hz_listeners_new(const struct hz_listen_env *env);

/* Makes the listeners those n and no others. New ones are opened before old ones are closed; one
 * that differs only in its limits, allow-lists or control changes in place, and its clients stay.
 * A socket of that address that systemd passed is used instead of a new one.
 * One that cannot listen waits and is tried again each second; what of its name listened before
 * goes on until then. 0; -errno with a line in err naming one that waits; -ENOMEM: nothing changed.
 */
int hz_listeners_set(struct hz_listeners *l, const struct hz_conf_listen *wanted, size_t n,
                     char *err, size_t err_len);
/* Adds one that must listen at once: 0, or -errno with a line in err and nothing added. */
int hz_listeners_add(struct hz_listeners *l, const struct hz_conf_listen *conf, char *err,
                     size_t err_len);
/* Stops listening at the one of that name; its clients are closed. -ENOENT. */
int hz_listeners_remove(struct hz_listeners *l, const char *name);

struct hz_block;
/* A block of that receiver as it came, for the listeners that re-share it. Not kept. */
void hz_listeners_block(struct hz_listeners *l, const char *receiver, const struct hz_block *b);

/* How many are connected now. */
size_t hz_listeners_clients(const struct hz_listeners *l);
/* How many do not listen but wait; the reason of one of them in err. */
size_t hz_listeners_waiting(const struct hz_listeners *l, char *err, size_t err_len);

/* An array for status, owned by the caller: one object a listener (name, type, address, state,
 * error, clients, accepted, refused, bad requests). NULL: no memory. */
cJSON *hz_listeners_json(const struct hz_listeners *l);

/* Accepts no more, sends what the bus still has to each client (for at most drain_ms), closes all
 * and frees `l`, then calls done. */
void hz_listeners_close(struct hz_listeners *l, uint64_t drain_ms, void (*done)(void *ctx),
                        void *ctx);

#endif

/* A TCP connection that we open: look-up of the name, then one address after the other, all within
 * a time limit. For sources and outputs; base/backoff.h says when to try again. Loop thread. */
#ifndef HZ_DAEMON_BASE_DIAL_H
#define HZ_DAEMON_BASE_DIAL_H

#include "daemon/base/lookup.h"

#include <stdbool.h>

struct hz_dial_env {
    uv_loop_t *loop;
    const char *address; /* HOST:PORT or [IPv6]:PORT; borrowed while the dial is open */
    unsigned limit_ms;   /* from hz_dial_open to hz_dial_done */
    /* The socket is open; hz_dial_stream gives it. */
    void (*connected)(void *ctx);
    /* It came to nothing: -errno, and why in words. Called once at most, not from within open, and
     * not after hz_dial_done. The owner then closes the dial. */
    void (*failed)(void *ctx, int status, const char *why);
    void *ctx;
};

/* Embedded in its owner; zero before hz_dial_open. */
struct hz_dial {
    struct hz_dial_env env;
    struct hz_lookup *lookup;      /* under way, or NULL */
    struct addrinfo *found, *next; /* addresses of the host; the one to try next */
    uv_connect_t connect;
    uv_tcp_t tcp; /* its data is the owner's to set once connected */
    bool has_tcp;
    uv_timer_t limit;
    const char *doing; /* what the time limit interrupts */
    int error;         /* of the latest address */
    bool over;         /* done, failed or closed: neither callback comes any more */
    int open_parts;    /* socket and timer that still use this */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* Begins. -EINVAL: the address has no port, or its host is too long; -ENOMEM. Nothing is to be
 * closed then. */
int hz_dial_open(struct hz_dial *d, const struct hz_dial_env *env);
/* The owner waits for more than the connection: what the time limit would interrupt, as in "it sent
 * no greeting". Borrowed. */
void hz_dial_expect(struct hz_dial *d, const char *doing);
/* The peer has done what was expected: the time limit ends. */
void hz_dial_done(struct hz_dial *d);
/* The socket; NULL: there is none. */
uv_stream_t *hz_dial_stream(struct hz_dial *d);
/* Gives up or closes the connection; calls closed (never at once) when the loop has let go of d. */
void hz_dial_close(struct hz_dial *d, void (*closed)(void *ctx), void *ctx);

#endif

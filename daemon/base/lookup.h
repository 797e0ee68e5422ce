/* Name look-up, which may take half a minute if no name server answers. It runs on a thread of its
 * own: on the worker pool it would delay decoders, and could not be ended. A look-up that is given
 * up continues by itself, and nothing waits for it. Loop thread. */
#ifndef HZ_DAEMON_BASE_LOOKUP_H
#define HZ_DAEMON_BASE_LOOKUP_H

#include <netdb.h>
#include <uv.h>

struct hz_lookup;

/* Starts a look-up. `done` is called once: with 0 and addresses, which the callee frees with
 * freeaddrinfo, or with a code for gai_strerror and NULL. The look-up is freed before. NULL: no
 * memory or no thread; `done` is not called. */
struct hz_lookup *hz_lookup_start(uv_loop_t *loop, const char *host, const char *port,
                                  void (*done)(void *ctx, int status, struct addrinfo *found),
                                  void *ctx);
/* Gives the look-up up: `done` will not be called. Do not call it after `done`. */
void hz_lookup_give_up(struct hz_lookup *l);

#endif

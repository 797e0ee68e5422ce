/* Looking a host's name up, which may take half a minute where no server of names answers. It runs
 * on a thread of its own: on the workers' pool it would keep a decoder waiting, and nothing could
 * end it. One that is given up goes on by itself, and nobody waits for it. Loop thread. */
#ifndef HZ_DAEMON_BASE_LOOKUP_H
#define HZ_DAEMON_BASE_LOOKUP_H

#include <netdb.h>
#include <uv.h>

struct hz_lookup;

/* `done` is called once, with 0 and addresses to be freed with freeaddrinfo, or with a code of
 * gai_strerror and NULL. The lookup is gone then. NULL: no memory or no thread. */
struct hz_lookup *hz_lookup_start(uv_loop_t *loop, const char *host, const char *port,
                                  void (*done)(void *ctx, int status, struct addrinfo *found),
                                  void *ctx);
/* `done` is not called any more. Not to be called after it. */
void hz_lookup_give_up(struct hz_lookup *l);

#endif

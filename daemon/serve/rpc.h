/* Requests of JSON-RPC 2.0, whatever carries them: the control socket (rpc.c) or HTTP (http_rpc.c).
 * Loop thread. */
#ifndef HZ_DAEMON_SERVE_RPC_H
#define HZ_DAEMON_SERVE_RPC_H

#include "daemon/serve/client.h"
#include "daemon/serve/rpc_long.h"

struct hz_rpc_carrier {
    bool streams; /* the control socket: frames may follow, and all methods are served */
    /* The answer has begun; the rest is made by hz_rpc_more(). Owns l. */
    void (*list)(struct hz_client *c, struct hz_rpc_long *l, void *ctx);
    void *ctx;
};

/* Acts on a request of n bytes without blanks behind it, and queues its answer for the client, one
 * line; nothing for a notification. */
void hz_rpc_request(struct hz_client *c, const struct hz_rpc_carrier *by, const char *text,
                    size_t n);
/* Queues the next piece of a long answer. */
enum hz_rpc_next hz_rpc_more(struct hz_client *c, struct hz_rpc_long *l);

#endif

/* Results of JSON-RPC that are long, and so are made in pieces: the clients; what is known now of
 * aircraft, ships and stations; frames of a band. Loop thread. */
#ifndef HZ_DAEMON_SERVE_RPC_LONG_H
#define HZ_DAEMON_SERVE_RPC_LONG_H

#include "daemon/serve/client.h"

struct hz_rpc_long;

/* 0 with the result in *l, of which nothing is made yet; 1: the method has no such result; or
 * -errno with one line in err (HZ_ERROR_MAX bytes). */
int hz_rpc_long_new(struct hz_client *c, const char *method, const cJSON *params,
                    struct hz_rpc_long **l, char *err);
void hz_rpc_long_free(void *l); /* NULL is allowed */

enum hz_rpc_next {
    HZ_RPC_MORE, /* call again when the piece is sent */
    HZ_RPC_WAIT, /* call again with the next wake-up of the client */
    HZ_RPC_END,  /* that was the last piece; or the client was closed */
};
/* Why there will be no result, of which nothing was queued; "": there is, or will be, one. */
const char *hz_rpc_long_error(const struct hz_rpc_long *l);
/* Queues the next piece of the answer's member "result" for the client. */
enum hz_rpc_next hz_rpc_long_more(struct hz_client *c, struct hz_rpc_long *l);

#endif

/* The method `spectrum` of JSON-RPC: consecutive frames of a receiver's band
 * (daemon/receive/scope.h) as one result, in pieces of a frame. Loop thread. */
#ifndef HZ_DAEMON_SERVE_RPC_SPECTRUM_H
#define HZ_DAEMON_SERVE_RPC_SPECTRUM_H

#include "daemon/serve/rpc_long.h"

struct hz_rpc_spectrum;

enum { HZ_RPC_SPECTRUM_BYTES = 1 << 20 }; /* of levels in one result */

/* Begins to look; the client is woken when all frames are there, or when they have not come in
 * twice their time and five seconds more. params: the words of a view
 * (daemon/serve/spectrum_words.h), and `frames`. 0, or -errno with one line in err. */
int hz_rpc_spectrum_new(struct hz_client *c, const cJSON *params, struct hz_rpc_spectrum **s,
                        char *err, size_t err_len);
void hz_rpc_spectrum_free(struct hz_rpc_spectrum *s); /* NULL is allowed */

/* Whether frames are still to come. */
bool hz_rpc_spectrum_waits(const struct hz_rpc_spectrum *s);
/* Why they did not come in time; "": they did, or still may. */
const char *hz_rpc_spectrum_error(const struct hz_rpc_spectrum *s);
/* Queues the next piece for the client: all frames are there. */
enum hz_rpc_next hz_rpc_spectrum_more(struct hz_client *c, struct hz_rpc_spectrum *s);

#endif

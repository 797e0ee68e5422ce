/* One connection to hertzd's control socket: JSON-RPC 2.0, a request a line, plain blocking calls.
 * hertzctl only. Every failure leaves one line in `err`. */
#ifndef HZ_CTL_CLIENT_H
#define HZ_CTL_CLIENT_H

#include <cjson/cJSON.h>
#include <stddef.h>

struct hz_ctl_client {
    int fd;
    char *buf; /* what came and was not taken yet */
    size_t len, cap;
    size_t taken; /* bytes of the line given out last */
    char err[2048];
};

/* Connects. -errno. hz_ctl_done may be called after success or failure. */
int hz_ctl_connect(struct hz_ctl_client *c, const char *path);
void hz_ctl_done(struct hz_ctl_client *c);

/* Asks and waits up to 10 s for the answer: 0 with a tree in *result that the caller frees; -EPROTO
 * with the daemon's own words when it refused; other -errno. `params` may be NULL and stays the
 * caller's. */
int hz_ctl_call(struct hz_ctl_client *c, const char *method, cJSON *params, cJSON **result);

/* After "subscribe": waits as long as it takes for the next frame and gives its JSON text (without
 * newline, valid until the next call). -EPIPE: the daemon closed the connection. */
int hz_ctl_next_frame(struct hz_ctl_client *c, const char **json, size_t *len);

#endif

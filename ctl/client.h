/* A connection to hertzd's control socket: JSON-RPC 2.0, one request in a line, blocking calls. For
 * hertzctl only. Every failure leaves one line in `err`. */
#ifndef HZ_CTL_CLIENT_H
#define HZ_CTL_CLIENT_H

#include <cjson/cJSON.h>
#include <stddef.h>

struct hz_ctl_client {
    int fd;
    char *buf; /* received bytes that were not taken yet */
    size_t len, cap;
    size_t taken; /* bytes of the line that was returned last */
    char err[2048];
};

/* Connects. 0 or -errno. hz_ctl_done may be called after success or failure. */
int hz_ctl_connect(struct hz_ctl_client *c, const char *path);
void hz_ctl_done(struct hz_ctl_client *c);

/* Sends a request and waits up to 10 s for the answer. 0 with a tree in *result that the caller
 * frees; -EPROTO with the daemon's error text if it refused; other -errno. `params` may be NULL and
 * is borrowed. */
int hz_ctl_call(struct hz_ctl_client *c, const char *method, cJSON *params, cJSON **result);

/* After "subscribe": waits without limit for the next frame and returns its JSON text (without
 * newline, valid until the next call). -EPIPE: the daemon closed the connection. */
int hz_ctl_next_frame(struct hz_ctl_client *c, const char **json, size_t *len);

#endif

/* The control interface: what the Unix socket's JSON-RPC, /status and hertzctl can ask for.
 * One call shape, so that transports know nothing of what is behind it. Loop thread. */
#ifndef HZ_DAEMON_SERVE_CONTROL_H
#define HZ_DAEMON_SERVE_CONTROL_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* Answers `method` ("status", "receivers", "channels", "clients", "decoders", "reload") with a
 * new cJSON tree in *result, which the caller frees. 0; -ENOSYS: no such method; -EINVAL: params
 * wrong; other -errno: it failed. On failure `err` holds one line for people and *result is
 * untouched. params may be NULL. */
typedef int hz_control_fn(void *ctx, const char *method, const cJSON *params, cJSON **result,
                          char *err, size_t err_len);

#endif

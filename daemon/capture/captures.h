/* Captures: the recent samples of receivers are held, and saved when something happens. Each is a
 * [capture NAME] section; docs/capture.md. Loop thread. */
#ifndef HZ_DAEMON_CAPTURE_CAPTURES_H
#define HZ_DAEMON_CAPTURE_CAPTURES_H

#include "config/kind.h"
#include "daemon/bus/bus.h"
#include "daemon/receive/receiver.h"

#include <cjson/cJSON.h>

struct hz_captures;

struct hz_capture_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    const struct hz_decoder *const *protocols; /* all decoders; ends with NULL */
    /* The receiver of that name; NULL: there is none now. */
    struct hz_receiver *(*receiver)(void *ctx, const char *name);
    void *ctx;
};

/* Everything of env is borrowed until hz_captures_close is done. NULL: no memory. */
struct hz_captures *hz_captures_new(const struct hz_capture_env *env);
/* Begins new captures and ends those that are no longer in the configuration; an unchanged one goes
 * on. One that holds the same as before takes over the samples. 0 or -ENOMEM. */
int hz_captures_set(struct hz_captures *s, struct hz_conf_capture *const *conf, size_t n);
/* Ends all, lets them write what they have begun, then calls done and frees s. */
void hz_captures_close(struct hz_captures *s, void (*done)(void *ctx), void *ctx);

/* A block of a receiver, as it arrives. */
void hz_captures_block(struct hz_captures *s, struct hz_receiver *r, const struct hz_block *b);

/* Begins to save samples by command: the latest `seconds` (0: as the section has it) and what comes
 * in the section's `after`. `captures` of the status tells when number *number is done. 0; -ENOENT:
 * no such section; -EBUSY, -EAGAIN: not now, -EINVAL; with one line in err. */
int hz_captures_ask(struct hz_captures *s, const char *name, double seconds, uint64_t *number,
                    char *err, size_t err_len);

/* The array of captures for status. NULL: no memory. */
cJSON *hz_captures_json(const struct hz_captures *s);

/* For hz_conf_kinds.check_capture. */
void hz_capture_check(const struct hz_check *c, struct hz_conf_capture *conf);

#endif

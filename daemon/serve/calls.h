/* The functions of the daemon that listeners call. The daemon passes a table of them, so that this
 * folder does not depend on it. Loop thread. */
#ifndef HZ_DAEMON_SERVE_CALLS_H
#define HZ_DAEMON_SERVE_CALLS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The settings of a receiver that can be changed while it streams. */
enum hz_knob {
    HZ_KNOB_CENTRE, /* Hz */
    HZ_KNOB_GAIN,   /* dB; NAN: automatic */
    HZ_KNOB_PPM,
    HZ_KNOB_BIAS, /* 0: off, 1: on */
    HZ_KNOBS,
};

enum { HZ_RECORDINGS_MAX = 500 }; /* in one answer */

/* Functions with `err` (of err_len bytes) write one line of text to it when they fail. */
struct hz_serve_calls {
    /* The daemon's status: a new tree, which the caller frees. NULL: no memory. */
    cJSON *(*status)(void *ctx);
    /* The same as text for Prometheus, which the caller frees with free(). NULL: no memory. */
    char *(*metrics)(void *ctx);
    /* False, with the reason in err, if something in the configuration does not work. */
    bool (*healthy)(void *ctx, char *err, size_t err_len);
    /* Requests a change of a receiver. force: also to a centre at which channels are outside the
     * band. 0: the change is under way. -EBUSY: another change is under way. -EINVAL: a wrong
     * value, or an unknown receiver. Other -errno: not possible. */
    int (*set)(void *ctx, const char *receiver, enum hz_knob knob, double value, bool force,
               char *err, size_t err_len);
    /* The newest recordings, at most `limit`, as {"recordings":[…]}; channel: only its, or NULL. A
     * new tree, which the caller frees. NULL: no memory. */
    cJSON *(*recordings)(void *ctx, const char *channel, size_t limit);
    /* The path of the recording that is listed as `file`. False: there is none. */
    bool (*recording)(void *ctx, const char *file, char *path, size_t size);
    /* The tuner of a receiver's source (its number in rtl_tcp) and the number of its gains. False:
     * unknown. */
    bool (*tuner)(void *ctx, const char *receiver, uint32_t *tuner, uint32_t *n_gains);
    /* For clients of the control socket only: calls a method of JSON-RPC. params may be NULL. 0,
     * with a new tree in *result, which the caller frees; -ENOSYS: unknown method; -EINVAL: wrong
     * params; other -errno: it failed. On failure *result is unchanged. */
    int (*control)(void *ctx, const char *method, const cJSON *params, cJSON **result, char *err,
                   size_t err_len);
};

#endif

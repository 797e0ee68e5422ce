/* What the listeners ask of the daemon behind them. The daemon hands in a table of typed functions,
 * so nothing in this folder knows what is behind it. Loop thread. */
#ifndef HZ_DAEMON_SERVE_CALLS_H
#define HZ_DAEMON_SERVE_CALLS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What of a receiver can be changed while it streams. */
enum hz_knob {
    HZ_KNOB_CENTRE, /* Hz */
    HZ_KNOB_GAIN,   /* dB; NAN: automatic */
    HZ_KNOB_PPM,
    HZ_KNOB_BIAS, /* 0: off, 1: on */
    HZ_KNOBS,
};

/* The functions with `err` (of err_len bytes) leave one line for people there when they fail. */
struct hz_serve_calls {
    /* The daemon's status: a new tree, which the caller frees. NULL: no memory. */
    cJSON *(*status)(void *ctx);
    /* False, with the reason in err, when something that the configuration wants is not there. */
    bool (*healthy)(void *ctx, char *err, size_t err_len);
    /* Asks a receiver for a change. `force`: also to a centre at which channels hear nothing.
     * 0: under way. -EBUSY: another change is. -EINVAL: a wrong value, or no such receiver. Other
     * -errno: it cannot. */
    int (*set)(void *ctx, const char *receiver, enum hz_knob knob, double value, bool force,
               char *err, size_t err_len);
    /* The tuner of a receiver's source (its number in rtl_tcp) and how many gains it has. False:
     * not known. */
    bool (*tuner)(void *ctx, const char *receiver, uint32_t *tuner, uint32_t *n_gains);
    /* For clients of the control socket alone: answers a method of JSON-RPC with a new tree in
     * *result, which the caller frees. params may be NULL. 0; -ENOSYS: no such method; -EINVAL:
     * wrong params; other -errno: it failed, and *result is untouched. */
    int (*control)(void *ctx, const char *method, const cJSON *params, cJSON **result, char *err,
                   size_t err_len);
};

#endif

/* Inputs bring messages of other programs onto the bus. Each is an [input NAME] section of the
 * configuration. A kind of input is one file with a struct hz_input_kind, and one line in kinds.c.
 *
 * What an input does in one turn of the loop is bounded (hz_input_budget): all inputs together work
 * for about 1 ms, and what is left waits for the next turn, in the socket if possible. Loop thread:
 * everything here. */
#ifndef HZ_DAEMON_INPUT_INPUT_H
#define HZ_DAEMON_INPUT_INPUT_H

#include "config/kind.h"
#include "daemon/bus/bus.h"
#include "daemon/bus/fold.h"

#include <cjson/cJSON.h>

/* All borrowed. */
struct hz_input_env {
    uv_loop_t *loop;
    struct hz_bus *bus;
    struct hz_fold *fold;
    const struct hz_decoder *const *decoders; /* ends with NULL */
    struct hz_input_budget *budget;           /* NULL: the set of inputs gives its own */
};

struct hz_input_ops {
    /* Where the messages come from, for status and the log. Never NULL. */
    const char *(*target)(const struct hz_conf_input *conf);
    /* Begins; whatever it needs is tried until it is there. conf outlives the state. NULL: no
     * memory. */
    void *(*open)(const struct hz_input_env *env, const struct hz_conf_input *conf);
    /* Ends it and frees it; calls closed, at once or later, when the loop has let go of it. */
    void (*close)(void *state, void (*closed)(void *ctx), void *ctx);
    /* Adds its members to the input's status: "state" (up, connecting, waiting, listening), and
     * "error" (what is wrong, in one line) where something is. */
    void (*status)(void *state, cJSON *item);
};

struct hz_input_kind {
    struct hz_conf_kind kind; /* must be the first member: hz_input_kinds lists pointers to it */
    struct hz_input_ops ops;
};

extern const struct hz_input_kind hz_input_tcp, hz_input_udp, hz_input_nats;

struct hz_inputs;

/* Makes an empty set. NULL: no memory. */
struct hz_inputs *hz_inputs_new(const struct hz_input_env *env);
/* Opens new inputs and closes those that are no longer in the configuration. An unchanged one stays
 * as it is; a changed one is closed, then opened again. 0 or -ENOMEM. */
int hz_inputs_set(struct hz_inputs *all, struct hz_conf_input *const *conf, size_t n);
/* Closes all inputs, then calls done and frees the set. */
void hz_inputs_close(struct hz_inputs *all, void (*done)(void *ctx), void *ctx);

/* The array of inputs for status; all may be NULL. NULL: no memory. */
cJSON *hz_inputs_json(struct hz_inputs *all);

/* ---- the work of one turn of the loop ----------------------------------------------------- */

struct hz_input_budget;

/* Who has work left. Embedded in its owner; zero before it waits for the first time. */
struct hz_input_waiter {
    void (*go_on)(struct hz_input_waiter *w); /* in the next turn */
    struct hz_input_waiter *next;
    bool waits;
};

/* Whether there is time left in this turn. */
bool hz_input_budget_left(struct hz_input_budget *b);
/* Calls go_on in the next turn, once. */
void hz_input_budget_wait(struct hz_input_budget *b, struct hz_input_waiter *w);
void hz_input_budget_leave(struct hz_input_budget *b, struct hz_input_waiter *w);

#endif

/* The topics under which an input publishes, one for each protocol, and their place in the fold.
 * Loop thread. */
#ifndef HZ_DAEMON_INPUT_OUTLET_H
#define HZ_DAEMON_INPUT_OUTLET_H

#include "daemon/input/input.h"

enum { HZ_OUTLET_MAX = 32 };

struct hz_outlet {
    const struct hz_input_env *env;          /* the owner's */
    const char *name;                        /* of the input: receiver and channel */
    struct hz_fold_from from[HZ_OUTLET_MAX]; /* decoder NULL: this daemon has none of that name */
    size_t n;
};

/* Both borrowed. */
void hz_outlet_init(struct hz_outlet *t, const struct hz_input_env *env, const char *name);
/* Withdraws all topics. */
void hz_outlet_done(struct hz_outlet *t);

/* Makes the topic of a protocol. False: no memory, or there are too many. */
bool hz_outlet_announce(struct hz_outlet *t, const char *protocol);
/* Passes a message through the fold. apart_ns: by how much its time may be wrong; 0: as that of a
 * receiver. False: as hz_outlet_announce. */
bool hz_outlet_publish(struct hz_outlet *t, const char *protocol, const struct hz_record *rec,
                       int64_t apart_ns);
/* Everything that the other program heard up to then has come. */
void hz_outlet_passed(struct hz_outlet *t, int64_t until_ns);

#endif

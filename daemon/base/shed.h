/* What to do when a queue is full: drop what comes until half of the queue is free. That makes one
 * long gap instead of many short ones. Not locked: the owner of the queue calls it. */
#ifndef HZ_DAEMON_BASE_SHED_H
#define HZ_DAEMON_BASE_SHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: nothing was dropped yet. */
struct hz_shed {
    bool dropping;
    uint64_t times; /* times the queue was found full */
};

/* Whether the item that comes now must be dropped; `used` of `limit` places are taken. */
bool hz_shed(struct hz_shed *s, size_t used, size_t limit);

#endif

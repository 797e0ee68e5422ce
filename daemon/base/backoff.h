/* The wait between two tries of something that fails: doubled each time, and spread by up to a
 * quarter so that several do not try in step. Not locked: its owner calls it. */
#ifndef HZ_DAEMON_BASE_BACKOFF_H
#define HZ_DAEMON_BASE_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing failed yet. */
struct hz_backoff {
    uint64_t next_ms; /* of the next wait; 0: the first, HZ_BACKOFF_MIN_MS */
};

enum { HZ_BACKOFF_MIN_MS = 1000 };

/* It failed: how many ms to wait until the next try, limit_ms and an eighth at most. */
uint64_t hz_backoff_next(struct hz_backoff *b, uint64_t limit_ms);
/* It works again, or there is reason to try at once. */
void hz_backoff_reset(struct hz_backoff *b);
/* It failed since the last reset. */
bool hz_backoff_failing(const struct hz_backoff *b);

#endif

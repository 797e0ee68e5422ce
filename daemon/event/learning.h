/* Since when each receiver is heard: who is there already when it begins is not new. A receiver
 * that was away for some minutes begins anew. Loop thread. */
#ifndef HZ_DAEMON_EVENT_LEARNING_H
#define HZ_DAEMON_EVENT_LEARNING_H

#include "daemon/bus/frame.h"

enum { HZ_LEARNING_MAX = 256 }; /* receivers; one more counts as heard since the start */

struct hz_learning {
    struct hz_learner {
        char receiver[HZ_NAME_MAX + 1];
        uint64_t since_ms; /* of the loop's clock: when it began */
        uint64_t away_ms;  /* when it stopped delivering samples; 0: it delivers */
    } list[HZ_LEARNING_MAX];
    size_t n;
};

/* A receiver has changed its state. */
void hz_learning_state(struct hz_learning *l, const struct hz_frame *state, uint64_t now_ms);
/* When the receiver began, of which a message has come. */
uint64_t hz_learning_since(struct hz_learning *l, const char *receiver, uint64_t now_ms);

#endif

/* Who listens to speech as Opus: players, pages and recordings. A channel codes its speech only
 * while somebody listens to it, once for all of them: what comes of it is in the frames of speech
 * on the bus. Loop thread. */
#ifndef HZ_DAEMON_BUS_AUDIENCE_H
#define HZ_DAEMON_BUS_AUDIENCE_H

#include "daemon/bus/subscription.h"

/* One who listens, or several together. Embedded in its owner, who fills in the first two. */
struct hz_listening {
    const struct hz_subscription *filter; /* whose speech; borrowed */
    size_t n;
    struct hz_listening *next;
};

struct hz_audience {
    struct hz_listening *first;
};

/* From the next jobs of the channels on, or until now. Leaving twice does nothing. */
void hz_audience_join(struct hz_audience *a, struct hz_listening *l);
void hz_audience_leave(struct hz_audience *a, struct hz_listening *l);

/* How many listen to that channel. */
size_t hz_audience_of(const struct hz_audience *a, const struct hz_topic *channel);

#endif

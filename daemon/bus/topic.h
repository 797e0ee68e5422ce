/* What a frame is about: shared by all frames of one channel or receiver, and what filters look at.
 * Loop thread. */
#ifndef HZ_DAEMON_BUS_TOPIC_H
#define HZ_DAEMON_BUS_TOPIC_H

#include "config/config.h"
#include "proto/out/record.h"

struct hz_bus;

struct hz_topic {
    int refs;
    struct hz_bus *bus; /* where it was announced (hz_bus_announce), or NULL */
    struct hz_topic *next_known;
    char receiver[HZ_NAME_MAX + 1];
    char channel[HZ_NAME_MAX + 1];  /* "": about the receiver as a whole */
    char protocol[HZ_NAME_MAX + 1]; /* "": none */
    char station[HZ_NAME_MAX + 1];  /* another hertzd that heard it; "": this one */
};

/* With one reference; strings are cut at HZ_NAME_MAX; NULL: no memory. */
struct hz_topic *hz_topic_new(const char *receiver, const char *channel, const char *protocol);
/* Likewise, of another hertzd's receiver. */
struct hz_topic *hz_topic_of_station(const char *station, const char *receiver, const char *channel,
                                     const char *protocol);
struct hz_topic *hz_topic_ref(struct hz_topic *t);
void hz_topic_unref(struct hz_topic *t);

#endif

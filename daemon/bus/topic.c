#include "daemon/bus/topic.h"

#include <stdio.h>
#include <stdlib.h>

struct hz_topic *hz_topic_new(const char *receiver, const char *channel, const char *protocol)
{
    struct hz_topic *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->refs = 1;
    snprintf(t->receiver, sizeof t->receiver, "%s", receiver);
    snprintf(t->channel, sizeof t->channel, "%s", channel);
    snprintf(t->protocol, sizeof t->protocol, "%s", protocol);
    return t;
}

struct hz_topic *hz_topic_of_station(const char *station, const char *receiver, const char *channel,
                                     const char *protocol)
{
    struct hz_topic *t = hz_topic_new(receiver, channel, protocol);
    if (t)
        snprintf(t->station, sizeof t->station, "%s", station);
    return t;
}

struct hz_topic *hz_topic_ref(struct hz_topic *t)
{
    t->refs++;
    return t;
}

void hz_topic_unref(struct hz_topic *t)
{
    if (t && --t->refs == 0)
        free(t);
}

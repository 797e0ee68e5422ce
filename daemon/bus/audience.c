#include "daemon/bus/audience.h"

void hz_audience_join(struct hz_audience *a, struct hz_listening *l)
{
    l->next = a->first;
    a->first = l;
}

void hz_audience_leave(struct hz_audience *a, struct hz_listening *l)
{
    struct hz_listening **at = &a->first;
    while (*at && *at != l)
        at = &(*at)->next;
    if (*at)
        *at = l->next;
}

size_t hz_audience_of(const struct hz_audience *a, const struct hz_topic *channel)
{
    size_t n = 0;
    for (const struct hz_listening *l = a->first; l; l = l->next)
        n += hz_subscription_takes_topic(l->filter, channel) ? l->n : 0;
    return n;
}

#include "daemon/output/mqtt_flight.h"

#include <stdlib.h>
#include <string.h>

struct hz_mqtt_flight *hz_mqtt_flight_add(struct hz_mqtt_flights *all,
                                          const struct hz_mqtt_publish *p, bool frame)
{
    size_t topic = strlen(p->topic) + 1;
    struct hz_mqtt_flight *f = malloc(sizeof *f + topic + p->len);
    if (!f)
        return NULL;
    *f = (struct hz_mqtt_flight){.frame = frame, .publish = *p};
    memcpy(f->data, p->topic, topic);
    if (p->len > 0)
        memcpy(f->data + topic, p->payload, p->len);
    f->publish.topic = f->data;
    f->publish.payload = f->data + topic;
    if (all->last)
        all->last->next = f;
    else
        all->first = f;
    all->last = f;
    all->n++;
    all->frames += frame;
    return f;
}

struct hz_mqtt_flight *hz_mqtt_flight_find(const struct hz_mqtt_flights *all, int mid)
{
    struct hz_mqtt_flight *f = all->first;
    while (f && f->mid != mid)
        f = f->next;
    return f;
}

void hz_mqtt_flight_remove(struct hz_mqtt_flights *all, struct hz_mqtt_flight *f)
{
    struct hz_mqtt_flight **at = &all->first, *before = NULL;
    while (*at != f) {
        before = *at;
        at = &(*at)->next;
    }
    *at = f->next;
    if (all->last == f)
        all->last = before;
    all->n--;
    all->frames -= f->frame;
    free(f);
}

void hz_mqtt_flights_lost(struct hz_mqtt_flights *all)
{
    for (struct hz_mqtt_flight *f = all->first, *next; f; f = next) {
        next = f->next;
        f->mid = 0;
        if (!f->frame)
            hz_mqtt_flight_remove(all, f);
    }
}

void hz_mqtt_flights_clear(struct hz_mqtt_flights *all)
{
    while (all->first)
        hz_mqtt_flight_remove(all, all->first);
}

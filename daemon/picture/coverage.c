#include "daemon/picture/coverage.h"

#include <stdlib.h>
#include <string.h>

static bool same_channel(const struct hz_topic *a, const struct hz_topic *b)
{
    return a == b || (strcmp(a->receiver, b->receiver) == 0 &&
                      strcmp(a->channel, b->channel) == 0 && strcmp(a->protocol, b->protocol) == 0);
}

/* NULL: there are too many channels, or no memory. */
static struct hz_reach *reach_of(struct hz_coverage *c, struct hz_topic *topic)
{
    for (size_t i = 0; i < c->n; i++) {
        if (same_channel(c->list[i]->topic, topic))
            return c->list[i];
    }
    if (c->n == HZ_COVERAGE_MAX)
        return NULL;
    struct hz_reach **list = realloc(c->list, (c->n + 1) * sizeof *list);
    struct hz_reach *r = calloc(1, sizeof *r);
    c->list = list ? list : c->list;
    if (!list || !r) {
        free(r);
        return NULL;
    }
    r->topic = hz_topic_ref(topic);
    return c->list[c->n++] = r;
}

void hz_coverage_add(struct hz_coverage *c, struct hz_topic *topic, struct hz_place antenna,
                     double limit_m, const struct hz_sector *heard)
{
    struct hz_reach *r = reach_of(c, topic);
    if (!r)
        return;
    if (r->antenna.lat != antenna.lat || r->antenna.lon != antenna.lon) {
        *r = (struct hz_reach){.topic = r->topic, .antenna = antenna};
    }
    double distance = hz_earth_distance(antenna, heard->at);
    if (distance > limit_m)
        return;
    r->messages++;
    size_t i = (size_t)(hz_earth_bearing(antenna, heard->at) / (360.0 / HZ_SECTORS)) % HZ_SECTORS;
    if (distance <= r->sectors[i].max_m)
        return;
    r->sectors[i] = *heard;
    r->sectors[i].max_m = distance;
}

void hz_coverage_free(struct hz_coverage *c)
{
    for (size_t i = 0; i < c->n; i++) {
        hz_topic_unref(c->list[i]->topic);
        free(c->list[i]);
    }
    free(c->list);
    *c = (struct hz_coverage){0};
}

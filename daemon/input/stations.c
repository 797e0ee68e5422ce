#include "daemon/input/stations.h"

#include "daemon/bus/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOPICS_MAX = 256 };

static struct hz_station **slot_of(struct hz_stations *s, const char *name)
{
    uint32_t h = 0x811c9dc5u;
    for (const char *p = name; *p; p++)
        h = (h ^ (uint8_t)*p) * 0x01000193u;
    return &s->slots[h % HZ_STATIONS_MAX];
}

struct hz_station *hz_stations_get(struct hz_stations *s, const char *name)
{
    struct hz_station **slot = slot_of(s, name);
    for (struct hz_station *st = *slot; st; st = st->same) {
        if (strcmp(st->name, name) == 0)
            return st;
    }
    struct hz_station *st = s->n < HZ_STATIONS_MAX ? calloc(1, sizeof *st) : NULL;
    if (!st)
        return NULL;
    snprintf(st->name, sizeof st->name, "%s", name);
    st->same = *slot;
    *slot = st;
    s->n++;
    return st;
}

static void free_station(struct hz_station *st)
{
    for (size_t i = 0; i < st->n_topics; i++) {
        hz_bus_withdraw(st->topics[i]);
        hz_topic_unref(st->topics[i]);
    }
    for (size_t i = 0; i < HZ_STATION_STREAMS; i++)
        free(st->streams[i].taken);
    free(st->topics);
    free(st);
}

void hz_stations_done(struct hz_stations *s)
{
    for (size_t i = 0; i < HZ_STATIONS_MAX; i++) {
        while (s->slots[i]) {
            struct hz_station *st = s->slots[i];
            s->slots[i] = st->same;
            free_station(st);
        }
    }
    s->n = 0;
}

/* ---- lines that came -------------------------------------------------------------------- */

/* The stream of that name, first in the list from now on; the one not heard for longest makes room.
 */
static struct hz_station_stream *stream_of(struct hz_station *st, const char *name)
{
    struct hz_station_stream *list = st->streams, found;
    size_t i = 0;
    while (i < HZ_STATION_STREAMS - 1 && strcmp(list[i].name, name) != 0)
        i++;
    found = list[i];
    if (strcmp(found.name, name) != 0) {
        free(found.taken);
        found = (struct hz_station_stream){0};
        snprintf(found.name, sizeof found.name, "%s", name);
    }
    memmove(&list[1], &list[0], i * sizeof *list);
    list[0] = found;
    return &list[0];
}

static void forget_between(struct hz_station_stream *x, uint64_t from, uint64_t to)
{
    if (to - from >= HZ_STATION_WINDOW) {
        memset(x->taken, 0, HZ_STATION_WINDOW / 8);
        return;
    }
    for (uint64_t seq = from; seq <= to; seq++)
        x->taken[seq % HZ_STATION_WINDOW / 8] &= (uint8_t) ~(1u << seq % 8);
}

bool hz_station_first(struct hz_station *st, const char *stream, uint64_t seq)
{
    struct hz_station_stream *x =
        strcmp(st->streams[0].name, stream) == 0 ? &st->streams[0] : stream_of(st, stream);
    if (!x->taken && !(x->taken = calloc(1, HZ_STATION_WINDOW / 8)))
        return true;
    if (seq > x->last) {
        forget_between(x, x->last + 1, seq);
        x->last = seq;
    } else if (x->last - seq >= HZ_STATION_WINDOW) {
        return true;
    }
    uint8_t *byte = &x->taken[seq % HZ_STATION_WINDOW / 8], bit = (uint8_t)(1u << seq % 8);
    bool first = !(*byte & bit);
    *byte |= bit;
    st->duplicates += !first;
    return first;
}

/* ---- channels --------------------------------------------------------------------------- */

struct hz_topic *hz_station_topic(struct hz_stations *s, struct hz_station *st,
                                  const char *receiver, const char *channel, const char *protocol)
{
    for (size_t i = 0; i < st->n_topics; i++) {
        struct hz_topic *t = st->topics[i];
        if (strcmp(t->channel, channel) == 0 && strcmp(t->receiver, receiver) == 0 &&
            strcmp(t->protocol, protocol) == 0)
            return t;
    }
    struct hz_topic *t = st->n_topics < TOPICS_MAX
                             ? hz_topic_of_station(st->name, receiver, channel, protocol)
                             : NULL;
    struct hz_topic **more =
        t ? realloc(st->topics, (st->n_topics + 1) * sizeof(struct hz_topic *)) : NULL;
    if (!more) {
        hz_topic_unref(t);
        return NULL;
    }
    st->topics = more;
    st->topics[st->n_topics++] = t;
    hz_bus_announce(s->bus, t);
    return t;
}

/* ---- what is told of them --------------------------------------------------------------- */

void hz_station_heard(struct hz_station *st, int64_t utc_ns, uint64_t now_ms, int64_t late_ns)
{
    st->messages++;
    st->last_ns = utc_ns > st->last_ns ? utc_ns : st->last_ns;
    st->heard_ms = now_ms;
    st->lag_s = (double)late_ns / 1e9;
}

void hz_stations_tick(struct hz_stations *s)
{
    for (size_t i = 0; i < HZ_STATIONS_MAX; i++) {
        for (struct hz_station *st = s->slots[i]; st; st = st->same) {
            double now = (double)(st->messages - st->rate_from);
            st->per_s += (now - st->per_s) / 5;
            st->rate_from = st->messages;
        }
    }
}

cJSON *hz_stations_json(const struct hz_stations *s, uint64_t now_ms)
{
    cJSON *list = cJSON_CreateArray();
    char text[HZ_TIME_TEXT];
    for (size_t i = 0; i < HZ_STATIONS_MAX; i++) {
        for (const struct hz_station *st = s->slots[i]; st; st = st->same) {
            cJSON *o = cJSON_CreateObject();
            hz_time_text(st->last_ns, text);
            cJSON_AddStringToObject(o, "name", st->name);
            cJSON_AddStringToObject(o, "last", text);
            cJSON_AddNumberToObject(o, "age_s", (double)(now_ms - st->heard_ms) / 1e3);
            cJSON_AddNumberToObject(o, "lag_s", st->lag_s);
            cJSON_AddNumberToObject(o, "per_s", st->per_s);
            cJSON_AddNumberToObject(o, "messages", (double)st->messages);
            cJSON_AddNumberToObject(o, "duplicates", (double)st->duplicates);
            cJSON_AddNumberToObject(o, "channels", (double)st->n_topics);
            cJSON_AddItemToArray(list, o);
        }
    }
    return list;
}

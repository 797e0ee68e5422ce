/* What the outputs have recorded, for clients. */
#include "daemon/output/output.h"
#include "daemon/output/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHELVES_MAX = 64 };

/* A shelf and how many of its recordings were not listed yet. */
struct place {
    const struct hz_shelf *shelf;
    const char *name, *root;
    size_t left;
};

struct places {
    struct place list[SHELVES_MAX];
    size_t n;
};

static void add_place(void *ctx, const struct hz_conf_output *conf, void *state)
{
    struct places *p = ctx;
    if (conf->kind != &hz_output_record.kind || p->n == SHELVES_MAX)
        return;
    struct place *at = &p->list[p->n++];
    at->shelf = hz_record_shelf(state, &at->root);
    at->name = conf->name;
    at->left = at->shelf->n;
}

/* The newest recording of all that were not listed yet; NULL: none is left. */
static const struct hz_taped *next_newest(struct places *p, const char **name)
{
    struct place *best = NULL;
    for (size_t i = 0; i < p->n; i++) {
        struct place *at = &p->list[i];
        if (at->left > 0 && (!best || at->shelf->list[at->left - 1]->utc_ns >
                                          best->shelf->list[best->left - 1]->utc_ns))
            best = at;
    }
    if (!best)
        return NULL;
    *name = best->name;
    return best->shelf->list[--best->left];
}

static cJSON *recording_json(const struct hz_taped *r, const char *name)
{
    char time[HZ_TIME_TEXT];
    hz_time_text(r->utc_ns, time);
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", name);
    cJSON_AddStringToObject(o, "file", r->file);
    cJSON_AddStringToObject(o, "receiver", r->receiver);
    cJSON_AddStringToObject(o, "channel", r->channel);
    cJSON_AddStringToObject(o, "time", time);
    cJSON_AddNumberToObject(o, "seconds", r->seconds);
    cJSON_AddNumberToObject(o, "bytes", (double)r->bytes);
    cJSON_AddStringToObject(o, "format", r->opus ? "opus" : "wav");
    return o;
}

cJSON *hz_outputs_recordings(const struct hz_outputs *all, const char *channel, size_t limit)
{
    struct places p = {.n = 0};
    const char *name = "";
    const struct hz_taped *r;
    cJSON *o = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(o, "recordings");
    hz_outputs_each(all, add_place, &p);
    while (limit > 0 && (r = next_newest(&p, &name))) {
        if (channel && strcmp(channel, r->channel) != 0)
            continue;
        cJSON_AddItemToArray(list, recording_json(r, name));
        limit--;
    }
    return o;
}

bool hz_outputs_recording(const struct hz_outputs *all, const char *file, char *path, size_t size)
{
    struct places p = {.n = 0};
    hz_outputs_each(all, add_place, &p);
    for (size_t i = 0; i < p.n; i++) {
        if (hz_shelf_find(p.list[i].shelf, file))
            return (size_t)snprintf(path, size, "%s/%s", p.list[i].root, file) < size;
    }
    return false;
}

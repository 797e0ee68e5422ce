#include "daemon/input/outlet.h"

#include <string.h>

void hz_outlet_init(struct hz_outlet *t, const struct hz_input_env *env, const char *name)
{
    *t = (struct hz_outlet){.env = env, .name = name};
}

void hz_outlet_done(struct hz_outlet *t)
{
    hz_fold_flush(t->env->fold, t);
    for (size_t i = 0; i < t->n; i++) {
        hz_fold_leave(t->env->fold, t->from[i].topic);
        hz_bus_withdraw(t->from[i].topic);
        hz_topic_unref(t->from[i].topic);
    }
    t->n = 0;
}

static const struct hz_decoder *decoder_of(const struct hz_outlet *t, const char *protocol)
{
    for (const struct hz_decoder *const *d = t->env->decoders; *d; d++) {
        if (strcmp((*d)->name, protocol) == 0)
            return *d;
    }
    return NULL;
}

static struct hz_fold_from *find(struct hz_outlet *t, const char *protocol)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->from[i].topic->protocol, protocol) == 0)
            return &t->from[i];
    }
    return NULL;
}

bool hz_outlet_announce(struct hz_outlet *t, const char *protocol)
{
    struct hz_topic *topic = t->n < HZ_OUTLET_MAX ? hz_topic_new(t->name, t->name, protocol) : NULL;
    if (!topic)
        return false;
    struct hz_fold_from *from = &t->from[t->n++];
    *from = (struct hz_fold_from){
        .decoder = decoder_of(t, protocol), .topic = topic, .stream = t, .timed = true};
    hz_bus_announce(t->env->bus, topic);
    if (from->decoder)
        hz_fold_join(t->env->fold, from);
    return true;
}

bool hz_outlet_publish(struct hz_outlet *t, const char *protocol, const struct hz_record *rec,
                       int64_t apart_ns)
{
    struct hz_fold_from *from = find(t, protocol);
    if (!from && hz_outlet_announce(t, protocol))
        from = find(t, protocol);
    if (!from)
        return false;
    from->apart_ns = apart_ns;
    if (from->decoder)
        hz_fold_publish(t->env->fold, from, rec);
    else
        hz_bus_publish(t->env->bus, hz_frame_new(from->topic, rec, "", 0));
    return true;
}

void hz_outlet_passed(struct hz_outlet *t, int64_t until_ns)
{
    for (size_t i = 0; i < t->n; i++) {
        t->from[i].until_ns = until_ns;
        if (t->from[i].decoder)
            hz_fold_passed(t->env->fold, &t->from[i]);
    }
}

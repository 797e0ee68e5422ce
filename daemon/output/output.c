#include "daemon/output/output_own.h"

#include "daemon/bus/codes.h"
#include "daemon/output/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 1000 };

struct hz_outputs {
    struct hz_output_env env;
    struct hz_output *first;
    uv_timer_t timer;
    bool closing, timer_closed;
    void (*done)(void *ctx);
    void *done_ctx;
};

static const char *target(const struct hz_output *o)
{
    return o->kind->target(o->conf);
}

void hz_output_show(const struct hz_output *o, char out[HZ_TARGET_MAX])
{
    if (o->kind->show)
        o->kind->show(o->conf, out);
    else
        snprintf(out, HZ_TARGET_MAX, "%s", target(o));
}

bool hz_output_must_wait(const struct hz_output *o)
{
    for (const struct hz_output *p = o->all->first; p; p = p->next) {
        if (!p->wanted && p->way->holds(p) && strcmp(target(p), target(o)) == 0)
            return true;
    }
    return false;
}

int hz_output_cursor(const struct hz_output *o, struct hz_cursor *cursor, unsigned kinds)
{
    struct hz_subscription s;
    char err[HZ_OUTPUT_ERROR_MAX];
    hz_cursor_init(cursor, o->env->bus);
    hz_output_filter(o->conf, o->env->protocols, &s, err, sizeof err); /* its values were checked */
    if (kinds)
        s.kinds = kinds;
    return hz_cursor_subscribe(cursor, &s, err, sizeof err);
}

uint64_t hz_output_missed(struct hz_cursor *cursor)
{
    struct hz_cursor_gap gap;
    uint64_t missed = 0;
    if (!hz_cursor_gap(cursor, &gap))
        return 0;
    for (int i = 0; i < HZ_LOGS; i++)
        missed += gap.missed[i];
    return missed;
}

/* ---- the list --------------------------------------------------------------------------- */

static void tick_all(struct hz_outputs *all)
{
    for (struct hz_output *o = all->first; o; o = o->next)
        o->way->tick(o);
}

static void on_tick(uv_timer_t *timer)
{
    tick_all(timer->data);
}

static void maybe_done(struct hz_outputs *all)
{
    if (!all->closing || all->first || !all->timer_closed)
        return;
    void (*done)(void *ctx) = all->done;
    void *ctx = all->done_ctx;
    hz_codes_free(all->env.codes);
    free(all);
    done(ctx);
}

void hz_output_gone(struct hz_output *o)
{
    struct hz_outputs *all = o->all;
    struct hz_output **at = &all->first;
    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    hz_conf_output_free(o->conf);
    free(o);
    if (all->closing)
        maybe_done(all);
    else
        tick_all(all); /* one may have waited for its destination */
}

struct hz_outputs *hz_outputs_new(const struct hz_output_env *env)
{
    struct hz_outputs *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->env = *env;
    o->env.codes = hz_codes_new();
    if (!o->env.codes) {
        free(o);
        return NULL;
    }
    uv_timer_init(env->loop, &o->timer);
    o->timer.data = o;
    uv_unref((uv_handle_t *)&o->timer);
    uv_timer_start(&o->timer, on_tick, TICK_MS, TICK_MS);
    return o;
}

static int add(struct hz_outputs *all, const struct hz_conf_output *conf)
{
    const struct hz_output_kind *kind = (const struct hz_output_kind *)conf->kind;
    const struct hz_output_way *way = kind->way       ? kind->way
                                      : kind->carrier ? &hz_output_of_link
                                                      : &hz_output_of_worker;
    struct hz_output *o = calloc(1, way->size);
    if (!o || !(o->conf = hz_conf_output_copy(conf))) {
        free(o);
        return -ENOMEM;
    }
    o->all = all;
    o->env = &all->env;
    o->kind = kind;
    o->way = way;
    o->wanted = true;
    int rc = way->start(o);
    if (rc < 0) {
        hz_conf_output_free(o->conf);
        free(o);
        return rc;
    }
    struct hz_output **last = &all->first;
    while (*last)
        last = &(*last)->next;
    *last = o;
    return 0;
}

static bool is_wanted(const struct hz_output *o, struct hz_conf_output *const *conf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (hz_conf_output_same(conf[i], o->conf))
            return true;
    }
    return false;
}

static bool is_there(const struct hz_outputs *all, const struct hz_conf_output *conf)
{
    for (const struct hz_output *o = all->first; o; o = o->next) {
        if (o->wanted && hz_conf_output_same(conf, o->conf))
            return true;
    }
    return false;
}

int hz_outputs_set(struct hz_outputs *all, struct hz_conf_output *const *conf, size_t n)
{
    for (struct hz_output *o = all->first; o; o = o->next) {
        if (!o->wanted || is_wanted(o, conf, n))
            continue;
        o->wanted = false;
        o->way->leave(o);
    }
    for (size_t i = 0; i < n; i++) {
        if (is_there(all, conf[i]))
            continue;
        if (add(all, conf[i]) != 0)
            return -ENOMEM;
    }
    tick_all(all);
    return 0;
}

static void on_timer_closed(uv_handle_t *h)
{
    struct hz_outputs *all = h->data;
    all->timer_closed = true;
    maybe_done(all);
}

void hz_outputs_close(struct hz_outputs *all, void (*done)(void *ctx), void *ctx)
{
    all->closing = true;
    all->done = done;
    all->done_ctx = ctx;
    hz_outputs_set(all, NULL, 0);
    uv_close((uv_handle_t *)&all->timer, on_timer_closed);
}

void hz_outputs_each(const struct hz_outputs *all,
                     void (*fn)(void *ctx, const struct hz_conf_output *conf, void *state),
                     void *ctx)
{
    for (const struct hz_output *o = all->first; o; o = o->next) {
        void *state = o->way == &hz_output_of_worker ? hz_worker_state(o) : NULL;
        if (state)
            fn(ctx, o->conf, state);
    }
}

cJSON *hz_outputs_json(struct hz_outputs *all)
{
    cJSON *array = cJSON_CreateArray();
    for (struct hz_output *o = all->first; array && o; o = o->next) {
        cJSON *item = cJSON_CreateObject();
        char shown[HZ_TARGET_MAX];
        hz_output_show(o, shown);
        cJSON_AddStringToObject(item, "name", o->conf->name);
        cJSON_AddStringToObject(item, "type", o->conf->kind->name);
        cJSON_AddStringToObject(item, "target", shown);
        o->way->describe(o, item);
        cJSON_AddItemToArray(array, item);
    }
    return array;
}

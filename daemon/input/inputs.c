/* The set of inputs. */
#include "daemon/base/log.h"
#include "daemon/input/budget.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct input {
    struct input *next;
    struct hz_inputs *all;
    struct hz_conf_input *conf; /* own copy */
    const struct hz_input_ops *ops;
    void *state; /* NULL: it has ended */
    bool closing;
    struct hz_conf_input *new_conf; /* opened when this one has closed; NULL: none */
};

struct hz_inputs {
    struct hz_input_env env;
    struct input *list;      /* in the order of the configuration, then those that close */
    bool ending;             /* the set closes */
    void (*done)(void *ctx); /* not NULL: called when the last input has closed */
    void *ctx;
};

static const struct hz_input_ops *ops_of(const struct hz_conf_input *conf)
{
    return &((const struct hz_input_kind *)(const void *)conf->kind)->ops;
}

static void free_input(struct input *in)
{
    hz_conf_input_free(in->conf);
    hz_conf_input_free(in->new_conf);
    free(in);
}

/* ---- the end ---------------------------------------------------------------------------- */

static void end_if_empty(struct hz_inputs *all)
{
    if (!all->done || all->list)
        return;
    hz_input_budget_close(all->env.budget);
    all->done(all->ctx);
    free(all);
}

static void take_out(struct hz_inputs *all, struct input *in)
{
    struct input **at = &all->list;
    while (*at != in)
        at = &(*at)->next;
    *at = in->next;
}

static int open_input(struct hz_inputs *all, struct hz_conf_input *conf);

static void on_closed(void *ctx)
{
    struct input *in = ctx;
    struct hz_inputs *all = in->all;
    struct hz_conf_input *again = all->ending ? NULL : in->new_conf;
    take_out(all, in);
    if (again) {
        in->new_conf = NULL;
        if (open_input(all, again) != 0)
            hz_log(LOG_ERR, "input %s: no memory", in->conf->name);
    }
    free_input(in);
    end_if_empty(all);
}

static void close_input(struct input *in)
{
    if (in->closing)
        return;
    in->closing = true;
    in->ops->close(in->state, on_closed, in);
}

void hz_inputs_close(struct hz_inputs *all, void (*done)(void *ctx), void *ctx)
{
    all->ending = true;
    for (struct input *in = all->list, *next; in; in = next) {
        next = in->next;
        close_input(in);
    }
    all->done = done;
    all->ctx = ctx;
    end_if_empty(all);
}

/* ---- the configuration ------------------------------------------------------------------ */

/* Takes conf over. */
static int open_input(struct hz_inputs *all, struct hz_conf_input *conf)
{
    struct input *in = calloc(1, sizeof *in), **last = &all->list;
    if (in)
        *in = (struct input){.all = all, .conf = conf, .ops = ops_of(conf)};
    if (in)
        in->state = in->ops->open(&all->env, conf);
    if (!in || !in->state) {
        hz_conf_input_free(conf);
        free(in);
        return -ENOMEM;
    }
    while (*last)
        last = &(*last)->next;
    *last = in;
    return 0;
}

static struct input *of_name(struct hz_inputs *all, const char *name)
{
    for (struct input *in = all->list; in; in = in->next) {
        if (strcmp(in->conf->name, name) == 0)
            return in;
    }
    return NULL;
}

static bool named(struct hz_conf_input *const *conf, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(conf[i]->name, name) == 0)
            return true;
    }
    return false;
}

/* One section: what runs stays, or is closed first. */
static int set_one(struct hz_inputs *all, const struct hz_conf_input *conf)
{
    struct input *in = of_name(all, conf->name);
    if (in && !in->closing && hz_conf_input_same(in->conf, conf))
        return 0;
    struct hz_conf_input *copy = hz_conf_input_copy(conf);
    if (!copy)
        return -ENOMEM;
    if (!in)
        return open_input(all, copy);
    hz_conf_input_free(in->new_conf);
    in->new_conf = copy;
    close_input(in);
    return 0;
}

int hz_inputs_set(struct hz_inputs *all, struct hz_conf_input *const *conf, size_t n)
{
    int rc = 0;
    for (struct input *in = all->list, *next; in; in = next) {
        next = in->next;
        if (named(conf, n, in->conf->name))
            continue;
        hz_conf_input_free(in->new_conf);
        in->new_conf = NULL;
        close_input(in);
    }
    for (size_t i = 0; i < n; i++) {
        int one = set_one(all, conf[i]);
        rc = rc ? rc : one;
    }
    return rc;
}

struct hz_inputs *hz_inputs_new(const struct hz_input_env *env)
{
    struct hz_inputs *all = calloc(1, sizeof *all);
    if (!all)
        return NULL;
    all->env = *env;
    all->env.budget = hz_input_budget_new(env->loop);
    if (all->env.budget)
        return all;
    free(all);
    return NULL;
}

/* ---- status ----------------------------------------------------------------------------- */

cJSON *hz_inputs_json(struct hz_inputs *all)
{
    cJSON *list = cJSON_CreateArray();
    for (struct input *in = all ? all->list : NULL; list && in; in = in->next) {
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "name", in->conf->name);
        cJSON_AddStringToObject(o, "type", in->conf->kind->name);
        cJSON_AddStringToObject(o, "target", in->ops->target(in->conf));
        if (in->closing)
            cJSON_AddStringToObject(o, "state", "closing");
        else
            in->ops->status(in->state, o);
        cJSON_AddItemToArray(list, o);
    }
    return list;
}

#include "daemon/capture/captures.h"

#include "daemon/capture/capture.h"
#include "daemon/capture/name.h"
#include "daemon/capture/trigger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 250 };

struct hz_captures {
    struct hz_capture_env env;
    struct hz_capture **list; /* in the order of the configuration, those that leave as well */
    size_t n, cap;
    uv_timer_t timer;
    bool closing, timer_closed;
    void (*done)(void *ctx);
    void *done_ctx;
};

static void on_tick(uv_timer_t *timer)
{
    struct hz_captures *s = timer->data;
    for (size_t i = 0; i < s->n; i++)
        hz_capture_tick(s->list[i]);
}

struct hz_captures *hz_captures_new(const struct hz_capture_env *env)
{
    struct hz_captures *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->env = *env;
    uv_timer_init(env->loop, &s->timer);
    s->timer.data = s;
    uv_unref((uv_handle_t *)&s->timer);
    uv_timer_start(&s->timer, on_tick, TICK_MS, TICK_MS);
    return s;
}

static void maybe_done(struct hz_captures *s)
{
    if (!s->closing || s->n > 0 || !s->timer_closed)
        return;
    void (*done)(void *ctx) = s->done;
    void *ctx = s->done_ctx;
    free(s->list);
    free(s);
    done(ctx);
}

static void on_gone(void *ctx, struct hz_capture *c)
{
    struct hz_captures *s = ctx;
    size_t i = 0;
    while (s->list[i] != c)
        i++;
    s->n--;
    memmove(&s->list[i], &s->list[i + 1], (s->n - i) * sizeof(struct hz_capture *));
    maybe_done(s);
}

/* That of the same name which leaves, the latest of them; NULL: there is none. */
static struct hz_capture *predecessor(const struct hz_captures *s, const char *name)
{
    for (size_t i = s->n; i-- > 0;) {
        struct hz_capture *c = s->list[i];
        if (hz_capture_leaves(c) && strcmp(hz_capture_conf(c)->name, name) == 0)
            return c;
    }
    return NULL;
}

static int begin(struct hz_captures *s, const struct hz_conf_capture *conf)
{
    if (s->n == s->cap) {
        size_t cap = s->cap > 0 ? 2 * s->cap : 8;
        struct hz_capture **more = realloc(s->list, cap * sizeof(struct hz_capture *));
        if (!more)
            return -ENOMEM;
        s->list = more;
        s->cap = cap;
    }
    struct hz_capture *c = hz_capture_new(&s->env, conf, on_gone, s);
    if (!c)
        return -ENOMEM;
    struct hz_capture *before = predecessor(s, conf->name);
    if (before)
        hz_capture_inherit(c, before);
    s->list[s->n++] = c;
    return 0;
}

/* The capture at work for a section; NULL: there is none. */
static struct hz_capture *find(const struct hz_captures *s, const struct hz_conf_capture *conf)
{
    for (size_t i = 0; i < s->n; i++) {
        struct hz_capture *c = s->list[i];
        if (!hz_capture_leaves(c) && hz_conf_capture_same(hz_capture_conf(c), conf))
            return c;
    }
    return NULL;
}

static bool is_wanted(const struct hz_capture *c, struct hz_conf_capture *const *conf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (hz_conf_capture_same(conf[i], hz_capture_conf(c)))
            return true;
    }
    return false;
}

int hz_captures_set(struct hz_captures *s, struct hz_conf_capture *const *conf, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!hz_capture_leaves(s->list[i]) && !is_wanted(s->list[i], conf, n))
            hz_capture_leave(s->list[i]);
    }
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (!find(s, conf[i]))
            rc = begin(s, conf[i]);
    }
    return rc;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct hz_captures *s = handle->data;
    s->timer_closed = true;
    maybe_done(s);
}

void hz_captures_close(struct hz_captures *s, void (*done)(void *ctx), void *ctx)
{
    s->closing = true;
    s->done = done;
    s->done_ctx = ctx;
    hz_captures_set(s, NULL, 0);
    uv_close((uv_handle_t *)&s->timer, on_timer_closed);
}

void hz_captures_block(struct hz_captures *s, struct hz_receiver *r, const struct hz_block *b)
{
    for (size_t i = 0; i < s->n; i++) {
        struct hz_capture *c = s->list[i];
        if (strcmp(hz_capture_conf(c)->receiver, hz_receiver_name(r)) == 0)
            hz_capture_block(c, r, b);
    }
}

int hz_captures_ask(struct hz_captures *s, const char *name, double seconds, uint64_t *number,
                    char *err, size_t err_len)
{
    for (size_t i = 0; i < s->n; i++) {
        struct hz_capture *c = s->list[i];
        if (!hz_capture_leaves(c) && strcmp(hz_capture_conf(c)->name, name) == 0)
            return hz_capture_ask(c, seconds, number, err, err_len);
    }
    snprintf(err, err_len, "there is no [capture %.40s]", name);
    return -ENOENT;
}

cJSON *hz_captures_json(const struct hz_captures *s)
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array && i < s->n; i++) {
        if (!hz_capture_leaves(s->list[i]))
            cJSON_AddItemToArray(array, hz_capture_json(s->list[i]));
    }
    return array;
}

/* ---- the checks of the configuration ---- */

static void check_events(const struct hz_check *c, const struct hz_triggers *triggers)
{
    const struct hz_config *conf = hz_check_config(c);
    for (size_t i = 0; i < triggers->n; i++) {
        const char *name = triggers->list[i].event;
        bool found = !*name;
        for (size_t k = 0; k < conf->n_events; k++)
            found = found || strcmp(conf->events[k]->name, name) == 0;
        if (!found)
            hz_check_error(c, "trigger", "trigger = '%s': there is no [event %s]",
                           triggers->list[i].text, name);
    }
}

void hz_capture_check(const struct hz_check *c, struct hz_conf_capture *conf)
{
    char err[300];
    struct hz_triggers *triggers = malloc(sizeof *triggers);
    hz_check_needs(c, "path", "path = FOLDER, as in path = /var/lib/hertzd/captures");
    if (triggers &&
        hz_triggers_parse(triggers, conf->trigger, hz_check_decoders(c), err, sizeof err) < 0)
        hz_check_error(c, "trigger", "%s", err);
    else if (triggers)
        check_events(c, triggers);
    free(triggers);
    if (hz_capture_name_check(conf->pattern, err, sizeof err) < 0)
        hz_check_error(c, "name", "name = '%.100s': expected %s", conf->pattern, err);
}

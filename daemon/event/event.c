#include "daemon/event/event.h"

#include "daemon/base/log.h"
#include "daemon/event/post.h"
#include "daemon/event/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 256, /* of an event in one turn */
    LOOKS = 4096,
    TICK_MS = 1000,
    CLOSE_MS = 1000, /* what the last events have to be posted */
    LEAVING_MS = 20,
};

struct event {
    struct hz_subscriber reader;
    struct event *next;
    struct hz_events *all;
    struct hz_cursor cursor;
    struct hz_watch watch;
    struct hz_post *post; /* NULL: it posts to no URL */
    /* the limit */
    uint64_t since_ms; /* when its present period began */
    unsigned in_period;
    uint64_t suppressed; /* since the last event that was told */
    uint64_t told, limited;
    /* the last event */
    char last_time[HZ_TIME_TEXT], last_id[HZ_ID_MAX + 1], last_text[HZ_TOLD_TEXT_MAX + 1];
};

struct hz_events {
    struct hz_subscriber reader; /* of the states of receivers */
    struct hz_event_env env;
    struct hz_cursor cursor;
    struct hz_learning learning;
    uv_timer_t timer;
    struct event *first;
    struct hz_posts leaving;
    uint64_t give_up_ms; /* when it closes: then what waits to be posted is given up */
    void (*done)(void *ctx);
    void *done_ctx;
};

/* ---- one event -------------------------------------------------------------------------- */

static struct event *event_of(struct hz_watch *w)
{
    return (struct event *)((char *)w - offsetof(struct event, watch));
}

/* Whether one more is within the limit. */
static bool may_tell(struct event *e, uint64_t now_ms)
{
    const struct hz_event_rule *rule = &e->watch.rule;
    if (rule->limit == 0)
        return true;
    if (e->in_period == 0 || now_ms - e->since_ms >= rule->limit_ms) {
        e->since_ms = now_ms;
        e->in_period = 0;
    }
    if (e->in_period < rule->limit) {
        e->in_period++;
        return true;
    }
    if (e->suppressed == 0)
        hz_log(LOG_WARNING, "event %s: more than %s: further ones are counted, not told",
               e->watch.conf->name, e->watch.conf->limit);
    return false;
}

static void tell(struct hz_watch *w, struct hz_told *t)
{
    struct event *e = event_of(w);
    if (!may_tell(e, t->now_ms)) {
        e->suppressed++;
        e->limited++;
        return;
    }
    t->suppressed = e->suppressed;
    hz_told_write(t);
    struct hz_frame *f = hz_told_publish(t, e->all->env.bus);
    if (!f) {
        w->failed++;
        return;
    }
    e->suppressed = 0;
    e->told++;
    hz_time_text(t->utc_ns, e->last_time);
    snprintf(e->last_id, sizeof e->last_id, "%s", t->id);
    memcpy(e->last_text, t->text, sizeof e->last_text);
    if (e->post)
        hz_post_add(e->post, t, f);
    hz_frame_unref(f);
}

static void on_frames(struct hz_subscriber *s)
{
    struct event *e = (struct event *)s;
    struct hz_cursor_gap gap;
    struct hz_frame *f;
    int looks = LOOKS, frames = 0;
    if (hz_cursor_gap(&e->cursor, &gap))
        e->watch.missed += gap.missed[HZ_LOG_MESSAGES];
    while (frames < FRAMES && (f = hz_cursor_next(&e->cursor, &looks))) {
        hz_frame_ref(f); /* what is published meanwhile may push it out of the log */
        hz_watch_hear(&e->watch, f);
        hz_frame_unref(f);
        frames++;
    }
    if (frames == FRAMES || looks == 0)
        hz_bus_again(e->all->env.bus, &e->reader);
}

static void end(struct event *e)
{
    struct event **at = &e->all->first;
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    hz_bus_unsubscribe(e->all->env.bus, &e->reader);
    hz_cursor_done(&e->cursor);
    hz_watch_done(&e->watch);
    hz_posts_take(&e->all->leaving, e->post);
    free(e);
}

static int begin(struct hz_events *all, const struct hz_conf_event *conf)
{
    char err[300];
    struct event *e = calloc(1, sizeof *e), **last = &all->first;
    if (!e)
        return -ENOMEM;
    e->all = all;
    e->reader.wake = on_frames;
    e->watch.env = &all->env;
    e->watch.learning = &all->learning;
    e->watch.tell = tell;
    while (*last)
        last = &(*last)->next;
    *last = e;
    hz_cursor_init(&e->cursor, all->env.bus);
    hz_bus_subscribe(all->env.bus, &e->reader);
    int rc = hz_watch_init(&e->watch, conf);
    if (rc == 0)
        rc = hz_cursor_subscribe(&e->cursor, &e->watch.rule.filter, err, sizeof err);
    if (rc == 0 && hz_event_posts_url(conf) && !(e->post = hz_post_new(all->env.web, conf)))
        rc = -ENOMEM;
    if (rc < 0)
        end(e);
    return rc;
}

/* ---- all -------------------------------------------------------------------------------- */

static void on_states(struct hz_subscriber *s)
{
    struct hz_events *all = (struct hz_events *)s;
    struct hz_frame *f;
    int looks = LOOKS;
    while ((f = hz_cursor_next(&all->cursor, &looks)))
        hz_learning_state(&all->learning, f, uv_now(all->env.loop));
    if (looks == 0)
        hz_bus_again(all->env.bus, &all->reader);
}

static void on_tick(uv_timer_t *timer)
{
    struct hz_events *all = timer->data;
    for (struct event *e = all->first; e; e = e->next) {
        hz_watch_tick(&e->watch);
        if (e->post)
            hz_post_tick(e->post, uv_now(all->env.loop));
    }
    hz_posts_tick(&all->leaving, uv_now(all->env.loop));
}

struct hz_events *hz_events_new(const struct hz_event_env *env)
{
    struct hz_subscription states = {.kinds = 1u << HZ_KIND_STATE};
    struct hz_events *all = calloc(1, sizeof *all);
    char err[300];
    if (!all)
        return NULL;
    all->env = *env;
    all->reader.wake = on_states;
    hz_cursor_init(&all->cursor, env->bus);
    if (hz_cursor_subscribe(&all->cursor, &states, err, sizeof err) < 0) {
        hz_cursor_done(&all->cursor);
        free(all);
        return NULL;
    }
    hz_bus_subscribe(env->bus, &all->reader);
    uv_timer_init(env->loop, &all->timer);
    all->timer.data = all;
    uv_unref((uv_handle_t *)&all->timer);
    uv_timer_start(&all->timer, on_tick, TICK_MS, TICK_MS);
    return all;
}

static bool is_wanted(const struct event *e, struct hz_conf_event *const *conf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (hz_conf_event_same(conf[i], e->watch.conf))
            return true;
    }
    return false;
}

static bool is_there(const struct hz_events *all, const struct hz_conf_event *conf)
{
    for (const struct event *e = all->first; e; e = e->next) {
        if (hz_conf_event_same(conf, e->watch.conf))
            return true;
    }
    return false;
}

int hz_events_set(struct hz_events *all, struct hz_conf_event *const *conf, size_t n)
{
    int rc = 0;
    for (struct event *e = all->first, *next; e; e = next) {
        next = e->next;
        if (!is_wanted(e, conf, n))
            end(e);
    }
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (!is_there(all, conf[i]))
            rc = begin(all, conf[i]);
    }
    return rc;
}

static void on_closed(uv_handle_t *handle)
{
    struct hz_events *all = handle->data;
    void (*done)(void *ctx) = all->done;
    void *ctx = all->done_ctx;
    free(all);
    done(ctx);
}

/* Waits for what is to be posted, but not long. */
static void on_leaving(uv_timer_t *timer)
{
    struct hz_events *all = timer->data;
    uint64_t now = uv_now(all->env.loop);
    hz_posts_tick(&all->leaving, now);
    if (all->leaving.first && now < all->give_up_ms)
        return;
    hz_posts_free(&all->leaving);
    uv_close((uv_handle_t *)timer, on_closed);
}

void hz_events_close(struct hz_events *all, void (*done)(void *ctx), void *ctx)
{
    all->done = done;
    all->done_ctx = ctx;
    for (struct event *e = all->first; e; e = e->next)
        on_frames(&e->reader); /* what the receivers have left */
    hz_events_set(all, NULL, 0);
    hz_bus_unsubscribe(all->env.bus, &all->reader);
    hz_cursor_done(&all->cursor);
    all->give_up_ms = uv_now(all->env.loop) + CLOSE_MS;
    uv_ref((uv_handle_t *)&all->timer);
    uv_timer_start(&all->timer, on_leaving, 0, LEAVING_MS);
}

/* ---- status ----------------------------------------------------------------------------- */

static cJSON *last_json(const struct event *e)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "time", e->last_time);
    if (*e->last_id)
        cJSON_AddStringToObject(o, "id", e->last_id);
    cJSON_AddStringToObject(o, "text", e->last_text);
    return o;
}

static cJSON *event_json(const struct event *e)
{
    const struct hz_watch *w = &e->watch;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", w->conf->name);
    cJSON_AddStringToObject(o, "when", w->conf->when);
    cJSON_AddNumberToObject(o, "told", (double)e->told);
    cJSON_AddNumberToObject(o, "holds", (double)hz_watch_count(w));
    cJSON_AddNumberToObject(o, "learned", (double)w->learned);
    cJSON_AddNumberToObject(o, "limited", (double)e->limited);
    cJSON_AddNumberToObject(o, "missed", (double)w->missed);
    cJSON_AddNumberToObject(o, "failed", (double)w->failed);
    if (e->post)
        cJSON_AddItemToObject(o, "post", hz_post_json(e->post, uv_now(e->all->env.loop)));
    if (e->told > 0)
        cJSON_AddItemToObject(o, "last", last_json(e));
    return o;
}

cJSON *hz_events_json(const struct hz_events *all)
{
    cJSON *array = cJSON_CreateArray();
    for (const struct event *e = all->first; array && e; e = e->next)
        cJSON_AddItemToArray(array, event_json(e));
    return array;
}

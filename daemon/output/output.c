#include "daemon/output/output.h"

#include "daemon/base/log.h"
#include "daemon/bus/audience.h"
#include "daemon/output/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 256, LOOKS = 4096, RETRY_MS = 5000, ERROR_MAX = 256 };

struct output {
    struct hz_subscriber turn;
    struct output *next;
    struct hz_outputs *all;
    struct hz_conf_output *conf; /* own copy */
    const struct hz_output_ops *ops;
    void *state; /* the kind's state; NULL: not open */
    struct hz_cursor cursor;
    struct hz_listening listening; /* if it needs speech as Opus */
    bool wanted;
    /* owned by the worker while busy */
    uv_work_t job;
    bool busy, ends; /* ends: this job closes the state */
    struct hz_frame *batch[BATCH];
    size_t n, lost_now;
    char error_now[ERROR_MAX];
    /* owned by the loop */
    uint64_t written, lost, missed;
    char error[ERROR_MAX]; /* present error; "": none */
};

struct hz_outputs {
    uv_loop_t *loop;
    struct hz_bus *bus;
    const struct hz_decoder *const *protocols;
    struct output *first;
    uv_timer_t retry;
    bool closing, timer_closed;
    void (*done)(void *ctx);
    void *done_ctx;
};

static const char *target(const struct output *o)
{
    return o->ops->target(o->conf);
}

/* ---- the job ---------------------------------------------------------------------------- */

static void note(struct output *o, int rc, const char *err)
{
    if (rc < 0)
        snprintf(o->error_now, sizeof o->error_now, "%s", err);
}

static void work(uv_work_t *job)
{
    struct output *o = job->data;
    char err[ERROR_MAX] = "";
    o->error_now[0] = '\0';
    o->lost_now = 0;
    for (size_t i = 0; i < o->n; i++) {
        int rc = o->ops->take(o->state, o->batch[i], err, sizeof err);
        o->lost_now += rc < 0;
        note(o, rc, err);
    }
    if ((o->n > 0 || o->ops->due) && o->ops->drain)
        note(o, o->ops->drain(o->state, err, sizeof err), err);
    if (o->ends)
        note(o, o->ops->close(o->state, err, sizeof err), err);
}

static void go_on(struct output *o);

/* Logs an error when it begins, changes or ends, not for each record. */
static void set_error(struct output *o, const char *error)
{
    if (strcmp(o->error, error) == 0)
        return;
    if (*error)
        hz_log(LOG_ERR, "output %s: %s", o->conf->name, error);
    else
        hz_log(LOG_NOTICE, "output %s: it writes again; %llu records were lost", o->conf->name,
               (unsigned long long)o->lost);
    snprintf(o->error, sizeof o->error, "%s", error);
}

static void finished(uv_work_t *job, int status)
{
    (void)status;
    struct output *o = job->data;
    for (size_t i = 0; i < o->n; i++)
        hz_frame_unref(o->batch[i]);
    o->busy = false;
    o->written += o->n - o->lost_now;
    o->lost += o->lost_now;
    if (o->n > 0 || *o->error_now)
        set_error(o, o->error_now);
    if (o->ends)
        o->state = NULL;
    else if (o->ops->after)
        o->ops->after(o->state);
    go_on(o);
}

/* ---- on the loop ------------------------------------------------------------------------ */

static void gather(struct output *o)
{
    struct hz_cursor_gap gap;
    int looks = LOOKS;
    struct hz_frame *f;
    o->n = 0;
    if (hz_cursor_gap(&o->cursor, &gap)) {
        for (int i = 0; i < HZ_LOGS; i++)
            o->missed += gap.missed[i];
    }
    while (o->n < BATCH && (f = hz_cursor_next(&o->cursor, &looks))) {
        if (o->ops->wants && !o->ops->wants(f))
            continue;
        if (o->ops->lines && !hz_frame_print(f))
            o->lost++;
        else
            o->batch[o->n++] = hz_frame_ref(f);
    }
}

static void maybe_done(struct hz_outputs *all)
{
    if (!all->closing || all->first || !all->timer_closed)
        return;
    void (*done)(void *ctx) = all->done;
    void *ctx = all->done_ctx;
    free(all);
    done(ctx);
}

static void destroy(struct output *o)
{
    struct hz_outputs *all = o->all;
    struct output **at = &all->first;
    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    hz_bus_unsubscribe(all->bus, &o->turn);
    hz_audience_leave(hz_bus_audience(all->bus), &o->listening);
    hz_cursor_done(&o->cursor);
    hz_conf_output_free(o->conf);
    free(o);
    maybe_done(all);
}

/* Whether another output still writes to the same destination. */
static bool must_wait(const struct output *o)
{
    for (const struct output *p = o->all->first; p; p = p->next) {
        if (p != o && p->state && strcmp(target(p), target(o)) == 0)
            return true;
    }
    return false;
}

static void try_open(struct output *o)
{
    char err[ERROR_MAX] = "";
    if (o->state || !o->wanted || must_wait(o))
        return;
    o->state = o->ops->open(o->conf, err, sizeof err);
    if (o->state && !*o->error)
        hz_log(LOG_INFO, "output %s: writes to %s", o->conf->name, target(o));
    set_error(o, err);
    if (o->state)
        hz_bus_again(o->all->bus, &o->turn);
}

static void open_all(struct hz_outputs *all)
{
    for (struct output *o = all->first; o; o = o->next)
        try_open(o);
}

/* Starts the next job if there is something to do. The last job closes the output. */
static void go_on(struct output *o)
{
    struct hz_outputs *all = o->all;
    if (o->busy)
        return;
    if (o->state) {
        gather(o);
        o->ends = !o->wanted && hz_cursor_behind(&o->cursor) == 0;
    }
    bool due = o->state && o->ops->due && o->ops->due(o->state);
    if (o->state && (o->n > 0 || o->ends || due)) {
        o->busy = true;
        o->job.data = o;
        if (o->ops->before)
            o->ops->before(o->state);
        uv_queue_work(all->loop, &o->job, work, finished);
    } else if (o->state && hz_cursor_behind(&o->cursor) > 0) {
        hz_bus_again(all->bus, &o->turn);
    } else if (!o->wanted) {
        bool closing = all->closing; /* then destroying the last output may free `all` */
        destroy(o);
        if (!closing)
            open_all(all);
    }
}

static void on_turn(struct hz_subscriber *s)
{
    go_on((struct output *)s);
}

static void on_retry(uv_timer_t *timer)
{
    struct hz_outputs *all = timer->data;
    open_all(all);
    for (struct output *o = all->first; o; o = o->next) {
        if (o->state && o->ops->due)
            hz_bus_again(all->bus, &o->turn); /* it may be time to delete */
    }
}

struct hz_outputs *hz_outputs_new(uv_loop_t *loop, struct hz_bus *bus,
                                  const struct hz_decoder *const *protocols)
{
    struct hz_outputs *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->loop = loop;
    o->bus = bus;
    o->protocols = protocols;
    uv_timer_init(loop, &o->retry);
    o->retry.data = o;
    uv_unref((uv_handle_t *)&o->retry);
    uv_timer_start(&o->retry, on_retry, RETRY_MS, RETRY_MS);
    return o;
}

static int add(struct hz_outputs *all, const struct hz_conf_output *conf)
{
    struct output *o = calloc(1, sizeof *o);
    if (!o || !(o->conf = hz_conf_output_copy(conf))) {
        free(o);
        return -ENOMEM;
    }
    o->all = all;
    o->ops = &((const struct hz_output_kind *)conf->kind)->ops;
    o->turn.wake = on_turn;
    o->wanted = true;
    hz_cursor_init(&o->cursor, all->bus);
    struct hz_subscription s;
    char err[ERROR_MAX];
    hz_output_filter(o->conf, all->protocols, &s, err, sizeof err); /* its values were checked */
    if (o->ops->kinds)
        s.kinds = o->ops->kinds;
    hz_cursor_subscribe(&o->cursor, &s, err, sizeof err);
    hz_bus_subscribe(all->bus, &o->turn);
    if (o->ops->opus && o->ops->opus(o->conf)) {
        o->listening = (struct hz_listening){.filter = hz_cursor_words(&o->cursor), .n = 1};
        hz_audience_join(hz_bus_audience(all->bus), &o->listening);
    }
    struct output **last = &all->first;
    while (*last)
        last = &(*last)->next;
    *last = o;
    return 0;
}

static bool is_wanted(const struct output *o, struct hz_conf_output *const *conf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (hz_conf_output_same(conf[i], o->conf))
            return true;
    }
    return false;
}

static bool is_there(const struct hz_outputs *all, const struct hz_conf_output *conf)
{
    for (const struct output *o = all->first; o; o = o->next) {
        if (o->wanted && hz_conf_output_same(conf, o->conf))
            return true;
    }
    return false;
}

int hz_outputs_set(struct hz_outputs *all, struct hz_conf_output *const *conf, size_t n)
{
    for (struct output *o = all->first, *next; o; o = next) {
        next = o->next;
        if (!o->wanted || is_wanted(o, conf, n))
            continue;
        o->wanted = false;
        hz_bus_again(all->bus, &o->turn);
    }
    for (size_t i = 0; i < n; i++) {
        if (is_there(all, conf[i]))
            continue;
        if (add(all, conf[i]) != 0)
            return -ENOMEM;
    }
    open_all(all);
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
    uv_close((uv_handle_t *)&all->retry, on_timer_closed);
}

void hz_outputs_each(const struct hz_outputs *all,
                     void (*fn)(void *ctx, const struct hz_conf_output *conf, void *state),
                     void *ctx)
{
    for (const struct output *o = all->first; o; o = o->next) {
        if (o->state && !o->ends)
            fn(ctx, o->conf, o->state);
    }
}

/* ---- status ----------------------------------------------------------------------------- */

cJSON *hz_outputs_json(struct hz_outputs *all)
{
    cJSON *array = cJSON_CreateArray();
    for (struct output *o = all->first; array && o; o = o->next) {
        cJSON *item = cJSON_CreateObject();
        const char *state = !o->state    ? "waiting"
                            : *o->error  ? "failing"
                            : !o->wanted ? "closing"
                                         : "writing";
        cJSON_AddStringToObject(item, "name", o->conf->name);
        cJSON_AddStringToObject(item, "type", o->conf->kind->name);
        cJSON_AddStringToObject(item, "target", target(o));
        cJSON_AddStringToObject(item, "state", state);
        cJSON_AddStringToObject(item, "error", o->error);
        cJSON_AddNumberToObject(item, "written", (double)o->written);
        cJSON_AddNumberToObject(item, "lost", (double)o->lost);
        cJSON_AddNumberToObject(item, "missed", (double)o->missed);
        cJSON_AddNumberToObject(item, "behind", (double)hz_cursor_behind(&o->cursor));
        cJSON_AddItemToArray(array, item);
    }
    return array;
}

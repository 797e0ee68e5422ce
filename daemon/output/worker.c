/* Outputs of a worker: frames are gathered on the loop and written in a job, one at a time. */
#include "daemon/base/log.h"
#include "daemon/bus/audience.h"
#include "daemon/output/output_own.h"

#include <stdio.h>
#include <string.h>

enum { BATCH = 256, LOOKS = 4096, RETRY_TICKS = 5 };

struct hz_worker {
    struct hz_output output;
    struct hz_subscriber turn;
    const struct hz_output_ops *ops;
    void *state; /* the kind's state; NULL: not open */
    unsigned ticks;
    struct hz_cursor cursor;
    struct hz_listening listening; /* if it needs speech as Opus */
    /* owned by the worker while busy */
    uv_work_t job;
    bool busy, ends; /* ends: this job closes the state */
    struct hz_frame *batch[BATCH];
    size_t n, lost_now;
    char error_now[HZ_OUTPUT_ERROR_MAX];
    /* owned by the loop */
    uint64_t written, lost, missed;
    char error[HZ_OUTPUT_ERROR_MAX]; /* present error; "": none */
};

/* ---- the job ---------------------------------------------------------------------------- */

static void note(struct hz_worker *w, int rc, const char *err)
{
    if (rc < 0)
        snprintf(w->error_now, sizeof w->error_now, "%s", err);
}

static void work(uv_work_t *job)
{
    struct hz_worker *w = job->data;
    char err[HZ_OUTPUT_ERROR_MAX] = "";
    w->error_now[0] = '\0';
    w->lost_now = 0;
    for (size_t i = 0; i < w->n; i++) {
        int rc = w->ops->take(w->state, w->batch[i], err, sizeof err);
        w->lost_now += rc < 0;
        note(w, rc, err);
    }
    if ((w->n > 0 || w->ops->due) && w->ops->drain)
        note(w, w->ops->drain(w->state, err, sizeof err), err);
    if (w->ends)
        note(w, w->ops->close(w->state, err, sizeof err), err);
}

static void go_on(struct hz_worker *w);

/* Logs an error when it begins, changes or ends, not for each record. */
static void set_error(struct hz_worker *w, const char *error)
{
    const char *name = w->output.conf->name;
    if (strcmp(w->error, error) == 0)
        return;
    if (*error)
        hz_log(LOG_ERR, "output %s: %s", name, error);
    else
        hz_log(LOG_NOTICE, "output %s: it writes again; %llu records were lost", name,
               (unsigned long long)w->lost);
    snprintf(w->error, sizeof w->error, "%s", error);
}

static void finished(uv_work_t *job, int status)
{
    (void)status;
    struct hz_worker *w = job->data;
    for (size_t i = 0; i < w->n; i++)
        hz_frame_unref(w->batch[i]);
    w->busy = false;
    w->written += w->n - w->lost_now;
    w->lost += w->lost_now;
    if (w->n > 0 || *w->error_now)
        set_error(w, w->error_now);
    if (w->ends)
        w->state = NULL;
    else if (w->ops->after)
        w->ops->after(w->state);
    go_on(w);
}

/* ---- on the loop ------------------------------------------------------------------------ */

static void gather(struct hz_worker *w)
{
    int looks = LOOKS;
    struct hz_frame *f;
    w->n = 0;
    w->missed += hz_output_missed(&w->cursor);
    while (w->n < BATCH && (f = hz_cursor_next(&w->cursor, &looks))) {
        if (w->ops->wants && !w->ops->wants(f))
            continue;
        if (w->ops->lines && !hz_frame_print(f))
            w->lost++;
        else
            w->batch[w->n++] = hz_frame_ref(f);
    }
}

static void destroy(struct hz_worker *w)
{
    struct hz_bus *bus = w->output.env->bus;
    hz_bus_unsubscribe(bus, &w->turn);
    hz_audience_leave(hz_bus_audience(bus), &w->listening);
    hz_cursor_done(&w->cursor);
    hz_output_gone(&w->output);
}

/* Starts the next job if there is something to do. The last job closes the output. */
static void go_on(struct hz_worker *w)
{
    const struct hz_output_env *env = w->output.env;
    if (w->busy)
        return;
    if (w->state) {
        gather(w);
        w->ends = !w->output.wanted && hz_cursor_behind(&w->cursor) == 0;
    }
    bool due = w->state && w->ops->due && w->ops->due(w->state);
    if (w->state && (w->n > 0 || w->ends || due)) {
        w->busy = true;
        w->job.data = w;
        if (w->ops->before)
            w->ops->before(w->state);
        uv_queue_work(env->loop, &w->job, work, finished);
    } else if (w->state && hz_cursor_behind(&w->cursor) > 0) {
        hz_bus_again(env->bus, &w->turn);
    } else if (!w->output.wanted) {
        destroy(w);
    }
}

static void on_turn(struct hz_subscriber *s)
{
    go_on((struct hz_worker *)((char *)s - offsetof(struct hz_worker, turn)));
}

static int worker_start(struct hz_output *o)
{
    struct hz_worker *w = (struct hz_worker *)o;
    w->ops = &o->kind->ops;
    w->turn.wake = on_turn;
    int rc = hz_output_cursor(o, &w->cursor, w->ops->kinds);
    if (rc < 0)
        return rc;
    hz_bus_subscribe(o->env->bus, &w->turn);
    if (w->ops->opus && w->ops->opus(o->conf)) {
        w->listening = (struct hz_listening){.filter = hz_cursor_words(&w->cursor), .n = 1};
        hz_audience_join(hz_bus_audience(o->env->bus), &w->listening);
    }
    return 0;
}

static void try_open(struct hz_worker *w)
{
    const struct hz_output *o = &w->output;
    char err[HZ_OUTPUT_ERROR_MAX] = "";
    w->state = w->ops->open(o->conf, err, sizeof err);
    char shown[HZ_TARGET_MAX];
    hz_output_show(o, shown);
    if (w->state && !*w->error)
        hz_log(LOG_INFO, "output %s: writes to %s", o->conf->name, shown);
    set_error(w, err);
    if (w->state)
        hz_bus_again(o->env->bus, &w->turn);
}

static void worker_tick(struct hz_output *o)
{
    struct hz_worker *w = (struct hz_worker *)o;
    bool waits = !w->state && o->wanted && hz_output_must_wait(o);
    if (waits || w->ticks++ % RETRY_TICKS != 0)
        return;
    if (!w->state && o->wanted)
        try_open(w);
    else if (w->state && w->ops->due)
        hz_bus_again(o->env->bus, &w->turn); /* it may be time to delete */
}

static bool worker_holds(const struct hz_output *o)
{
    return ((const struct hz_worker *)o)->state != NULL;
}

static void worker_leave(struct hz_output *o)
{
    hz_bus_again(o->env->bus, &((struct hz_worker *)o)->turn);
}

void *hz_worker_state(const struct hz_output *o)
{
    const struct hz_worker *w = (const struct hz_worker *)o;
    return w->ends ? NULL : w->state;
}

static void worker_describe(struct hz_output *o, cJSON *item)
{
    struct hz_worker *w = (struct hz_worker *)o;
    const char *state = !w->state    ? "waiting"
                        : *w->error  ? "failing"
                        : !o->wanted ? "closing"
                                     : "writing";
    cJSON_AddStringToObject(item, "state", state);
    cJSON_AddStringToObject(item, "error", w->error);
    cJSON_AddNumberToObject(item, "written", (double)w->written);
    cJSON_AddNumberToObject(item, "lost", (double)w->lost);
    cJSON_AddNumberToObject(item, "missed", (double)w->missed);
    cJSON_AddNumberToObject(item, "behind", (double)hz_cursor_behind(&w->cursor));
}

const struct hz_output_way hz_output_of_worker = {
    .size = sizeof(struct hz_worker),
    .start = worker_start,
    .tick = worker_tick,
    .holds = worker_holds,
    .leave = worker_leave,
    .describe = worker_describe,
};

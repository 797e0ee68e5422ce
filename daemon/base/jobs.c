#include "daemon/base/jobs_own.h"

#include <assert.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static void on_tell(void *ctx);

void hz_jobs_init(struct hz_jobs *j, uv_loop_t *loop, int workers)
{
    *j = (struct hz_jobs){.loop = loop, .workers = workers};
    if (workers > HZ_JOBS_WORKERS_MAX)
        j->workers = HZ_JOBS_WORKERS_MAX;
    j->held_end = &j->held;
    j->ended_end = &j->ended;
    for (int i = 0; i < j->workers; i++)
        j->worker[i] = (struct hz_job_worker){.jobs = j, .fraction = 1};
    if (uv_mutex_init(&j->lock) != 0 || uv_cond_init(&j->more) != 0 ||
        hz_wake_init(&j->tell, loop, on_tell, j) != 0)
        abort(); /* only without memory or descriptors, when the program begins */
}

void hz_jobs_close(struct hz_jobs *j)
{
    hz_wake_close(&j->tell);
    uv_run(j->loop, UV_RUN_NOWAIT);
    uv_cond_destroy(&j->more);
    uv_mutex_destroy(&j->lock);
}

int hz_jobs_default_workers(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return CPU_COUNT(&set);
}

void hz_jobs_size_pool(int workers)
{
    char text[16];
    snprintf(text, sizeof text, "%d", workers + 1); /* one more thread, for files and names */
    setenv("UV_THREADPOOL_SIZE", text, 1);
}

/* ---- the loop --------------------------------------------------------------------------- */

static void start_workers(struct hz_jobs *j);

static void finish(struct hz_jobs *j, struct hz_job *job)
{
    struct hz_jobs_stats *s = &j->stats;
    uint64_t wait = job->started_ns - job->submitted_ns;
    s->done++;
    s->work_ns += job->ended_ns - job->started_ns;
    s->shared_ns += job->cpu_ns;
    s->wait_ns += wait;
    if (wait > s->wait_max_ns)
        s->wait_max_ns = wait;
    job->finished(job);
}

/* Puts on the list what was submitted. */
static void list_held(struct hz_jobs *j)
{
    struct hz_job *job, *next, *before = NULL;
    uv_mutex_lock(&j->lock);
    for (job = j->held; job; job = next) {
        next = job->next;
        job->listed = true;
        if (job->waits > 0) {
            j->waiting++;
            continue;
        }
        hz_jobs_put(j, job, before && before->rank >= job->rank ? before : NULL);
        before = job;
    }
    j->held = NULL;
    j->held_end = &j->held;
    j->heard += j->hearing;
    if (j->hearing && j->paused > 0)
        uv_cond_broadcast(&j->more);
    j->hearing = false;
    uv_mutex_unlock(&j->lock);
    start_workers(j);
}

/* Tells the owners of the jobs that are done. They may submit others. */
static void hear(struct hz_jobs *j)
{
    struct hz_job *job, *next;
    uv_mutex_lock(&j->lock);
    job = j->ended;
    j->ended = NULL;
    j->ended_end = &j->ended;
    j->told = false;
    j->hearing = true;
    uv_mutex_unlock(&j->lock);
    j->holding = true;
    for (; job; job = next) {
        next = job->next;
        finish(j, job);
    }
    while (j->calls) {
        struct hz_jobs_call *c = j->calls;
        hz_jobs_uncall(j, c);
        c->call(c->ctx);
    }
    j->holding = false;
    list_held(j);
}

static void on_tell(void *ctx)
{
    hear(ctx);
}

static void on_worker_ended(uv_work_t *req, int status)
{
    (void)status; /* requests are never cancelled */
    struct hz_job_worker *w = req->data;
    w->out = false;
    uv_mutex_lock(&w->jobs->lock);
    hz_jobs_take_spent(w);
    uv_mutex_unlock(&w->jobs->lock);
    hear(w->jobs);
}

/* A worker to be woken through libuv; NULL: none is lacking. */
static struct hz_job_worker *next_worker(struct hz_jobs *j)
{
    struct hz_job_worker *w = j->worker, *end = w + j->workers;
    uv_mutex_lock(&j->lock);
    while (w < end && w->out)
        w++;
    bool wanted = hz_jobs_wake_paused(j) > 0 && w < end;
    if (wanted) {
        w->since_ns = uv_hrtime(); /* a pool whose threads all hang is seen, too */
        j->active++;
        j->stats.requests++;
    }
    uv_mutex_unlock(&j->lock);
    return wanted ? w : NULL;
}

static void start_workers(struct hz_jobs *j)
{
    struct hz_job_worker *w;
    while ((w = next_worker(j))) {
        w->out = true;
        w->req.data = w;
        uv_queue_work(j->loop, &w->req, hz_jobs_work,
                      on_worker_ended); /* fails only without callbacks */
    }
}

void hz_jobs_submit(struct hz_jobs *j, struct hz_job *job)
{
    job->jobs = j;
    job->next = NULL;
    job->pending = true;
    job->passed = false;
    *j->held_end = job;
    j->held_end = &job->next;
    if (!j->holding)
        list_held(j);
}

void hz_jobs_call(struct hz_jobs *j, struct hz_jobs_call *c)
{
    if (!j->holding) {
        c->call(c->ctx);
    } else if (!c->queued) {
        c->queued = true;
        c->next = j->calls;
        j->calls = c;
    }
}

void hz_jobs_uncall(struct hz_jobs *j, struct hz_jobs_call *c)
{
    struct hz_jobs_call **at = &j->calls;
    while (*at && *at != c)
        at = &(*at)->next;
    if (*at)
        *at = c->next;
    c->queued = false;
}

/* Lock: makes the job wait in the first free one of the places. */
static void wait_for(struct hz_job *job, struct hz_job **place, size_t places)
{
    size_t i = 0;
    while (i < places && place[i])
        i++;
    assert(i < places);
    place[i] = job;
    job->waits++;
}

void hz_job_after(struct hz_job *job, struct hz_job *earlier)
{
    if (!earlier->jobs)
        return;
    uv_mutex_lock(&earlier->jobs->lock);
    if (earlier->pending)
        wait_for(job, earlier->then, HZ_JOB_THEN);
    uv_mutex_unlock(&earlier->jobs->lock);
}

void hz_job_midway(struct hz_job *job, struct hz_job *earlier)
{
    if (!earlier->jobs)
        return;
    uv_mutex_lock(&earlier->jobs->lock);
    if (earlier->pending && !earlier->passed)
        wait_for(job, &earlier->midway, 1);
    uv_mutex_unlock(&earlier->jobs->lock);
}

uint64_t hz_job_at_work_since(const struct hz_job *job)
{
    if (!job->jobs)
        return 0;
    uv_mutex_lock(&job->jobs->lock);
    uint64_t since = job->since_ns;
    uv_mutex_unlock(&job->jobs->lock);
    return since;
}

/* A lock is no part of what the caller may not change. */
static uv_mutex_t *lock_of(const struct hz_jobs *j)
{
    return (uv_mutex_t *)(uintptr_t)&j->lock;
}

uint64_t hz_jobs_at_work_since(const struct hz_jobs *j)
{
    uint64_t since = 0;
    uv_mutex_lock(lock_of(j));
    for (int i = 0; i < j->workers; i++) {
        uint64_t own = j->worker[i].since_ns;
        if (own != 0 && (since == 0 || own < since))
            since = own;
    }
    uv_mutex_unlock(lock_of(j));
    return since;
}

struct hz_jobs_stats hz_jobs_stats(const struct hz_jobs *j)
{
    uv_mutex_lock(lock_of(j));
    struct hz_jobs_stats stats = j->stats;
    stats.in_flight = (size_t)(j->active - j->paused);
    uv_mutex_unlock(lock_of(j));
    return stats;
}

#include "daemon/base/jobs.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TOGETHER_NS = 500 * 1000 }; /* CPU time of a batch, at most */

void hz_jobs_init(struct hz_jobs *j, uv_loop_t *loop, int workers)
{
    *j = (struct hz_jobs){.loop = loop, .workers = workers};
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

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void do_work(struct hz_job *job)
{
    uint64_t cpu = thread_cpu_ns();
    job->started_ns = uv_hrtime();
    job->work(job);
    job->ended_ns = uv_hrtime();
    job->cpu_ns = thread_cpu_ns() - cpu;
}

static void work(uv_work_t *req)
{
    for (struct hz_job *job = req->data; job; job = job->together)
        do_work(job);
}

static void start_next(struct hz_jobs *j);

static void finish(struct hz_jobs *j, struct hz_job *job)
{
    struct hz_job **at = &j->at_work;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    j->done++;
    j->work_ns += job->ended_ns - job->started_ns;
    j->cpu_ns += job->cpu_ns;
    uint64_t wait = job->started_ns - job->submitted_ns;
    j->wait_ns += wait;
    if (wait > j->wait_max_ns)
        j->wait_max_ns = wait;
    job->finished(job);
}

static void finished(uv_work_t *req, int status)
{
    (void)status; /* jobs are never cancelled */
    struct hz_job *job = req->data, *next;
    struct hz_jobs *j = job->jobs;
    j->holding = true; /* `finished` may submit jobs of a higher rank than those that wait */
    for (; job; job = next) {
        next = job->together;
        finish(j, job);
    }
    j->holding = false;
    j->in_flight--;
    start_next(j);
}

/* Removes the first job from the queue. */
static struct hz_job *take(struct hz_jobs *j)
{
    struct hz_job *job = j->head;
    j->head = job->next;
    j->ready--;
    job->next = j->at_work;
    j->at_work = job;
    job->together = NULL;
    job->given_ns = uv_hrtime();
    return job;
}

/* Removes a batch from the queue: the first job and the short ones after it, up to one worker's
 * part of all jobs in the queue. */
static struct hz_job *take_some(struct hz_jobs *j)
{
    size_t share = (j->ready + (size_t)j->workers - 1) / (size_t)j->workers;
    struct hz_job *first = take(j), *last = first;
    uint64_t ns = first->cpu_ns;
    for (size_t n = 1; n < share && ns > 0 && j->head->cpu_ns > 0; n++) {
        ns += j->head->cpu_ns;
        if (ns > TOGETHER_NS)
            break;
        last->together = take(j);
        last = last->together;
    }
    return first;
}

static void start_next(struct hz_jobs *j)
{
    while (!j->holding && j->head && j->in_flight < j->workers) {
        struct hz_job *job = take_some(j);
        j->in_flight++;
        uv_queue_work(j->loop, &job->req, work, finished); /* fails only without callbacks */
    }
}

uint64_t hz_jobs_at_work_since(const struct hz_jobs *j)
{
    uint64_t since = 0;
    for (const struct hz_job *job = j->at_work; job; job = job->next) {
        if (since == 0 || job->given_ns < since)
            since = job->given_ns;
    }
    return since;
}

void hz_jobs_submit(struct hz_jobs *j, struct hz_job *job)
{
    job->jobs = j;
    job->req.data = job;
    job->submitted_ns = uv_hrtime();
    job->given_ns = 0;
    struct hz_job **at = &j->head;
    while (*at && (*at)->rank >= job->rank)
        at = &(*at)->next;
    job->next = *at;
    *at = job;
    if (++j->ready > j->ready_max)
        j->ready_max = j->ready;
    start_next(j);
}

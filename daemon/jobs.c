#include "daemon/jobs.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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
    snprintf(text, sizeof text, "%d", workers + 1); /* one thread more, for files and names */
    setenv("UV_THREADPOOL_SIZE", text, 1);
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void work(uv_work_t *req)
{
    struct hz_job *job = req->data;
    uint64_t cpu = thread_cpu_ns();
    job->started_ns = uv_hrtime();
    job->work(job);
    job->ended_ns = uv_hrtime();
    job->cpu_ns = thread_cpu_ns() - cpu;
}

static void start_next(struct hz_jobs *j);

static void finished(uv_work_t *req, int status)
{
    (void)status; /* jobs are never cancelled */
    struct hz_job *job = req->data;
    struct hz_jobs *j = job->jobs;
    struct hz_job **at = &j->at_work;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    j->in_flight--;
    j->done++;
    j->work_ns += job->ended_ns - job->started_ns;
    j->cpu_ns += job->cpu_ns;
    uint64_t wait = job->started_ns - job->submitted_ns;
    j->wait_ns += wait;
    if (wait > j->wait_max_ns)
        j->wait_max_ns = wait;
    job->finished(job); /* its strand may have more to do, which may go first */
    start_next(j);
}

static void start_next(struct hz_jobs *j)
{
    while (j->head && j->in_flight < j->workers) {
        struct hz_job *job = j->head;
        j->head = job->next;
        j->ready--;
        j->in_flight++;
        job->next = j->at_work;
        j->at_work = job;
        job->given_ns = uv_hrtime();
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

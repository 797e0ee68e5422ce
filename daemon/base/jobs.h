/* The worker pool: runs CPU-bound jobs off the loop. At most `workers` jobs run at a time. The
 * others wait in a queue ordered by rank, then by time. So libuv's pool always has a thread left
 * for files and names, and the status can report the length of the queue and the waits. Short jobs
 * (by their last CPU time) are batched into one work request, because waking a thread costs more
 * than an idle channel. Loop thread: everything here. `work` of a job runs on a worker. */
#ifndef HZ_DAEMON_BASE_JOBS_H
#define HZ_DAEMON_BASE_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct hz_jobs {
    uv_loop_t *loop;        /* constant after init */
    int workers;            /* constant after init */
    int in_flight;          /* busy workers */
    bool holding;           /* no job is started at the moment */
    struct hz_job *at_work; /* the running jobs */
    struct hz_job *head;    /* the queue, in the order in which the jobs will run */
    size_t ready, ready_max;
    uint64_t done;
    uint64_t work_ns, cpu_ns;      /* sums over all jobs: wall time and CPU time in `work` */
    uint64_t wait_ns, wait_max_ns; /* between submit and start */
};

/* Embedded in its owner, one for each strand. It may be submitted again after `finished` was
 * called. */
struct hz_job {
    uv_work_t req;
    struct hz_jobs *jobs;
    struct hz_job *next;
    struct hz_job *together;            /* the next job of the same batch */
    void (*work)(struct hz_job *j);     /* worker */
    void (*finished)(struct hz_job *j); /* loop */
    void *owner;
    int64_t rank;                          /* jobs of a higher rank run first */
    uint64_t submitted_ns, given_ns;       /* time it entered the queue; was given to libuv; loop */
    uint64_t started_ns, ended_ns, cpu_ns; /* written by the worker */
};

void hz_jobs_init(struct hz_jobs *j, uv_loop_t *loop, int workers);

/* Runs job->work on a worker as soon as one is free, then job->finished on the loop. */
void hz_jobs_submit(struct hz_jobs *j, struct hz_job *job);

/* The time at which the longest-running job was given to its worker; 0: no job is running. */
uint64_t hz_jobs_at_work_since(const struct hz_jobs *j);

/* The default number of workers: the cores that this process may use. */
int hz_jobs_default_workers(void);

/* Sets the size of libuv's pool for this number of workers. Call it before the pool is first used.
 */
void hz_jobs_size_pool(int workers);

#endif

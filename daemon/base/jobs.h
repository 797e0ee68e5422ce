/* The worker pool: CPU-bound work off the loop. At most `workers` jobs are in flight at once, the
 * rest wait in a queue of ours, by rank and then first come, so that libuv's pool always has a
 * thread for files and names, and the length of the queue and the wait are ours to report. Jobs
 * that took little last time go to work several at once: to wake a thread costs more than to find
 * a channel quiet.
 * Loop thread: everything here; `work` of a job runs on a worker. */
#ifndef HZ_DAEMON_BASE_JOBS_H
#define HZ_DAEMON_BASE_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct hz_jobs {
    uv_loop_t *loop;        /* fixed after init */
    int workers;            /* fixed after init */
    int in_flight;          /* workers that have something to do */
    bool holding;           /* nothing starts just now */
    struct hz_job *at_work; /* those in flight */
    struct hz_job *head;    /* ready, in the order in which they go to work */
    size_t ready, ready_max;
    uint64_t done;
    uint64_t work_ns, cpu_ns;      /* sums over all jobs: wall time and CPU time in `work` */
    uint64_t wait_ns, wait_max_ns; /* between submit and start */
};

/* Embedded in its owner, one per strand; submitted again only after `finished` was called. */
struct hz_job {
    uv_work_t req;
    struct hz_jobs *jobs;
    struct hz_job *next;
    struct hz_job *together;            /* the next of those that were given to the worker as one */
    void (*work)(struct hz_job *j);     /* worker */
    void (*finished)(struct hz_job *j); /* loop */
    void *owner;
    int64_t rank;                          /* a higher one goes before all lower ones */
    uint64_t submitted_ns, given_ns;       /* to the queue, to libuv; loop */
    uint64_t started_ns, ended_ns, cpu_ns; /* written by the worker */
};

void hz_jobs_init(struct hz_jobs *j, uv_loop_t *loop, int workers);

/* Runs job->work on a worker, as soon as one is free, then job->finished on the loop. */
void hz_jobs_submit(struct hz_jobs *j, struct hz_job *job);

/* When the job that has been at work for longest was given to its worker; 0: none is at work. */
uint64_t hz_jobs_at_work_since(const struct hz_jobs *j);

/* How many workers there are when the configuration names none: the cores this process may use. */
int hz_jobs_default_workers(void);

/* Sizes libuv's pool for that many workers. Before the first use of the loop's pool. */
void hz_jobs_size_pool(int workers);

#endif

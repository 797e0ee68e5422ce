/* The worker pool: runs CPU-bound jobs off the loop. At most `workers` jobs run at a time. The
 * others wait in a list ordered by rank, then by time, which all workers share under one lock. So
 * libuv's pool always has a thread left for files and names, and the status can report the length
 * of the list and the waits.
 *
 * A worker is one request to libuv's pool (uv_queue_work). It takes the first job of the list, or a
 * chunk of short ones, then the next, and ends when none is ready. The loop hears of jobs that are
 * done when a worker ends, when the workers would soon run out of jobs, or half a millisecond after
 * the first of them: one wake for many jobs.
 *
 * Loop thread: everything here, unless it is said otherwise. `work` of a job runs on a worker. */
#ifndef HZ_DAEMON_BASE_JOBS_H
#define HZ_DAEMON_BASE_JOBS_H

#include "daemon/base/wake.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
    HZ_JOBS_WORKERS_MAX = 256,
    HZ_JOB_THEN = 3, /* jobs that can wait for the end of one */
};

/* Embedded in its owner. The owner sets what comes before `jobs`; the rest is zero at first, and
 * stays from one time to the next. It may be submitted again after `finished` was called. */
struct hz_job {
    void (*work)(struct hz_job *j);     /* worker */
    void (*finished)(struct hz_job *j); /* loop */
    void *owner;
    int64_t rank; /* jobs of a higher rank run first */
    struct hz_jobs *jobs;
    struct hz_job *next;
    /* under the lock: */
    bool pending;                     /* submitted, and not at its end */
    bool listed;                      /* ready, or it is in the count of those that wait */
    bool passed;                      /* what may begin midway has begun */
    int waits;                        /* jobs that it waits for */
    struct hz_job *midway;            /* may begin when this one has passed on */
    struct hz_job *then[HZ_JOB_THEN]; /* may begin when this one is at its end */
    uint64_t since_ns;                /* it was taken by a worker; 0: it is not at work */
    /* of the last time, for `finished`: */
    uint64_t submitted_ns, started_ns, ended_ns;
    /* CPU time: the wall time of the job times the part of it that its worker had a core, which is
     * measured over 16 jobs, because reading the clock of a thread costs as much as a short job */
    uint64_t cpu_ns;
};

/* What is to be done once when the owners of all jobs that are done have been told. Embedded. */
struct hz_jobs_call {
    void (*call)(void *ctx);
    void *ctx;
    struct hz_jobs_call *next;
    bool queued;
};

struct hz_job_worker {
    uv_work_t req;
    struct hz_jobs *jobs;
    bool out;          /* loop: libuv has the request */
    uint64_t since_ns; /* under the lock: it has had its jobs since then; 0: it has none */
    double fraction;   /* the worker's: CPU time of a wall time, as last measured */
    uint64_t from_cpu_ns, from_wall_ns; /* when that was */
    unsigned measured;                  /* jobs since */
    uint64_t spent_ns;                  /* CPU time that is not in the sum yet */
};

struct hz_jobs_stats {
    size_t ready, ready_max; /* jobs that wait for a worker */
    size_t in_flight;        /* workers that have jobs */
    uint64_t done;
    uint64_t work_ns;              /* wall time of all jobs */
    uint64_t cpu_ns;               /* CPU time of all workers, by the clocks of their threads */
    uint64_t shared_ns;            /* what of it the jobs were said to have taken */
    uint64_t wait_ns, wait_max_ns; /* between ready and start */
    uint64_t requests;             /* times a worker was woken through libuv */
    uint64_t takes;                /* times that workers took jobs from the list */
    uint64_t tells;                /* times the loop was woken while workers went on */
    uint64_t pauses;               /* times a worker paused for a job that waits for others */
};

struct hz_jobs {
    uv_loop_t *loop; /* constant after init */
    int workers;     /* constant after init */
    bool holding;    /* what is submitted is put on the list later, together */
    struct hz_job *held, **held_end;
    struct hz_jobs_call *calls;
    struct hz_wake tell;
    uv_mutex_t lock;            /* of the jobs and workers, and of what follows */
    uv_cond_t more;             /* a job is ready, for workers that pause */
    struct hz_job *head, *tail; /* ready jobs, in the order in which they will run */
    uint64_t ready_ns;          /* wall time that they will take, as far as it is known */
    size_t waiting;             /* jobs that wait for others */
    struct hz_job *ended, **ended_end;
    bool told;      /* the loop knows of `ended`, or will soon */
    bool hearing;   /* it tells the owners now */
    uint64_t heard; /* times that it has done so */
    int active, paused;
    struct hz_jobs_stats stats;
    struct hz_job_worker worker[HZ_JOBS_WORKERS_MAX];
};

void hz_jobs_init(struct hz_jobs *j, uv_loop_t *loop, int workers);
/* Lets go of the loop, which turns once. When no job is in flight. */
void hz_jobs_close(struct hz_jobs *j);

/* Runs job->work on a worker as soon as one is free, then job->finished on the loop. */
void hz_jobs_submit(struct hz_jobs *j, struct hz_job *job);

/* Calls c->call after the other owners were told, however often it was asked for; at once if this
 * is not asked for by `finished` of a job. hz_jobs_uncall: not any more. */
void hz_jobs_call(struct hz_jobs *j, struct hz_jobs_call *c);
void hz_jobs_uncall(struct hz_jobs *j, struct hz_jobs_call *c);

/* Before `job` is submitted: it begins after the end of `earlier`. Nothing to wait for if that one
 * is not submitted, or is done. One can have HZ_JOB_THEN that wait for its end. */
void hz_job_after(struct hz_job *job, struct hz_job *earlier);
/* Likewise, but `job` begins when `earlier` passes on (hz_job_pass_on), at its end at the latest.
 * So a job can have a part that is done in order, and another that is done beside others. One can
 * have one such job that waits. */
void hz_job_midway(struct hz_job *job, struct hz_job *earlier);
/* Worker, in job->work: what must be done in order is done. */
void hz_job_pass_on(struct hz_job *job);

/* When the job was taken by a worker (uv_hrtime); 0: it is not at work. */
uint64_t hz_job_at_work_since(const struct hz_job *job);
/* When the worker that has been at its jobs for longest took them; 0: none is at work. */
uint64_t hz_jobs_at_work_since(const struct hz_jobs *j);

struct hz_jobs_stats hz_jobs_stats(const struct hz_jobs *j);

/* The default number of workers: the cores that this process may use. */
int hz_jobs_default_workers(void);

/* Sets the size of libuv's pool for this number of workers. Call it before the pool is first used.
 */
void hz_jobs_size_pool(int workers);

#endif

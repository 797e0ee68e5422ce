/* What jobs.c (the loop) and jobs_work.c (the list and the workers) share. */
#ifndef HZ_DAEMON_BASE_JOBS_OWN_H
#define HZ_DAEMON_BASE_JOBS_OWN_H

#include "daemon/base/jobs.h"

/* With the lock: puts the job on the list behind those of its rank, which are at or behind `from`:
 * NULL, or a job of the list of the same rank or a higher one. */
void hz_jobs_put(struct hz_jobs *j, struct hz_job *job, struct hz_job *from);
/* With the lock: wakes workers that pause. Returns how many more are lacking. */
int hz_jobs_wake_paused(struct hz_jobs *j);
/* With the lock: adds the worker's CPU time to the sum. */
void hz_jobs_take_spent(struct hz_job_worker *w);
/* A worker: the request to libuv's pool. */
void hz_jobs_work(uv_work_t *req);

#endif

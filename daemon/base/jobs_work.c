/* The list of ready jobs, and what workers do with it. */
#include "daemon/base/jobs_own.h"

#include <time.h>

enum {
    CHUNK = 16,            /* jobs that a worker takes at once, at most */
    CHUNK_NS = 500 * 1000, /* and the time that they may need */
    TELL_NS = 500 * 1000,  /* the loop hears so long after the end of a job, at the latest */
    WAKE_NS = 200 * 1000,  /* work for which another worker is woken */
    MEASURE = 16,          /* jobs after which a worker reads the CPU clock of its thread */
};

/* ---- the list, under the lock ----------------------------------------------------------- */

/* The wall time of the job, by its last one; 0: not known. */
static uint64_t guess_ns(const struct hz_job *job)
{
    return job->ended_ns - job->started_ns;
}

void hz_jobs_put(struct hz_jobs *j, struct hz_job *job, struct hz_job *from)
{
    if (j->tail && j->tail->rank >= job->rank)
        from = j->tail;
    struct hz_job **at = from ? &from->next : &j->head;
    while (*at && (*at)->rank >= job->rank)
        at = &(*at)->next;
    job->next = *at;
    *at = job;
    if (!job->next)
        j->tail = job;
    job->submitted_ns = uv_hrtime();
    j->ready_ns += guess_ns(job) ? guess_ns(job) : WAKE_NS;
    if (++j->stats.ready > j->stats.ready_max)
        j->stats.ready_max = j->stats.ready;
}

static struct hz_job *take(struct hz_jobs *j)
{
    struct hz_job *job = j->head;
    j->head = job->next;
    if (!j->head)
        j->tail = NULL;
    job->next = NULL;
    j->stats.ready--;
    j->ready_ns -= guess_ns(job) ? guess_ns(job) : WAKE_NS;
    return job;
}

/* The first job and the short ones after it, up to one worker's part of all. */
static struct hz_job *take_chunk(struct hz_jobs *j, uint64_t now)
{
    size_t parts = 2 * (size_t)j->workers, share = (j->stats.ready + parts - 1) / parts;
    struct hz_job *first = take(j), *last = first;
    uint64_t ns = guess_ns(first);
    first->since_ns = now;
    for (size_t n = 1; n < share && n < CHUNK && ns > 0 && guess_ns(j->head) > 0; n++) {
        ns += guess_ns(j->head);
        if (ns > CHUNK_NS)
            break;
        last->next = take(j);
        last = last->next;
        last->since_ns = now;
    }
    j->stats.takes++;
    return first;
}

/* What the job waited for is done. */
static void let(struct hz_jobs *j, struct hz_job **waits)
{
    struct hz_job *job = *waits;
    *waits = NULL;
    if (!job || --job->waits > 0 || !job->listed)
        return;
    hz_jobs_put(j, job, NULL);
    if (--j->waiting == 0)
        uv_cond_broadcast(&j->more); /* there is nothing to pause for */
}

/* How many more workers the ready jobs are worth. Jobs whose time is not known count as long. */
static int lacking(const struct hz_jobs *j)
{
    if (!j->head)
        return 0;
    int busy = j->active - j->paused, more = j->workers - busy;
    uint64_t worth = 1 + j->ready_ns / WAKE_NS;
    worth = worth < j->stats.ready ? worth : j->stats.ready;
    return (uint64_t)more < worth ? more : (int)worth;
}

int hz_jobs_wake_paused(struct hz_jobs *j)
{
    int n = lacking(j);
    for (int i = 0; i < n && i < j->paused; i++)
        uv_cond_signal(&j->more);
    return n > j->paused ? n - j->paused : 0;
}

/* ---- workers ---------------------------------------------------------------------------- */

static uint64_t thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void measure_from_here(struct hz_job_worker *w)
{
    w->from_cpu_ns = thread_cpu_ns();
    w->from_wall_ns = uv_hrtime();
    w->measured = 0;
}

/* Not over a time so short that what the clocks cost would count. */
static void measure(struct hz_job_worker *w)
{
    uint64_t cpu = w->from_cpu_ns, wall = w->from_wall_ns;
    measure_from_here(w);
    cpu = w->from_cpu_ns - cpu;
    wall = w->from_wall_ns - wall;
    w->spent_ns += cpu;
    if (wall >= WAKE_NS)
        w->fraction = (double)cpu / (double)wall;
}

void hz_jobs_take_spent(struct hz_job_worker *w)
{
    w->jobs->stats.cpu_ns += w->spent_ns;
    w->spent_ns = 0;
}

static void run_chunk(struct hz_job_worker *w, struct hz_job *first)
{
    uint64_t now = uv_hrtime();
    for (struct hz_job *job = first; job; job = job->next) {
        job->started_ns = now;
        job->work(job);
        now = uv_hrtime();
        job->ended_ns = now;
        job->cpu_ns = (uint64_t)((double)(now - job->started_ns) * w->fraction);
        w->measured++;
    }
    if (w->measured >= MEASURE)
        measure(w);
}

/* Lock: the jobs are at their end, and the loop will hear of them. */
static void end_chunk(struct hz_jobs *j, struct hz_job *first)
{
    *j->ended_end = first;
    for (struct hz_job *job = first; job; job = job->next) {
        j->ended_end = &job->next;
        job->pending = job->listed = false;
        job->since_ns = 0;
        let(j, &job->midway);
        for (size_t i = 0; i < HZ_JOB_THEN; i++)
            let(j, &job->then[i]);
    }
}

/* Lock: whether the loop should be woken now, when a worker goes on. Jobs that wait for others will
 * be ready without it. */
static bool should_tell(struct hz_jobs *j, uint64_t now, int lacks)
{
    bool late = j->ended && now - j->ended->ended_ns > TELL_NS;
    bool dry = j->ended && j->stats.ready + j->waiting < (size_t)j->workers;
    if (j->told || !(late || dry || lacks > 0))
        return false;
    j->told = true;
    j->stats.tells++;
    return true;
}

/* Lock: lets go of the lock until something changes, but first tells the loop what it has to hear.
 */
static void rest(struct hz_job_worker *w)
{
    struct hz_jobs *j = w->jobs;
    if (j->ended && !j->told) {
        j->told = true;
        j->stats.tells++;
        uv_mutex_unlock(&j->lock);
        hz_wake_send(&j->tell);
        uv_mutex_lock(&j->lock);
        return;
    }
    w->since_ns = 0;
    j->paused++;
    j->stats.pauses++;
    uv_cond_wait(&j->more, &j->lock);
    j->paused--;
}

/* Lock, after a chunk: after a long job the loop is heard before one of a
 * lower rank, so that of jobs which follow on each other those of the highest rank go first. */
static void hear_first(struct hz_job_worker *w, int64_t rank, uint64_t ns)
{
    struct hz_jobs *j = w->jobs;
    uint64_t then = j->heard + j->hearing + 1;
    while (ns >= CHUNK_NS && j->heard < then && j->head && j->head->rank < rank)
        rest(w);
}

/* Lock: waits while no job is ready, but one will be without the loop. False: none will. */
static bool await(struct hz_job_worker *w)
{
    struct hz_jobs *j = w->jobs;
    while (!j->head && j->waiting > 0)
        rest(w);
    return j->head;
}

void hz_jobs_work(uv_work_t *req)
{
    struct hz_job_worker *w = req->data;
    struct hz_jobs *j = w->jobs;
    measure_from_here(w);
    uv_mutex_lock(&j->lock);
    while (await(w)) {
        uint64_t now = uv_hrtime();
        struct hz_job *first = take_chunk(j, now);
        w->since_ns = now;
        bool tell = should_tell(j, now, hz_jobs_wake_paused(j));
        uv_mutex_unlock(&j->lock);
        if (tell)
            hz_wake_send(&j->tell);
        run_chunk(w, first);
        int64_t rank = first->rank;
        uint64_t ns = guess_ns(first);
        uv_mutex_lock(&j->lock);
        end_chunk(j, first);
        hz_jobs_take_spent(w);
        hear_first(w, rank, ns);
    }
    w->since_ns = 0;
    j->active--;
    uv_mutex_unlock(&j->lock);
    measure(w);
}

void hz_job_pass_on(struct hz_job *job)
{
    struct hz_jobs *j = job->jobs;
    uv_mutex_lock(&j->lock);
    job->passed = true;
    let(j, &job->midway);
    bool tell = should_tell(j, uv_hrtime(), hz_jobs_wake_paused(j));
    uv_mutex_unlock(&j->lock);
    if (tell)
        hz_wake_send(&j->tell);
}

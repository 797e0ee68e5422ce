/* The order in which jobs go to work: by rank, those of one rank in the order in which they came,
 * and those that wait for others after them. And what is known of workers. */
#include "daemon/receive/strand.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

enum { JOBS = 12 };

static struct hz_job *order[JOBS + 1];
static size_t n;

struct pool {
    uv_loop_t loop;
    struct hz_jobs jobs;
};

static void open_pool(struct pool *p, int workers)
{
    hz_jobs_size_pool(8);
    uv_loop_init(&p->loop);
    hz_jobs_init(&p->jobs, &p->loop, workers);
}

static struct hz_jobs_stats close_pool(struct pool *p)
{
    uv_run(&p->loop, UV_RUN_DEFAULT);
    struct hz_jobs_stats stats = hz_jobs_stats(&p->jobs);
    cr_expect_eq(hz_jobs_at_work_since(&p->jobs), 0);
    hz_jobs_close(&p->jobs);
    cr_assert_eq(uv_loop_close(&p->loop), 0);
    return stats;
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uv_sem_t began, go_on;

static void wait_for_all(struct hz_job *j)
{
    order[n++] = j;
    uv_sem_wait(&go_on);
}

/* There is one worker: no two at once. */
static void work(struct hz_job *j)
{
    order[n++] = j;
    for (double end = cpu_ms() + 1; cpu_ms() < end;)
        continue;
}

static void finished(struct hz_job *j)
{
    (void)j;
}

Test(jobs, of_one_rank_the_first_that_came_goes_first, .timeout = 30)
{
    static const int64_t ranks[JOBS] = {0, 0, 5, 0, 5, -3, 0, 5, -3, 0, -3, 5};
    static const size_t want[JOBS] = {2, 4, 7, 11, 0, 1, 3, 6, 9, 5, 8, 10};
    struct hz_job jobs[JOBS] = {{.work = work}},
                  first = {.work = wait_for_all, .finished = finished, .rank = 9};
    struct pool p;
    open_pool(&p, 1);
    uv_sem_init(&go_on, 0);
    hz_jobs_submit(&p.jobs, &first);
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct hz_job){.work = work, .finished = finished, .rank = ranks[i]};
        hz_jobs_submit(&p.jobs, &jobs[i]);
    }
    uv_sem_post(&go_on);
    cr_assert_geq(close_pool(&p).ready_max, JOBS);
    uv_sem_destroy(&go_on);
    cr_assert_eq(n, JOBS + 1);
    cr_expect_eq(order[0], &first);
    for (size_t i = 0; i < JOBS; i++)
        cr_expect_eq(order[i + 1], &jobs[want[i]], "place %zu: job %td", i, order[i + 1] - jobs);
}

/* ---- chunks ----------------------------------------------------------------------------- */

static void nothing(struct hz_job *j)
{
    (void)j;
}

/* Their time is known from the first time on: then many are taken at once. */
Test(jobs, that_are_short_are_taken_together, .timeout = 30)
{
    enum { MANY = 400 };
    static struct hz_job jobs[MANY],
        first = {.work = wait_for_all, .finished = finished, .rank = 1};
    struct pool p;
    open_pool(&p, 1);
    uv_sem_init(&go_on, 0);
    uint64_t takes[2], before = 0;
    for (int time = 0; time < 2; time++) {
        hz_jobs_submit(&p.jobs, &first);
        for (size_t i = 0; i < MANY; i++) {
            jobs[i].work = nothing;
            jobs[i].finished = finished;
            hz_jobs_submit(&p.jobs, &jobs[i]);
        }
        uv_sem_post(&go_on);
        uv_run(&p.loop, UV_RUN_DEFAULT);
        takes[time] = hz_jobs_stats(&p.jobs).takes - before;
        before = hz_jobs_stats(&p.jobs).takes;
    }
    cr_expect_eq(close_pool(&p).done, 2 * (MANY + 1));
    uv_sem_destroy(&go_on);
    cr_expect_eq(takes[0], MANY + 1);
    cr_expect_geq(takes[1], 1 + MANY / 16);
    cr_expect_lt(takes[1], MANY / 4, "%llu", (unsigned long long)takes[1]);
}

/* ---- jobs that follow on others --------------------------------------------------------- */

enum { CHAINS = 5, LINKS = 60 };

struct chain {
    struct hz_job job;
    struct hz_jobs *jobs;
    size_t left;
};

static void next_link(struct hz_job *j)
{
    struct chain *c = j->owner;
    if (c->left-- > 0)
        hz_jobs_submit(c->jobs, j);
}

Test(jobs, may_submit_others_when_they_are_done, .timeout = 30)
{
    struct pool p;
    struct chain chains[CHAINS] = {{.left = 0}};
    open_pool(&p, 3);
    for (size_t i = 0; i < CHAINS; i++) {
        struct chain *c = &chains[i];
        *c = (struct chain){.jobs = &p.jobs, .left = LINKS};
        c->job = (struct hz_job){.work = nothing, .finished = next_link, .owner = c};
        hz_jobs_submit(&p.jobs, &c->job);
    }
    cr_expect_eq(close_pool(&p).done, CHAINS * (LINKS + 1));
}

/* Turns of a stream: each reads in order, then works beside the others, and a last job of the turn
 * takes what they made, in order. */
enum { TURNS = 200, PARTS = 3 };

struct turn {
    struct hz_job part[PARTS], last;
    size_t read[PARTS]; /* what the part took from the stream */
    size_t made;
};

static size_t stream, taken; /* no atomics: the order is what is tested, under TSan too */

static void do_part(struct hz_job *j)
{
    struct turn *t = j->owner;
    size_t i = (size_t)(j - t->part);
    t->read[i] = stream++;
    hz_job_pass_on(j);
    for (double end = cpu_ms() + 0.02; cpu_ms() < end;)
        continue;
}

static void do_last(struct hz_job *j)
{
    struct turn *t = j->owner;
    t->made = taken++;
}

static void turns(int workers)
{
    struct turn *all = calloc(TURNS, sizeof *all);
    struct hz_job *before = NULL;
    struct pool p;
    open_pool(&p, workers);
    stream = taken = 0;
    for (size_t i = 0; i < TURNS; i++) {
        struct turn *t = &all[i];
        t->last = (struct hz_job){.work = do_last, .finished = finished, .owner = t, .rank = 1};
        for (size_t k = 0; k < PARTS; k++) {
            t->part[k] = (struct hz_job){.work = do_part, .finished = finished, .owner = t};
            if (before)
                hz_job_midway(&t->part[k], before);
            before = &t->part[k];
            hz_jobs_submit(&p.jobs, &t->part[k]);
            hz_job_after(&t->last, &t->part[k]);
        }
        if (i > 0)
            hz_job_after(&t->last, &all[i - 1].last);
        hz_jobs_submit(&p.jobs, &t->last);
        uv_run(&p.loop, UV_RUN_NOWAIT);
    }
    close_pool(&p);
    for (size_t i = 0; i < TURNS; i++) {
        for (size_t k = 0; k < PARTS; k++)
            cr_assert_eq(all[i].read[k], i * PARTS + k);
        cr_assert_eq(all[i].made, i);
    }
    free(all);
}

Test(jobs, that_wait_for_others_come_after_them, .timeout = 60)
{
    turns(1);
    turns(2);
    turns(4);
    turns(8);
}

/* ---- the watchdog ----------------------------------------------------------------------- */

static void stall(struct hz_job *j)
{
    (void)j;
    uv_sem_post(&began);
    uv_sem_wait(&go_on);
}

Test(jobs, that_stall_are_told_and_the_others_go_on, .timeout = 30)
{
    struct pool p;
    struct hz_job stalled = {.work = stall, .finished = finished}, others[JOBS] = {{.rank = 0}};
    open_pool(&p, 2);
    uv_sem_init(&began, 0);
    uv_sem_init(&go_on, 0);
    cr_expect_eq(hz_jobs_at_work_since(&p.jobs), 0);
    cr_expect_eq(hz_job_at_work_since(&stalled), 0);
    uint64_t before = uv_hrtime();
    hz_jobs_submit(&p.jobs, &stalled);
    uv_sem_wait(&began);
    uint64_t after = uv_hrtime(), since = hz_job_at_work_since(&stalled);
    cr_expect(since >= before && since <= after);
    for (size_t i = 0; i < JOBS; i++) {
        others[i] = (struct hz_job){.work = nothing, .finished = finished};
        hz_jobs_submit(&p.jobs, &others[i]);
    }
    while (hz_jobs_stats(&p.jobs).done < JOBS)
        uv_run(&p.loop, UV_RUN_ONCE);
    cr_expect_eq(hz_jobs_at_work_since(&p.jobs), since);
    cr_expect_eq(hz_jobs_stats(&p.jobs).in_flight, 1);
    uv_sem_post(&go_on);
    uv_run(&p.loop, UV_RUN_DEFAULT);
    cr_expect_eq(hz_job_at_work_since(&stalled), 0);
    cr_expect_eq(close_pool(&p).done, JOBS + 1);
    uv_sem_destroy(&began);
    uv_sem_destroy(&go_on);
}

/* ---- strands ---------------------------------------------------------------------------- */

struct closing {
    struct hz_strand strand;
    bool destroyed, closed;
};

static bool take_piece(void *owner)
{
    struct closing *c = owner;
    struct hz_piece p = hz_strand_take(&c->strand);
    hz_piece_release(&p);
    return true;
}

static void stall_strand(void *owner)
{
    (void)owner;
    stall(NULL);
}

static void never(void *owner)
{
    (void)owner;
    cr_assert_fail("it was closed");
}

static void destroyed(void *owner)
{
    ((struct closing *)owner)->destroyed = true;
}

static void closed(void *ctx)
{
    ((struct closing *)ctx)->closed = true;
}

Test(jobs, of_a_strand_that_is_closed_end_first, .timeout = 30)
{
    static const struct hz_strand_ops ops = {take_piece, stall_strand, never, destroyed};
    struct pool p;
    struct closing c = {.strand = {.ops = &ops, .limit = 4}};
    open_pool(&p, 2);
    uv_sem_init(&began, 0);
    uv_sem_init(&go_on, 0);
    c.strand.jobs = &p.jobs;
    c.strand.owner = &c;
    for (int i = 0; i < 3; i++)
        hz_strand_push(&c.strand, (struct hz_piece){.last = true});
    uv_sem_wait(&began);
    hz_strand_close(&c.strand, closed, &c);
    cr_expect(!c.destroyed && !c.closed);
    cr_expect_neq(hz_strand_busy_since(&c.strand), 0);
    uv_sem_post(&go_on);
    close_pool(&p);
    cr_expect(c.destroyed && c.closed);
    uv_sem_destroy(&began);
    uv_sem_destroy(&go_on);
}

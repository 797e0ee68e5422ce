/* The order in which jobs go to work: by rank, and those of one rank in the order in which they
 * came. */
#include "daemon/base/jobs.h"

#include <criterion/criterion.h>
#include <time.h>

enum { JOBS = 12 };

static struct hz_job *order[JOBS + 1];
static size_t n;

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
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
    struct hz_job jobs[JOBS] = {{.work = work}}, first = {.work = work, .finished = finished};
    struct hz_jobs pool;
    uv_loop_t loop;
    hz_jobs_size_pool(1);
    uv_loop_init(&loop);
    hz_jobs_init(&pool, &loop, 1);
    hz_jobs_submit(&pool, &first); /* at work at once: the others wait */
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct hz_job){.work = work, .finished = finished, .rank = ranks[i]};
        hz_jobs_submit(&pool, &jobs[i]);
    }
    cr_assert_eq(pool.ready, JOBS);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(n, JOBS + 1);
    cr_expect_eq(order[0], &first);
    for (size_t i = 0; i < JOBS; i++)
        cr_expect_eq(order[i + 1], &jobs[want[i]], "place %zu: job %td", i, order[i + 1] - jobs);
    cr_assert_eq(uv_loop_close(&loop), 0);
}

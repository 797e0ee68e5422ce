#include "daemon/receive/strand.h"
#include "daemon/receive/spectra.h"

#include <stdlib.h>

void hz_piece_release(struct hz_piece *p)
{
    struct hz_piece gone = *p;
    *p = (struct hz_piece){0};
    free(gone.heard.overlap);
    hz_block_unref(gone.block);
    hz_spectra_unref(gone.spectra);
}

bool hz_strand_has_room(const struct hz_strand *s)
{
    return s->count < s->limit;
}

bool hz_strand_sheds(struct hz_strand *s)
{
    return hz_shed(&s->shed, s->count, s->limit);
}

const struct hz_piece *hz_strand_peek(const struct hz_strand *s)
{
    return s->count > 0 ? &s->inbox[s->first] : NULL;
}

const struct hz_piece *hz_strand_last(const struct hz_strand *s)
{
    return s->count > 0 ? &s->inbox[(s->first + s->count - 1) % HZ_STRAND_INBOX_MAX] : NULL;
}

struct hz_piece hz_strand_take(struct hz_strand *s)
{
    struct hz_piece p = s->inbox[s->first];
    s->first = (s->first + 1) % HZ_STRAND_INBOX_MAX;
    s->count--;
    return p;
}

void hz_strand_push(struct hz_strand *s, struct hz_piece p)
{
    s->inbox[(s->first + s->count) % HZ_STRAND_INBOX_MAX] = p;
    s->count++;
    hz_strand_go_on(s);
}

static void destroy(struct hz_strand *s)
{
    void (*closed)(void *ctx) = s->closed;
    void *ctx = s->closed_ctx;
    while (s->count > 0) {
        struct hz_piece p = hz_strand_take(s);
        hz_piece_release(&p);
    }
    s->ops->destroy(s->owner);
    if (closed)
        closed(ctx);
}

static void work(struct hz_job *job)
{
    const struct hz_strand *s = job->owner;
    s->ops->work(s->owner);
}

void hz_strand_done(struct hz_strand *s)
{
    s->busy--;
    if (s->closing) {
        if (s->busy == 0)
            destroy(s);
        return;
    }
    s->ops->finished(s->owner);
    hz_strand_go_on(s);
    if (s->progress)
        s->progress(s->ctx);
}

static void finished(struct hz_job *job)
{
    hz_strand_done(job->owner);
}

static bool can_begin(const struct hz_strand *s)
{
    return !(s->busy > 0 && s->ops->work) && !s->result && !s->closing && s->count > 0;
}

void hz_strand_go_on(struct hz_strand *s)
{
    while (can_begin(s) && s->ops->prepare(s->owner)) {
        s->busy++;
        if (!s->ops->work)
            continue;
        s->job.work = work;
        s->job.finished = finished;
        s->job.owner = s;
        s->job.rank = s->rank;
        hz_jobs_submit(s->jobs, &s->job);
    }
}

void hz_strand_result_taken(struct hz_strand *s)
{
    s->result = false;
    hz_strand_go_on(s);
}

bool hz_strand_idle(const struct hz_strand *s)
{
    return s->count == 0 && !s->busy && !s->result;
}

uint64_t hz_strand_busy_since(const struct hz_strand *s)
{
    return s->busy ? hz_job_at_work_since(&s->job) : 0;
}

void hz_strand_close(struct hz_strand *s, void (*closed)(void *ctx), void *ctx)
{
    s->closing = true;
    s->closed = closed;
    s->closed_ctx = ctx;
    if (!s->busy)
        destroy(s);
}

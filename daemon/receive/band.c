#include "daemon/receive/band.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Batches that may exist at once: what the inboxes of the channels hold, in a live stream some
 * 1.3 s. Their memory is only taken when they are needed. */
enum { BATCHES_MAX = 16, JOB_BLOCKS_MAX = 64 };

struct hz_spectra_pool {
    struct hz_band_strand *strand; /* NULL: closed, and the pool goes with the last batch */
    struct hz_spectra *idle[BATCHES_MAX];
    size_t n_idle, n;
};

/* block == NULL: the end of the stream. */
struct item {
    struct hz_block *block;
    struct hz_stamp stamp;
    struct hz_turn turn;
};

struct hz_band_strand {
    struct hz_band_strand_env env;
    struct hz_band_strand_stats stats;
    struct hz_band *band;
    struct hz_spectra_pool *pool;
    struct item inbox[HZ_BAND_INBOX_MAX];
    size_t first, count;
    size_t waiting; /* samples in it */
    bool shedding;  /* until half of the inbox is free */
    uint32_t epoch; /* of the samples that went to a job last, and their centre */
    double centre_hz;
    /* the job: the worker's while `busy` */
    struct hz_job job;
    struct item current[JOB_BLOCKS_MAX];
    size_t n_current;
    struct hz_spectra *out;
    uint32_t heard_epoch; /* of the samples that the band saw last */
    bool busy, result;
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* ---- batches ---------------------------------------------------------------------------- */

static void batch_free(struct hz_spectra *s)
{
    for (size_t i = 0; i < s->cap; i++)
        hz_spectrum_done(&s->x[i]);
    free(s->x);
    free(s);
}

static void pool_close(struct hz_spectra_pool *p)
{
    p->strand = NULL;
    for (; p->n_idle > 0; p->n--)
        batch_free(p->idle[--p->n_idle]);
    if (p->n == 0)
        free(p);
}

static struct hz_spectra *batch_take(struct hz_spectra_pool *p)
{
    struct hz_spectra *s = NULL;
    if (p->n_idle > 0) {
        s = p->idle[--p->n_idle];
    } else if (p->n < BATCHES_MAX) {
        s = calloc(1, sizeof *s);
        p->n += s != NULL;
    }
    if (s)
        *s = (struct hz_spectra){.refs = 1, .pool = p, .x = s->x, .cap = s->cap};
    return s;
}

/* Room for n spectra; fewer when memory is short. */
static void batch_reserve(struct hz_spectra *s, size_t n, const struct hz_band *band)
{
    if (n <= s->cap)
        return;
    struct hz_spectrum *more = realloc(s->x, n * sizeof *more);
    if (!more)
        return;
    s->x = more;
    while (s->cap < n && hz_spectrum_init(&s->x[s->cap], band) == 0)
        s->cap++;
}

struct hz_spectra *hz_spectra_ref(struct hz_spectra *s)
{
    s->refs++;
    return s;
}

static void start_next(struct hz_band_strand *s);

void hz_spectra_unref(struct hz_spectra *s)
{
    if (!s || --s->refs > 0)
        return;
    struct hz_spectra_pool *p = s->pool;
    if (p->strand) {
        p->idle[p->n_idle++] = s;
        start_next(p->strand);
    } else {
        batch_free(s);
        if (--p->n == 0)
            free(p);
    }
}

/* ---- the strand ------------------------------------------------------------------------- */

struct hz_band_strand *hz_band_strand_new(const struct hz_band_strand_env *env, char *err,
                                          size_t err_len)
{
    struct hz_band_strand *s = calloc(1, sizeof *s);
    struct hz_spectra_pool *p = calloc(1, sizeof *p);
    struct hz_band *band =
        env->low_hz == env->high_hz
            ? hz_band_new(env->rate_hz, err, err_len)
            : hz_band_new_part(env->rate_hz, env->low_hz, env->high_hz, err, err_len);
    if (!s || !p || !band) {
        if (band)
            snprintf(err, err_len, "out of memory");
        hz_band_free(band);
        free(p);
        free(s);
        return NULL;
    }
    s->env = *env;
    s->band = band;
    s->pool = p;
    p->strand = s;
    return s;
}

static void drop_current(struct hz_band_strand *s)
{
    for (size_t i = 0; i < s->n_current; i++)
        hz_block_unref(s->current[i].block);
    s->n_current = 0;
}

static void destroy(struct hz_band_strand *s)
{
    for (; s->count > 0; s->count--, s->first = (s->first + 1) % HZ_BAND_INBOX_MAX)
        hz_block_unref(s->inbox[s->first].block);
    drop_current(s);
    struct hz_spectra_pool *p = s->pool;
    if (s->out)
        p->idle[p->n_idle++] = s->out; /* nobody else has seen it */
    pool_close(p);
    hz_band_free(s->band);
    void (*closed)(void *ctx) = s->closed;
    void *ctx = s->closed_ctx;
    free(s);
    if (closed)
        closed(ctx);
}

void hz_band_strand_close(struct hz_band_strand *s, void (*closed)(void *ctx), void *ctx)
{
    s->closing = true;
    s->closed = closed;
    s->closed_ctx = ctx;
    if (!s->busy)
        destroy(s);
}

/* A spectrum to write to; NULL when the batch is full, which only a lack of memory makes it. */
static struct hz_spectrum *next_spectrum(const struct hz_spectra *out)
{
    return out->n < out->cap ? &out->x[out->n] : NULL;
}

static void transform(struct hz_band_strand *s, const struct hz_block *b)
{
    struct hz_samples in = {
        .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    struct hz_spectrum *x;
    if (b->epoch != s->heard_epoch)
        hz_band_reset(s->band);
    s->heard_epoch = b->epoch;
    while ((x = next_spectrum(s->out)) && hz_band_push(s->band, &in, x))
        s->out->n++;
}

static void work(struct hz_job *job)
{
    struct hz_band_strand *s = job->owner;
    struct hz_spectrum *x;
    for (size_t i = 0; i < s->n_current; i++) {
        if (s->current[i].block)
            transform(s, s->current[i].block);
    }
    while (s->out->end && (x = next_spectrum(s->out)) && hz_band_flush(s->band, x))
        s->out->n++;
}

static void finished(struct hz_job *job)
{
    struct hz_band_strand *s = job->owner;
    s->busy = false;
    if (s->closing) {
        destroy(s);
        return;
    }
    s->stats.spectra += s->out->n;
    s->stats.samples += s->out->samples;
    s->stats.cpu_ns += job->cpu_ns;
    s->result = true;
    drop_current(s); /* which may bring the next block, here and now */
    s->env.progress(s->env.ctx);
}

/* Takes as many of the inbox as make one job: of one epoch, up to the length wanted. Returns how
 * many spectra it may make at most: a hole in the samples ends two blocks early. */
static size_t gather(struct hz_band_strand *s)
{
    struct hz_spectra *out = s->out;
    size_t extra = 4;
    while (s->count > 0 && s->n_current < JOB_BLOCKS_MAX) {
        const struct item *it = &s->inbox[s->first];
        const struct hz_block *b = it->block;
        if (s->n_current > 0 && (!b || b->epoch != out->epoch || out->turn.ends ||
                                 (double)out->samples >= s->env.job_s * s->env.rate_hz))
            break;
        if (b && s->n_current == 0) {
            s->epoch = b->epoch;
            s->centre_hz = b->centre_hz;
            out->first_sample = b->first_sample;
        }
        out->epoch = s->epoch;
        out->centre_hz = s->centre_hz;
        out->end = !b;
        extra += b && b->gap_before > 0 ? 3 : 0;
        out->samples += b ? b->n : 0;
        out->turn = it->turn;
        out->stamp = it->stamp;
        s->waiting -= b ? b->n : 0;
        s->current[s->n_current++] = *it;
        s->first = (s->first + 1) % HZ_BAND_INBOX_MAX;
        s->count--;
    }
    double at_band_rate = (double)out->samples * hz_band_rate(s->band) / s->env.rate_hz;
    return (size_t)at_band_rate / hz_band_fresh(s->band) + extra;
}

/* Whether enough waits for a job to be worth its cost. */
static bool enough(const struct hz_band_strand *s)
{
    bool ends = s->count > 0 && !s->inbox[(s->first + s->count - 1) % HZ_BAND_INBOX_MAX].block;
    return ends || (double)s->waiting >= s->env.job_s * s->env.rate_hz;
}

static void start_next(struct hz_band_strand *s)
{
    if (s->busy || s->result || s->closing || s->count == 0 || !enough(s))
        return;
    s->out = batch_take(s->pool);
    if (!s->out)
        return; /* one that comes back goes on */
    s->out->rate_hz = s->env.rate_hz;
    s->out->band = s->band;
    batch_reserve(s->out, gather(s), s->band);
    s->busy = true;
    s->job.work = work;
    s->job.finished = finished;
    s->job.owner = s;
    s->job.rank = INT64_MAX; /* all of the channels wait for it */
    hz_jobs_submit(s->env.jobs, &s->job);
}

bool hz_band_strand_has_room(const struct hz_band_strand *s)
{
    return s->count < s->env.inbox;
}

static bool shed(struct hz_band_strand *s)
{
    if (s->shedding && s->count <= s->env.inbox / 2)
        s->shedding = false;
    if (!s->shedding && hz_band_strand_has_room(s))
        return false;
    s->stats.overruns += !s->shedding;
    s->shedding = true;
    return true;
}

static void append(struct hz_band_strand *s, struct item it)
{
    s->inbox[(s->first + s->count) % HZ_BAND_INBOX_MAX] = it;
    s->count++;
    s->waiting += it.block ? it.block->n : 0;
    start_next(s);
}

bool hz_band_strand_push(struct hz_band_strand *s, struct hz_block *b, struct hz_stamp stamp,
                         struct hz_turn turn)
{
    if (shed(s))
        return false;
    append(s, (struct item){.block = hz_block_ref(b), .stamp = stamp, .turn = turn});
    return true;
}

void hz_band_strand_finish(struct hz_band_strand *s, struct hz_stamp stamp, struct hz_turn turn)
{
    append(s, (struct item){.stamp = stamp, .turn = turn}); /* the last place was kept for it */
}

struct hz_spectra *hz_band_strand_take(struct hz_band_strand *s)
{
    if (!s->result)
        return NULL;
    struct hz_spectra *out = s->out;
    s->out = NULL;
    s->result = false;
    start_next(s);
    return out;
}

bool hz_band_strand_idle(const struct hz_band_strand *s)
{
    return s->count == 0 && !s->busy && !s->result;
}

struct hz_band_strand_stats hz_band_strand_stats(const struct hz_band_strand *s)
{
    struct hz_band_strand_stats stats = s->stats;
    stats.queued = s->count;
    return stats;
}

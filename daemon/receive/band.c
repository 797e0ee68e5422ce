#include "daemon/receive/band.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    JOB_BLOCKS_MAX = 64,
    BATCHES = 16, /* held by all inboxes together; about 1.3 s of a live stream */
};

struct hz_band_strand {
    struct hz_band_strand_env env;
    struct hz_band_strand_stats stats;
    struct hz_strand strand;
    struct hz_band *band;
    struct hz_spectra_pool *pool;
    size_t waiting; /* samples in the inbox */
    uint32_t epoch; /* epoch and centre of the samples that were last given to a job */
    double centre_hz;
    /* owned by the worker while a job is in flight */
    struct hz_piece current[JOB_BLOCKS_MAX];
    size_t n_current;
    struct hz_spectra *out;
    uint32_t heard_epoch; /* epoch of the samples that the band processed last */
    struct hz_hunt *hunt; /* NULL: nobody wants candidates */
    bool hunts;           /* loop: somebody does */
};

static void drop_current(struct hz_band_strand *s)
{
    size_t n = s->n_current;
    s->n_current = 0;
    for (size_t i = 0; i < n; i++)
        hz_piece_release(&s->current[i]);
}

static void destroy(void *owner)
{
    struct hz_band_strand *s = owner;
    drop_current(s);
    hz_spectra_unref(s->out);
    hz_spectra_pool_close(s->pool);
    hz_hunt_free(s->hunt);
    hz_band_free(s->band);
    free(s);
}

/* The next spectrum of the batch to write to; NULL when the batch is full, which happens only if
 * memory ran out. */
static struct hz_spectrum *next_spectrum(const struct hz_spectra *out)
{
    return out->n < out->cap ? &out->x[out->n] : NULL;
}

/* A spectrum was written: it is the next of the batch. */
static void take(struct hz_band_strand *s)
{
    struct hz_spectra *out = s->out;
    if (s->hunt)
        out->n_events += hz_hunt_push(s->hunt, &out->x[out->n], out->events + out->n_events);
    hz_spectra_measure(out, out->n);
    hz_spectra_step(out, out->n);
    out->n++;
}

static void transform(struct hz_band_strand *s, const struct hz_block *b)
{
    struct hz_samples in = {
        .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    struct hz_spectrum *x;
    if (b->epoch != s->heard_epoch) {
        hz_band_reset(s->band);
        if (s->hunt)
            hz_hunt_reset(s->hunt);
    }
    s->heard_epoch = b->epoch;
    while ((x = next_spectrum(s->out)) && hz_band_push(s->band, &in, x))
        take(s);
}

static void work(void *owner)
{
    struct hz_band_strand *s = owner;
    struct hz_spectrum *x;
    for (size_t i = 0; i < s->n_current; i++) {
        if (s->current[i].block)
            transform(s, s->current[i].block);
    }
    while (s->out->end && (x = next_spectrum(s->out)) && hz_band_flush(s->band, x))
        take(s);
    if (s->out->end && s->hunt && s->out->cap > s->out->n)
        s->out->n_events += hz_hunt_flush(s->hunt, s->out->events + s->out->n_events);
}

static void finished(void *owner)
{
    struct hz_band_strand *s = owner;
    s->stats.spectra += s->out->n;
    s->stats.samples += s->out->samples;
    s->stats.cpu_ns += s->strand.job.cpu_ns;
    s->stats.hunts = s->hunt;
    if (s->hunt)
        s->stats.hunt = hz_hunt_stats(s->hunt);
    s->strand.result = true;
    drop_current(s); /* may re-enter: a new block can be pushed before this returns */
}

/* Moves blocks of one epoch from the inbox to the next job, up to the wanted length. Returns the
 * largest number of spectra that the job can make; a gap in the samples ends two blocks of the
 * transform early. */
static size_t gather(struct hz_band_strand *s)
{
    struct hz_spectra *out = s->out;
    size_t extra = 4;
    const struct hz_piece *p;
    while ((p = hz_strand_peek(&s->strand)) && s->n_current < JOB_BLOCKS_MAX) {
        const struct hz_block *b = p->block;
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
        out->lost += b ? b->gap_before : 0;
        out->samples += b ? b->n : 0;
        out->turn = p->turn;
        out->stamp = p->stamp;
        s->waiting -= b ? b->n : 0;
        s->current[s->n_current++] = hz_strand_take(&s->strand);
    }
    double at_band_rate = (double)out->samples * hz_band_rate(s->band) / s->env.rate_hz;
    return (size_t)at_band_rate / hz_band_fresh(s->band) + extra;
}

/* Whether enough samples wait in the inbox to be worth the cost of a job. */
static bool enough(const struct hz_band_strand *s)
{
    const struct hz_piece *last = hz_strand_last(&s->strand);
    bool ends = last && !last->block;
    return ends || (double)s->waiting >= s->env.job_s * s->env.rate_hz;
}

static bool prepare(void *owner)
{
    struct hz_band_strand *s = owner;
    if (!enough(s))
        return false;
    s->out = hz_spectra_take(s->pool);
    if (!s->out)
        return false; /* a batch that is released starts the next job */
    s->out->rate_hz = s->env.rate_hz;
    s->out->band = s->band;
    hz_spectra_reserve(s->out, gather(s), s->band);
    s->env.gates(s->env.ctx, s->out);
    if (s->hunts && !s->hunt)
        s->hunt = hz_hunt_new(s->band); /* no memory: tried again with the next job */
    if (!s->hunts) {
        hz_hunt_free(s->hunt);
        s->hunt = NULL;
    }
    return true;
}

static const struct hz_strand_ops strand_ops = {prepare, work, finished, destroy};

static void on_batch_free(void *ctx)
{
    struct hz_band_strand *s = ctx;
    hz_strand_go_on(&s->strand);
}

/* ---- interface -------------------------------------------------------------------------- */

struct hz_band_strand *hz_band_strand_new(const struct hz_band_strand_env *env, char *err,
                                          size_t err_len)
{
    struct hz_band_strand *s = calloc(1, sizeof *s);
    struct hz_spectra_pool *p = hz_spectra_pool_new(BATCHES + env->held, on_batch_free, s);
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
    s->strand = (struct hz_strand){.jobs = env->jobs,
                                   .ops = &strand_ops,
                                   .owner = s,
                                   .rank = INT64_MAX, /* highest: all channels wait for it */
                                   .limit = env->inbox,
                                   .progress = env->progress,
                                   .ctx = env->ctx};
    return s;
}

void hz_band_strand_close(struct hz_band_strand *s, void (*closed)(void *ctx), void *ctx)
{
    hz_strand_close(&s->strand, closed, ctx);
}

bool hz_band_strand_has_room(const struct hz_band_strand *s)
{
    return hz_strand_has_room(&s->strand);
}

bool hz_band_strand_push(struct hz_band_strand *s, struct hz_block *b, struct hz_stamp stamp,
                         struct hz_turn turn)
{
    if (hz_strand_sheds(&s->strand))
        return false;
    s->waiting += b->n;
    hz_strand_push(&s->strand,
                   (struct hz_piece){.block = hz_block_ref(b), .stamp = stamp, .turn = turn});
    return true;
}

void hz_band_strand_finish(struct hz_band_strand *s, struct hz_stamp stamp, struct hz_turn turn)
{
    hz_strand_push(&s->strand, (struct hz_piece){.stamp = stamp, .turn = turn});
}

void hz_band_strand_hunt(struct hz_band_strand *s, bool yes)
{
    s->hunts = yes;
}

struct hz_spectra *hz_band_strand_take(struct hz_band_strand *s)
{
    if (!s->strand.result)
        return NULL;
    struct hz_spectra *out = s->out;
    s->out = NULL;
    hz_strand_result_taken(&s->strand);
    return out;
}

bool hz_band_strand_idle(const struct hz_band_strand *s)
{
    return hz_strand_idle(&s->strand);
}

struct hz_band_strand_stats hz_band_strand_stats(const struct hz_band_strand *s)
{
    struct hz_band_strand_stats stats = s->stats;
    stats.queued = s->strand.count;
    stats.overruns = s->strand.shed.times;
    return stats;
}

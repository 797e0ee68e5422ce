#include "daemon/receive/band.h"

#include "dsp/fft.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    JOB_BLOCKS_MAX = 64,
    BATCHES = 40, /* held by all inboxes together; 0.8 s of a live stream, or more */
    AT_WORK = 2,  /* batches in work, or ready: one begins while the one before is ended */
    PARTS = 8,    /* jobs of a batch that transform */
    SPARES = 16,  /* buffers of samples that are kept for the next blocks */
};

struct batch;

/* A job of a batch. It gathers the samples of its blocks after those of the part before, and
 * transforms the last of them beside the other parts. */
struct part {
    struct hz_job job;
    struct batch *batch;
    bool last;          /* it gathers all that is left */
    uint64_t gather_ns; /* wall time that it took to gather */
};

/* A batch in work. Its parts gather in their order, transform at the same time, and then one job
 * does what depends on the order of the spectra. */
struct batch {
    struct hz_band_strand *strand;
    bool busy;
    struct part part[PARTS];
    size_t blocks; /* that one part gathers */
    struct hz_job in_order;
    struct hz_spectra *out;
    uint64_t cpu_ns, order_ns;
    /* what is gathered; the worker's that does so */
    struct hz_piece piece[JOB_BLOCKS_MAX];
    size_t n_pieces, at;
    struct hz_samples in; /* of the piece before `at`, what is left */
    /* of the job in order */
    bool hunts, reset;
    struct hz_hunt_stats hunt;
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
    bool hunts; /* somebody wants candidates */
    struct batch batch[AT_WORK];
    struct hz_job *last_part, *last_in_order; /* of the batch that was begun last */
    struct hz_spectra *ready[AT_WORK];        /* results, the oldest first */
    size_t n_ready;
    /* the workers' */
    uint32_t heard_epoch;           /* of the samples that were gathered last */
    _Atomic(float *) spare[SPARES]; /* free buffers */
    struct hz_hunt *hunt;           /* of the jobs in order; NULL: nobody wants candidates */
};

static void drop_pieces(struct batch *b)
{
    size_t n = b->n_pieces;
    b->n_pieces = 0;
    for (size_t i = 0; i < n; i++)
        hz_piece_release(&b->piece[i]);
}

static void destroy(void *owner)
{
    struct hz_band_strand *s = owner;
    for (size_t i = 0; i < AT_WORK; i++) {
        drop_pieces(&s->batch[i]);
        hz_spectra_unref(s->batch[i].out);
    }
    for (size_t i = 0; i < s->n_ready; i++)
        hz_spectra_unref(s->ready[i]);
    for (size_t i = 0; i < SPARES; i++)
        free(s->spare[i]);
    hz_spectra_pool_close(s->pool);
    hz_hunt_free(s->hunt);
    hz_band_free(s->band);
    free(s);
}

/* ---- workers ---------------------------------------------------------------------------- */

/* A buffer for the samples of the next block. NULL: no memory, or one worker is all there is, which
 * has nothing to do beside. */
static float *take_spare(struct hz_band_strand *s)
{
    for (size_t i = 0; i < SPARES && s->strand.jobs->workers > 1; i++) {
        float *x = atomic_exchange(&s->spare[i], NULL);
        if (x)
            return x;
    }
    return s->strand.jobs->workers > 1 ? hz_fft_buffer(hz_band_bins(s->band)) : NULL;
}

static void keep_spare(struct hz_band_strand *s, float *x)
{
    float *none = NULL;
    for (size_t i = 0; i < SPARES; i++, none = NULL) {
        if (atomic_compare_exchange_strong(&s->spare[i], &none, x))
            return;
    }
    free(x);
}

static void begin_piece(struct batch *b, const struct hz_block *block)
{
    struct hz_band_strand *s = b->strand;
    if (!block)
        return; /* the end of the stream */
    b->in = (struct hz_samples){
        .format = block->format, .data = block->data, .n = block->n, .first = block->first_sample};
    if (block->epoch != s->heard_epoch) {
        hz_band_reset(s->band);
        b->reset = true;
    }
    s->heard_epoch = block->epoch;
}

/* Gathers the next block of the batch; false: there is none any more. */
static bool gather_block(struct batch *b, uint64_t *block)
{
    struct hz_band *band = b->strand->band;
    while (!(b->at > 0 && hz_band_gather(band, &b->in, block))) {
        if (b->at == b->n_pieces)
            return b->out->end && hz_band_gather_rest(band, block);
        begin_piece(b, b->piece[b->at++].block);
    }
    return true;
}

static bool gather(struct part *p, uint64_t *block)
{
    uint64_t began = uv_hrtime();
    bool yes = gather_block(p->batch, block);
    p->gather_ns += uv_hrtime() - began;
    return yes;
}

/* Makes spectrum i, and measures at the gates while it is in the cache. */
static void transform(const struct hz_band_strand *s, struct hz_spectra *out, size_t i,
                      const float *samples)
{
    hz_band_transform(s->band, samples, &out->x[i]);
    hz_spectra_measure(out, i);
}

static void work_part(struct hz_job *job)
{
    struct part *p = job->owner;
    struct batch *b = p->batch;
    struct hz_band_strand *s = b->strand;
    struct hz_spectra *out = b->out;
    float *samples = NULL; /* of the block that is transformed beside the others, */
    size_t later = 0;      /* which is that of the batch */
    uint64_t block;
    for (size_t n = 1; (p->last || n <= b->blocks) && gather(p, &block); n++) {
        if (!hz_spectra_next(out)) { /* only if memory ran out */
            hz_band_advance(s->band, NULL);
            continue;
        }
        size_t i = out->n++;
        out->x[i].block = block;
        float *spare = !samples && n >= b->blocks ? take_spare(s) : NULL;
        if (spare) {
            samples = hz_band_advance(s->band, spare);
            later = i;
        } else {
            transform(s, out, i, hz_band_gathered(s->band));
            hz_band_advance(s->band, NULL);
        }
    }
    if (!samples)
        return;
    hz_job_pass_on(job);
    transform(s, out, later, samples);
    keep_spare(s, samples);
}

static void hunt(struct batch *b)
{
    struct hz_band_strand *s = b->strand;
    struct hz_spectra *out = b->out;
    if (b->hunts && !s->hunt)
        s->hunt = hz_hunt_new(s->band); /* no memory: tried again with the next batch */
    if (!b->hunts) {
        hz_hunt_free(s->hunt);
        s->hunt = NULL;
    }
    b->hunts = s->hunt;
    if (!s->hunt)
        return;
    if (b->reset)
        hz_hunt_reset(s->hunt);
    for (size_t i = 0; i < out->n; i++)
        out->n_events += hz_hunt_push(s->hunt, &out->x[i], out->events + out->n_events);
    if (out->end && out->cap > out->n)
        out->n_events += hz_hunt_flush(s->hunt, out->events + out->n_events);
    b->hunt = hz_hunt_stats(s->hunt);
}

/* What depends on the order of the spectra. */
static void work_in_order(struct hz_job *job)
{
    struct batch *b = job->owner;
    hunt(b);
    for (size_t i = 0; i < b->out->n; i++)
        hz_spectra_step(b->out, i);
}

/* ---- the loop --------------------------------------------------------------------------- */

static void part_finished(struct hz_job *job)
{
    struct part *p = job->owner;
    double wall = (double)(job->ended_ns - job->started_ns + 1);
    p->batch->cpu_ns += job->cpu_ns;
    p->batch->order_ns += (uint64_t)((double)p->gather_ns / wall * (double)job->cpu_ns);
}

/* All parts of the batch were finished before, and so were the batches before it. */
static void batch_finished(struct hz_job *job)
{
    struct batch *b = job->owner;
    struct hz_band_strand *s = b->strand;
    s->stats.spectra += b->out->n;
    s->stats.samples += b->out->samples;
    s->stats.cpu_ns += b->cpu_ns + job->cpu_ns;
    s->stats.order_ns += b->order_ns + job->cpu_ns;
    s->stats.hunts = b->hunts;
    if (b->hunts)
        s->stats.hunt = b->hunt;
    s->ready[s->n_ready++] = b->out;
    b->out = NULL;
    b->busy = false;
    hz_strand_done(&s->strand);
}

/* A new block can be pushed before this returns. */
static void finished(void *owner)
{
    struct hz_band_strand *s = owner;
    for (size_t i = 0; i < AT_WORK; i++) {
        if (!s->batch[i].busy)
            drop_pieces(&s->batch[i]);
    }
}

/* Moves blocks of one epoch from the inbox to the batch, up to the wanted length, and makes room
 * for the largest number of spectra that they can make; a gap in the samples ends two blocks of the
 * transform early, and the end makes as many more. Returns how many are worth a job each: in a live
 * stream, where a batch begins when there is one, those that are there for sure. */
static size_t take_pieces(struct hz_band_strand *s, struct batch *b)
{
    struct hz_spectra *out = b->out;
    size_t extra = 1;
    const struct hz_piece *p;
    while ((p = hz_strand_peek(&s->strand)) && b->n_pieces < JOB_BLOCKS_MAX) {
        const struct hz_block *block = p->block;
        if (b->n_pieces > 0 && (!block || block->epoch != out->epoch || out->turn.ends ||
                                (double)out->samples >= s->env.job_s * s->env.rate_hz))
            break;
        if (block && b->n_pieces == 0) {
            s->epoch = block->epoch;
            s->centre_hz = block->centre_hz;
            out->first_sample = block->first_sample;
        }
        out->epoch = s->epoch;
        out->centre_hz = s->centre_hz;
        out->end = !block;
        extra += !block || block->gap_before > 0 ? 3 : 0;
        out->lost += block ? block->gap_before : 0;
        out->samples += block ? block->n : 0;
        out->turn = p->turn;
        out->stamp = p->stamp;
        s->waiting -= block ? block->n : 0;
        b->piece[b->n_pieces++] = hz_strand_take(&s->strand);
    }
    size_t spectra = (size_t)((double)out->samples * HZ_BAND_BLOCKS_HZ / s->env.rate_hz);
    hz_spectra_reserve(out, spectra + extra);
    if (s->env.job_s == 0)
        return spectra + extra;
    return spectra > 0 ? spectra : 1;
}

/* Whether the samples that wait complete a block of the band. In a replay each turn is a batch,
 * even without a spectrum. */
static bool enough(const struct hz_band_strand *s)
{
    const struct hz_piece *first = hz_strand_peek(&s->strand), *last = hz_strand_last(&s->strand);
    if (s->env.job_s == 0 || !first || !first->block || !last->block)
        return true;
    double block = s->env.rate_hz / HZ_BAND_BLOCKS_HZ, delay = (double)hz_band_delay(s->band);
    double from = (double)first->block->first_sample - delay;
    double to = (double)(last->block->first_sample + last->block->n) - delay;
    return floor(to / block) > floor(from / block) || (double)s->waiting >= block;
}

static void submit(struct hz_band_strand *s, struct batch *b, size_t spectra)
{
    struct hz_jobs *jobs = s->strand.jobs;
    size_t most = jobs->workers > 1 ? PARTS : 1, n = spectra < most ? spectra : most;
    b->blocks = (spectra + n - 1) / n;
    for (size_t i = 0; i < n; i++) {
        struct part *p = &b->part[i];
        p->job.work = work_part;
        p->job.finished = part_finished;
        p->job.owner = p;
        p->job.rank = s->strand.rank;
        p->batch = b;
        p->last = i + 1 == n;
        p->gather_ns = 0;
        if (s->last_part)
            hz_job_midway(&p->job, s->last_part);
        s->last_part = &p->job;
        hz_jobs_submit(jobs, &p->job);
        hz_job_after(&b->in_order, &p->job);
    }
    b->in_order.work = work_in_order;
    b->in_order.finished = batch_finished;
    b->in_order.owner = b;
    b->in_order.rank = s->strand.rank;
    if (s->last_in_order)
        hz_job_after(&b->in_order, s->last_in_order);
    s->last_in_order = &b->in_order;
    hz_jobs_submit(jobs, &b->in_order);
}

static bool prepare(void *owner)
{
    struct hz_band_strand *s = owner;
    struct batch *b = s->batch;
    while (b < s->batch + AT_WORK && (b->busy || b->n_pieces > 0))
        b++;
    if (b == s->batch + AT_WORK || s->strand.busy + s->n_ready >= AT_WORK || !enough(s))
        return false;
    b->out = hz_spectra_take(s->pool);
    if (!b->out)
        return false; /* a batch that is released starts the next job */
    b->out->rate_hz = s->env.rate_hz;
    b->out->band = s->band;
    b->busy = true;
    b->strand = s;
    b->hunts = s->hunts;
    b->reset = false;
    b->cpu_ns = b->order_ns = b->at = 0;
    b->in.n = 0;
    size_t spectra = take_pieces(s, b);
    s->env.gates(s->env.ctx, b->out);
    submit(s, b, spectra);
    return true;
}

static const struct hz_strand_ops strand_ops = {prepare, NULL, finished, destroy};

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
    if (s->n_ready == 0)
        return NULL;
    struct hz_spectra *out = s->ready[0];
    s->n_ready--;
    memmove(s->ready, s->ready + 1, s->n_ready * sizeof(struct hz_spectra *));
    hz_strand_go_on(&s->strand);
    return out;
}

bool hz_band_strand_idle(const struct hz_band_strand *s)
{
    return s->n_ready == 0 && hz_strand_idle(&s->strand);
}

struct hz_band_strand_stats hz_band_strand_stats(const struct hz_band_strand *s)
{
    struct hz_band_strand_stats stats = s->stats;
    stats.queued = s->strand.count;
    stats.overruns = s->strand.shed.times;
    return stats;
}

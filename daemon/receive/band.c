#include "daemon/receive/band_own.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Batches held by all inboxes together; 0.8 s of a live stream, or more. */
enum { BATCHES = 40 };

/* A new band begins so far before the batch in which it takes over: the block of 20 ms that the one
 * before had not completed, the one before that, which is made again, and a fraction of another for
 * its overlap and the filter of a part. */
#define PAST_S 0.06

static void drop_input(struct hz_batch *b)
{
    size_t n = b->n_pieces;
    b->n_pieces = 0;
    hz_lead_in_drop(&b->lead_in);
    for (size_t i = 0; i < n; i++)
        hz_piece_release(&b->piece[i]);
}

static void destroy(void *owner)
{
    struct hz_band_strand *s = owner;
    for (size_t i = 0; i < HZ_BATCHES_AT_WORK; i++) {
        drop_input(&s->batch[i]);
        hz_spectra_unref(s->batch[i].out);
    }
    hz_lead_in_drop(&s->lead_in);
    hz_spectrum_done(&s->before);
    for (size_t i = 0; i < s->n_ready; i++)
        hz_spectra_unref(s->ready[i]);
    hz_spectra_pool_close(s->pool);
    hz_hunt_free(s->hunt);
    hz_shared_band_unref(s->band);
    free(s);
}

/* ---- batches ---------------------------------------------------------------------------- */

static void part_finished(struct hz_job *job)
{
    struct hz_batch_part *p = job->owner;
    double wall = (double)(job->ended_ns - job->started_ns + 1);
    p->batch->cpu_ns += job->cpu_ns;
    p->batch->order_ns += (uint64_t)((double)p->order_ns / wall * (double)job->cpu_ns);
}

/* All jobs of the batch are finished, and so were the batches before it. */
static void end_batch(struct hz_batch *b)
{
    struct hz_band_strand *s = b->strand;
    s->stats.spectra += b->out->n;
    s->stats.samples += b->out->samples;
    s->stats.cpu_ns += b->cpu_ns;
    s->stats.order_ns += b->order_ns;
    s->stats.hunts = b->hunts;
    if (b->hunts)
        s->stats.hunt = b->hunt;
    s->ready[s->n_ready++] = b->out;
    b->out = NULL;
    b->busy = false;
    hz_strand_done(&s->strand);
}

static void in_order_finished(struct hz_job *job)
{
    struct hz_batch *b = job->owner;
    b->cpu_ns += job->cpu_ns;
    b->order_ns += job->cpu_ns;
    end_batch(b);
}

static void alone_finished(struct hz_job *job)
{
    struct hz_batch_part *p = job->owner;
    part_finished(job);
    end_batch(p->batch);
}

/* A new block can be pushed before this returns. */
static void finished(void *owner)
{
    struct hz_band_strand *s = owner;
    for (size_t i = 0; i < HZ_BATCHES_AT_WORK; i++) {
        if (!s->batch[i].busy)
            drop_input(&s->batch[i]);
    }
}

/* Moves blocks of one epoch from the inbox to the batch, up to the wanted length, and makes room
 * for the largest number of spectra that they can make; a gap in the samples ends two blocks of the
 * transform early, and the end makes as many more. Returns how many are worth a job each: in a live
 * stream, where a batch begins when there is one, those that are there for sure. */
static size_t take_pieces(struct hz_band_strand *s, struct hz_batch *b)
{
    struct hz_spectra *out = b->out;
    size_t extra = 1;
    const struct hz_piece *p;
    while ((p = hz_strand_peek(&s->strand)) && b->n_pieces < HZ_BATCH_PIECES) {
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
    hz_spectra_reserve(out, spectra + extra + 1); /* 1: where the band changes */
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
    double block = s->env.rate_hz / HZ_BAND_BLOCKS_HZ, delay = (double)hz_band_delay(s->band->band);
    double from = (double)first->block->first_sample - delay;
    double to = (double)(last->block->first_sample + last->block->n) - delay;
    return floor(to / block) > floor(from / block) || (double)s->waiting >= block;
}

/* A job of the batch; it begins after the part before, when that has gathered. */
static void prepare_part(struct hz_batch *b, struct hz_batch_part *p, bool last)
{
    struct hz_band_strand *s = b->strand;
    p->job.work = b->alone ? hz_batch_work_alone : hz_batch_work_part;
    p->job.finished = b->alone ? alone_finished : part_finished;
    p->job.owner = p;
    p->job.rank = s->strand.rank;
    p->batch = b;
    p->last = last;
    p->order_ns = 0;
    if (s->last_part)
        hz_job_midway(&p->job, s->last_part);
    s->last_part = &p->job;
}

/* The job that ends the batch begins after that of the batch before. */
static void submit_last(struct hz_batch *b, struct hz_job *job)
{
    struct hz_band_strand *s = b->strand;
    if (s->last_in_order)
        hz_job_after(job, s->last_in_order);
    s->last_in_order = job;
    hz_jobs_submit(s->strand.jobs, job);
}

static void submit(struct hz_batch *b, size_t spectra)
{
    struct hz_jobs *jobs = b->strand->strand.jobs;
    size_t most = jobs->workers > 1 ? HZ_BATCH_PARTS : 1, n = spectra < most ? spectra : most;
    b->blocks = (spectra + n - 1) / n;
    b->alone = n == 1;
    for (size_t i = 0; i < n && !b->alone; i++) {
        prepare_part(b, &b->part[i], i + 1 == n);
        hz_jobs_submit(jobs, &b->part[i].job);
        hz_job_after(&b->in_order, &b->part[i].job);
    }
    if (b->alone) {
        prepare_part(b, &b->part[0], true);
        submit_last(b, &b->part[0].job);
        return;
    }
    b->in_order.work = hz_batch_work_in_order;
    b->in_order.finished = in_order_finished;
    b->in_order.owner = b;
    b->in_order.rank = b->strand->strand.rank;
    submit_last(b, &b->in_order);
}

/* Makes the band that a batch needs. In the middle of a stream it begins with samples before the
 * batch, which have to be collected first. */
static void choose_band(struct hz_band_strand *s, struct hz_batch *b, bool goes_on)
{
    double low, high, length = (double)s->lead_in.held.n / s->env.rate_hz;
    char err[160];
    s->env.part(s->env.ctx, s->centre_hz, &low, &high);
    bool known = low == s->low_hz && high == s->high_hz;
    if (known || hz_band_suits(s->band->band, low, high)) {
        s->low_hz = low;
        s->high_hz = high;
        hz_lead_in_drop(&s->lead_in);
        return;
    }
    s->low_hz = s->high_hz = 0;
    struct hz_shared_band *other = NULL;
    if (!goes_on || length >= PAST_S)
        other = hz_shared_band_new(s->env.rate_hz, low, high, err, sizeof err);
    if (!other) { /* no memory: tried again with the next batch */
        for (size_t i = 0; i < b->n_pieces && b->piece[i].block; i++)
            hz_lead_in_add(&s->lead_in, b->piece[i].block);
        return;
    }
    hz_shared_band_unref(s->band);
    s->band = other;
    s->stats.changes += goes_on;
    if (!goes_on) {
        hz_lead_in_drop(&s->lead_in);
        return;
    }
    b->lead_in = s->lead_in;
    s->lead_in = (struct hz_lead_in){0};
    b->in = b->lead_in.held;
    b->begun = true;
}

static bool prepare(void *owner)
{
    struct hz_band_strand *s = owner;
    struct hz_batch *b = s->batch;
    while (b < s->batch + HZ_BATCHES_AT_WORK && (b->busy || b->n_pieces > 0))
        b++;
    if (b == s->batch + HZ_BATCHES_AT_WORK || s->strand.busy + s->n_ready >= HZ_BATCHES_AT_WORK ||
        !enough(s))
        return false;
    b->out = hz_spectra_take(s->pool);
    if (!b->out)
        return false; /* a batch that is released starts the next job */
    b->out->rate_hz = s->env.rate_hz;
    b->busy = true;
    b->strand = s;
    b->reset = b->begun = false;
    b->cpu_ns = b->order_ns = b->at = 0;
    b->in.n = 0;
    bool first = !s->last_part;
    uint32_t epoch = s->epoch;
    size_t spectra = take_pieces(s, b);
    choose_band(s, b, !first && s->epoch == epoch);
    b->out->band = hz_shared_band_ref(s->band);
    b->hunts = s->hunts && !hz_band_is_part(s->band->band);
    s->env.gates(s->env.ctx, b->out);
    submit(b, spectra);
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
    double low, high;
    env->part(env->ctx, env->centre_hz, &low, &high);
    struct hz_shared_band *band = hz_shared_band_new(env->rate_hz, low, high, err, err_len);
    if (!s || !p || !band) {
        if (band)
            snprintf(err, err_len, "out of memory");
        hz_shared_band_unref(band);
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
    stats.centre_hz = s->centre_hz;
    stats.low_hz = hz_band_low(s->band->band);
    stats.high_hz = hz_band_high(s->band->band);
    stats.rate_hz = hz_band_rate(s->band->band);
    return stats;
}

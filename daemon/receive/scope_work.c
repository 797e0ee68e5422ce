/* The job of a scope: spectra or samples in, rows of levels for its views out. */
#include "daemon/receive/scope_own.h"

#include <math.h>
#include <stdlib.h>

/* Samples of one job where there are only blocks: as often as batches of spectra come, or more. */
#define JOB_S 0.04
/* A band is looked at so often if it has no spectra, whatever lower rate a view has. */
#define GLANCE_HZ 10.0
/* It then has so many bins in the narrowest displayed one, or bins of 40 Hz. */
#define GLANCE_FINE 16
/* A frame may end before it is due, by so much of its length: spectra end at fixed times. */
#define EARLY 0.2

void hz_scope_rest(struct hz_scope *s)
{
    while (s->strand.count > 0) {
        struct hz_piece p = hz_strand_take(&s->strand);
        hz_piece_release(&p);
    }
    s->waiting = 0;
    s->broken = false;
    hz_glance_free(s->glance);
    s->glance = NULL;
    free(s->powers);
    s->powers = NULL;
    s->n_powers = 0;
}

/* ---- before ----------------------------------------------------------------------------- */

static bool enough(const struct hz_scope *s)
{
    const struct hz_piece *p = hz_strand_peek(&s->strand);
    return p->spectra || !s->live || (double)s->waiting >= JOB_S * p->block->rate_hz;
}

/* Whether b goes on with the stream of a, so that one job can take both. */
static bool same_stream(const struct hz_piece *a, const struct hz_piece *b)
{
    if (a->spectra && b->spectra)
        return a->spectra->epoch == b->spectra->epoch &&
               a->spectra->rate_hz == b->spectra->rate_hz &&
               a->spectra->centre_hz == b->spectra->centre_hz;
    return a->block && b->block && a->block->epoch == b->block->epoch &&
           a->block->rate_hz == b->block->rate_hz && a->block->centre_hz == b->block->centre_hz;
}

static void gather(struct hz_scope *s)
{
    const struct hz_piece *p;
    while ((p = hz_strand_peek(&s->strand)) && s->n_pieces < HZ_SCOPE_PIECES) {
        if (s->n_pieces > 0 && !same_stream(&s->pieces[0], p))
            break;
        s->waiting -= p->block ? p->block->n : 0;
        s->pieces[s->n_pieces++] = hz_strand_take(&s->strand);
    }
}

static double highest_fps(const struct hz_scope *s)
{
    double fps = GLANCE_HZ;
    for (const struct hz_view *v = s->views; v; v = v->next)
        fps = fmax(fps, v->want.fps);
    return fps;
}

/* The width of a bin that is fine enough for all views. */
static double finest_bin(const struct hz_scope *s)
{
    double width = s->job_rate_hz;
    for (const struct hz_view *v = s->views; v; v = v->next) {
        const struct hz_view_grant *g = &v->grant;
        if (g->bins > 0)
            width = fmin(width, (g->to_hz - g->from_hz) / (double)g->bins);
    }
    return fmax(width / GLANCE_FINE, HZ_BAND_BIN_HZ);
}

static bool equip_glance(struct hz_scope *s)
{
    uint64_t period = (uint64_t)(s->job_rate_hz / highest_fps(s));
    double bin_hz = finest_bin(s);
    if (s->glance && s->glance_bin_hz == bin_hz) {
        hz_glance_every(s->glance, period);
        return true;
    }
    hz_glance_free(s->glance);
    s->glance = hz_glance_new(s->job_rate_hz, bin_hz, period);
    s->glance_bin_hz = bin_hz;
    return s->glance;
}

/* Makes what the job needs. False: no memory. */
static bool equip(struct hz_scope *s)
{
    if (!s->pieces[0].spectra)
        return equip_glance(s);
    size_t n = 1; /* a batch may have none; those that are not empty have equal spectra */
    for (size_t i = 0; i < s->n_pieces; i++) {
        const struct hz_spectra *batch = s->pieces[i].spectra;
        n = batch->n > 0 && batch->x[0].n >= n ? batch->x[0].n + 1 : n;
    }
    if (s->n_powers < n) {
        free(s->powers);
        s->powers = malloc(n * sizeof *s->powers);
        s->n_powers = s->powers ? n : 0;
    }
    return s->powers;
}

static void drop_pieces(struct hz_scope *s)
{
    size_t n = s->n_pieces;
    s->n_pieces = 0;
    for (size_t i = 0; i < n; i++)
        hz_piece_release(&s->pieces[i]);
}

/* Whether a frame is due by the clock: a replay may run faster than any viewer can see. */
static bool is_due(const struct hz_view *v, uint64_t now)
{
    return (double)(now - v->last_ms) >= 500 / v->want.fps;
}

static bool prepare(void *owner)
{
    struct hz_scope *s = owner;
    if (!s->views || !enough(s))
        return false;
    gather(s);
    const struct hz_piece *p = &s->pieces[0];
    double rate = p->spectra ? p->spectra->rate_hz : p->block->rate_hz;
    double centre = p->spectra ? p->spectra->centre_hz : p->block->centre_hz;
    if (rate != s->job_rate_hz) {
        hz_glance_free(s->glance);
        s->glance = NULL;
    }
    s->rate_hz = s->job_rate_hz = rate;
    s->centre_hz = s->job_centre_hz = centre;
    s->inside = true;
    hz_scope_grant(s);
    s->inside = false;
    uint64_t now = uv_now(s->strand.jobs->loop);
    s->n_at_work = 0;
    for (struct hz_view *v = s->views; v; v = v->next) {
        v->working = true;
        v->may_end = is_due(v, now);
        s->at_work[s->n_at_work++] = v;
    }
    if (s->n_at_work > 0 && equip(s))
        return true;
    for (size_t i = 0; i < s->n_at_work; i++)
        s->at_work[i]->working = false;
    s->n_at_work = 0;
    drop_pieces(s);
    s->broken = true;
    return false;
}

/* ---- worker ----------------------------------------------------------------------------- */

static void begin_frame(struct hz_view *v, uint32_t epoch, uint64_t sample, double period)
{
    hz_waterfall_reset(v->waterfall);
    v->begun = true;
    v->epoch = epoch;
    v->begin = sample;
    v->due = (double)sample + period;
}

static void end_frame(struct hz_view *v, uint64_t end, double rate_hz, struct hz_stamp stamp)
{
    struct hz_view_row *row = &v->rows[v->n_rows];
    double period = rate_hz / v->want.fps;
    row->db_min = hz_waterfall_take(v->waterfall, v->levels + v->n_rows * v->grant.bins);
    row->utc_ns =
        stamp.utc_ns + (int64_t)(((double)end - (double)stamp.sample) * stamp.ns_per_sample);
    row->span_ms = (uint32_t)((double)(end - v->begin) * 1000 / rate_hz + 0.5);
    row->lost = v->lost;
    v->n_rows++;
    v->lost = false;
    v->begin = end;
    v->due += period;
    if (v->due <= (double)end)
        v->due = (double)end + period; /* frames cannot come that often */
}

/* Shows all views the powers of what ends at `end`. */
static void show(struct hz_scope *s, const struct hz_powers *powers, size_t n, uint64_t begin,
                 uint64_t end, uint32_t epoch, struct hz_stamp stamp)
{
    for (size_t i = 0; i < s->n_at_work; i++) {
        struct hz_view *v = s->at_work[i];
        if (!v->waterfall)
            continue;
        if (!v->begun || v->epoch != epoch)
            begin_frame(v, epoch, begin, s->job_rate_hz / v->want.fps);
        for (size_t k = 0; k < n; k++)
            hz_waterfall_add(v->waterfall, &powers[k]);
        double early = EARLY * s->job_rate_hz / v->want.fps;
        if ((double)end + early >= v->due && v->may_end && v->n_rows < HZ_VIEW_ROWS_MAX)
            end_frame(v, end, s->job_rate_hz, stamp);
    }
}

/* The bins that some view shows: from *first on, negative below the middle. */
static size_t wanted_bins(const struct hz_scope *s, size_t n, long *first)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < s->n_at_work; i++) {
        const struct hz_view_grant *g = &s->at_work[i]->grant;
        if (g->bins == 0)
            continue;
        low = fmin(low, g->from_hz - s->job_centre_hz);
        high = fmax(high, g->to_hz - s->job_centre_hz);
    }
    if (!(low < high))
        return 0;
    const long half = (long)(n / 2);
    long from = (long)floor(low / HZ_BAND_BIN_HZ) - 1, to = (long)ceil(high / HZ_BAND_BIN_HZ) + 1;
    *first = from < -half ? -half : from;
    to = to > half ? half : to;
    return to < *first ? 0 : (size_t)(to - *first + 1);
}

static void work_on_spectra(struct hz_scope *s, const struct hz_spectra *batch)
{
    const uint64_t fresh = (uint64_t)(batch->rate_hz / HZ_BAND_BLOCKS_HZ);
    for (size_t i = 0; i < batch->n; i++) {
        const struct hz_spectrum *x = &batch->x[i];
        long first = 0;
        size_t n = wanted_bins(s, x->n, &first);
        if (n == 0)
            return;
        hz_spectrum_powers(x, first, n, s->powers);
        struct hz_powers p = {.power = s->powers,
                              .n = n,
                              .from_hz = ((double)first - 0.5) * HZ_BAND_BIN_HZ,
                              .bin_hz = HZ_BAND_BIN_HZ};
        show(s, &p, 1, x->block * fresh, (x->block + 1) * fresh, batch->epoch, batch->stamp);
    }
}

static void work_on_block(struct hz_scope *s, const struct hz_piece *p)
{
    const struct hz_block *b = p->block;
    struct hz_samples in = {
        .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    struct hz_glimpse g;
    if (s->glance_epoch != b->epoch)
        hz_glance_reset(s->glance);
    s->glance_epoch = b->epoch;
    while (hz_glance_push(s->glance, &in, &g))
        show(s, g.powers, g.n, g.begin, g.end, b->epoch, p->stamp);
}

static void work(void *owner)
{
    struct hz_scope *s = owner;
    for (size_t i = 0; i < s->n_pieces; i++) {
        const struct hz_piece *p = &s->pieces[i];
        for (size_t k = 0; k < s->n_at_work; k++)
            s->at_work[k]->lost |= p->reset;
        if (p->spectra)
            work_on_spectra(s, p->spectra);
        else
            work_on_block(s, p);
    }
}

/* ---- after ------------------------------------------------------------------------------ */

static void give_rows(struct hz_view *v)
{
    size_t n = v->n_rows;
    v->n_rows = 0;
    for (size_t i = 0; i < n && v->events; i++) {
        const struct hz_view_row *row = &v->rows[i];
        struct hz_view_frame f = {.utc_ns = row->utc_ns,
                                  .from_hz = v->grant.from_hz,
                                  .to_hz = v->grant.to_hz,
                                  .db_min = row->db_min,
                                  .db_step = HZ_WATERFALL_STEP_DB,
                                  .span_ms = row->span_ms,
                                  .lost = row->lost,
                                  .n = v->grant.bins,
                                  .levels = v->levels + i * v->grant.bins};
        v->last_ms = uv_now(v->scope->strand.jobs->loop);
        v->scope->stats.frames++;
        v->events->frame(v->ctx, &f);
    }
}

static void finished(void *owner)
{
    struct hz_scope *s = owner;
    s->stats.jobs++;
    s->stats.cpu_ns += s->strand.job.cpu_ns;
    size_t n = s->n_at_work;
    s->n_at_work = 0;
    s->inside = true;
    for (size_t i = 0; i < n; i++)
        give_rows(s->at_work[i]);
    s->inside = false;
    for (size_t i = 0; i < n; i++) {
        struct hz_view *v = s->at_work[i];
        v->working = false;
        if (!v->events)
            hz_view_free(v);
    }
    if (!s->views)
        hz_scope_rest(s);
    drop_pieces(s);
}

static void destroy(void *owner)
{
    struct hz_scope *s = owner;
    for (size_t i = 0; i < s->n_at_work; i++)
        hz_view_free(s->at_work[i]); /* a view that was closed while the job ran */
    drop_pieces(s);
    hz_scope_rest(s);
    free(s);
}

const struct hz_strand_ops hz_scope_strand_ops = {prepare, work, finished, destroy};

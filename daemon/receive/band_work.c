#include "daemon/receive/band_own.h"

static struct hz_band *band_of(const struct hz_batch *b)
{
    return b->out->band->band;
}

/* A buffer for the samples of the next block. NULL: no memory, or nothing is done beside. */
static float *take_spare(const struct hz_batch *b)
{
    return b->alone ? NULL : hz_shared_band_spare(b->out->band);
}

static void begin_piece(struct hz_batch *b, const struct hz_block *block)
{
    struct hz_band_strand *s = b->strand;
    if (!block)
        return; /* the end of the stream */
    b->in = (struct hz_samples){
        .format = block->format, .data = block->data, .n = block->n, .first = block->first_sample};
    if (block->epoch != s->heard_epoch) {
        hz_band_reset(band_of(b));
        b->reset = true;
        s->next = 0;
        hz_spectrum_done(&s->before);
    }
    s->heard_epoch = block->epoch;
}

/* Gathers the next block of the batch; false: there is none any more. */
static bool gather_block(struct hz_batch *b, uint64_t *block)
{
    struct hz_band *band = band_of(b);
    while (!(b->begun && hz_band_gather(band, &b->in, block))) {
        if (b->at == b->n_pieces)
            return b->out->end && hz_band_gather_rest(band, block);
        begin_piece(b, b->piece[b->at++].block);
        b->begun = true;
    }
    return true;
}

/* Makes the spectrum of the block that was gathered, where it is, and measures at the gates while
 * it is in the cache. */
static void transform_here(struct hz_batch *b, size_t i)
{
    struct hz_band *band = band_of(b);
    hz_band_transform(band, hz_band_gathered(band), &b->out->x[i]);
    hz_band_advance(band, NULL);
    hz_spectra_measure(b->out, i);
}

/* A new band has gathered a block of which the one before made the spectrum. */
static void look_back(struct hz_batch *b, uint64_t block)
{
    struct hz_band *band = band_of(b);
    struct hz_spectrum *x = &b->strand->before;
    hz_spectrum_done(x);
    if (block + 1 == b->strand->next && hz_spectrum_init(x, band) == 0) {
        x->block = block;
        hz_band_transform(band, hz_band_gathered(band), x);
    }
    hz_band_advance(band, NULL);
}

static bool gather(struct hz_batch_part *p, uint64_t *block)
{
    struct hz_band_strand *s = p->batch->strand;
    uint64_t began = uv_hrtime();
    bool yes;
    while ((yes = gather_block(p->batch, block)) && *block < s->next)
        look_back(p->batch, *block);
    if (yes)
        s->next = *block + 1;
    if (yes && s->before.bins) {
        p->batch->out->before = s->before;
        s->before = (struct hz_spectrum){0};
    }
    p->order_ns += uv_hrtime() - began;
    return yes;
}

void hz_batch_work_part(struct hz_job *job)
{
    struct hz_batch_part *p = job->owner;
    struct hz_batch *b = p->batch;
    struct hz_spectra *out = b->out;
    float *samples = NULL; /* of the block that is transformed beside the others, */
    size_t later = 0;      /* which is that of the batch */
    uint64_t block;
    for (size_t n = 1; (p->last || n <= b->blocks) && gather(p, &block); n++) {
        if (!hz_spectra_next(out)) { /* only if memory ran out */
            hz_band_advance(band_of(b), NULL);
            continue;
        }
        size_t i = out->n++;
        out->x[i].block = block;
        float *spare = !samples && n >= b->blocks ? take_spare(b) : NULL;
        if (spare) {
            samples = hz_band_advance(band_of(b), spare);
            later = i;
        } else {
            transform_here(b, i);
        }
    }
    if (!samples)
        return;
    hz_job_pass_on(job);
    hz_band_transform(band_of(b), samples, &out->x[later]);
    hz_spectra_measure(out, later);
    hz_shared_band_keep(out->band, samples);
}

static void hunt(struct hz_batch *b)
{
    struct hz_band_strand *s = b->strand;
    struct hz_spectra *out = b->out;
    if (b->hunts && !s->hunt)
        s->hunt = hz_hunt_new(band_of(b)); /* no memory: tried again with the next batch */
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
static void work_in_order(struct hz_batch *b)
{
    hunt(b);
    for (size_t i = 0; i < b->out->n; i++)
        hz_spectra_step(b->out, i);
}

void hz_batch_work_in_order(struct hz_job *job)
{
    work_in_order(job->owner);
}

void hz_batch_work_alone(struct hz_job *job)
{
    struct hz_batch_part *p = job->owner;
    hz_batch_work_part(job);
    uint64_t began = uv_hrtime();
    work_in_order(p->batch);
    p->order_ns += uv_hrtime() - began;
}

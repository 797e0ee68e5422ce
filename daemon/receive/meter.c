#include "daemon/receive/meter.h"

static const uint64_t every_ns = 1000000000;

static bool prepare(void *owner)
{
    struct hz_meter *m = owner;
    m->current = hz_strand_take(&m->strand);
    return true;
}

static void measure(void *owner)
{
    struct hz_meter *m = owner;
    const struct hz_block *b = m->current.block;
    struct hz_samples s = {.format = b->format, .data = b->data, .n = b->n};
    m->working = hz_level_measure(&s);
}

static void measured(void *owner)
{
    struct hz_meter *m = owner;
    m->level = m->working;
    m->known = true;
    hz_piece_release(&m->current);
}

static void destroy(void *owner)
{
    struct hz_meter *m = owner;
    hz_piece_release(&m->current);
}

static const struct hz_strand_ops strand_ops = {prepare, measure, measured, destroy};

void hz_meter_init(struct hz_meter *m, struct hz_jobs *jobs)
{
    *m = (struct hz_meter){.strand = {.jobs = jobs, .ops = &strand_ops, .owner = m, .limit = 1}};
}

void hz_meter_offer(struct hz_meter *m, struct hz_block *b)
{
    uint64_t now = uv_hrtime();
    if (!hz_strand_idle(&m->strand) || (m->known && now - m->last_ns < every_ns))
        return;
    m->last_ns = now;
    hz_strand_push(&m->strand, (struct hz_piece){.block = hz_block_ref(b)});
}

void hz_meter_close(struct hz_meter *m, void (*closed)(void *ctx), void *ctx)
{
    hz_strand_close(&m->strand, closed, ctx);
}

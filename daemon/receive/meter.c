#include "daemon/receive/meter.h"

static const uint64_t every_ns = 1000000000;

void hz_meter_init(struct hz_meter *m, struct hz_jobs *jobs)
{
    *m = (struct hz_meter){.jobs = jobs};
}

static void measure(struct hz_job *job)
{
    struct hz_meter *m = job->owner;
    struct hz_samples s = {.format = m->block->format, .data = m->block->data, .n = m->block->n};
    m->working = hz_level_measure(&s);
}

static void measured(struct hz_job *job)
{
    struct hz_meter *m = job->owner;
    m->level = m->working;
    m->known = true;
    hz_block_unref(m->block);
    m->block = NULL;
    if (m->idle)
        m->idle(m->ctx);
}

void hz_meter_offer(struct hz_meter *m, struct hz_block *b)
{
    uint64_t now = uv_hrtime();
    if (m->block || m->idle || (m->known && now - m->last_ns < every_ns))
        return;
    m->last_ns = now;
    m->block = hz_block_ref(b);
    m->job = (struct hz_job){.work = measure, .finished = measured, .owner = m};
    hz_jobs_submit(m->jobs, &m->job);
}

void hz_meter_close(struct hz_meter *m, void (*idle)(void *ctx), void *ctx)
{
    m->idle = idle;
    m->ctx = ctx;
    if (!m->block)
        idle(ctx);
}

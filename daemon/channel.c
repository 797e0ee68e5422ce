#include "daemon/channel.h"
#include "daemon/gap.h"
#include "daemon/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One thing to do for the strand. block == NULL: the end of the stream. */
struct item {
    struct hz_block *block;
    uint64_t seq;
    struct hz_stamp stamp;
    bool reset; /* the stream broke before this */
};

struct hz_channel {
    struct hz_channel_env env;
    struct hz_conf_channel conf;
    char receiver[HZ_NAME_MAX + 1];
    const struct hz_decoder *decoder;
    struct hz_topic *topic;
    struct hz_channel_stats stats;
    /* inbox */
    struct item inbox[HZ_INBOX_MAX];
    size_t first, count;
    bool shedding;        /* until half of the inbox is free */
    uint64_t shed;        /* samples lost since the last gap line */
    uint64_t shed_sample; /* the first of them */
    uint32_t epoch;       /* of the block queued last */
    bool fresh;           /* nothing queued yet */
    /* the job: the worker's while `busy` */
    struct hz_job job;
    struct item current;
    bool busy, result;
    struct hz_setup setup;
    enum hz_format format;
    void *state;
    bool inited;
    char error[160]; /* why the decoder could not start */
    struct hz_sink_head head;
    struct hz_sink sink;
    char *arena;
    size_t arena_cap;
    /* closing */
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

enum {
    ARENA_MIN = 64 * 1024,
    ARENA_BYTES_PER_SAMPLE = 10, /* two overlapping frames of 500 bytes in each 50 us at 2 Msps */
    ARENA_MAX = 8 * 1024 * 1024,
};

struct hz_channel *hz_channel_new(const struct hz_channel_env *env)
{
    struct hz_channel *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->env = *env;
    c->conf = *env->conf;
    c->conf.where = (struct hz_where){0}; /* borrowed from a configuration that may go first */
    c->decoder = c->conf.decoder;
    snprintf(c->receiver, sizeof c->receiver, "%s", env->receiver->name);
    c->setup.latitude = env->receiver->latitude;
    c->setup.longitude = env->receiver->longitude;
    c->setup.freq_hz = c->conf.freq_hz != 0 ? c->conf.freq_hz : c->decoder->freqs_hz[0];
    c->head = (struct hz_sink_head){.receiver = c->receiver,
                                    .channel = c->conf.name,
                                    .protocol = c->decoder->name,
                                    .freq_hz = c->setup.freq_hz};
    c->fresh = true;
    c->topic = hz_topic_new(c->receiver, c->conf.name, c->decoder->name);
    c->state = calloc(1, c->decoder->state_size);
    if (!c->topic || !c->state) {
        hz_topic_unref(c->topic);
        free(c->state);
        free(c);
        return NULL;
    }
    hz_sink_init(&c->sink, &c->head, NULL, 0);
    return c;
}

static void destroy(struct hz_channel *c)
{
    for (; c->count > 0; c->count--, c->first = (c->first + 1) % HZ_INBOX_MAX)
        hz_block_unref(c->inbox[c->first].block);
    hz_block_unref(c->current.block);
    if (c->inited && c->decoder->done)
        c->decoder->done(c->state);
    void (*closed)(void *ctx) = c->closed;
    void *ctx = c->closed_ctx;
    hz_topic_unref(c->topic);
    free(c->state);
    free(c->arena);
    free(c);
    if (closed)
        closed(ctx);
}

void hz_channel_close(struct hz_channel *c, void (*closed)(void *ctx), void *ctx)
{
    c->closing = true;
    c->closed = closed;
    c->closed_ctx = ctx;
    if (!c->busy)
        destroy(c);
}

/* Starts the decoder anew when the samples are not what it was set up for. Worker. */
static void prepare(struct hz_channel *c, const struct hz_block *b)
{
    double centre_hz = b->centre_hz != 0 ? b->centre_hz : c->setup.freq_hz; /* 0: nobody knows */
    if (c->inited && c->setup.rate_hz == b->rate_hz && c->setup.centre_hz == centre_hz)
        return;
    if (c->inited && c->decoder->done)
        c->decoder->done(c->state);
    memset(c->state, 0, c->decoder->state_size);
    c->setup.rate_hz = b->rate_hz;
    c->setup.centre_hz = centre_hz;
    c->error[0] = '\0';
    c->inited = c->decoder->init(c->state, &c->setup, c->error, sizeof c->error) == 0;
}

static void work(struct hz_job *job)
{
    struct hz_channel *c = job->owner;
    const struct item *it = &c->current;
    hz_sink_rewind(&c->sink, it->stamp);
    if (it->reset && c->inited)
        c->decoder->reset(c->state, &c->sink);
    if (!it->block) {
        if (c->inited)
            c->decoder->flush(c->state, &c->sink);
        return;
    }
    prepare(c, it->block);
    if (!c->inited)
        return;
    struct hz_samples samples = {.format = it->block->format,
                                 .data = it->block->data,
                                 .n = it->block->n,
                                 .first = it->block->first_sample};
    c->decoder->push(c->state, &samples, &c->sink);
}

static void take_stats(struct hz_channel *c)
{
    struct hz_channel_stats *s = &c->stats;
    s->blocks += c->current.block != NULL;
    s->samples += c->current.block ? c->current.block->n : 0;
    memcpy(s->count, c->sink.count, sizeof s->count);
    s->arena_drops = c->sink.dropped;
    s->cpu_ns += c->job.cpu_ns;
}

static void finished(struct hz_job *job)
{
    struct hz_channel *c = job->owner;
    c->busy = false;
    if (c->closing) {
        destroy(c);
        return;
    }
    take_stats(c);
    if (c->error[0])
        hz_log(LOG_ERR, "channel %s: %s", c->conf.name, c->error);
    hz_block_unref(c->current.block);
    c->current.block = NULL;
    c->result = true;
    c->env.progress(c->env.ctx, c);
}

/* The arena grows with the blocks, so that no block can hold more messages than fit. */
static void make_arena(struct hz_channel *c, size_t samples)
{
    size_t want = samples * ARENA_BYTES_PER_SAMPLE;
    want = want < ARENA_MIN ? ARENA_MIN : want > ARENA_MAX ? ARENA_MAX : want;
    if (want <= c->arena_cap)
        return;
    char *bigger = malloc(want);
    if (!bigger)
        return; /* what does not fit is dropped and counted */
    free(c->arena);
    c->arena = bigger;
    c->arena_cap = want;
    c->sink.json.buf = bigger;
    c->sink.json.cap = want;
}

static void start_next(struct hz_channel *c)
{
    if (c->busy || c->result || c->count == 0)
        return;
    c->current = c->inbox[c->first];
    c->first = (c->first + 1) % HZ_INBOX_MAX;
    c->count--;
    make_arena(c, c->current.block ? c->current.block->n : 0);
    c->busy = true;
    c->job.work = work;
    c->job.finished = finished;
    c->job.owner = c;
    hz_jobs_submit(c->env.jobs, &c->job);
}

bool hz_channel_has_room(const struct hz_channel *c)
{
    return c->count < c->env.inbox;
}

static void publish_shed_gap(struct hz_channel *c, struct hz_stamp stamp)
{
    struct hz_gap gap = {.stamp = stamp,
                         .sample = c->shed_sample,
                         .samples = c->shed,
                         .reason = "the workers could not follow"};
    hz_gap_publish(c->env.bus, c->topic, &gap);
}

/* True when the block has to be left out. */
static bool shed(struct hz_channel *c, const struct hz_block *b)
{
    if (c->shedding && c->count <= c->env.inbox / 2)
        c->shedding = false;
    if (!c->shedding && hz_channel_has_room(c))
        return false;
    if (!c->shedding) {
        c->shedding = true;
        c->stats.overruns++;
    }
    if (c->shed == 0)
        c->shed_sample = b->first_sample;
    c->shed += b->n;
    c->stats.lost_samples += b->n;
    return true;
}

static void append(struct hz_channel *c, struct item it)
{
    c->inbox[(c->first + c->count) % HZ_INBOX_MAX] = it;
    c->count++;
    start_next(c);
}

void hz_channel_push(struct hz_channel *c, struct hz_block *b, struct hz_stamp stamp)
{
    if (shed(c, b))
        return;
    bool broke = b->gap_before > 0 || (!c->fresh && b->epoch != c->epoch) || c->shed > 0;
    if (c->shed > 0) {
        publish_shed_gap(c, stamp);
        c->shed = 0;
    }
    c->fresh = false;
    c->epoch = b->epoch;
    append(c,
           (struct item){.block = hz_block_ref(b), .seq = b->seq, .stamp = stamp, .reset = broke});
}

void hz_channel_finish(struct hz_channel *c, uint64_t seq, struct hz_stamp stamp)
{
    append(c, (struct item){.seq = seq, .stamp = stamp}); /* the last place was kept for it */
}

bool hz_channel_result(const struct hz_channel *c, uint64_t *seq)
{
    *seq = c->current.seq;
    return c->result;
}

bool hz_channel_idle(const struct hz_channel *c)
{
    return c->count == 0 && !c->busy && !c->result;
}

bool hz_channel_has_part_in(const struct hz_channel *c, uint64_t seq)
{
    return seq >= c->env.first_seq;
}

void hz_channel_publish(struct hz_channel *c)
{
    const char *p = c->sink.json.buf, *end = p + c->sink.json.len;
    if (p != end)
        c->stats.last_message_mono_ns = (int64_t)uv_hrtime();
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)(newline + 1 - p);
        hz_bus_publish(c->env.bus, HZ_KIND_MESSAGE, c->topic, p, len);
        p += len;
    }
    c->result = false;
    start_next(c);
}

const struct hz_conf_channel *hz_channel_conf(const struct hz_channel *c)
{
    return &c->conf;
}

struct hz_channel_stats hz_channel_stats(const struct hz_channel *c)
{
    struct hz_channel_stats s = c->stats;
    s.queued = c->count;
    return s;
}

const char *hz_channel_error(const struct hz_channel *c)
{
    return !c->busy && c->error[0] ? c->error : NULL;
}

uint64_t hz_channel_busy_since(const struct hz_channel *c)
{
    return c->busy ? c->job.submitted_ns : 0;
}

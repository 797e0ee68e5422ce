#include "daemon/receive/channel.h"
#include "config/plan.h"
#include "daemon/base/log.h"
#include "daemon/bus/gap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One thing to do for the strand: a block, a batch of spectra, or neither: the end of the stream.
 */
struct item {
    struct hz_block *block;
    struct hz_spectra *spectra;
    struct hz_turn turn;
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
    double latitude, longitude; /* of the receiver, for the next job */
    bool shedding;              /* until half of the inbox is free */
    uint64_t shed;              /* samples lost since the last gap line */
    uint64_t shed_sample;       /* the first of them */
    uint32_t epoch;             /* of the block queued last */
    bool fresh;                 /* nothing queued yet */
    /* the job: the worker's while `busy` */
    struct hz_job job;
    struct item current;
    bool busy, result;
    bool goes_on; /* the arena holds what the turn under way gave so far */
    struct hz_setup setup;
    enum hz_format format;
    void *state;
    bool tried, inited; /* the decoder was set up as `setup` says; with success */
    bool error_is_new;
    char error[160]; /* why the decoder could not start */
    char told[160];  /* the same for others to read: the loop's */
    bool deaf;       /* narrow, and there are no spectra */
    /* narrow: what cuts it out, for which band, and the spectrum before those of the next batch */
    struct hz_ddc tuner;
    double band_rate_hz, band_centre_hz;
    struct hz_spectra *before;
    bool audio; /* audio comes, and goes through this */
    struct hz_audio_in *audio_in;
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
    ARENA_BYTES_PER_SECOND = 100 * 1000, /* narrow: speech takes 43 kB */
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
    c->setup.latitude = c->latitude = env->receiver->latitude;
    c->setup.longitude = c->longitude = env->receiver->longitude;
    c->setup.bandwidth_hz = hz_plan_width(&c->conf);
    c->setup.ctcss_hz = c->conf.ctcss_hz;
    c->setup.dcs = c->conf.dcs;
    c->setup.charset = c->conf.charset;
    c->setup.contents = c->conf.contents;
    c->setup.keep_all = c->conf.keep == HZ_KEEP_ALL;
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

static void let_go(struct item *it)
{
    hz_block_unref(it->block);
    hz_spectra_unref(it->spectra);
    it->block = NULL;
    it->spectra = NULL;
}

static void destroy(struct hz_channel *c)
{
    for (; c->count > 0; c->count--, c->first = (c->first + 1) % HZ_INBOX_MAX)
        let_go(&c->inbox[c->first]);
    let_go(&c->current);
    hz_spectra_unref(c->before);
    hz_ddc_done(&c->tuner);
    hz_audio_in_free(c->audio_in);
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

/* ---- in the worker ---------------------------------------------------------------------- */

/* Starts the decoder anew when the samples are not what it was set up for. */
static bool prepare(struct hz_channel *c, double rate_hz, double centre_hz)
{
    if (c->tried && c->setup.rate_hz == rate_hz && c->setup.centre_hz == centre_hz)
        return c->inited;
    if (c->inited && c->decoder->done)
        c->decoder->done(c->state);
    memset(c->state, 0, c->decoder->state_size);
    c->setup.rate_hz = rate_hz;
    c->setup.centre_hz = centre_hz;
    c->error[0] = '\0';
    c->tried = true;
    c->inited = c->decoder->init(c->state, &c->setup, c->error, sizeof c->error) == 0;
    c->error_is_new = !c->inited;
    return c->inited;
}

/* Makes what brings the audio to the decoder's rate. */
static bool prepare_audio(struct hz_channel *c, double rate_hz)
{
    const struct hz_decoder *d = c->decoder;
    if (c->audio_in)
        return prepare(c, d->rate_hz, c->setup.freq_hz);
    if (c->tried)
        return false;
    c->tried = true;
    c->setup.audio = true;
    c->sink.scale = rate_hz / d->rate_hz;
    if (d->takes_audio)
        c->audio_in = hz_audio_in_new(rate_hz, d->rate_hz, c->error, sizeof c->error);
    else
        snprintf(c->error, sizeof c->error, "%s cannot be decoded from audio", d->name);
    if (c->audio_in)
        hz_audio_in_choose(c->audio_in, c->conf.ear);
    c->error_is_new = !c->audio_in;
    return c->audio_in && prepare(c, d->rate_hz, c->setup.freq_hz);
}

static void hear_audio(struct hz_channel *c, const struct hz_block *b)
{
    struct hz_samples in = {
        .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    if (!prepare_audio(c, b->rate_hz))
        return;
    struct hz_samples out = hz_audio_in_push(c->audio_in, &in);
    if (out.n > 0)
        c->decoder->push(c->state, &out, &c->sink);
}

static void hear_block(struct hz_channel *c, const struct hz_block *b)
{
    double centre_hz = b->centre_hz != 0 ? b->centre_hz : c->setup.freq_hz; /* 0: nobody knows */
    struct hz_samples samples = {
        .format = b->format, .data = b->data, .n = b->n, .first = b->first_sample};
    if (prepare(c, b->rate_hz, centre_hz))
        c->decoder->push(c->state, &samples, &c->sink);
}

static void on_tuned_samples(void *ctx, const struct hz_samples *samples)
{
    struct hz_channel *c = ctx;
    c->decoder->push(c->state, samples, &c->sink);
}

static void on_tuned_break(void *ctx)
{
    struct hz_channel *c = ctx;
    c->decoder->reset(c->state, &c->sink);
}

static struct hz_ddc_output listener(struct hz_channel *c)
{
    return (struct hz_ddc_output){c, on_tuned_samples, on_tuned_break};
}

static void hear_spectra(struct hz_channel *c, const struct hz_spectra *s)
{
    struct hz_ddc_output to = listener(c);
    struct hz_ddc_config how = hz_channel_how(c, s->centre_hz, s->rate_hz);
    if (!c->tuner.slice || !prepare(c, how.rate_hz, c->setup.freq_hz))
        return;
    c->sink.scale = s->rate_hz / how.rate_hz;
    const struct hz_spectrum *before = c->before ? &c->before->x[c->before->n - 1] : NULL;
    for (size_t i = 0; i < s->n; i++) {
        hz_ddc_push(&c->tuner, before, &s->x[i], &to);
        before = &s->x[i];
    }
}

/* The stream broke. */
static void forget(struct hz_channel *c)
{
    struct hz_ddc_output to = listener(c);
    if (c->inited && c->tuner.slice)
        hz_ddc_reset(&c->tuner, &to);
    else if (c->inited)
        c->decoder->reset(c->state, &c->sink);
}

static bool is_end(const struct item *it)
{
    return it->spectra ? it->spectra->end : !it->block;
}

static void work(struct hz_job *job)
{
    struct hz_channel *c = job->owner;
    const struct item *it = &c->current;
    if (!c->goes_on)
        hz_sink_rewind(&c->sink, it->reset ? c->sink.stamp : it->stamp);
    if (it->reset) /* what that still brings was before the break */
        forget(c);
    c->sink.stamp = it->stamp;
    if (it->block && c->audio)
        hear_audio(c, it->block);
    else if (it->block)
        hear_block(c, it->block);
    if (it->spectra)
        hear_spectra(c, it->spectra);
    if (is_end(it) && c->inited)
        c->decoder->flush(c->state, &c->sink);
}

/* ---- on the loop ------------------------------------------------------------------------ */

static void take_stats(struct hz_channel *c)
{
    struct hz_channel_stats *s = &c->stats;
    const struct item *it = &c->current;
    s->blocks += it->block || it->spectra;
    s->samples += it->block ? it->block->n : it->spectra ? it->spectra->samples : 0;
    memcpy(s->count, c->sink.count, sizeof s->count);
    s->arena_drops = c->sink.dropped;
    s->carrier_ppm = c->sink.carrier_ppm;
    s->carriers = c->sink.carriers;
    s->cpu_ns += c->job.cpu_ns;
    s->open = c->tuner.always || c->tuner.running;
    s->noise_dbfs = c->tuner.squelch.noise_db;
    s->level_dbfs = c->tuner.squelch.power_db;
}

static void tell_error(struct hz_channel *c)
{
    memcpy(c->told, c->error, sizeof c->told);
}

/* Keeps the batch whose last spectrum comes right before the next batch. */
static void keep_before(struct hz_channel *c)
{
    if (!c->current.spectra || c->current.spectra->n == 0)
        return;
    hz_spectra_unref(c->before);
    c->before = hz_spectra_ref(c->current.spectra);
}

static void start_next(struct hz_channel *c);

static void finished(struct hz_job *job)
{
    struct hz_channel *c = job->owner;
    c->busy = false;
    if (c->closing) {
        destroy(c);
        return;
    }
    take_stats(c);
    if (c->error_is_new)
        hz_log(LOG_ERR, "channel %s: %s", c->conf.name, c->error);
    c->error_is_new = false;
    tell_error(c);
    keep_before(c);
    c->result = c->current.turn.ends;
    c->goes_on = !c->result;
    struct item past = c->current;
    c->current = (struct item){0};
    let_go(&past); /* which may bring the next block, here and now */
    start_next(c);
    c->env.progress(c->env.ctx);
}

/* The arena holds what a turn may give. It grows with the blocks, so that none can hold more
 * messages than fit; what a turn gave so far stays. */
static void make_arena(struct hz_channel *c)
{
    const struct hz_spectra *x = c->current.spectra;
    size_t want = c->current.block ? c->current.block->n * ARENA_BYTES_PER_SAMPLE : 0;
    if (x)
        want = (size_t)((double)x->samples / x->rate_hz * ARENA_BYTES_PER_SECOND);
    want += ARENA_MIN + (c->goes_on ? c->sink.json.len : 0);
    want = want > ARENA_MAX ? ARENA_MAX : want;
    if (want <= c->arena_cap)
        return;
    char *bigger = realloc(c->arena, want);
    if (!bigger)
        return; /* what does not fit is dropped and counted */
    c->arena = bigger;
    c->arena_cap = want;
    c->sink.json.buf = bigger;
    c->sink.json.cap = want;
}

/* Cuts the channel out of the band that the batch is of, if that is not what it was cut out of. */
static void tune(struct hz_channel *c, const struct hz_spectra *s)
{
    if (c->band_rate_hz == s->rate_hz && c->band_centre_hz == s->centre_hz)
        return;
    c->band_rate_hz = s->rate_hz;
    c->band_centre_hz = s->centre_hz;
    hz_ddc_done(&c->tuner);
    hz_spectra_unref(c->before);
    c->before = NULL;
    struct hz_ddc_config how = hz_channel_how(c, s->centre_hz, s->rate_hz);
    if (hz_ddc_init(&c->tuner, s->band, &how, c->error, sizeof c->error) == 0)
        c->error[0] = '\0';
    else
        hz_log(LOG_WARNING, "channel %s: %s", c->conf.name, c->error);
    tell_error(c);
}

static bool same_degrees(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* The antenna may have moved while a job was at work. */
static void take_place(struct hz_channel *c)
{
    if (same_degrees(c->setup.latitude, c->latitude) &&
        same_degrees(c->setup.longitude, c->longitude))
        return;
    c->setup.latitude = c->latitude;
    c->setup.longitude = c->longitude;
    if (c->decoder->knows_place)
        c->tried = false; /* it begins anew with the next samples */
}

static void start_next(struct hz_channel *c)
{
    if (c->busy || c->result || c->count == 0)
        return;
    take_place(c);
    c->current = c->inbox[c->first];
    c->first = (c->first + 1) % HZ_INBOX_MAX;
    c->count--;
    if (c->current.spectra && c->current.spectra->n > 0)
        tune(c, c->current.spectra);
    make_arena(c);
    c->busy = true;
    c->job.work = work;
    c->job.finished = finished;
    c->job.owner = c;
    c->job.rank = c->env.rank;
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

void hz_channel_lose(struct hz_channel *c, uint64_t first, size_t n)
{
    if (c->shed == 0)
        c->shed_sample = first;
    c->shed += n;
    c->stats.lost_samples += n;
}

/* True when n samples from `first` have to be left out. */
static bool shed(struct hz_channel *c, uint64_t first, size_t n)
{
    if (c->shedding && c->count <= c->env.inbox / 2)
        c->shedding = false;
    if (!c->shedding && hz_channel_has_room(c))
        return false;
    if (!c->shedding) {
        c->shedding = true;
        c->stats.overruns++;
    }
    hz_channel_lose(c, first, n);
    return true;
}

static void append(struct hz_channel *c, struct item it)
{
    c->inbox[(c->first + c->count) % HZ_INBOX_MAX] = it;
    c->count++;
    start_next(c);
}

/* Whether the stream broke before a piece of it that is about to be queued. */
static bool broke(struct hz_channel *c, uint32_t epoch, bool gap, struct hz_stamp stamp)
{
    bool yes = gap || (!c->fresh && epoch != c->epoch) || c->shed > 0;
    if (c->shed > 0)
        publish_shed_gap(c, stamp);
    c->shed = 0;
    c->fresh = false;
    c->epoch = epoch;
    return yes;
}

void hz_channel_push(struct hz_channel *c, struct hz_block *b, struct hz_stamp stamp,
                     struct hz_turn turn)
{
    if (shed(c, b->first_sample, b->n))
        return;
    append(c, (struct item){.block = hz_block_ref(b),
                            .turn = turn,
                            .stamp = stamp,
                            .reset = broke(c, b->epoch, b->gap_before > 0, stamp)});
}

/* Missing samples show in the count of the spectra; only a new count breaks the stream. */
void hz_channel_push_spectra(struct hz_channel *c, struct hz_spectra *s)
{
    if (!s->end && shed(c, s->first_sample, s->samples))
        return;
    append(c, (struct item){.spectra = hz_spectra_ref(s),
                            .turn = s->turn,
                            .stamp = s->stamp,
                            .reset = broke(c, s->epoch, false, s->stamp)});
}

void hz_channel_finish(struct hz_channel *c, struct hz_turn turn, struct hz_stamp stamp)
{
    append(c, (struct item){.turn = turn, .stamp = stamp}); /* the last place was kept for it */
}

bool hz_channel_result(const struct hz_channel *c)
{
    return c->result;
}

bool hz_channel_narrow(const struct hz_channel *c)
{
    return c->decoder->input != HZ_INPUT_BAND && !c->audio;
}

void hz_channel_mark(struct hz_channel *c, const char *mark)
{
    c->sink.mark = mark;
}

void hz_channel_place(struct hz_channel *c, const struct hz_conf_receiver *receiver)
{
    c->latitude = receiver->latitude;
    c->longitude = receiver->longitude;
}

void hz_channel_take_audio(struct hz_channel *c, bool audio)
{
    c->audio = audio;
}

struct hz_ddc_config hz_channel_how(const struct hz_channel *c, double centre_hz, double rate_hz)
{
    const struct hz_decoder *d = c->decoder;
    double most = floor(rate_hz / HZ_BAND_STEP_HZ) * HZ_BAND_STEP_HZ;
    double rate = hz_plan_rate(&c->conf);
    return (struct hz_ddc_config){
        .offset_hz = centre_hz != 0 ? c->setup.freq_hz - centre_hz : 0,
        .rate_hz = rate > most && most >= d->rate_min_hz ? most : rate,
        .bandwidth_hz = hz_plan_width(&c->conf),
        .squelch_db = isnan(c->conf.squelch_db) ? d->squelch_db : (float)c->conf.squelch_db,
        .hang_s = d->hang_s,
    };
}

void hz_channel_deafen(struct hz_channel *c, const char *why)
{
    if (!hz_channel_narrow(c))
        return;
    c->deaf = *why != '\0';
    if (c->deaf)
        snprintf(c->told, sizeof c->told, "%s", why);
}

bool hz_channel_idle(const struct hz_channel *c)
{
    return c->count == 0 && !c->busy && !c->result;
}

bool hz_channel_has_part_in(const struct hz_channel *c, uint64_t turn)
{
    return !c->deaf && turn >= c->env.first_turn;
}

void hz_channel_publish(struct hz_channel *c)
{
    static const char audio_line[] = "\"kind\":\"audio\"";
    struct hz_fold_from from = {
        .decoder = c->decoder, .topic = c->topic, .stream = c->env.stream, .timed = c->env.timed};
    const char *p = c->sink.json.buf, *end = p + c->sink.json.len;
    if (p != end)
        c->stats.last_message_mono_ns = (int64_t)uv_hrtime();
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)(newline + 1 - p);
        if (strncmp(p, audio_line, sizeof audio_line - 1) == 0)
            hz_bus_publish(c->env.bus, HZ_KIND_AUDIO, c->topic, p, len);
        else if (c->env.fold)
            hz_fold_publish(c->env.fold, &from, p, len);
        else
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
    return c->told[0] ? c->told : NULL;
}

uint64_t hz_channel_busy_since(const struct hz_channel *c)
{
    return c->busy ? c->job.given_ns : 0;
}

#include "daemon/base/log.h"
#include "daemon/bus/audience.h"
#include "daemon/bus/gap.h"
#include "daemon/receive/channel_own.h"
#include "daemon/receive/publish.h"
#include "proto/sensors/set.h"
#include "proto/wmbus/keys.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the job ---------------------------------------------------------------------------- */

static void copy_error(struct hz_channel *c)
{
    memcpy(c->reason, c->decoding.error, sizeof c->reason);
}

void hz_channel_tell_error(struct hz_channel *c)
{
    struct hz_decoding *d = &c->decoding;
    if (d->error_is_new)
        hz_log(LOG_ERR, "channel %s: %s", c->conf.name, d->error);
    d->error_is_new = false;
    copy_error(c);
}

static bool prepare(void *owner)
{
    struct hz_channel *c = owner;
    struct hz_decoding *d = &c->decoding;
    hz_decoding_place(d, c->latitude, c->longitude);
    hz_decoding_learn(d);
    d->shift_hz = c->shift_hz;
    d->heard = d->decoder->speech_hz > 0 && hz_channel_listeners(c) > 0;
    c->current = hz_strand_take(&c->strand);
    const struct hz_spectra *s = c->current.spectra;
    if (s && s->n > 0 && hz_decoding_cut(d, s)) {
        if (d->error[0] && strcmp(d->error, c->reason) != 0)
            hz_log(LOG_WARNING, "channel %s: %s", c->conf.name, d->error);
        copy_error(c);
    }
    hz_decoding_reserve(&d->sink, &c->current, c->goes_on);
    return true;
}

static void work(void *owner)
{
    struct hz_channel *c = owner;
    hz_decoding_run(&c->decoding, &c->current, c->goes_on);
}

static void take_stats(struct hz_channel *c, const struct hz_piece *p, const struct hz_sink *sink,
                       uint64_t cpu_ns)
{
    struct hz_channel_stats *s = &c->stats;
    if (p->spectra)
        hz_channel_count_spectra(c, p->spectra, p->marks);
    s->blocks += p->block != NULL;
    s->samples += p->block ? p->block->n : 0;
    memcpy(s->count, sink->count, sizeof s->count);
    s->arena_drops = sink->dropped;
    s->carrier_ppm = sink->carrier_ppm;
    s->carriers = sink->carriers;
    s->heard = sink->heard;
    s->failed = sink->failed;
    s->talking = sink->talking;
    s->receiving = c->decoding.receiving;
    s->coded = sink->coded;
    s->cpu_ns += cpu_ns;
}

/* The piece was decoded up to its end. */
static void advance(struct hz_channel *c, const struct hz_piece *p)
{
    uint64_t end = p->block         ? p->block->first_sample + p->block->n
                   : p->heard.until ? p->heard.until
                                    : p->stamp.sample;
    if (p->spectra)
        hz_channel_advance(c, p->spectra);
    else
        c->until_ns = hz_channel_utc_ns(&p->stamp, end);
}

void hz_channel_did(struct hz_channel *c, const struct hz_piece *p, const struct hz_sink *sink,
                    uint64_t cpu_ns)
{
    take_stats(c, p, sink, cpu_ns);
    hz_channel_tell_error(c);
    if (p->spectra)
        hz_decoding_keep_before(&c->decoding, p->spectra);
    if (!c->host) /* other bursts of the host may be behind */
        advance(c, p);
}

static void finished(void *owner)
{
    struct hz_channel *c = owner;
    hz_channel_did(c, &c->current, &c->decoding.sink, c->strand.job.cpu_ns);
    c->strand.result = c->current.turn.ends;
    c->goes_on = !c->strand.result;
    hz_piece_release(
        &c->current); /* may re-enter: hz_channel_push can be called before it returns */
}

/* Its own references of what its section knows of sensors and meters. */
static void own_knowledge(struct hz_channel *c, const struct hz_conf_channel *conf)
{
    c->conf.sensors = hz_sensor_set_ref(conf->sensors);
    c->conf.keys = hz_meter_keys_ref(conf->keys);
}

static void drop_knowledge(struct hz_channel *c)
{
    hz_sensor_set_unref(c->conf.sensors);
    hz_meter_keys_unref(c->conf.keys);
    c->conf.sensors = NULL;
    c->conf.keys = NULL;
}

void hz_channel_destroy(void *owner)
{
    struct hz_channel *c = owner;
    drop_knowledge(c);
    hz_piece_release(&c->current);
    hz_turner_free(c->turner);
    hz_decoding_done(&c->decoding);
    hz_spectra_gate_unref(c->gate);
    free(c->sightings);
    if (c->topic)
        hz_topic_unref(c->topic);
    free(c);
}

static const struct hz_strand_ops strand_ops = {prepare, work, finished, hz_channel_destroy};

/* ---- opening and closing ---------------------------------------------------------------- */

struct hz_fold_from hz_channel_fold_from(const struct hz_channel *c)
{
    return (struct hz_fold_from){.decoder = c->conf.decoder,
                                 .topic = c->topic,
                                 .stream = c->env.stream,
                                 .timed = c->env.timed,
                                 .until_ns = c->until_ns};
}

int hz_channel_open(struct hz_channel *c, const struct hz_conf_channel *conf,
                    const struct hz_channel_begin *begin)
{
    struct hz_channel *host = begin->host;
    struct hz_topic *topic = host ? hz_topic_ref(host->topic)
                                  : hz_topic_new(c->receiver, conf->name, conf->decoder->name);
    struct hz_conf_receiver place = {.latitude = c->latitude, .longitude = c->longitude};
    if (!topic)
        return -ENOMEM;
    c->conf = *conf;
    own_knowledge(c, conf);
    /* it points into a configuration that may be freed before the channel */
    c->conf.where = (struct hz_where){0};
    bool hosts = !host && conf->decoder->input == HZ_INPUT_BURST;
    if (hosts && !c->sightings)
        c->sightings = calloc(1, sizeof *c->sightings);
    if ((hosts && !c->sightings) ||
        hz_decoding_init(&c->decoding, &c->conf, &place, c->receiver) != 0) {
        drop_knowledge(c);
        hz_topic_unref(topic);
        return -ENOMEM;
    }
    c->topic = topic;
    c->host = host;
    c->hosts = hosts;
    c->decoding.from_sample = begin->from_sample;
    if (host) {
        c->decoding.offset_hz = begin->offset_hz;
        c->decoding.setup.burst_low_hz = begin->burst_low_hz;
        c->decoding.setup.burst_high_hz = begin->burst_high_hz;
        c->decoding.setup.burst_share = begin->burst_share;
    }
    c->first_turn = begin->first_turn;
    c->last_turn = UINT64_MAX;
    c->silent_to = 0;
    c->stats = (struct hz_channel_stats){0};
    c->tally = c->tally_told = (struct hz_tally){0};
    c->told = (struct hz_channel_stats){0};
    c->strand.shed = (struct hz_shed){0};
    c->shed = 0;
    c->fresh = true;
    c->goes_on = c->deaf = false;
    c->reason[0] = '\0';
    c->until_ns = 0;
    if (host)
        return 0;
    struct hz_fold_from from = hz_channel_fold_from(c);
    hz_bus_announce(c->env.bus, c->topic);
    if (c->env.fold)
        hz_fold_join(c->env.fold, &from);
    return 0;
}

/* Ends the channel's part in publishing: leaves the fold and withdraws its topic. */
static void leave(struct hz_channel *c)
{
    if (!c->topic || c->host)
        return;
    hz_bus_withdraw(c->topic);
    if (c->env.fold)
        hz_fold_leave(c->env.fold, c->topic);
}

void hz_channel_shut(struct hz_channel *c)
{
    leave(c);
    if (c->host)
        hz_channel_hand_over(c);
    c->host = NULL;
    hz_decoding_shut(&c->decoding);
    drop_knowledge(c);
    hz_topic_unref(c->topic);
    c->topic = NULL;
}

struct hz_channel *hz_channel_new(const struct hz_channel_env *env)
{
    struct hz_channel *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->env = *env;
    snprintf(c->receiver, sizeof c->receiver, "%s", env->receiver);
    c->latitude = env->latitude;
    c->longitude = env->longitude;
    c->strand = (struct hz_strand){.jobs = env->jobs,
                                   .ops = &strand_ops,
                                   .owner = c,
                                   .rank = env->rank,
                                   .limit = env->inbox,
                                   .progress = env->progress,
                                   .ctx = env->ctx};
    struct hz_channel_begin begin = {.first_turn = env->first_turn};
    bool in_turns = env->conf && env->conf->decoder->turns && !env->timed;
    if (in_turns)
        c->turner = hz_turner_new(c, env->conf->decoder->turns);
    hz_channel_take_audio(c, false);
    if ((in_turns && !c->turner) || (env->conf && hz_channel_open(c, env->conf, &begin) != 0)) {
        hz_turner_free(c->turner);
        free(c);
        return NULL;
    }
    return c;
}

static void close_strand(struct hz_channel *c)
{
    hz_strand_close(&c->strand, c->closed, c->closed_ctx);
}

void hz_channel_close(struct hz_channel *c, void (*closed)(void *ctx), void *ctx)
{
    leave(c);
    c->closed = closed;
    c->closed_ctx = ctx;
    if (c->turner)
        hz_turner_close(c->turner, close_strand);
    else
        close_strand(c);
}

void hz_channel_mark(struct hz_channel *c, const char *mark)
{
    c->decoding.sink.mark = mark;
}

void hz_channel_place(struct hz_channel *c, double latitude, double longitude)
{
    c->latitude = latitude;
    c->longitude = longitude;
}

void hz_channel_learn(struct hz_channel *c, const struct hz_conf_channel *conf)
{
    if (hz_sensor_set_same(c->conf.sensors, conf->sensors) &&
        hz_meter_keys_same(c->conf.keys, conf->keys))
        return;
    drop_knowledge(c);
    own_knowledge(c, conf);
}

void hz_channel_shift(struct hz_channel *c, double ppm)
{
    double wanted = -ppm * 1e-6 * c->decoding.setup.freq_hz, step = HZ_BAND_BIN_HZ;
    if (fabs(wanted - c->shift_hz) > 0.75 * step) /* not to and fro between two places */
        c->shift_hz = round(wanted / step) * step;
}

void hz_channel_take_audio(struct hz_channel *c, bool audio)
{
    c->decoding.audio = audio;
    c->strand.ops = hz_channel_turns(c) ? &hz_turner_ops : &strand_ops;
}

void hz_channel_deafen(struct hz_channel *c, const char *why)
{
    if (!hz_channel_narrow(c))
        return;
    c->deaf = *why != '\0';
    if (c->deaf)
        snprintf(c->reason, sizeof c->reason, "%s", why);
}

/* ---- the inbox -------------------------------------------------------------------------- */

void hz_channel_lose(struct hz_channel *c, uint64_t first, size_t n)
{
    if (c->shed == 0)
        c->shed_sample = first;
    c->shed += n;
    c->stats.lost_samples += n;
}

static void publish_shed_gap(struct hz_channel *c, struct hz_stamp stamp)
{
    struct hz_gap gap = {.stamp = stamp,
                         .sample = c->shed_sample,
                         .samples = c->shed,
                         .reason = "the workers could not follow"};
    hz_gap_publish(c->env.bus, c->topic, &gap);
}

bool hz_channel_broke(struct hz_channel *c, uint32_t epoch, bool gap, struct hz_stamp stamp)
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
    if (hz_channel_turns(c)) {
        bool reset = hz_channel_broke(c, b->epoch, b->gap_before > 0, stamp);
        hz_turner_push(c->turner, b, stamp, turn, reset);
        return;
    }
    if (hz_strand_sheds(&c->strand)) {
        hz_channel_lose(c, b->first_sample, b->n);
        return;
    }
    hz_strand_push(&c->strand, (struct hz_piece){.block = hz_block_ref(b),
                                                 .turn = turn,
                                                 .stamp = stamp,
                                                 .reset = hz_channel_broke(
                                                     c, b->epoch, b->gap_before > 0, stamp)});
}

void hz_channel_finish(struct hz_channel *c, struct hz_turn turn, struct hz_stamp stamp)
{
    if (hz_channel_turns(c))
        hz_turner_finish(c->turner, turn, stamp);
    else
        hz_strand_push(&c->strand, (struct hz_piece){.turn = turn, .stamp = stamp});
}

/* ---- results ---------------------------------------------------------------------------- */

/* What is ready to be published; NULL: nothing. */
static struct hz_sink *result(struct hz_channel *c)
{
    if (hz_channel_turns(c))
        return hz_turner_result(c->turner);
    return c->strand.result ? &c->decoding.sink : NULL;
}

bool hz_channel_result(struct hz_channel *c)
{
    return result(c);
}

bool hz_channel_silent(const struct hz_channel *c, uint64_t turn)
{
    return turn < c->silent_to;
}

/* Tells what the carriers of the messages say of the crystal. */
static void tell_carriers(const struct hz_channel *c, const struct hz_sink *sink)
{
    struct hz_record rec;
    size_t at = 0;
    double freq_hz = c->decoding.setup.freq_hz;
    if (!c->env.heard || c->host || c->hosts || c->conf.decoder->carrier_ppm == 0)
        return;
    while (hz_sink_next(sink, &at, &rec)) {
        double hz = (double)rec.offset_hz + c->decoding.cut.shift_hz;
        if (rec.kind == HZ_KIND_MESSAGE && isfinite(hz))
            c->env.heard(c->env.ctx, c, &rec, -hz / freq_hz * 1e6);
    }
}

void hz_channel_publish(struct hz_channel *c)
{
    struct hz_sink *sink = result(c);
    tell_carriers(c, sink);
    struct hz_publish to = {.bus = c->env.bus,
                            .fold = c->env.fold,
                            .from = hz_channel_fold_from(c),
                            .tally = c->host ? &c->host->tally : &c->tally,
                            .sightings = c->host ? c->host->sightings : NULL};
    uint64_t again = to.sightings ? to.sightings->again : 0;
    if (hz_publish(&to, sink))
        c->stats.last_message_mono_ns = (int64_t)uv_hrtime();
    if (to.sightings) { /* what was told before is no message */
        sink->count[HZ_MESSAGE] -= to.sightings->again - again;
        c->stats.count[HZ_MESSAGE] = sink->count[HZ_MESSAGE];
    }
    if (hz_channel_turns(c))
        hz_turner_published(c->turner);
    else
        hz_strand_result_taken(&c->strand);
}

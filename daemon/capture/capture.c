#include "config/plan.h"
#include "daemon/base/log.h"
#include "daemon/capture/capture_own.h"
#include "daemon/receive/channel.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 256, /* in one turn of the loop */
    LOOKS = 4096,
    SILENT_MS = 2000, /* without samples the capture is complete */
};

#define CLIPPED_PERCENT 1.0 /* more than this distorts */

/* ---- beginning and end of the section ---- */

static void destroy(struct hz_capture *c)
{
    hz_cursor_done(&c->cursor);
    hz_notes_done(&c->notes);
    hz_past_release(c->past);
    hz_folder_done(&c->folder);
    hz_conf_capture_free(c->conf);
    free(c);
}

void hz_capture_leave_if_done(struct hz_capture *c)
{
    if (!c->leaving || c->state != HZ_CAPTURE_READY)
        return;
    c->gone(c->ctx, c);
    destroy(c);
}

/* Copies what the status tells of the folder, while no job uses it. */
void hz_capture_look_at_folder(struct hz_capture *c)
{
    c->files = c->folder.n;
    c->bytes = c->folder.bytes;
    c->deleted = c->folder.deleted;
}

void hz_capture_set_error(struct hz_capture *c, const char *error)
{
    if (*error && strcmp(c->error, error) != 0)
        hz_log(LOG_ERR, "capture %s: %s", c->conf->name, error);
    memmove(c->error, error, strlen(error) + 1);
}

static void read_folder(uv_work_t *job)
{
    struct hz_capture *c = job->data;
    hz_folder_read(&c->folder, c->job_error, sizeof c->job_error);
}

static void on_read(uv_work_t *job, int status)
{
    (void)status;
    struct hz_capture *c = job->data;
    c->state = HZ_CAPTURE_READY;
    hz_capture_look_at_folder(c);
    hz_capture_set_error(c, c->job_error);
    hz_capture_leave_if_done(c);
}

static void on_frames(struct hz_subscriber *s);

struct hz_capture *hz_capture_new(const struct hz_capture_env *env,
                                  const struct hz_conf_capture *conf,
                                  void (*gone)(void *ctx, struct hz_capture *c), void *ctx)
{
    const struct hz_subscription all = {.kinds = 1u << HZ_KIND_MESSAGE | 1u << HZ_KIND_REPEAT |
                                                 1u << HZ_KIND_BURST | 1u << HZ_KIND_EVENT};
    char err[300];
    struct hz_capture *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->reader.wake = on_frames;
    c->env = env;
    c->gone = gone;
    c->ctx = ctx;
    hz_cursor_init(&c->cursor, env->bus);
    c->conf = hz_conf_capture_copy(conf);
    if (!c->conf || hz_cursor_subscribe(&c->cursor, &all, err, sizeof err) < 0 ||
        hz_folder_init(&c->folder, conf->path, c->conf->name, conf->quota_bytes) < 0) {
        destroy(c);
        return NULL;
    }
    hz_triggers_parse(&c->triggers, conf->trigger, env->protocols, err, sizeof err); /* checked */
    hz_bus_subscribe(env->bus, &c->reader);
    c->job.data = c;
    uv_queue_work(env->loop, &c->job, read_folder, on_read);
    return c;
}

static bool holds_the_same(const struct hz_conf_capture *a, const struct hz_conf_capture *b)
{
    return strcmp(a->receiver, b->receiver) == 0 && a->seconds == b->seconds &&
           a->after_s == b->after_s && a->memory_bytes == b->memory_bytes;
}

void hz_capture_inherit(struct hz_capture *c, struct hz_capture *from)
{
    if (!from->past || !holds_the_same(c->conf, from->conf))
        return;
    c->past = from->past;
    c->format = from->format;
    c->rate_hz = from->rate_hz;
    c->utc_ns = from->utc_ns;
    c->last_block_ms = from->last_block_ms;
    c->ruled = from->ruled;
    c->since_ms = from->since_ms;
    c->notes = from->notes;
    from->past = NULL;
    from->notes = (struct hz_notes){0};
}

const struct hz_conf_capture *hz_capture_conf(const struct hz_capture *c)
{
    return c->conf;
}

bool hz_capture_leaves(const struct hz_capture *c)
{
    return c->leaving;
}

/* ---- samples ---- */

/* The samples are of another kind than those before: begins anew. */
static bool start_past(struct hz_capture *c, const struct hz_block *b)
{
    char type[16], text[HZ_TAKE_ERROR_MAX];
    if (c->state == HZ_CAPTURE_TAKING)
        hz_capture_stop(c);
    hz_past_release(c->past);
    c->past = NULL;
    c->format = b->format;
    c->rate_hz = b->rate_hz;
    if (!hz_format_is_iq(b->format) || !hz_sigmf_datatype(b->format, type, sizeof type)) {
        snprintf(text, sizeof text, "samples of receiver %s are %s, which SigMF has no name for",
                 c->conf->receiver, hz_format_name(b->format));
        hz_capture_set_error(c, text);
        return false;
    }
    double samples = (c->conf->seconds + c->conf->after_s) * b->rate_hz;
    size_t bytes = hz_format_bytes(b->format);
    c->past = hz_past_new(bytes, (uint64_t)llround(samples), c->conf->memory_bytes);
    if (!c->past) {
        hz_capture_set_error(c, "no memory for the samples");
        return false;
    }
    if (samples * (double)bytes > (double)c->conf->memory_bytes)
        hz_log(LOG_WARNING,
               "capture %s: %.0f MiB of memory hold %.1f of the %.10g s that are to be held",
               c->conf->name, (double)(c->conf->memory_bytes >> 20),
               (double)c->conf->memory_bytes / (double)bytes / b->rate_hz,
               c->conf->seconds + c->conf->after_s);
    return true;
}

static void watch_squelches(struct hz_capture *c, const struct hz_receiver *r)
{
    char text[64];
    if (!hz_triggers_find(&c->triggers, HZ_TRIGGER_UNDECODED))
        return;
    const char *channel = hz_undecoded_look(&c->undecoded, r, hz_capture_now(c));
    if (!channel)
        return;
    snprintf(text, sizeof text, "undecoded: channel %s", channel);
    hz_capture_trigger(c, text);
}

void hz_capture_block(struct hz_capture *c, struct hz_receiver *r, const struct hz_block *b)
{
    if (c->leaving)
        return;
    bool same = c->rate_hz == b->rate_hz && c->format == b->format;
    c->last_block_ms = hz_capture_now(c);
    if (same ? !c->past : !start_past(c, b))
        return;
    struct hz_stamp stamp = hz_receiver_stamp_now(r);
    double ahead = (double)((int64_t)(b->first_sample + b->n - stamp.sample));
    c->utc_ns = stamp.utc_ns + (int64_t)llround(ahead * stamp.ns_per_sample);
    hz_past_put(c->past, b, stamp);
    if (c->state == HZ_CAPTURE_TAKING) {
        c->to_come -= b->n < c->to_come ? b->n : c->to_come;
        hz_capture_feed(c);
        if (c->to_come == 0)
            hz_capture_stop(c);
    }
    watch_squelches(c, r);
}

/* ---- messages ---- */

/* The width of the channel that told it; 0: not known. */
static double width_of(const struct hz_receiver *r, const char *channel)
{
    size_t n = 0;
    struct hz_channel *const *channels = r ? hz_receiver_channels(r, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        const struct hz_conf_channel *conf = hz_channel_conf(channels[i]);
        if (strcmp(conf->name, channel) == 0)
            return hz_plan_width(conf);
    }
    return 0;
}

static void hear(struct hz_capture *c, const struct hz_frame *f)
{
    const char *receiver = f->topic->receiver;
    bool ours = strcmp(receiver, c->conf->receiver) == 0 && !*f->topic->station;
    if (ours && f->rec.kind != HZ_KIND_EVENT)
        hz_notes_add(&c->notes, f,
                     width_of(c->env->receiver(c->env->ctx, receiver), f->topic->channel));
    if (!ours && !(f->rec.kind == HZ_KIND_EVENT && !*receiver))
        return;
    const struct hz_trigger *t = hz_triggers_frame(&c->triggers, f);
    if (t)
        hz_capture_trigger(c, t->text);
}

static void on_frames(struct hz_subscriber *s)
{
    struct hz_capture *c = (struct hz_capture *)s;
    struct hz_cursor_gap gap;
    struct hz_frame *f;
    int looks = LOOKS, frames = 0;
    if (hz_cursor_gap(&c->cursor, &gap)) {
        for (int i = 0; i < HZ_LOGS; i++)
            c->missed += gap.missed[i];
    }
    while (frames < FRAMES && (f = hz_cursor_next(&c->cursor, &looks))) {
        hear(c, f);
        frames++;
    }
    if (frames == FRAMES || looks == 0)
        hz_bus_again(c->env->bus, &c->reader);
}

/* ---- time ---- */

/* A trigger when it begins, not while it lasts. */
static void watch_clipping(struct hz_capture *c)
{
    const struct hz_receiver *r = c->env->receiver(c->env->ctx, c->conf->receiver);
    const struct hz_level *level = r ? hz_receiver_level(r) : NULL;
    bool clips = level && level->clip_percent > CLIPPED_PERCENT;
    if (clips && !c->clips && hz_triggers_find(&c->triggers, HZ_TRIGGER_CLIPPING))
        hz_capture_trigger(c, "clipping");
    c->clips = clips;
}

void hz_capture_tick(struct hz_capture *c)
{
    uint64_t now = hz_capture_now(c);
    watch_clipping(c);
    if (c->state == HZ_CAPTURE_TAKING && now - c->last_block_ms > SILENT_MS)
        hz_capture_stop(c);
    if (c->state == HZ_CAPTURE_LINGERING && now >= c->linger_ms)
        hz_capture_finish(c);
}

static void on_left(uv_work_t *job, int status)
{
    (void)status;
    struct hz_capture *c = job->data;
    c->state = HZ_CAPTURE_READY;
    hz_capture_leave_if_done(c);
}

static void nothing(uv_work_t *job)
{
    (void)job;
}

void hz_capture_leave(struct hz_capture *c)
{
    on_frames(&c->reader); /* what was told last */
    hz_bus_unsubscribe(c->env->bus, &c->reader);
    c->leaving = true;
    if (c->state == HZ_CAPTURE_TAKING)
        hz_capture_stop(c);
    if (c->state == HZ_CAPTURE_LINGERING)
        hz_capture_finish(c);
    if (c->state != HZ_CAPTURE_READY)
        return;
    c->state = HZ_CAPTURE_WRITING; /* so that it is gone later, not within this call */
    uv_queue_work(c->env->loop, &c->job, nothing, on_left);
}

/* What a capture saves: when it begins, what it gets, and what became of it. */
#include "daemon/base/log.h"
#include "daemon/capture/capture_own.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINGER_MS = 2000 /* from the last sample to the last message about it */ };

void hz_capture_feed(struct hz_capture *c)
{
    struct hz_chunk *chunk;
    while ((chunk = hz_past_from(c->past, c->next_chunk))) {
        hz_take_chunk(c->take, chunk);
        c->next_chunk = chunk->number + 1;
    }
}

void hz_capture_stop(struct hz_capture *c)
{
    hz_past_seal(c->past);
    hz_capture_feed(c);
    c->state = HZ_CAPTURE_LINGERING;
    c->linger_ms = hz_capture_now(c) + LINGER_MS;
}

void hz_capture_finish(struct hz_capture *c)
{
    c->state = HZ_CAPTURE_WRITING;
    hz_take_finish(c->take, &c->notes);
}

static void on_done(void *ctx, const struct hz_taken *taken)
{
    struct hz_capture *c = ctx;
    c->take = NULL;
    c->state = HZ_CAPTURE_READY;
    c->last = *taken;
    c->last_number = c->number;
    c->last_utc = c->trigger_utc;
    c->last_rate_hz = c->taking_rate_hz;
    memcpy(c->last_trigger, c->trigger, sizeof c->last_trigger);
    hz_capture_look_at_folder(c);
    c->taken += taken->rc == 0;
    c->refused_quota += taken->rc == -EDQUOT;
    c->failed += taken->rc < 0 && taken->rc != -EDQUOT;
    hz_capture_set_error(c, taken->error);
    if (taken->rc == 0)
        hz_log(LOG_NOTICE, "capture %s: %s/%s: %.1f s, %llu messages (%s)", c->conf->name,
               c->conf->path, taken->file, (double)taken->samples / c->last_rate_hz,
               (unsigned long long)taken->messages, c->trigger);
    hz_capture_leave_if_done(c);
}

static void describe(const struct hz_capture *c, struct hz_sigmf *about)
{
    const struct hz_receiver *r = c->env->receiver(c->env->ctx, c->conf->receiver);
    const char *device = r ? hz_receiver_samples(r).device : NULL;
    *about = (struct hz_sigmf){.trigger_utc_ns = c->utc_ns,
                               .format = c->format,
                               .rate_hz = c->rate_hz,
                               .forgotten = c->notes.forgotten};
    snprintf(about->name, sizeof about->name, "%s", c->conf->name);
    snprintf(about->receiver, sizeof about->receiver, "%s", c->conf->receiver);
    snprintf(about->trigger, sizeof about->trigger, "%s", c->trigger);
    snprintf(about->device, sizeof about->device, "%s", device ? device : "");
}

/* The capture may begin: the state is HZ_CAPTURE_READY, and there are samples. */
static int begin(struct hz_capture *c, double seconds, const char *trigger)
{
    uint64_t before = (uint64_t)llround(seconds * c->rate_hz);
    uint64_t most = before < c->past->samples ? before : c->past->samples;
    struct hz_sigmf about;
    snprintf(c->trigger, sizeof c->trigger, "%s", trigger);
    describe(c, &about);
    c->to_come = (uint64_t)llround(c->conf->after_s * c->rate_hz);
    most += c->to_come;
    /* it begins with a whole chunk, and ends with a whole block */
    struct hz_take_env env = {.loop = c->env->loop,
                              .folder = &c->folder,
                              .pattern = c->conf->pattern,
                              .sample_bytes = c->past->sample_bytes,
                              .bytes_most = most * c->past->sample_bytes + HZ_CHUNK_BYTES,
                              .done = on_done,
                              .ctx = c};
    c->take = hz_take_new(&env, &about);
    if (!c->take)
        return -ENOMEM;
    c->state = HZ_CAPTURE_TAKING;
    c->number++;
    c->since_ms = hz_capture_now(c);
    c->trigger_utc = c->utc_ns;
    c->taking_rate_hz = c->rate_hz;
    hz_past_seal(c->past);
    c->next_chunk = hz_past_before(c->past, before);
    hz_capture_feed(c);
    if (c->to_come == 0)
        hz_capture_stop(c);
    return 0;
}

void hz_capture_trigger(struct hz_capture *c, const char *what)
{
    bool soon = c->ruled && hz_capture_now(c) - c->since_ms < c->conf->interval_s * 1000;
    if (c->leaving || !c->past || c->past->samples == 0)
        return;
    if (c->state != HZ_CAPTURE_READY || soon) {
        c->refused_interval++;
        return;
    }
    c->ruled = begin(c, c->conf->seconds, what) == 0;
}

int hz_capture_ask(struct hz_capture *c, double seconds, uint64_t *number, char *err,
                   size_t err_len)
{
    int rc = 0;
    if (c->state == HZ_CAPTURE_READING) {
        snprintf(err, err_len, "capture %s: its folder is still being read", c->conf->name);
        rc = -EAGAIN;
    } else if (c->state != HZ_CAPTURE_READY) {
        snprintf(err, err_len, "capture %s: one is being taken (%s)", c->conf->name, c->trigger);
        rc = -EBUSY;
    } else if (!c->past || c->past->samples == 0) {
        snprintf(err, err_len, "capture %s: receiver %s has delivered no samples yet",
                 c->conf->name, c->conf->receiver);
        rc = -EAGAIN;
    } else if (seconds > c->conf->seconds) {
        snprintf(err, err_len, "seconds %.10g: expected at most %.10g, which [capture %s] holds",
                 seconds, c->conf->seconds, c->conf->name);
        rc = -EINVAL;
    } else {
        rc = begin(c, seconds > 0 ? seconds : c->conf->seconds, "command");
    }
    *number = c->number;
    return rc;
}

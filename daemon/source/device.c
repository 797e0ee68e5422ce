#include "daemon/source/device.h"
#include "daemon/base/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    POOL_BLOCKS = HZ_HANDOFF_BLOCKS + 64,
    CANCEL_EVERY_MS = 50,
    CANCEL_LIMIT_MS = 10000,
    TEXT = 320,
};

struct device {
    struct hz_source src;
    const struct hz_device_ops *device;
    struct hz_conf_receiver *conf; /* copy for the thread, as is first */
    struct hz_tuning first;        /* what it opens with */
    struct hz_handoff handoff;
    struct hz_block_pool *pool;
    uv_thread_t thread;
    size_t block_bytes;
    int skip_after_tune; /* blocks */
    /* under the handoff's lock */
    void *dev; /* NULL: not open, or being closed */
    bool stop, opened, exited;
    int status;
    char text[TEXT];
    struct hz_device_info info;
    bool tuning; /* a job uses dev */
    uv_cond_t tuning_done;
    /* loop */
    uv_async_t wake;
    uv_timer_t cancel;
    uint64_t cancel_began_ms;
    bool reported_started, reported_ended, given_up;
    int open_handles;
    uv_work_t tune_job;
    struct hz_tuning now, want; /* the present and the requested values */
    int tune_status;
    char tune_text[TEXT];
    bool tune_busy;
    void (*closed)(void *ctx, int status); /* not NULL: closing */
};

/* ---- the capture thread ----------------------------------------------------------------- */

/* Makes the device available to the loop; false: the thread was asked to stop meanwhile. */
static bool announce(struct device *c, void *dev, const struct hz_device_info *info)
{
    uv_mutex_lock(&c->handoff.lock);
    bool go_on = !c->stop;
    c->dev = dev;
    c->info = *info;
    c->opened = true;
    uv_mutex_unlock(&c->handoff.lock);
    uv_async_send(&c->wake);
    return go_on;
}

/* Takes the device back: only the thread uses it from now on. */
static bool withdraw(struct device *c)
{
    uv_mutex_lock(&c->handoff.lock);
    c->dev = NULL;
    while (c->tuning)
        uv_cond_wait(&c->tuning_done, &c->handoff.lock);
    bool asked = c->stop;
    uv_mutex_unlock(&c->handoff.lock);
    return asked;
}

static void leave(struct device *c, int status, const char *text)
{
    uv_mutex_lock(&c->handoff.lock);
    c->status = status;
    snprintf(c->text, sizeof c->text, "%s", text);
    c->exited = true;
    uv_mutex_unlock(&c->handoff.lock);
    uv_async_send(&c->wake);
}

static void capture(void *arg)
{
    struct device *c = arg;
    struct hz_device_info info = {0};
    char text[TEXT] = "";
    void *dev = NULL;
    int rc = c->device->open(&dev, c->conf, &c->first, &info, text, sizeof text);
    if (rc != 0) {
        leave(c, rc, text);
        return;
    }
    if (announce(c, dev, &info))
        rc = c->device->read(dev, &c->handoff, c->block_bytes, text, sizeof text);
    bool asked = withdraw(c);
    c->device->close(dev);
    leave(c, asked ? 0 : rc, asked ? "stopped" : text);
}

/* ---- the loop's side -------------------------------------------------------------------- */

static void report_started(struct device *c)
{
    const struct hz_device_info *i = &c->info;
    c->reported_started = true;
    c->src.format = i->format;
    c->src.rate_hz = i->rate_hz;
    c->src.path = i->path;
    c->src.tuner = i->tuner;
    c->src.n_gains = i->n_gains;
    snprintf(c->src.device, sizeof c->src.device, "%s", i->device);
    c->src.events->started(c->src.ctx);
}

static void deliver(struct device *c)
{
    struct hz_block *b;
    while ((b = hz_handoff_get(&c->handoff))) {
        b->format = c->src.format;
        b->rate_hz = c->src.rate_hz;
        c->src.events->block(c->src.ctx, b);
        if (c->closed)
            break;
    }
    hz_handoff_restock(&c->handoff, c->pool);
}

static void on_handle_closed(uv_handle_t *h)
{
    struct device *c = h->data;
    if (--c->open_handles > 0)
        return;
    hz_handoff_done(&c->handoff);
    uv_cond_destroy(&c->tuning_done);
    hz_block_pool_release(c->pool);
    hz_conf_receiver_free(c->conf);
    if (c->closed)
        c->closed(c->src.ctx, 0);
    free(c);
}

static void close_handles(struct device *c)
{
    uv_close((uv_handle_t *)&c->wake, on_handle_closed);
    uv_close((uv_handle_t *)&c->cancel, on_handle_closed);
}

/* The thread has exited and no change is under way: the source can be freed. */
static void finish_close(struct device *c)
{
    uv_thread_join(&c->thread);
    close_handles(c);
}

static void look(struct device *c)
{
    uv_mutex_lock(&c->handoff.lock);
    bool opened = c->opened, exited = c->exited;
    uv_mutex_unlock(&c->handoff.lock);
    if (opened && !c->reported_started && !c->closed)
        report_started(c);
    if (!c->closed)
        deliver(c);
    if (!exited || c->reported_ended)
        return;
    if (c->closed) {
        if (!c->tune_busy && !uv_is_closing((uv_handle_t *)&c->cancel))
            finish_close(c);
        return;
    }
    c->reported_ended = true;
    c->src.events->ended(c->src.ctx, c->status ? c->status : -EIO, c->text);
}

static void on_wake(uv_async_t *a)
{
    struct device *c = a->data;
    if (!c->given_up)
        look(c);
}

static void on_cancel(uv_timer_t *t)
{
    struct device *c = t->data;
    uv_mutex_lock(&c->handoff.lock);
    c->stop = true;
    if (c->dev)
        c->device->cancel(c->dev);
    bool exited = c->exited;
    uv_mutex_unlock(&c->handoff.lock);
    if (exited) {
        uv_timer_stop(t);
        c->reported_ended = false;
        look(c);
    } else if (uv_now(t->loop) - c->cancel_began_ms > CANCEL_LIMIT_MS) {
        uv_timer_stop(t);
        uv_unref((uv_handle_t *)t);
        uv_unref((uv_handle_t *)&c->wake);
        hz_log(LOG_ERR, "a capture thread hangs in its device's library and was given up; its "
                        "memory stays in use");
        c->given_up = true;
        c->closed(c->src.ctx, -ETIMEDOUT);
    }
}

/* ---- changes while it streams ----------------------------------------------------------- */

static void tune_work(uv_work_t *req)
{
    struct device *c = req->data;
    bool moves = c->want.centre_hz != c->now.centre_hz || c->want.ppm != c->now.ppm;
    uv_mutex_lock(&c->handoff.lock);
    void *dev = c->dev;
    c->tuning = dev != NULL;
    uv_mutex_unlock(&c->handoff.lock);
    if (!dev) {
        snprintf(c->tune_text, sizeof c->tune_text, "the device went away");
        c->tune_status = -ENODEV;
        return;
    }
    if (moves)
        hz_handoff_mute(&c->handoff);
    c->tune_status = c->device->apply(dev, &c->now, &c->want, c->tune_text, sizeof c->tune_text);
    if (moves)
        hz_handoff_unmute(&c->handoff, c->tune_status ? c->now.centre_hz : c->want.centre_hz,
                          c->skip_after_tune);
    uv_mutex_lock(&c->handoff.lock);
    c->tuning = false;
    uv_cond_signal(&c->tuning_done);
    uv_mutex_unlock(&c->handoff.lock);
}

static void tune_finished(uv_work_t *req, int status)
{
    (void)status;
    struct device *c = req->data;
    c->tune_busy = false;
    if (c->closed) {
        if (!c->given_up)
            look(c);
        return;
    }
    if (c->tune_status == 0) {
        c->now = c->want;
        c->src.centre_hz = c->want.centre_hz;
    }
    c->src.events->tuned(c->src.ctx, c->tune_status, c->tune_text);
}

int hz_device_tune(struct hz_source *src, const struct hz_tuning *want, char *err, size_t err_len)
{
    struct device *c = (struct device *)src;
    if (c->tune_busy) {
        snprintf(err, err_len, "the change before is still under way");
        return -EBUSY;
    }
    c->want = *want;
    c->tune_busy = true;
    c->tune_text[0] = '\0';
    c->tune_job.data = c;
    return uv_queue_work(src->loop, &c->tune_job, tune_work, tune_finished);
}

/* ---- opening and closing ---------------------------------------------------------------- */

static void free_half_built(struct device *c)
{
    hz_block_pool_release(c->pool);
    hz_conf_receiver_free(c->conf);
    free(c);
}

int hz_device_open(struct hz_source **src, const struct hz_source *env,
                   const struct hz_device_ops *device, size_t block_bytes, double block_s,
                   char *err, size_t err_len)
{
    struct device *c = calloc(1, sizeof *c);
    snprintf(err, err_len, "no memory for a device");
    if (!c)
        return -ENOMEM;
    c->src = *env;
    c->src.rate_hz = env->conf->rate_hz;
    c->src.centre_hz = env->tuning.centre_hz;
    c->device = device;
    c->now = c->first = env->tuning;
    c->block_bytes = block_bytes;
    c->skip_after_tune = (int)lround(device->settle_s / block_s);
    c->conf = hz_conf_receiver_copy(env->conf);
    if (!c->conf) {
        free(c);
        return -ENOMEM;
    }
    c->pool = hz_block_pool_new(POOL_BLOCKS, c->block_bytes);
    if (!c->pool) {
        free_half_built(c);
        return -ENOMEM;
    }
    uv_async_init(env->loop, &c->wake, on_wake);
    uv_timer_init(env->loop, &c->cancel);
    c->wake.data = c->cancel.data = c;
    c->open_handles = 2;
    hz_handoff_init(&c->handoff, &c->wake, c->src.centre_hz);
    uv_cond_init(&c->tuning_done);
    hz_handoff_restock(&c->handoff, c->pool);
    int rc = uv_thread_create(&c->thread, capture, c);
    if (rc != 0) {
        snprintf(err, err_len, "no capture thread for the device: %s", uv_strerror(rc));
        close_handles(c); /* frees it; nobody is told */
        return rc;
    }
    *src = &c->src;
    return 0;
}

void hz_device_counts(struct hz_source *src, struct hz_handoff_counts *out)
{
    *out = hz_handoff_counts(&((struct device *)src)->handoff);
}

void hz_device_close(struct hz_source *src, void (*closed)(void *ctx, int status))
{
    struct device *c = (struct device *)src;
    c->closed = closed;
    c->cancel_began_ms = uv_now(src->loop);
    uv_timer_start(&c->cancel, on_cancel, 0, CANCEL_EVERY_MS);
}

/* Source: an RTL-SDR dongle. librtlsdr does not give access to its libusb context, so each dongle
 * has a capture thread that opens it, blocks in rtlsdr_read_async, and closes it. The callback only
 * copies and hands over. The loop never waits for that thread. To end it, the loop calls
 * rtlsdr_cancel_async repeatedly until the thread exits, because a cancel before the first read is
 * lost. A thread that does not exit is given up. */
#include "daemon/base/log.h"
#include "daemon/source/dongle.h"
#include "daemon/source/handoff.h"
#include "daemon/source/rtl_tuner.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRANSFERS = 15,      /* in flight at a time: librtlsdr's default */
    TRANSFER_UNIT = 512, /* bytes; a transfer's length is a multiple of it */
    POOL_BLOCKS = HZ_HANDOFF_BLOCKS + 64,
    CANCEL_EVERY_MS = 50,
    CANCEL_LIMIT_MS = 10000,
    /* Transfers that may still hold samples of the old frequency: all that were in flight, however
     * late this thread is, and one more for what the chip held. */
    SKIP_AFTER_TUNE = TRANSFERS + 1,
    TEXT = 320,
};

struct dongle {
    struct hz_source src;
    struct hz_conf_receiver *conf; /* copy for the thread, as is first */
    struct hz_tuning first;        /* what it opens with */
    struct hz_handoff handoff;
    struct hz_block_pool *pool;
    uv_thread_t thread;
    uint32_t transfer_bytes;
    /* under the handoff's lock */
    rtlsdr_dev_t *dev; /* NULL: not open, or being closed */
    bool stop, opened, exited;
    int status;
    char text[TEXT];
    struct hz_dongle_info info;
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

static void on_samples(unsigned char *buf, uint32_t len, void *ctx)
{
    struct dongle *d = ctx;
    hz_handoff_put(&d->handoff, buf, len, 2);
}

/* Makes the device available to the loop; false: the thread was asked to stop meanwhile. */
static bool announce(struct dongle *d, rtlsdr_dev_t *dev, const struct hz_dongle_info *info)
{
    uv_mutex_lock(&d->handoff.lock);
    bool go_on = !d->stop;
    d->dev = dev;
    d->info = *info;
    d->opened = true;
    uv_mutex_unlock(&d->handoff.lock);
    uv_async_send(&d->wake);
    return go_on;
}

/* Takes the device back: only the thread uses it from now on. */
static bool withdraw(struct dongle *d)
{
    uv_mutex_lock(&d->handoff.lock);
    d->dev = NULL;
    while (d->tuning)
        uv_cond_wait(&d->tuning_done, &d->handoff.lock);
    bool asked = d->stop;
    uv_mutex_unlock(&d->handoff.lock);
    return asked;
}

static void leave(struct dongle *d, int status, const char *text)
{
    uv_mutex_lock(&d->handoff.lock);
    d->status = status;
    snprintf(d->text, sizeof d->text, "%s", text);
    d->exited = true;
    uv_mutex_unlock(&d->handoff.lock);
    uv_async_send(&d->wake);
}

static void capture(void *arg)
{
    struct dongle *d = arg;
    struct hz_dongle_info info;
    char text[TEXT] = "";
    rtlsdr_dev_t *dev = NULL;
    int rc = hz_dongle_open(&dev, (const struct hz_conf_dongle *)d->conf, &d->first, &info, text,
                            sizeof text);
    if (rc != 0) {
        leave(d, rc, text);
        return;
    }
    int read = 0;
    if (announce(d, dev, &info)) {
        read = rtlsdr_reset_buffer(dev);
        if (read == 0)
            read = rtlsdr_read_async(dev, on_samples, d, TRANSFERS, d->transfer_bytes);
    }
    bool asked = withdraw(d);
    rtlsdr_close(dev);
    snprintf(text, sizeof text, "dongle %s stopped delivering: it was unplugged or its USB failed",
             info.serial);
    leave(d, asked ? 0 : -EIO, asked ? "stopped" : text);
}

/* ---- the loop's side -------------------------------------------------------------------- */

static void report_started(struct dongle *d)
{
    const struct hz_dongle_info *i = &d->info;
    d->reported_started = true;
    const struct hz_rtl_tuner *tuner = hz_rtl_tuner(i->tuner);
    d->src.rate_hz = i->rate_hz;
    d->src.tuner = i->tuner;
    d->src.n_gains = tuner ? (uint32_t)tuner->n_gains : 0;
    snprintf(d->src.device, sizeof d->src.device, "%.50s, %s tuner, serial %.50s", i->name,
             tuner ? tuner->name : "no", i->serial);
    d->src.events->started(d->src.ctx);
}

static void deliver(struct dongle *d)
{
    struct hz_block *b;
    while ((b = hz_handoff_get(&d->handoff))) {
        b->format = HZ_CU8;
        b->rate_hz = d->src.rate_hz;
        d->src.events->block(d->src.ctx, b);
        if (d->closed)
            break;
    }
    hz_handoff_restock(&d->handoff, d->pool);
}

static void on_handle_closed(uv_handle_t *h)
{
    struct dongle *d = h->data;
    if (--d->open_handles > 0)
        return;
    hz_handoff_done(&d->handoff);
    uv_cond_destroy(&d->tuning_done);
    hz_block_pool_release(d->pool);
    hz_conf_receiver_free(d->conf);
    if (d->closed)
        d->closed(d->src.ctx, 0);
    free(d);
}

static void close_handles(struct dongle *d)
{
    uv_close((uv_handle_t *)&d->wake, on_handle_closed);
    uv_close((uv_handle_t *)&d->cancel, on_handle_closed);
}

/* The thread has exited and no change is under way: the source can be freed. */
static void finish_close(struct dongle *d)
{
    uv_thread_join(&d->thread);
    close_handles(d);
}

static void look(struct dongle *d)
{
    uv_mutex_lock(&d->handoff.lock);
    bool opened = d->opened, exited = d->exited;
    uv_mutex_unlock(&d->handoff.lock);
    if (opened && !d->reported_started && !d->closed)
        report_started(d);
    if (!d->closed)
        deliver(d);
    if (!exited || d->reported_ended)
        return;
    if (d->closed) {
        if (!d->tune_busy && !uv_is_closing((uv_handle_t *)&d->cancel))
            finish_close(d);
        return;
    }
    d->reported_ended = true;
    d->src.events->ended(d->src.ctx, d->status ? d->status : -EIO, d->text);
}

static void on_wake(uv_async_t *a)
{
    struct dongle *d = a->data;
    if (!d->given_up)
        look(d);
}

static void on_cancel(uv_timer_t *t)
{
    struct dongle *d = t->data;
    uv_mutex_lock(&d->handoff.lock);
    d->stop = true;
    if (d->dev)
        rtlsdr_cancel_async(d->dev); /* only sets a flag */
    bool exited = d->exited;
    uv_mutex_unlock(&d->handoff.lock);
    if (exited) {
        uv_timer_stop(t);
        d->reported_ended = false;
        look(d);
    } else if (uv_now(t->loop) - d->cancel_began_ms > CANCEL_LIMIT_MS) {
        uv_timer_stop(t);
        uv_unref((uv_handle_t *)t);
        uv_unref((uv_handle_t *)&d->wake);
        hz_log(LOG_ERR, "a capture thread hangs in USB and was given up; its memory stays in use");
        d->given_up = true;
        d->closed(d->src.ctx, -ETIMEDOUT);
    }
}

/* ---- changes while it streams ----------------------------------------------------------- */

static void tune_work(uv_work_t *req)
{
    struct dongle *d = req->data;
    bool moves = d->want.centre_hz != d->now.centre_hz || d->want.ppm != d->now.ppm;
    uv_mutex_lock(&d->handoff.lock);
    rtlsdr_dev_t *dev = d->dev;
    d->tuning = dev != NULL;
    uv_mutex_unlock(&d->handoff.lock);
    if (!dev) {
        snprintf(d->tune_text, sizeof d->tune_text, "the dongle went away");
        d->tune_status = -ENODEV;
        return;
    }
    if (moves)
        hz_handoff_mute(&d->handoff);
    d->tune_status = hz_dongle_apply(dev, &d->now, &d->want, d->tune_text, sizeof d->tune_text);
    if (moves)
        hz_handoff_unmute(&d->handoff, d->tune_status ? d->now.centre_hz : d->want.centre_hz,
                          SKIP_AFTER_TUNE);
    uv_mutex_lock(&d->handoff.lock);
    d->tuning = false;
    uv_cond_signal(&d->tuning_done);
    uv_mutex_unlock(&d->handoff.lock);
}

static void tune_finished(uv_work_t *req, int status)
{
    (void)status;
    struct dongle *d = req->data;
    d->tune_busy = false;
    if (d->closed) {
        if (!d->given_up)
            look(d);
        return;
    }
    if (d->tune_status == 0) {
        d->now = d->want;
        d->src.centre_hz = d->want.centre_hz;
    }
    d->src.events->tuned(d->src.ctx, d->tune_status, d->tune_text);
}

static int tune(struct hz_source *src, const struct hz_tuning *want, char *err, size_t err_len)
{
    struct dongle *d = (struct dongle *)src;
    if (d->tune_busy) {
        snprintf(err, err_len, "the change before is still under way");
        return -EBUSY;
    }
    d->want = *want;
    d->tune_busy = true;
    d->tune_text[0] = '\0';
    d->tune_job.data = d;
    return uv_queue_work(src->loop, &d->tune_job, tune_work, tune_finished);
}

/* ---- opening and closing ---------------------------------------------------------------- */

/* About 16 ms, as a multiple of what a transfer can be. */
static uint32_t transfer_bytes(double rate_hz)
{
    uint32_t units = (uint32_t)lround(rate_hz * 2 * 0.016 / TRANSFER_UNIT);
    return (units < 1 ? 1 : units) * TRANSFER_UNIT;
}

static void free_half_built(struct dongle *d)
{
    hz_block_pool_release(d->pool);
    hz_conf_receiver_free(d->conf);
    free(d);
}

static int open_dongle(struct hz_source **src, const struct hz_source *env, char *err,
                       size_t err_len)
{
    struct dongle *d = calloc(1, sizeof *d);
    snprintf(err, err_len, "no memory for a dongle");
    if (!d)
        return -ENOMEM;
    d->src = *env;
    d->src.format = HZ_CU8;
    d->src.rate_hz = env->conf->rate_hz;
    d->src.centre_hz = env->tuning.centre_hz;
    d->now = d->first = env->tuning;
    d->transfer_bytes = transfer_bytes(env->conf->rate_hz);
    d->conf = hz_conf_receiver_copy(env->conf);
    if (!d->conf) {
        free(d);
        return -ENOMEM;
    }
    d->pool = hz_block_pool_new(POOL_BLOCKS, d->transfer_bytes);
    if (!d->pool) {
        free_half_built(d);
        return -ENOMEM;
    }
    uv_async_init(env->loop, &d->wake, on_wake);
    uv_timer_init(env->loop, &d->cancel);
    d->wake.data = d->cancel.data = d;
    d->open_handles = 2;
    hz_handoff_init(&d->handoff, &d->wake, d->src.centre_hz);
    uv_cond_init(&d->tuning_done);
    hz_handoff_restock(&d->handoff, d->pool);
    int rc = uv_thread_create(&d->thread, capture, d);
    if (rc != 0) {
        snprintf(err, err_len, "no capture thread for the dongle: %s", uv_strerror(rc));
        close_handles(d); /* frees it; nobody is told */
        return rc;
    }
    *src = &d->src;
    return 0;
}

static void counts(struct hz_source *src, struct hz_handoff_counts *out)
{
    *out = hz_handoff_counts(&((struct dongle *)src)->handoff);
}

static void close_dongle(struct hz_source *src, void (*closed)(void *ctx, int status))
{
    struct dongle *d = (struct dongle *)src;
    d->closed = closed;
    d->cancel_began_ms = uv_now(src->loop);
    uv_timer_start(&d->cancel, on_cancel, 0, CANCEL_EVERY_MS);
}

const struct hz_source_ops hz_source_rtlsdr = {
    .live = true,
    .path = HZ_PATH_USB,
    .open = open_dongle,
    .tune = tune,
    .counts = counts,
    .close = close_dongle,
};

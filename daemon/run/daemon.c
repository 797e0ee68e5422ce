#include "daemon/run/daemon.h"
#include "daemon/base/log.h"
#include "daemon/base/notify.h"
#include "daemon/run/health.h"
#include "daemon/serve/socket.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    BUS_BYTES_PER_FRAME = 1024, /* with `history` frames, the bus's limit in bytes */
    DRAIN_MS = 1000,
    STOP_MS = 1900, /* from SIGTERM to giving up */
    EXIT_TRY_AGAIN = 75,
};

/* ---- receivers -------------------------------------------------------------------------- */

struct hz_receiver *hz_daemon_receiver(const struct hz_daemon *d, const char *name)
{
    for (size_t i = 0; i < d->n_receivers; i++) {
        if (strcmp(hz_receiver_name(d->receivers[i]), name) == 0)
            return d->receivers[i];
    }
    return NULL;
}

static void on_receiver_ended(void *ctx, struct hz_receiver *r, int status, const char *reason);

static void on_receiver_closed(void *ctx)
{
    (void)ctx; /* uv_run returns when the last one is closed */
}

static void on_receiver_block(void *ctx, struct hz_receiver *r, const struct hz_block *b)
{
    struct hz_daemon *d = ctx;
    if (d->listeners)
        hz_listeners_block(d->listeners, hz_receiver_name(r), b);
}

struct hz_receiver *hz_daemon_new_receiver(struct hz_daemon *d, const struct hz_config *conf,
                                           size_t index)
{
    struct hz_receiver_env env = {.loop = &d->loop,
                                  .jobs = &d->jobs,
                                  .bus = d->bus,
                                  .fold = d->fold,
                                  .conf = &conf->receivers[index],
                                  .block = on_receiver_block,
                                  .ended = on_receiver_ended,
                                  .ctx = d};
    struct hz_receiver *r = hz_receiver_new(&env);
    for (size_t i = 0; r && i < conf->n_channels; i++) {
        if (strcmp(conf->channels[i].receiver, env.conf->name) == 0 &&
            hz_receiver_add_channel(r, &conf->channels[i]) != 0) {
            hz_receiver_close(r, on_receiver_closed, d);
            r = NULL;
        }
    }
    return r;
}

/* A dongle was plugged in: whoever waits for one tries again. */
static void on_dongle_came(void *ctx)
{
    struct hz_daemon *d = ctx;
    for (size_t i = 0; i < d->n_receivers; i++)
        hz_receiver_kick(d->receivers[i]);
}

void hz_daemon_watch_usb(struct hz_daemon *d)
{
    for (size_t i = 0; i < d->conf.n_receivers && !d->usb; i++) {
        if (strcmp(d->conf.receivers[i].source, "rtlsdr") == 0)
            d->usb = hz_usb_watch_new(&d->loop, on_dongle_came, d);
    }
}

/* ---- stopping --------------------------------------------------------------------------- */

static void on_bus_drained(void *ctx)
{
    struct hz_daemon *d = ctx;
    d->listeners = NULL;
    d->phase = HZ_CLOSING;
    for (size_t i = 0; i < d->n_receivers; i++) {
        d->wedged |= hz_receiver_stats(d->receivers[i])->wedged > 0;
        hz_receiver_close(d->receivers[i], on_receiver_closed, d);
    }
    d->n_receivers = 0;
    hz_fold_close(d->fold);
    hz_usb_watch_close(d->usb);
    hz_bus_close(d->bus);
    hz_loopwatch_close(&d->watch);
    uv_close((uv_handle_t *)&d->sigterm, NULL);
    uv_close((uv_handle_t *)&d->sigint, NULL);
    uv_close((uv_handle_t *)&d->sighup, NULL);
    uv_close((uv_handle_t *)&d->notify, NULL);
    uv_close((uv_handle_t *)&d->limit, NULL);
}

/* When every receiver has come to rest: let the clients have what the bus still holds. */
static void drain_when_idle(struct hz_daemon *d)
{
    for (size_t i = 0; i < d->n_receivers; i++) {
        if (hz_receiver_state(d->receivers[i]) != HZ_RX_ENDED)
            return;
    }
    d->phase = HZ_DRAINING;
    hz_fold_flush(d->fold, NULL);
    hz_listeners_close(d->listeners, DRAIN_MS, on_bus_drained, d);
}

static void on_receiver_ended(void *ctx, struct hz_receiver *r, int status, const char *reason)
{
    (void)r, (void)status, (void)reason;
    struct hz_daemon *d = ctx;
    if (d->phase == HZ_STOPPING)
        drain_when_idle(d);
}

static void on_deadline(uv_timer_t *t)
{
    (void)t;
    hz_log(LOG_ERR, "not stopped after %d ms: giving up what still hangs", STOP_MS);
    fflush(NULL);
    _exit(EXIT_TRY_AGAIN);
}

static void stop(struct hz_daemon *d, const char *why)
{
    if (d->phase != HZ_RUNNING)
        return;
    d->phase = HZ_STOPPING;
    hz_log(LOG_INFO, "stopping: %s", why);
    hz_notify("STOPPING=1");
    uv_timer_start(&d->limit, on_deadline, STOP_MS, 0);
    uv_timer_stop(&d->notify);
    for (size_t i = 0; i < d->n_receivers; i++)
        hz_receiver_stop(d->receivers[i]);
    drain_when_idle(d);
}

static void on_stop_signal(uv_signal_t *h, int signum)
{
    stop(h->data, signum == SIGTERM ? "SIGTERM" : "SIGINT");
}

static void on_time_up(uv_timer_t *t)
{
    stop(t->data, "the time given is up");
}

/* ---- starting --------------------------------------------------------------------------- */

static void on_reload_signal(uv_signal_t *h, int signum)
{
    (void)signum;
    char err[4096];
    struct hz_daemon *d = h->data;
    if (d->phase == HZ_RUNNING)
        hz_daemon_reload(d, err, sizeof err);
}

static void start_signal(struct hz_daemon *d, uv_signal_t *h, uv_signal_cb cb, int signum)
{
    uv_signal_init(&d->loop, h);
    h->data = d;
    uv_signal_start(h, cb, signum);
}

static int start_parts(struct hz_daemon *d)
{
    unsigned char id[8];
    char stream[17];
    if (getrandom(id, sizeof id, 0) != sizeof id)
        return -errno;
    for (size_t i = 0; i < sizeof id; i++)
        snprintf(stream + 2 * i, 3, "%02x", id[i]);
    int workers = d->conf.daemon.workers ? d->conf.daemon.workers : hz_jobs_default_workers();
    hz_jobs_size_pool(workers);
    int rc = uv_loop_init(&d->loop);
    if (rc != 0)
        return rc;
    hz_loopwatch_init(&d->watch, &d->loop);
    hz_jobs_init(&d->jobs, &d->loop, workers);
    size_t frames = (size_t)d->conf.daemon.history;
    d->bus = hz_bus_new(&d->loop, frames, frames * BUS_BYTES_PER_FRAME, stream);
    d->fold = d->bus ? hz_fold_new(&d->loop, d->bus) : NULL;
    struct hz_listen_env env = {
        .loop = &d->loop, .bus = d->bus, .control = hz_daemon_control, .control_ctx = d};
    d->listeners = d->bus ? hz_listeners_new(&env) : NULL;
    start_signal(d, &d->sigterm, on_stop_signal, SIGTERM);
    start_signal(d, &d->sigint, on_stop_signal, SIGINT);
    start_signal(d, &d->sighup, on_reload_signal, SIGHUP);
    uv_timer_init(&d->loop, &d->limit);
    uv_timer_init(&d->loop, &d->notify);
    d->limit.data = d->notify.data = d;
    return d->listeners ? 0 : -ENOMEM;
}

static int open_listeners(struct hz_daemon *d, bool all_at_once)
{
    char err[256] = "";
    if (hz_sockets_passed(&d->conf) != 0)
        return -ENOMEM;
    if (!all_at_once) {
        int rc =
            hz_listeners_set(d->listeners, d->conf.listens, d->conf.n_listens, err, sizeof err);
        return rc == -ENOMEM ? rc : 0;
    }
    for (size_t i = 0; i < d->conf.n_listens; i++) {
        int rc = hz_listeners_add(d->listeners, &d->conf.listens[i], err, sizeof err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int start_receivers(struct hz_daemon *d)
{
    d->receivers = calloc(d->conf.n_receivers + 1, sizeof(struct hz_receiver *));
    for (size_t i = 0; d->receivers && i < d->conf.n_receivers; i++) {
        struct hz_receiver *r = hz_daemon_new_receiver(d, &d->conf, i);
        if (!r)
            return -ENOMEM;
        d->receivers[d->n_receivers++] = r;
    }
    for (size_t i = 0; i < d->n_receivers; i++)
        hz_receiver_start(d->receivers[i]);
    hz_daemon_watch_usb(d);
    return d->receivers ? 0 : -ENOMEM;
}

/* What starts: the first line of a log. */
static void log_start(const struct hz_daemon *d)
{
    hz_log(LOG_INFO, "hertzd " HZ_VERSION " starts: %s, receivers %zu, channels %zu, listeners %zu",
           d->conf_path ? d->conf_path : "built-in configuration", d->conf.n_receivers,
           d->conf.n_channels, d->conf.n_listens);
}

int hz_daemon_run(const struct hz_daemon_options *o)
{
    struct hz_daemon d = {.conf = *o->conf, .conf_path = o->conf_path};
    hz_config_init(o->conf);
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(d.conf.daemon.log_level);
    log_start(&d);
    int rc = start_parts(&d);
    if (rc != 0) {
        hz_log(LOG_ERR, "cannot start: %s", uv_strerror(rc));
        return 1;
    }
    if (o->tap)
        hz_bus_tap(d.bus, o->tap, o->ctx);
    rc = open_listeners(&d, o->must_listen);
    if (rc == 0 && o->ready)
        o->ready(o->ctx, &d);
    if (rc == 0)
        rc = start_receivers(&d);
    if (rc == 0) {
        hz_health_start(&d);
        if (o->seconds > 0)
            uv_timer_start(&d.limit, on_time_up, (uint64_t)(o->seconds * 1000), 0);
    } else {
        stop(&d, "it could not start");
    }
    uv_run(&d.loop, UV_RUN_DEFAULT);
    if (d.wedged) {
        fflush(NULL);
        _exit(EXIT_TRY_AGAIN); /* its thread may still run: nothing of it can be freed */
    }
    if (uv_loop_close(&d.loop) != 0)
        hz_log(LOG_ERR, "handles were left open on the loop");
    free(d.receivers);
    hz_config_free(&d.conf);
    return rc == 0 ? 0 : 1;
}

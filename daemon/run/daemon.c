#include "daemon/run/daemon.h"
#include "daemon/base/log.h"
#include "daemon/base/notify.h"
#include "daemon/base/web.h"
#include "daemon/run/health.h"
#include "daemon/run/reload.h"
#include "daemon/run/stats.h"
#include "daemon/serve/socket.h"
#include "daemon/serve/sound.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Sanitizers slow a dongle's USB transfers down, so the Makefile gives those builds more. */
#ifndef HZ_STOP_MS
#define HZ_STOP_MS 1900
#endif

enum {
    DRAIN_MS = 1000,
    STOP_MS = HZ_STOP_MS, /* from SIGTERM to giving up */
    EXIT_TRY_AGAIN = 75,
};

enum phase {
    RUNNING,
    STOPPING, /* receivers decode what they have, then clients get what the bus has */
};

struct running {
    struct hz_daemon d;
    uv_loop_t loop;
    struct hz_fold *fold;
    struct hz_sounds *sounds;
    uv_signal_t sigterm, sigint;
    uv_timer_t limit; /* options.seconds, later the deadline of stopping */
    enum phase phase;
    int draining; /* of events, captures, listeners and outputs: how many are not done */
    bool wedged;  /* a capture thread was given up: the process cannot end cleanly */
};

/* ---- stopping --------------------------------------------------------------------------- */

static void on_bus_drained(struct running *r)
{
    struct hz_daemon *d = &r->d;
    if (--r->draining > 0)
        return;
    r->wedged = hz_receivers_close(&d->receivers);
    hz_picture_close(d->picture);
    hz_fold_close(r->fold);
    hz_sounds_close(r->sounds);
    hz_web_close(d->web);
    hz_scopes_free(d->scopes);
    hz_bus_close(d->bus);
    hz_loopwatch_close(&d->watch);
    hz_reload_close(d);
    hz_health_close(d);
    hz_stats_close(d);
    uv_close((uv_handle_t *)&r->sigterm, NULL);
    uv_close((uv_handle_t *)&r->sigint, NULL);
    uv_close((uv_handle_t *)&r->limit, NULL);
}

static void on_listeners_closed(void *ctx)
{
    struct running *r = ctx;
    r->d.listeners = NULL;
    on_bus_drained(r);
}

static void on_outputs_closed(void *ctx)
{
    struct running *r = ctx;
    r->d.outputs = NULL;
    on_bus_drained(r);
}

static void on_events_closed(void *ctx)
{
    struct running *r = ctx;
    r->d.events = NULL;
    on_bus_drained(r);
}

static void on_captures_closed(void *ctx)
{
    struct running *r = ctx;
    r->d.captures = NULL;
    on_bus_drained(r);
}

/* Every receiver has stopped, and nothing comes from other programs: sends the rest of the bus to
 * clients and outputs. */
static void on_inputs_closed(void *ctx)
{
    struct running *r = ctx;
    r->d.inputs = NULL;
    hz_fold_flush(r->fold, NULL);
    r->draining = 4;
    hz_events_close(r->d.events, on_events_closed, r);
    hz_captures_close(r->d.captures, on_captures_closed, r);
    hz_outputs_close(r->d.outputs, on_outputs_closed, r);
    hz_listeners_close(r->d.listeners, DRAIN_MS, on_listeners_closed, r);
}

static void on_receivers_stopped(void *ctx)
{
    struct running *r = ctx;
    if (r->d.inputs)
        hz_inputs_close(r->d.inputs, on_inputs_closed, r);
    else
        on_inputs_closed(r);
}

static void on_deadline(uv_timer_t *t)
{
    (void)t;
    hz_log(LOG_ERR, "not stopped after %d ms: giving up what still hangs", STOP_MS);
    fflush(NULL);
    _exit(EXIT_TRY_AGAIN);
}

static void stop(struct running *r, const char *why)
{
    if (r->phase != RUNNING)
        return;
    r->phase = STOPPING;
    hz_log(LOG_INFO, "stopping: %s", why);
    hz_notify("STOPPING=1");
    uv_timer_start(&r->limit, on_deadline, STOP_MS, 0);
    hz_health_stop(&r->d);
    hz_receivers_stop(&r->d.receivers);
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

static void on_receiver_block(void *ctx, struct hz_receiver *receiver, const struct hz_block *b)
{
    struct running *r = ctx;
    if (r->d.listeners)
        hz_listeners_block(r->d.listeners, hz_receiver_name(receiver), b);
    if (r->d.captures)
        hz_captures_block(r->d.captures, receiver, b);
}

static void start_signal(struct running *r, uv_signal_t *h, int signum)
{
    uv_signal_init(&r->loop, h);
    h->data = r;
    uv_signal_start(h, on_stop_signal, signum);
}

/* The name of this run's stream of frames. */
static int name_stream(char stream[17])
{
    unsigned char id[8];
    if (getrandom(id, sizeof id, 0) != sizeof id)
        return -errno;
    for (size_t i = 0; i < sizeof id; i++)
        snprintf(stream + 2 * i, 3, "%02x", id[i]);
    return 0;
}

static bool find_antenna(void *ctx, const char *receiver, struct hz_place *place)
{
    const struct hz_daemon *d = ctx;
    for (size_t i = 0; i < d->conf.n_receivers; i++) {
        const struct hz_conf_receiver *r = d->conf.receivers[i];
        bool is_it = receiver ? strcmp(r->name, receiver) == 0 : !isnan(r->latitude);
        if (!is_it)
            continue;
        *place = (struct hz_place){r->latitude, r->longitude};
        return !isnan(r->latitude);
    }
    for (size_t i = 0; i < d->conf.n_inputs; i++) {
        const struct hz_conf_input *in = d->conf.inputs[i];
        if (strcmp(in->name, receiver) != 0)
            continue;
        *place = (struct hz_place){in->latitude, in->longitude};
        return !isnan(in->latitude);
    }
    return false;
}

static struct hz_receiver *find_receiver(void *ctx, const char *name)
{
    const struct hz_daemon *d = ctx;
    return hz_receivers_find(&d->receivers, name);
}

/* The folder that the configuration names, else the one that systemd made; NULL: none. */
static const char *state_dir(const struct hz_conf_daemon *conf)
{
    return conf->state_dir[0] ? conf->state_dir : getenv("STATE_DIRECTORY");
}

static int start_parts(struct running *r, const struct hz_serve_calls *calls)
{
    struct hz_daemon *d = &r->d;
    char stream[17];
    int workers = d->conf.daemon.workers ? d->conf.daemon.workers : hz_jobs_default_workers();
    hz_jobs_size_pool(workers);
    int rc = name_stream(stream);
    if (rc == 0)
        rc = uv_loop_init(&r->loop);
    if (rc != 0)
        return rc;
    hz_loopwatch_init(&d->watch, &r->loop);
    hz_jobs_init(&d->jobs, &r->loop, workers);
    const struct hz_conf_daemon *conf = &d->conf.daemon;
    d->bus = hz_bus_new(&r->loop, (size_t)conf->history, (size_t)conf->history_bytes, stream);
    if (d->bus)
        hz_bus_limit_age(d->bus, conf->history_s * 1000);
    r->fold = d->bus ? hz_fold_new(&r->loop, d->bus) : NULL;
    struct hz_picture_env picture = {
        .loop = &r->loop, .bus = d->bus, .antenna = find_antenna, .ctx = d};
    d->picture = d->bus ? hz_picture_new(&picture) : NULL;
    d->snapshots.picture = d->picture;
    r->sounds = d->bus ? hz_sounds_new(&r->loop, d->bus, d->kinds->decoders->list) : NULL;
    d->scopes = hz_scopes_new(&d->jobs);
    struct hz_listen_env listen = {.loop = &r->loop,
                                   .bus = d->bus,
                                   .scopes = d->scopes,
                                   .calls = calls,
                                   .calls_ctx = d,
                                   .decoders = d->kinds->decoders->list,
                                   .snapshots = &d->snapshots,
                                   .sounds = r->sounds};
    d->listeners = r->sounds ? hz_listeners_new(&listen) : NULL;
    d->web = hz_web_new(&r->loop);
    struct hz_output_env output = {.loop = &r->loop,
                                   .bus = d->bus,
                                   .protocols = listen.decoders,
                                   .picture = d->picture,
                                   .web = d->web,
                                   .status = calls ? calls->status : NULL,
                                   .ctx = d};
    d->outputs = d->bus && d->web ? hz_outputs_new(&output) : NULL;
    struct hz_event_env events = {.loop = &r->loop,
                                  .bus = d->bus,
                                  .picture = d->picture,
                                  .web = d->web,
                                  .protocols = listen.decoders};
    d->events = d->picture && d->web ? hz_events_new(&events) : NULL;
    struct hz_capture_env captures = {.loop = &r->loop,
                                      .bus = d->bus,
                                      .protocols = listen.decoders,
                                      .receiver = find_receiver,
                                      .ctx = d};
    d->captures = d->bus ? hz_captures_new(&captures) : NULL;
    struct hz_input_env input = {
        .loop = &r->loop, .bus = d->bus, .fold = r->fold, .decoders = listen.decoders};
    d->inputs = r->fold ? hz_inputs_new(&input) : NULL;
    struct hz_receivers_env receivers = {.loop = &r->loop,
                                         .jobs = &d->jobs,
                                         .bus = d->bus,
                                         .fold = r->fold,
                                         .scopes = d->scopes,
                                         .state_dir = state_dir(&d->started),
                                         .block = on_receiver_block,
                                         .stopped = on_receivers_stopped,
                                         .ctx = r};
    hz_receivers_init(&d->receivers, &receivers);
    start_signal(r, &r->sigterm, SIGTERM);
    start_signal(r, &r->sigint, SIGINT);
    hz_reload_init(d, &r->loop);
    hz_health_init(d, &r->loop);
    hz_stats_init(d, &r->loop);
    uv_timer_init(&r->loop, &r->limit);
    r->limit.data = r;
    bool all = d->listeners && d->inputs && d->outputs && d->picture && d->events && d->captures &&
               d->scopes;
    if (!d->web)
        return -ENOENT; /* a library, which was logged */
    return all ? 0 : -ENOMEM;
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

/* The first line of the log: version and configuration. */
static void log_start(const struct hz_daemon *d)
{
    hz_log(LOG_INFO,
           "hertzd " HZ_VERSION
           " starts: %s, receivers %zu, channels %zu, inputs %zu, listeners %zu",
           d->conf_path ? d->conf_path : "built-in configuration", d->conf.n_receivers,
           d->conf.n_channels, d->conf.n_inputs, d->conf.n_listens);
}

int hz_daemon_run(const struct hz_daemon_options *o)
{
    struct running r = {.d = {.conf = *o->conf, .kinds = o->kinds, .conf_path = o->conf_path}};
    struct hz_daemon *d = &r.d;
    d->started = d->conf.daemon;
    hz_config_init(o->conf);
    signal(SIGPIPE, SIG_IGN);
    hz_log_level(d->conf.daemon.log_level);
    log_start(d);
    int rc = hz_text_copy(&d->files, &d->conf.text);
    if (rc == 0)
        rc = start_parts(&r, o->calls);
    if (rc != 0) {
        hz_log(LOG_ERR, "cannot start: %s", uv_strerror(rc));
        return 1;
    }
    if (o->tap)
        hz_bus_tap(d->bus, o->tap, o->ctx);
    rc = open_listeners(d, o->must_listen);
    if (rc == 0)
        rc = hz_outputs_set(d->outputs, d->conf.outputs, d->conf.n_outputs);
    if (rc == 0)
        rc = hz_events_set(d->events, d->conf.events, d->conf.n_events);
    if (rc == 0)
        rc = hz_captures_set(d->captures, d->conf.captures, d->conf.n_captures);
    if (rc == 0)
        rc = hz_inputs_set(d->inputs, d->conf.inputs, d->conf.n_inputs);
    if (rc == 0 && o->ready)
        o->ready(o->ctx, d);
    if (rc == 0)
        rc = hz_receivers_start(&d->receivers, &d->conf);
    if (rc == 0) {
        hz_health_start(d);
        hz_stats_start(d);
        if (o->seconds > 0)
            uv_timer_start(&r.limit, on_time_up, (uint64_t)(o->seconds * 1000), 0);
    } else {
        stop(&r, "it could not start");
    }
    uv_run(&r.loop, UV_RUN_DEFAULT);
    if (r.wedged) {
        fflush(NULL);
        _exit(EXIT_TRY_AGAIN); /* its thread may still run: nothing of it can be freed */
    }
    hz_jobs_close(&d->jobs);
    if (uv_loop_close(&r.loop) != 0)
        hz_log(LOG_ERR, "handles were left open on the loop");
    hz_config_free(&d->conf);
    hz_text_done(&d->files);
    return rc == 0 ? 0 : 1;
}

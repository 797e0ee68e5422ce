/* Applies a new configuration to a running daemon, without disturbing the parts that did not
 * change. */
#include "daemon/run/reload.h"
#include "daemon/base/log.h"
#include "daemon/base/notify.h"
#include "daemon/run/stats.h"
#include "daemon/serve/socket.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct hz_conf_channel *find_channel(const struct hz_config *c,
                                                  const struct hz_conf_channel *like)
{
    for (size_t i = 0; i < c->n_channels; i++) {
        if (hz_conf_channel_same(&c->channels[i], like))
            return &c->channels[i];
    }
    return NULL;
}

static const struct hz_conf_receiver *find_conf(const struct hz_config *c, const char *name)
{
    for (size_t i = 0; i < c->n_receivers; i++) {
        if (strcmp(c->receivers[i]->name, name) == 0)
            return c->receivers[i];
    }
    return NULL;
}

/* ---- receivers -------------------------------------------------------------------------- */

/* A replaced receiver was closed: its device is free for the new receiver of that name. */
struct leaving {
    struct hz_receivers *rs;
    char name[HZ_NAME_MAX + 1];
};

static void on_left(void *ctx)
{
    struct leaving *l = ctx;
    struct hz_receiver *r = hz_receivers_find(l->rs, l->name);
    if (r && !l->rs->stopping && hz_receiver_state(r) == HZ_RX_CLOSED)
        hz_receiver_start(r);
    free(l);
}

static void on_gone(void *ctx)
{
    (void)ctx; /* the new configuration does not have it, or it was never started */
}

static bool same_tuning(const struct hz_tuning *a, const struct hz_tuning *b)
{
    bool gain = a->gain_db == b->gain_db || (isnan(a->gain_db) && isnan(b->gain_db));
    return gain && a->centre_hz == b->centre_hz && a->ppm == b->ppm && a->bias_tee == b->bias_tee;
}

/* The receiver that continues for a section; NULL: the section needs a new one. The new file is
 * compared with the old file, so a gain that was set by hand since then stays. */
static struct hz_receiver *keeps(const struct hz_daemon *d, const struct hz_conf_receiver *new)
{
    struct hz_receiver *r = hz_receivers_find(&d->receivers, new->name);
    const struct hz_conf_receiver *old = find_conf(&d->conf, new->name);
    if (!r || !old || !hz_conf_receiver_same_source(old, new))
        return NULL;
    struct hz_tuning was = hz_tuning_of(old), now = hz_tuning_of(new);
    return same_tuning(&was, &now) || hz_receiver_tunes(r) ? r : NULL;
}

/* Applies changes that do not need a reopening. */
static void change_in_place(struct hz_receiver *r, const struct hz_conf_receiver *old,
                            const struct hz_conf_receiver *new)
{
    struct hz_tuning was = hz_tuning_of(old), now = hz_tuning_of(new);
    struct hz_tuning want = hz_receiver_wants(r);
    if (was.centre_hz != now.centre_hz)
        want.centre_hz = now.centre_hz;
    if (was.gain_db != now.gain_db && !(isnan(was.gain_db) && isnan(now.gain_db)))
        want.gain_db = now.gain_db;
    if (was.ppm != now.ppm)
        want.ppm = now.ppm;
    if (was.bias_tee != now.bias_tee)
        want.bias_tee = now.bias_tee;
    if (!same_tuning(&was, &now))
        hz_receiver_retune(r, &want);
    hz_receiver_place(r, new->latitude, new->longitude);
}

struct new_receivers {
    struct hz_receiver *
        *list; /* in the order of the configuration: those that stay, and new ones */
    bool *made;
    size_t n;
};

static void discard(struct new_receivers *to)
{
    for (size_t i = 0; i < to->n; i++) {
        if (to->made[i])
            hz_receiver_close(to->list[i], on_gone, NULL);
    }
    free(to->list);
    free(to->made);
}

/* Allocates everything for the new receivers before they are started. -ENOMEM: nothing changed. */
static int make_receivers(struct hz_daemon *d, const struct hz_config *new,
                          struct new_receivers *to)
{
    *to = (struct new_receivers){.list = calloc(new->n_receivers + 1, sizeof *to->list),
                                 .made = calloc(new->n_receivers + 1, sizeof *to->made)};
    bool whole = to->list && to->made;
    for (size_t i = 0; whole && i < new->n_receivers; i++) {
        struct hz_receiver *r = keeps(d, new->receivers[i]);
        to->made[i] = !r;
        to->list[i] = r ? r : hz_receivers_make(&d->receivers, new, i);
        whole = to->list[i] != NULL;
        to->n += whole;
    }
    if (whole)
        return 0;
    discard(to);
    return -ENOMEM;
}

static bool stays(const struct new_receivers *to, const struct hz_receiver *r)
{
    for (size_t i = 0; i < to->n; i++) {
        if (to->list[i] == r)
            return true;
    }
    return false;
}

static bool has_name(const struct hz_receiver *r, const char *name)
{
    return strcmp(hz_receiver_name(r), name) == 0;
}

/* Closes a receiver that is not kept. True: the new one of its name is started after it is closed.
 */
static bool leave(struct hz_receivers *rs, struct hz_receiver *r, const char *name)
{
    struct leaving *l = malloc(sizeof *l);
    if (l) {
        l->rs = rs;
        snprintf(l->name, sizeof l->name, "%s", name);
    }
    hz_receiver_close(r, l ? on_left : on_gone, l);
    return l;
}

static void swap_receivers(struct hz_daemon *d, const struct hz_config *new,
                           struct new_receivers *to)
{
    struct hz_receiver **old = d->receivers.list;
    size_t n_old = d->receivers.n;
    d->receivers.list = to->list;
    d->receivers.n = to->n;
    for (size_t i = 0; i < to->n; i++) {
        const struct hz_conf_receiver *conf = new->receivers[i];
        if (!to->made[i])
            change_in_place(to->list[i], find_conf(&d->conf, conf->name), conf);
        bool waits = false;
        for (size_t k = 0; k < n_old; k++) {
            if (old[k] && !stays(to, old[k]) && has_name(old[k], conf->name)) {
                waits = leave(&d->receivers, old[k], conf->name);
                old[k] = NULL;
            }
        }
        if (to->made[i] && !waits)
            hz_receiver_start(to->list[i]);
    }
    for (size_t k = 0; k < n_old; k++) {
        if (old[k] && !stays(to, old[k]))
            hz_receiver_close(old[k], on_gone, NULL);
    }
    free(old);
    free(to->made);
}

/* ---- channels --------------------------------------------------------------------------- */

static int update_channels(struct hz_daemon *d, const struct hz_config *new)
{
    for (size_t i = 0; i < d->conf.n_channels; i++) {
        const struct hz_conf_channel *old = &d->conf.channels[i];
        struct hz_receiver *r = hz_receivers_find(&d->receivers, old->receiver);
        if (r && !find_channel(new, old))
            hz_receiver_remove_channel(r, old->name);
    }
    for (size_t i = 0; i < new->n_channels; i++) {
        const struct hz_conf_channel *conf = &new->channels[i];
        struct hz_receiver *r = hz_receivers_find(&d->receivers, conf->receiver);
        if (!r || hz_receiver_has_channel(r, conf))
            continue;
        for (size_t k = 0; k < d->receivers.n; k++) /* one that was added by request */
            hz_receiver_remove_channel(d->receivers.list[k], conf->name);
        int rc = hz_receiver_add_channel(r, conf);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- the complete reload ---------------------------------------------------------------- */

/* Everything that can fail is done before anything changes, except memory for single channels. A
 * listener that cannot be opened yet is accepted: it waits. */
static int apply(struct hz_daemon *d, struct hz_config *new, char *err, size_t err_len)
{
    struct new_receivers receivers = {0};
    int rc = hz_sockets_passed(new);
    if (rc == 0)
        rc = make_receivers(d, new, &receivers);
    snprintf(err, err_len, "no memory: nothing was changed");
    if (rc != 0)
        return rc;
    int waits = hz_listeners_set(d->listeners, new->listens, new->n_listens, err, err_len);
    if (waits == -ENOMEM) {
        discard(&receivers);
        return waits;
    }
    if (hz_outputs_set(d->outputs, new->outputs, new->n_outputs) != 0)
        hz_log(LOG_ERR, "no memory for all outputs");
    if (hz_events_set(d->events, new->events, new->n_events) != 0)
        hz_log(LOG_ERR, "no memory for all events");
    if (hz_inputs_set(d->inputs, new->inputs, new->n_inputs) != 0)
        hz_log(LOG_ERR, "no memory for all inputs");
    if (new->daemon.workers != d->conf.daemon.workers ||
        new->daemon.history != d->conf.daemon.history ||
        new->daemon.history_bytes != d->conf.daemon.history_bytes ||
        new->daemon.history_s != d->conf.daemon.history_s)
        hz_log(LOG_WARNING,
               "workers, history, history_bytes and history_time change with the next start, "
               "not with a reload");
    hz_log_level(new->daemon.log_level);
    swap_receivers(d, new, &receivers);
    rc = update_channels(d, new);
    if (rc != 0)
        snprintf(err, err_len, "not every channel could be added: %s", strerror(-rc));
    hz_config_free(&d->conf);
    d->conf = *new;
    *new = (struct hz_config){0};
    hz_receivers_watch_usb(&d->receivers, &d->conf);
    hz_stats_start(d);
    return rc ? rc : waits;
}

/* Applies the configuration; err gets what waits, or why nothing changed. */
static int bring_in(struct hz_daemon *d, struct hz_config *new, char *err, size_t err_len)
{
    char why[512] = "";
    int rc = apply(d, new, why, sizeof why);
    if (new->n_files > 0) { /* it was not taken over */
        hz_config_free(new);
        d->reloads.refused++;
        snprintf(err, err_len, "%s", why);
        hz_log(LOG_ERR, "reload refused, the old configuration stays: %s", why);
        return rc;
    }
    d->reloads.done++;
    if (rc == 0) {
        hz_log(LOG_INFO, "configuration reloaded from %s", d->conf_path);
        return 0;
    }
    snprintf(err, err_len, "the configuration is in force, but %s; tried again each second", why);
    hz_log(LOG_WARNING, "configuration reloaded from %s, but %s", d->conf_path, why);
    return rc;
}

int hz_daemon_reload(struct hz_daemon *d, char *err, size_t err_len)
{
    if (!d->conf_path) {
        snprintf(err, err_len, "this daemon runs without a configuration file");
        return -EINVAL;
    }
    if (d->receivers.stopping) {
        snprintf(err, err_len, "this daemon is stopping");
        return -EBUSY;
    }
    hz_notify("RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)(uv_hrtime() / 1000));
    struct hz_config new;
    struct hz_conf_errors errors = {0};
    int rc = hz_config_load(&new, d->kinds, d->conf_path, &errors);
    if (rc != 0) {
        d->reloads.refused++;
        snprintf(err, err_len, "%s", errors.text ? errors.text : strerror(-rc));
        hz_log(LOG_ERR, "reload refused, the old configuration stays: %d error%s, the first: %.*s",
               errors.count, errors.count == 1 ? "" : "s", (int)strcspn(err, "\n"), err);
    } else {
        rc = bring_in(d, &new, err, err_len);
    }
    hz_conf_errors_done(&errors);
    d->health.sent_ready = hz_notify("READY=1") || hz_notify_unwanted(); /* else health.c says it */
    return rc;
}

static void on_signal(uv_signal_t *h, int signum)
{
    (void)signum;
    char err[4096];
    hz_daemon_reload(h->data, err, sizeof err);
}

void hz_reload_init(struct hz_daemon *d, uv_loop_t *loop)
{
    uv_signal_init(loop, &d->reloads.sighup);
    d->reloads.sighup.data = d;
    uv_signal_start(&d->reloads.sighup, on_signal, SIGHUP);
}

void hz_reload_close(struct hz_daemon *d)
{
    uv_close((uv_handle_t *)&d->reloads.sighup, NULL);
}

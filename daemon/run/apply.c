/* Puts a configuration in the place of the one in force, without disturbing what did not change. */
#include "daemon/run/apply.h"
#include "daemon/base/log.h"
#include "daemon/run/stats.h"
#include "daemon/serve/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    return hz_tuning_same_gain(a, b) && hz_tuning_same_ppm(a, b) && a->centre_hz == b->centre_hz &&
           a->bias_tee == b->bias_tee;
}

/* The receiver that continues for a section; NULL: the section needs a new one. The new file is
 * compared with the old file, so a gain that was set by hand since then stays. */
static struct hz_receiver *keeps(const struct hz_daemon *d, const struct hz_conf_receiver *new)
{
    struct hz_receiver *r = hz_receivers_find(&d->receivers, new->name);
    const struct hz_conf_receiver *old = hz_config_receiver(&d->conf, new->name);
    if (!r || !old || !hz_conf_receiver_same_source(old, new))
        return NULL;
    if (hz_receiver_replays(r) && (old->hops.n > 0) != (new->hops.n > 0))
        return NULL; /* only a plan tunes the simulator */
    struct hz_tuning was = hz_tuning_of(old), now = hz_tuning_of(new);
    return same_tuning(&was, &now) || hz_receiver_tunes(r) ? r : NULL;
}

/* Applies changes that do not need a reopening. */
static void change_in_place(struct hz_receiver *r, const struct hz_conf_receiver *old,
                            const struct hz_conf_receiver *new)
{
    struct hz_tuning was = hz_tuning_of(old), now = hz_tuning_of(new);
    struct hz_tuning want = hz_receiver_wants(r), wanted = want;
    if (new->hops.n == 0 && (was.centre_hz != now.centre_hz || old->hops.n > 0))
        want.centre_hz = now.centre_hz;
    if (!hz_tuning_same_gain(&was, &now)) {
        want.gain_best = now.gain_best;
        want.gain_db = now.gain_db;
        memcpy(want.gain_stages, now.gain_stages, sizeof want.gain_stages);
    }
    if (!hz_tuning_same_ppm(&was, &now)) {
        want.ppm_auto = now.ppm_auto;
        want.ppm = now.ppm_auto ? want.ppm : now.ppm; /* it is found out from where it is */
    }
    if (was.bias_tee != now.bias_tee)
        want.bias_tee = now.bias_tee;
    if (!same_tuning(&wanted, &want))
        hz_receiver_retune(r, &want);
    hz_receiver_plan(r, &new->hops);
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
            change_in_place(to->list[i], hz_config_receiver(&d->conf, conf->name), conf);
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
        if (r && !hz_config_has_channel(new, old))
            hz_receiver_remove_channel(r, old->name);
    }
    for (size_t i = 0; i < new->n_channels; i++) {
        const struct hz_conf_channel *conf = &new->channels[i];
        struct hz_receiver *r = hz_receivers_find(&d->receivers, conf->receiver);
        if (!r || hz_receiver_keeps_channel(r, conf))
            continue;
        int rc = hz_receiver_add_channel(r, conf);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- [hertzd] --------------------------------------------------------------------------- */

const char *hz_daemon_waits_for_restart(const struct hz_daemon *d)
{
    bool workers = d->started.workers != d->conf.daemon.workers;
    bool folder = strcmp(d->started.state_dir, d->conf.daemon.state_dir) != 0;
    return workers && folder ? "workers and state_dir"
           : workers         ? "workers"
           : folder          ? "state_dir"
                             : NULL;
}

static void apply_own_keys(struct hz_daemon *d)
{
    const struct hz_conf_daemon *conf = &d->conf.daemon;
    const char *waits = hz_daemon_waits_for_restart(d);
    hz_log_level(conf->log_level);
    hz_bus_limit(d->bus, (size_t)conf->history, (size_t)conf->history_bytes);
    hz_bus_limit_age(d->bus, conf->history_s * 1000);
    hz_stats_start(d);
    if (waits)
        hz_log(LOG_WARNING, "[hertzd] %s: takes effect when hertzd is restarted", waits);
}

/* ---- the whole -------------------------------------------------------------------------- */

/* One line, without the name of a file that does not exist. */
static void first_error(const struct hz_conf_errors *errors, char *err, size_t err_len)
{
    static const char of_change[] = "a live change: ";
    const char *text = errors->text ? errors->text : "out of memory";
    if (strncmp(text, of_change, sizeof of_change - 1) == 0)
        text += sizeof of_change - 1;
    snprintf(err, err_len, "%.*s", (int)strcspn(text, "\n"), text);
}

int hz_daemon_make(const struct hz_daemon *d, struct hz_config *new, struct hz_text *text,
                   const struct hz_config *before, char *err, size_t err_len)
{
    struct hz_conf_errors errors = {0};
    int rc = hz_config_make(new, d->kinds, d->conf_path, text, before, &errors);
    if (rc != 0)
        first_error(&errors, err, err_len);
    hz_conf_errors_done(&errors);
    return rc;
}

int hz_daemon_apply(struct hz_daemon *d, struct hz_config *new, char *err, size_t err_len)
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
    if (hz_captures_set(d->captures, new->captures, new->n_captures) != 0)
        hz_log(LOG_ERR, "no memory for all captures");
    if (hz_inputs_set(d->inputs, new->inputs, new->n_inputs) != 0)
        hz_log(LOG_ERR, "no memory for all inputs");
    swap_receivers(d, new, &receivers);
    rc = update_channels(d, new);
    if (rc != 0)
        snprintf(err, err_len, "not every channel could be added: %s", strerror(-rc));
    hz_config_free(&d->conf);
    d->conf = *new;
    *new = (struct hz_config){0};
    apply_own_keys(d);
    hz_receivers_watch_usb(&d->receivers, &d->conf);
    return rc ? rc : waits;
}

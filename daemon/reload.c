/* Applying a new configuration to a running daemon: what did not change does not notice. */
#include "daemon/daemon.h"
#include "daemon/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

static const struct hz_conf_channel *find_channel(const struct hz_config *c,
                                                  const struct hz_conf_channel *like)
{
    for (size_t i = 0; i < c->n_channels; i++) {
        if (hz_conf_channel_same(&c->channels[i], like))
            return &c->channels[i];
    }
    return NULL;
}

static const struct hz_conf_listen *find_listen(const struct hz_config *c,
                                                const struct hz_conf_listen *like)
{
    for (size_t i = 0; i < c->n_listens; i++) {
        if (hz_conf_listen_same(&c->listens[i], like))
            return &c->listens[i];
    }
    return NULL;
}

static const struct hz_conf_receiver *find_conf(const struct hz_config *c, const char *name)
{
    for (size_t i = 0; i < c->n_receivers; i++) {
        if (strcmp(c->receivers[i].name, name) == 0)
            return &c->receivers[i];
    }
    return NULL;
}

static void forget(void *ctx)
{
    (void)ctx; /* a receiver that the new configuration does not have is gone */
}

/* Receivers that left or changed go; the others keep what they are doing. What the file wants now
 * is held against what it wanted before: a gain that was set by hand since then stays. */
static void drop_receivers(struct hz_daemon *d, const struct hz_config *new)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->n_receivers; i++) {
        struct hz_receiver *r = d->receivers[i];
        const char *name = hz_receiver_info(r).conf->name;
        const struct hz_conf_receiver *old = find_conf(&d->conf, name);
        const struct hz_conf_receiver *conf = find_conf(new, name);
        if (conf && old && hz_conf_receiver_same(conf, old))
            d->receivers[kept++] = r;
        else
            hz_receiver_close(r, forget, NULL);
    }
    d->n_receivers = kept;
}

static int update_channels(struct hz_daemon *d, const struct hz_config *new)
{
    for (size_t i = 0; i < d->conf.n_channels; i++) {
        const struct hz_conf_channel *old = &d->conf.channels[i];
        struct hz_receiver *r = hz_daemon_receiver(d, old->receiver);
        if (r && !find_channel(new, old))
            hz_receiver_remove_channel(r, old->name);
    }
    for (size_t i = 0; i < new->n_channels; i++) {
        const struct hz_conf_channel *conf = &new->channels[i];
        struct hz_receiver *r = hz_daemon_receiver(d, conf->receiver);
        if (!r || find_channel(&d->conf, conf))
            continue;
        for (size_t k = 0; k < d->n_receivers; k++) /* one that was added by request */
            hz_receiver_remove_channel(d->receivers[k], conf->name);
        int rc = hz_receiver_add_channel(r, conf);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int start_new_receivers(struct hz_daemon *d, const struct hz_config *new)
{
    for (size_t i = 0; i < new->n_receivers; i++) {
        if (hz_daemon_receiver(d, new->receivers[i].name))
            continue;
        int rc = hz_daemon_add_receiver(d, new, i);
        if (rc != 0)
            return rc;
        hz_receiver_start(d->receivers[d->n_receivers - 1]);
    }
    return 0;
}

static int update_listeners(struct hz_daemon *d, const struct hz_config *new, char *err,
                            size_t err_len)
{
    int first = 0;
    for (size_t i = 0; i < d->conf.n_listens; i++) {
        if (!find_listen(new, &d->conf.listens[i]))
            hz_listeners_remove(d->listeners, d->conf.listens[i].name);
    }
    for (size_t i = 0; i < new->n_listens; i++) {
        if (find_listen(&d->conf, &new->listens[i]))
            continue;
        char text[256];
        int rc = hz_listeners_add(d->listeners, &new->listens[i], text, sizeof text);
        if (rc == 0)
            continue;
        hz_log(LOG_ERR, "listen %s: %s", new->listens[i].name, text);
        if (first == 0)
            snprintf(err, err_len, "listen %s: %s", new->listens[i].name, text);
        first = first ? first : rc;
    }
    return first;
}

static int apply(struct hz_daemon *d, struct hz_config *new, char *err, size_t err_len)
{
    if (new->daemon.workers != d->conf.daemon.workers ||
        new->daemon.history != d->conf.daemon.history)
        hz_log(LOG_WARNING, "workers and history change with the next start, not with a reload");
    hz_log_level(new->daemon.log_level);
    drop_receivers(d, new);
    int rc = update_channels(d, new);
    if (rc == 0)
        rc = start_new_receivers(d, new);
    if (rc != 0)
        snprintf(err, err_len, "%s", strerror(-rc));
    int listen_rc = update_listeners(d, new, err, err_len);
    hz_config_free(&d->conf);
    d->conf = *new;
    hz_daemon_watch_usb(d);
    return rc ? rc : listen_rc;
}

int hz_daemon_reload(struct hz_daemon *d, char *err, size_t err_len)
{
    if (!d->conf_path) {
        snprintf(err, err_len, "this daemon runs without a configuration file");
        return -EINVAL;
    }
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)(uv_hrtime() / 1000));
    struct hz_config new;
    struct hz_conf_errors errors = {0};
    int rc = hz_config_load(&new, d->conf_path, &errors);
    if (rc != 0) {
        d->reloads_refused++;
        snprintf(err, err_len, "%s", errors.text ? errors.text : strerror(-rc));
        hz_log(LOG_ERR, "reload refused, the old configuration stays: %d error%s, the first: %.*s",
               errors.count, errors.count == 1 ? "" : "s", (int)strcspn(err, "\n"), err);
    } else {
        d->reloads++;
        rc = apply(d, &new, err, err_len);
        hz_log(LOG_INFO, "configuration reloaded from %s", d->conf_path);
    }
    hz_conf_errors_done(&errors);
    sd_notify(0, "READY=1");
    return rc;
}

/* Reads the configuration again, and applies what changed. */
#include "daemon/run/reload.h"
#include "daemon/base/log.h"
#include "daemon/base/notify.h"
#include "daemon/run/apply.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Applies the configuration, of which the files said what is in `read`; err gets what waits, or why
 * nothing changed. */
static int bring_in(struct hz_daemon *d, struct hz_config *new, struct hz_text *read, char *err,
                    size_t err_len)
{
    char why[512] = "";
    int rc = hz_daemon_apply(d, new, why, sizeof why);
    if (new->text.n_files > 0) { /* it was not taken over */
        hz_config_free(new);
        d->reloads.refused++;
        snprintf(err, err_len, "%s", why);
        hz_log(LOG_ERR, "reload refused, the old configuration stays: %s", why);
        return rc;
    }
    hz_text_done(&d->files);
    d->files = *read;
    *read = (struct hz_text){0};
    d->reloads.done++;
    if (rc == 0) {
        hz_log(LOG_INFO, "configuration reloaded from %s", d->conf_path);
        return 0;
    }
    snprintf(err, err_len, "the configuration is in force, but %s; tried again each second", why);
    hz_log(LOG_WARNING, "configuration reloaded from %s, but %s", d->conf_path, why);
    return rc;
}

/* What the files say now, with what was changed since they were read the last time. `read` gets
 * what the files alone say. */
static int load(const struct hz_daemon *d, struct hz_config *new, struct hz_text *read,
                struct hz_conf_errors *errors)
{
    struct hz_text text = {0};
    int rc = hz_text_load(read, d->conf_path, NULL, errors);
    if (rc == 0)
        rc = hz_text_copy(&text, read);
    if (rc == 0)
        rc = hz_text_carry(&text, &d->files, &d->conf.text);
    if (rc == 0)
        return hz_config_make(new, d->kinds, d->conf_path, &text, &d->conf, errors);
    hz_text_done(&text);
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
    struct hz_text read = {0};
    struct hz_conf_errors errors = {0};
    int rc = load(d, &new, &read, &errors);
    if (rc != 0) {
        d->reloads.refused++;
        snprintf(err, err_len, "%s", errors.text ? errors.text : strerror(-rc));
        hz_log(LOG_ERR, "reload refused, the old configuration stays: %d error%s, the first: %.*s",
               errors.count, errors.count == 1 ? "" : "s", (int)strcspn(err, "\n"), err);
    } else {
        rc = bring_in(d, &new, &read, err, err_len);
    }
    hz_text_done(&read);
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

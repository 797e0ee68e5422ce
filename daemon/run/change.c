#include "daemon/run/change.h"
#include "config/plan.h"
#include "daemon/base/log.h"
#include "daemon/run/apply.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HEADING_MAX = 64 };

static void heading_of(const char *section, const char *name, char out[HEADING_MAX])
{
    snprintf(out, HEADING_MAX, "%s %s", section, name);
}

/* ---- channels of a section that stands for several -------------------------------------- */

/* The section of one that is named NAME-FREQUENCY after it; NULL: there is none. */
static struct hz_text_section *shared_section(const struct hz_text *t, const char *channel)
{
    char heading[HEADING_MAX];
    heading_of("channel", channel, heading);
    char *dash = strrchr(heading, '-');
    if (!dash || hz_text_find(t, heading))
        return NULL;
    *dash = 0;
    struct hz_text_section *s = hz_text_find(t, heading);
    return s && !hz_text_value(s, "frequency") ? s : NULL;
}

/* Gives each channel of such a section one of its own, of the same name, which says the same. */
static int take_apart(const struct hz_daemon *d, struct hz_text *t, const char *channel)
{
    const struct hz_text_section *shared = shared_section(t, channel);
    char from[HEADING_MAX], to[HEADING_MAX], frequency[32];
    int rc = 0;
    if (!shared)
        return 0;
    snprintf(from, sizeof from, "%s", shared->heading);
    for (size_t i = 0; i < d->conf.n_channels && rc == 0; i++) {
        const struct hz_conf_channel *c = &d->conf.channels[i];
        shared = shared_section(t, c->name);
        if (!shared || strcmp(shared->heading, from) != 0)
            continue;
        heading_of("channel", c->name, to);
        snprintf(frequency, sizeof frequency, "%.12gM", c->freq_hz / 1e6);
        rc = hz_text_double(t, from, to);
        if (rc == 0)
            rc = hz_text_set(t, hz_text_find(t, to), "frequency", frequency);
    }
    if (rc == 0)
        hz_text_remove(t, hz_text_find(t, from));
    return rc;
}

/* ---- one change ------------------------------------------------------------------------- */

static int set_keys(struct hz_text *t, struct hz_text_section *s, const struct hz_change *c)
{
    int rc = s ? 0 : -ENOMEM;
    for (size_t i = 0; i < c->n && rc == 0; i++) {
        const struct hz_setting *k = &c->keys[i];
        rc = hz_text_set(t, s, k->key, c->kind == HZ_CHANGE_SET && !*k->value ? NULL : k->value);
    }
    return rc;
}

static int edit(const struct hz_daemon *d, struct hz_text *t, const struct hz_change *c, char *err,
                size_t err_len)
{
    char heading[HEADING_MAX];
    const bool adds = c->kind == HZ_CHANGE_ADD, vowel = strchr("aeiou", c->section[0]);
    heading_of(c->section, c->name, heading);
    int rc = !adds && strcmp(c->section, "channel") == 0 ? take_apart(d, t, c->name) : 0;
    struct hz_text_section *s = hz_text_find(t, heading);
    if (rc != 0)
        return rc;
    if (adds == (s != NULL)) {
        const char *format = !adds   ? "there is no %s \"%s\""
                             : vowel ? "there is an %s of that name, \"%s\""
                                     : "there is a %s of that name, \"%s\"";
        snprintf(err, err_len, format, c->section, c->name);
        return -EINVAL;
    }
    if (c->kind != HZ_CHANGE_REMOVE)
        return set_keys(t, s ? s : hz_text_want(t, heading), c);
    hz_text_remove(t, s);
    return 0;
}

/* Whether a new channel lies in the band that its receiver has now: another one would disturb the
 * channels that are there. A recording that does not run yet has none. */
static int check_band(const struct hz_daemon *d, const struct hz_config *made,
                      const struct hz_conf_channel *c, char *err, size_t err_len)
{
    const struct hz_receiver *r = hz_receivers_find(&d->receivers, c->receiver);
    const struct hz_conf_channel *beside[HZ_PLAN_CHANNELS_MAX];
    size_t n = 0;
    if (!r || hz_receiver_hops(r)->n > 0)
        return 0; /* its plan has been looked at */
    const struct hz_receiver_samples in = hz_receiver_samples(r);
    const struct hz_plan_band band = {.receiver = c->receiver,
                                      .rate_hz = in.rate_hz,
                                      .centre_hz = in.centre_hz,
                                      .tunable = hz_receiver_tunes(r)};
    for (size_t i = 0; i < made->n_channels && n < HZ_PLAN_CHANNELS_MAX; i++) {
        const struct hz_conf_channel *other = &made->channels[i];
        if (strcmp(other->receiver, c->receiver) == 0 && other != c)
            beside[n++] = other;
    }
    return in.rate_hz > 0 && in.centre_hz > 0
               ? hz_plan_channel_check(&band, c, beside, n, err, err_len)
               : 0;
}

static int check_bands(const struct hz_daemon *d, const struct hz_config *made, char *err,
                       size_t err_len)
{
    int rc = 0;
    for (size_t i = 0; i < made->n_channels && rc == 0; i++) {
        if (!hz_config_has_channel(&d->conf, &made->channels[i]))
            rc = check_band(d, made, &made->channels[i], err, err_len);
    }
    return rc;
}

/* What is set anew counts against the tuning that the receiver has, be it by hand, not against what
 * its section said. */
static void compare_with_tuning(struct hz_daemon *d, const struct hz_change *c)
{
    const struct hz_receiver *r = hz_receivers_find(&d->receivers, c->name);
    struct hz_conf_receiver *conf = hz_config_receiver(&d->conf, c->name);
    if (!r || !conf || !hz_receiver_tunes(r))
        return;
    const struct hz_tuning has = hz_receiver_wants(r);
    for (size_t i = 0; i < c->n; i++) {
        const char *key = c->keys[i].key;
        if (strcmp(key, "centre") == 0)
            conf->centre_hz = has.centre_hz;
        else if (strcmp(key, "gain") == 0)
            conf->gain_db = has.gain_best ? HZ_GAIN_BEST : has.gain_db;
        else if (strcmp(key, "ppm") == 0)
            conf->ppm = has.ppm_auto ? NAN : has.ppm;
        else if (strcmp(key, "bias_tee") == 0)
            conf->bias_tee = has.bias_tee;
    }
}

/* Whether it is another listener that waits, and has waited before. */
static bool of_another(const struct hz_change *c, const char *why)
{
    char own[HEADING_MAX + 2];
    snprintf(own, sizeof own, "%s %s:", c->section, c->name);
    return strncmp(why, "listen ", strlen("listen ")) == 0 && strncmp(why, own, strlen(own)) != 0;
}

int hz_daemon_change(struct hz_daemon *d, const struct hz_change *c, char *err, size_t err_len)
{
    static const char *const done[] = {"added", "changed", "removed"};
    struct hz_text text = {0};
    struct hz_config new;
    char why[512] = "";
    if (d->receivers.stopping) {
        snprintf(err, err_len, "this daemon is stopping");
        return -EBUSY;
    }
    int rc = hz_text_copy(&text, &d->conf.text);
    if (rc == 0)
        rc = edit(d, &text, c, err, err_len);
    if (rc != 0) {
        hz_text_done(&text);
        return rc;
    }
    rc = hz_daemon_make(d, &new, &text, &d->conf, err, err_len);
    if (rc != 0)
        return rc;
    if (strcmp(c->section, "channel") == 0)
        rc = check_bands(d, &new, err, err_len);
    if (rc != 0) {
        hz_config_free(&new);
        return rc;
    }
    if (strcmp(c->section, "receiver") == 0)
        compare_with_tuning(d, c);
    rc = hz_daemon_apply(d, &new, why, sizeof why);
    if (new.text.n_files > 0) { /* it was not taken over */
        hz_config_free(&new);
        snprintf(err, err_len, "%s", why);
        return rc;
    }
    hz_log(LOG_INFO, "%s by request: %s %s", done[c->kind], c->section, c->name);
    if (rc == 0 || of_another(c, why))
        return 0;
    snprintf(err, err_len, "the configuration is in force, but %s; tried again each second", why);
    return rc;
}

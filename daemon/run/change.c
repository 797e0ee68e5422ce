#include "daemon/run/change.h"
#include "config/fail.h"
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
    snprintf(out, HEADING_MAX, "%s%s%s", section, *name ? " " : "", name);
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

/* Whether a key was given among the first n. */
static bool gave(const struct hz_change *c, size_t n, const char *key)
{
    size_t i = 0;
    while (i < n && strcmp(c->keys[i].key, key) != 0)
        i++;
    return i < n;
}

/* Keys of a sensor, which may repeat: all that are given take the place of all that were there. */
static int set_sensor(struct hz_text *t, struct hz_text_section *s, const struct hz_change *c)
{
    int rc = s ? 0 : -ENOMEM;
    for (size_t i = 0; i < c->n && rc == 0; i++) {
        const struct hz_setting *k = &c->keys[i];
        if (!gave(c, i, k->key))
            hz_text_drop(s, k->key);
        if (c->kind == HZ_CHANGE_ADD || *k->value)
            rc = hz_text_add(t, s, k->key, k->value);
    }
    return rc;
}

static int set_keys(struct hz_text *t, struct hz_text_section *s, const struct hz_change *c,
                    char *err, size_t err_len)
{
    int rc = s ? 0 : -ENOMEM;
    if (s && hz_text_is_sensor(s))
        return set_sensor(t, s, c);
    for (size_t i = 0; i < c->n && rc == 0; i++) {
        const struct hz_setting *k = &c->keys[i];
        if (gave(c, i, k->key))
            return hz_fail(err, err_len, "'%.40s' twice: expected it once", k->key);
        rc = hz_text_set(t, s, k->key, c->kind == HZ_CHANGE_SET && !*k->value ? NULL : k->value);
    }
    return rc;
}

static int wrong_name(const struct hz_change *c, char *err, size_t err_len)
{
    const bool vowel = strchr("aeiou", c->section[0]);
    if (c->kind == HZ_CHANGE_ADD)
        return hz_fail(err, err_len, "there is %s %s of that name, \"%s\"", vowel ? "an" : "a",
                       c->section, c->name);
    if (strcmp(c->section, "sensor") == 0)
        return hz_fail(err, err_len,
                       "the configuration has no [sensor %s]: one that is shipped or in sensors.d "
                       "is changed by adding it, as with use=no",
                       c->name);
    return hz_fail(err, err_len, "there is no %s \"%s\"", c->section, c->name);
}

static int edit(const struct hz_daemon *d, struct hz_text *t, const struct hz_change *c, char *err,
                size_t err_len)
{
    char heading[HEADING_MAX];
    const bool adds = c->kind == HZ_CHANGE_ADD;
    heading_of(c->section, c->name, heading);
    int rc = !adds && strcmp(c->section, "channel") == 0 ? take_apart(d, t, c->name) : 0;
    struct hz_text_section *s = hz_text_find(t, heading);
    if (rc != 0)
        return rc;
    if (adds == (s != NULL) && *c->name)
        return wrong_name(c, err, err_len);
    if (c->kind != HZ_CHANGE_REMOVE)
        return set_keys(t, s ? s : hz_text_want(t, heading), c, err, err_len);
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

/* Keys of [hertzd] that nothing can change while it runs. */
static int check_own_keys(const struct hz_change *c, char *err, size_t err_len)
{
    static const char *const fixed[] = {"workers", "state_dir"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (strcmp(c->section, "hertzd") == 0 && gave(c, c->n, fixed[i]))
            return hz_fail(err, err_len,
                           "%s of [hertzd] takes effect only at a start: write it into the "
                           "configuration and restart hertzd",
                           fixed[i]);
    }
    return 0;
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
    char why[512] = "", heading[HEADING_MAX];
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
    rc = check_own_keys(c, err, err_len);
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
    heading_of(c->section, c->name, heading);
    hz_log(LOG_INFO, "%s by request: %s", done[c->kind], heading);
    if (rc == 0 || of_another(c, why))
        return 0;
    snprintf(err, err_len, "the configuration is in force, but %s; tried again each second", why);
    return rc;
}

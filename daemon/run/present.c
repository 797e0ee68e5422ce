#include "daemon/run/present.h"
#include "daemon/run/apply.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADING_MAX = 64, PATH_MAX_BYTES = 4096 };

static int without_memory(char *err, size_t err_len)
{
    snprintf(err, err_len, "out of memory");
    return -ENOMEM;
}

static struct hz_text_section *section_of(const struct hz_text *t, const char *receiver)
{
    char heading[HEADING_MAX];
    snprintf(heading, sizeof heading, "receiver %s", receiver);
    return hz_text_find(t, heading);
}

static int set_number(struct hz_text *t, struct hz_text_section *s, const char *key, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    return hz_text_set(t, s, key, isnan(value) ? "auto" : text);
}

/* Tunings that were set by hand. */
static int with_tuning(struct hz_text *t, const struct hz_receiver *r,
                       const struct hz_conf_receiver *conf)
{
    struct hz_text_section *s = section_of(t, conf->name);
    const struct hz_tuning has = hz_receiver_wants(r), was = hz_tuning_of(conf);
    int rc = 0;
    if (!s)
        return 0;
    if (has.centre_hz != was.centre_hz && conf->hops.n == 0)
        rc = set_number(t, s, "centre", has.centre_hz);
    if (rc == 0 && !hz_tuning_same_gain(&has, &was))
        rc = has.gain_best      ? hz_text_set(t, s, "gain", "best")
             : *has.gain_stages ? hz_text_set(t, s, "gain", has.gain_stages)
                                : set_number(t, s, "gain", has.gain_db);
    if (rc == 0 && !hz_tuning_same_ppm(&has, &was))
        rc = set_number(t, s, "ppm", has.ppm_auto ? NAN : has.ppm);
    if (rc == 0 && has.bias_tee != was.bias_tee)
        rc = hz_text_set(t, s, "bias_tee", has.bias_tee ? "yes" : "no");
    return rc;
}

/* Rates and centres of the configuration in force that would be chosen otherwise today. */
static int with_bands(const struct hz_daemon *d, struct hz_text *t, const struct hz_config *fresh)
{
    int rc = 0;
    for (size_t i = 0; i < d->conf.n_receivers && rc == 0; i++) {
        const struct hz_conf_receiver *now = d->conf.receivers[i];
        const struct hz_conf_receiver *then = hz_config_receiver(fresh, now->name);
        struct hz_text_section *s = section_of(t, now->name);
        if (!then || !s || !now->source->tunable)
            continue;
        if (now->rate_hz != then->rate_hz)
            rc = set_number(t, s, "rate", now->rate_hz);
        if (rc == 0 && now->centre_hz != then->centre_hz && !hz_text_value(s, "centre"))
            rc = set_number(t, s, "centre", now->centre_hz);
    }
    return rc;
}

int hz_daemon_text(const struct hz_daemon *d, struct hz_text *text, char *err, size_t err_len)
{
    struct hz_text probe = {0};
    struct hz_config fresh;
    *text = (struct hz_text){0};
    int rc = hz_text_copy(text, &d->conf.text);
    for (size_t i = 0; i < d->conf.n_receivers && rc == 0; i++) {
        const struct hz_conf_receiver *conf = d->conf.receivers[i];
        const struct hz_receiver *r = hz_receivers_find(&d->receivers, conf->name);
        if (r && hz_receiver_tunes(r))
            rc = with_tuning(text, r, conf);
    }
    if (rc == 0)
        rc = hz_text_copy(&probe, text);
    if (rc != 0) {
        hz_text_done(text);
        return without_memory(err, err_len);
    }
    char why[512];
    rc = hz_daemon_make(d, &fresh, &probe, NULL, why, sizeof why);
    if (rc != 0)
        snprintf(err, err_len, "no configuration can give this state: %s", why);
    if (rc == 0 && (rc = with_bands(d, text, &fresh)) < 0)
        without_memory(err, err_len);
    if (rc != 0)
        hz_text_done(text);
    hz_config_free(&fresh);
    return rc;
}

/* ---- what is saved ---------------------------------------------------------------------- */

/* What the files say now but `skip`, as *text. */
static int load(const struct hz_daemon *d, const char *skip, struct hz_text *text, char *err,
                size_t err_len)
{
    struct hz_conf_errors errors = {0};
    *text = (struct hz_text){0};
    int rc = hz_text_load(text, d->conf_path, skip, &errors);
    if (rc < 0) {
        snprintf(err, err_len, "%.*s", errors.text ? (int)strcspn(errors.text, "\n") : 0,
                 errors.text ? errors.text : "");
        hz_text_done(text);
    }
    hz_conf_errors_done(&errors);
    return rc;
}

/* A file that is read after `last`, the path of the one to be written; NULL: there is none. */
static const char *read_later(const struct hz_text *t, const char *last)
{
    const size_t folder = (size_t)(strrchr(last, '/') + 1 - last);
    for (size_t i = 0; i < t->n_files; i++) {
        if (strncmp(t->files[i], last, folder) == 0 && strcmp(t->files[i], last) > 0)
            return t->files[i];
    }
    return NULL;
}

static int as_text(const struct hz_text *from, const struct hz_text *to, char **text)
{
    size_t len;
    FILE *out = open_memstream(text, &len);
    int rc = out ? hz_text_print_diff(from, to, out) : -ENOMEM;
    if (out && fclose(out) != 0)
        rc = -ENOMEM;
    return rc;
}

/* Whether the files are as they were read, and the one to be written would be the last. */
static int check_files(const struct hz_daemon *d, const char *last, char *err, size_t err_len)
{
    struct hz_text now;
    int rc = load(d, NULL, &now, err, err_len);
    if (rc < 0)
        return rc;
    const char *later = read_later(&now, last);
    if (later)
        snprintf(err, err_len, "%s is read after %s: expected another name", later, last);
    else if (!hz_text_same(&now, &d->files))
        snprintf(err, err_len, "%s or its folder changed since it was read: hertzctl reload first",
                 d->conf_path);
    else
        rc = 1;
    hz_text_done(&now);
    return rc == 1 ? 0 : -EEXIST;
}

int hz_daemon_changes(const struct hz_daemon *d, char **text, char *path, size_t size, char *err,
                      size_t err_len)
{
    char folder[PATH_MAX_BYTES] = "", last[PATH_MAX_BYTES];
    struct hz_text now = {0}, others = {0};
    if (!d->conf_path) {
        snprintf(err, err_len, "this daemon runs without a configuration file");
        return -EINVAL;
    }
    if (d->conf_path[0] != '/' && !getcwd(folder, sizeof folder)) {
        snprintf(err, err_len, "the working folder: %s", strerror(errno));
        return -errno;
    }
    snprintf(last, sizeof last, "%s.d/" HZ_CHANGES_FILE, d->conf_path);
    snprintf(path, size, "%s%s%s", folder, *folder ? "/" : "", last);
    int rc = check_files(d, last, err, err_len);
    if (rc == 0)
        rc = hz_daemon_text(d, &now, err, err_len);
    if (rc == 0)
        rc = load(d, last, &others, err, err_len);
    if (rc == 0 && as_text(&others, &now, text) < 0)
        rc = without_memory(err, err_len);
    hz_text_done(&now);
    hz_text_done(&others);
    return rc;
}

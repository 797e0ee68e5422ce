#include "daemon/cmd/check_places.h"

#include "config/plan.h"
#include "daemon/source/recording.h"
#include "daemon/source/source.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Made by systemd when the service starts (RuntimeDirectory of hertzd.service). */
static const char service_folder[] = "/run/hertzd";

/* A shell would have put a folder there. */
static const char *tilde(const char *path)
{
    return path[0] == '~' ? "; '~' means nothing here: expected a full path, as /home/NAME/…" : "";
}

/* A channel at a frequency that no part of the recording holds, or whose decoder cannot take its
 * rate. What a plan told before is not told again: there the band was known without looking. */
static void check_channel(const struct hz_conf_channel *c, const struct hz_recording *rec,
                          struct hz_conf_errors *errors)
{
    struct hz_plan_band band = {.receiver = c->receiver, .rate_hz = rec->rate_hz};
    char err[512] = "";
    int rc = -EINVAL;
    for (size_t i = 0; i < rec->n_runs && rc < 0; i++) {
        band.centre_hz = rec->runs[i].centre_hz;
        rc = band.centre_hz > 0 ? hz_plan_channel_check(&band, c, NULL, 0, err, sizeof err) : 0;
    }
    if (rc < 0 && c->freq_at.line > 0)
        hz_conf_error(errors, c->freq_at.file, c->freq_at.line, "%s", err);
}

static void check_recording(const struct hz_config *c, const struct hz_conf_file *f,
                            struct hz_conf_errors *errors)
{
    struct hz_recording rec;
    double rate_hz, centre_hz;
    char err[512];
    const struct hz_conf_receiver *r = &f->receiver;
    if (strcmp(f->path, "-") == 0)
        return;
    if (hz_recording_open(f, &rec, err, sizeof err) < 0) {
        hz_conf_error(errors, f->path_at.file, f->path_at.line, "path = %s%s", err, tilde(f->path));
        return;
    }
    hz_conf_band(r, &rate_hz, &centre_hz);
    bool planned = rate_hz > 0 && centre_hz > 0;
    for (size_t i = 0; i < c->n_channels && !planned; i++) {
        if (strcmp(c->channels[i].receiver, r->name) == 0)
            check_channel(&c->channels[i], &rec, errors);
    }
    hz_recording_done(&rec);
}

/* Whether a socket can be made in a folder: one of another name is, and taken away again, since
 * nothing else tells for every user and file system. 0 or -errno. */
static int try_socket(const char *folder)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int n = snprintf(a.sun_path, sizeof a.sun_path, "%s/.hertzd-check-%d", folder, (int)getpid());
    if (n < 0 || (size_t)n >= sizeof a.sun_path)
        return access(folder, W_OK | X_OK) < 0 ? -errno : 0;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ? -errno : 0;
    if (rc == 0)
        unlink(a.sun_path);
    if (fd >= 0)
        close(fd);
    return rc;
}

static void check_socket(const struct hz_conf_listen *l, struct hz_conf_errors *errors)
{
    struct stat st;
    char *copy = strdup(l->path);
    const char *folder = copy ? dirname(copy) : service_folder;
    int rc = strcmp(folder, service_folder) == 0 ? 0 : try_socket(folder);
    if (rc < 0)
        hz_conf_error(errors, l->path_at.file, l->path_at.line,
                      "path = %s: no socket can be made in %s: %s%s", l->path, folder,
                      strerror(-rc), tilde(l->path));
    else if (stat(l->path, &st) == 0 && !S_ISSOCK(st.st_mode))
        hz_conf_error(errors, l->path_at.file, l->path_at.line,
                      "path = %s: there is something else than a socket", l->path);
    free(copy);
}

void hz_check_places(const struct hz_config *c, struct hz_conf_errors *errors)
{
    for (size_t i = 0; i < c->n_receivers; i++) {
        if (c->receivers[i]->source == &hz_file_kind)
            check_recording(c, (const struct hz_conf_file *)c->receivers[i], errors);
    }
    for (size_t i = 0; i < c->n_listens; i++) {
        if (c->listens[i].type == HZ_LISTEN_UNIX)
            check_socket(&c->listens[i], errors);
    }
}

/* The whole daemon on a thread of its own, for fuzzing: its control socket is asked over a real
 * connection. It has receivers that are not reached, so it is at rest but for what it is asked. */
#ifndef HZ_FUZZ_DAEMON_H
#define HZ_FUZZ_DAEMON_H

#include "daemon/base/log.h"
#include "daemon/control/control.h"
#include "daemon/run/daemon.h"
#include "daemon/run/kinds.h"
#include "proto/registry.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { DAEMON_ANSWER_S = 30 }; /* it hangs when it takes longer */

struct daemon {
    char folder[64], conf[96], socket[96]; /* the folder goes when the process ends */
    struct hz_config first;
    struct hz_registry decoders;
    struct hz_conf_kinds kinds;
    char answer[1 << 20];
};

/* What every configuration ends with. */
static inline void daemon_configure(const struct daemon *d, const char *text)
{
    FILE *f = fopen(d->conf, "w");
    if (!f || fprintf(f, "%s\n[listen control]\ntype = unix\npath = %s\n", text, d->socket) < 0 ||
        fclose(f) != 0)
        abort();
}

static inline void *daemon_thread(void *arg)
{
    struct daemon *d = arg;
    const struct hz_daemon_options options = {
        .conf = &d->first, .kinds = &d->kinds, .calls = &hz_control_calls, .conf_path = d->conf};
    hz_daemon_run(&options);
    abort(); /* nothing stops it */
}

static inline int daemon_connect(const struct daemon *d)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const struct timeval limit = {.tv_sec = DAEMON_ANSWER_S};
    strcpy(a.sun_path, d->socket);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        abort();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    for (int i = 0; connect(fd, (struct sockaddr *)&a, sizeof a) < 0; i++) {
        if (i > 10000)
            abort();
        usleep(1000); /* it starts, in a thread that does not tell when it listens */
    }
    return fd;
}

static inline int daemon_unlink(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static char daemon_folder[64];

static inline void daemon_clean(void)
{
    nftw(daemon_folder, daemon_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

/* Lives as long as the process. */
static inline struct daemon *daemon_new(const char *text)
{
    struct daemon *d = calloc(1, sizeof *d);
    struct hz_conf_errors errors = {0};
    pthread_t thread;
    strcpy(d->folder, "/tmp/hertzd-fuzz-XXXXXX");
    if (!mkdtemp(d->folder))
        abort();
    strcpy(daemon_folder, d->folder);
    atexit(daemon_clean);
    snprintf(d->conf, sizeof d->conf, "%s/hertzd.conf", d->folder);
    snprintf(d->socket, sizeof d->socket, "%s/control", d->folder);
    daemon_configure(d, text);
    if (hz_registry_init(&d->decoders) < 0)
        abort();
    d->kinds = hz_kinds_with(&d->decoders);
    if (hz_config_load(&d->first, &d->kinds, d->conf, &errors) != 0) {
        fputs(errors.text, stderr);
        abort();
    }
    d->first.daemon.log_level = LOG_EMERG;
    if (pthread_create(&thread, NULL, daemon_thread, d) != 0)
        abort();
    close(daemon_connect(d));
    return d;
}

static inline void daemon_say(int fd, const char *data, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t sent = send(fd, data + at, n - at, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return; /* it has hung up */
        at += (size_t)sent;
    }
}

/* Says it, and then a request that ends it; the answers, each a line that must be JSON, are in
 * d->answer. */
static inline void daemon_ask(struct daemon *d, const void *data, size_t n)
{
    static const char last[] = "\n{\"id\":\"last\",\"method\":\"health\"}\n";
    size_t len = 0, line = 0;
    int fd = daemon_connect(d);
    daemon_say(fd, data, n);
    daemon_say(fd, last, sizeof last - 1);
    for (bool ended = false; !ended;) {
        ssize_t got = recv(fd, d->answer + len, sizeof d->answer - 1 - len, 0);
        if (got < 0 && errno == EINTR)
            continue; /* libFuzzer's timer */
        if (got < 0 && errno != ECONNRESET)
            abort(); /* it does not answer, or more than there is room for */
        ended = got <= 0;
        len += got > 0 ? (size_t)got : 0;
        d->answer[len] = '\0';
        for (char *end; (end = strchr(d->answer + line, '\n'));
             line = (size_t)(end - d->answer) + 1) {
            cJSON *o = cJSON_ParseWithLength(d->answer + line, (size_t)(end - d->answer) - line);
            const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(o, "id"));
            ended = ended || (id && strcmp(id, "last") == 0);
            if (!o)
                abort();
            cJSON_Delete(o);
        }
    }
    close(fd);
}

#endif

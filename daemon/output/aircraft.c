/* An output to a folder: the files of readsb (aircraft.json each second, receiver.json, stats.json,
 * history_N.json), as tar1090, graphs1090 and others read them. It takes no frames, but the
 * picture: each second a snapshot is made on the loop, in pieces; a job writes it. A file is
 * written under a hidden name and renamed, so that nobody reads half of it. */
#include "daemon/base/log.h"
#include "daemon/output/output_own.h"
#include "daemon/picture/readsb.h"
#include "daemon/picture/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HISTORY = 120,      /* files of history: an hour */
    HISTORY_MS = 30000, /* between them */
    STATS_MS = 60000,
    PATH_BYTES = 4096,
};

struct text {
    char *p; /* to be freed; NULL: nothing to write */
    size_t n;
};

struct aircraft {
    struct hz_output output;
    struct hz_subscriber turn; /* for the pieces of a snapshot */
    struct hz_snapshots all;
    struct hz_snapshot *snapshot;  /* being made, or being written; NULL: none */
    uint64_t history_ms, stats_ms; /* when the next one is due, by the loop's clock */
    unsigned kept;                 /* files of history that were written */
    uint64_t written, lost;        /* times that aircraft.json was */
    char error[HZ_OUTPUT_ERROR_MAX];
    bool opened; /* it was told that it writes */
    /* owned by the job while busy */
    uv_work_t job;
    bool busy;
    struct text receiver, stats;
    bool history; /* one more */
    char error_now[HZ_OUTPUT_ERROR_MAX];
};

static const char *folder_of(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_path_output *)section)->path;
}

static struct aircraft *of(struct hz_output *o)
{
    return (struct aircraft *)o;
}

/* ---- the job ---------------------------------------------------------------------------- */

/* 0 or -errno. */
static int put(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t some = write(fd, text, n);
        if (some < 0 && errno != EINTR)
            return -errno;
        text += some > 0 ? some : 0;
        n -= some > 0 ? (size_t)some : 0;
    }
    return 0;
}

static void write_file(struct aircraft *a, const char *name, const char *text, size_t n)
{
    const char *folder = folder_of(a->output.conf);
    char path[PATH_BYTES], part[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(part, sizeof part, "%s/.%s.part", folder, name);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    int rc = fd < 0 ? -errno : put(fd, text, n);
    if (rc == 0 && fchmod(fd, 0644) < 0) /* for a web server, whatever the umask is */
        rc = -errno;
    if (fd >= 0 && close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && rename(part, path) < 0)
        rc = -errno;
    if (rc == 0)
        return;
    snprintf(a->error_now, sizeof a->error_now, "%.150s: %s", path, strerror(-rc));
    unlink(part);
}

static void work(uv_work_t *job)
{
    struct aircraft *a = job->data;
    const struct hz_snapshot *s = a->snapshot;
    char name[32];
    a->error_now[0] = '\0';
    const char *folder = folder_of(a->output.conf);
    if (mkdir(folder, 0755) == 0) /* it may be there; else opening a file tells */
        chmod(folder, 0755);
    write_file(a, "aircraft.json", s->text, s->len);
    snprintf(name, sizeof name, "history_%u.json", a->kept % HISTORY);
    if (a->history)
        write_file(a, name, s->text, s->len);
    if (a->receiver.p) /* behind the file of history that it counts */
        write_file(a, "receiver.json", a->receiver.p, a->receiver.n);
    if (a->stats.p)
        write_file(a, "stats.json", a->stats.p, a->stats.n);
}

/* ---- on the loop ------------------------------------------------------------------------ */

static void set_error(struct aircraft *a, const char *error)
{
    const char *name = a->output.conf->name;
    if (*error && strcmp(error, a->error) != 0)
        hz_log(LOG_ERR, "output %s: %s", name, error);
    else if (!*error && *a->error)
        hz_log(LOG_NOTICE, "output %s: it writes again", name);
    else if (!*error && !a->opened)
        hz_log(LOG_INFO, "output %s: writes to %s", name, folder_of(a->output.conf));
    a->opened |= !*error;
    snprintf(a->error, sizeof a->error, "%s", error);
}

static void drop_texts(struct aircraft *a)
{
    free(a->receiver.p);
    free(a->stats.p);
    a->receiver.p = a->stats.p = NULL;
}

static void end(struct aircraft *a)
{
    hz_snapshot_unref(a->snapshot);
    hz_bus_unsubscribe(a->output.env->bus, &a->turn);
    drop_texts(a);
    hz_output_gone(&a->output);
}

static void note_written(struct aircraft *a)
{
    uint64_t now = uv_now(a->output.env->loop);
    if (a->history)
        a->history_ms = now + HISTORY_MS;
    if (a->stats.p)
        a->stats_ms = now + STATS_MS;
    a->kept += a->history;
}

static void finished(uv_work_t *job, int status)
{
    (void)status;
    struct aircraft *a = job->data;
    bool good = !*a->error_now;
    a->busy = false;
    a->written += good;
    a->lost += !good;
    if (good)
        note_written(a);
    set_error(a, a->error_now);
    hz_snapshot_unref(a->snapshot);
    a->snapshot = NULL;
    drop_texts(a);
    if (!a->output.wanted)
        end(a);
}

/* The snapshot is complete. */
static void start_job(struct aircraft *a)
{
    const struct hz_picture *p = a->output.env->picture;
    uint64_t now = uv_now(a->output.env->loop);
    a->history = now >= a->history_ms;
    unsigned kept = a->kept + a->history;
    if (a->history)
        a->receiver.p = hz_readsb_receiver(p, kept < HISTORY ? kept : HISTORY, &a->receiver.n);
    if (now >= a->stats_ms)
        a->stats.p = hz_readsb_stats(p, &a->stats.n);
    a->busy = true;
    a->job.data = a;
    uv_queue_work(a->output.env->loop, &a->job, work, finished);
}

static void on_turn(struct hz_subscriber *s)
{
    struct aircraft *a = (struct aircraft *)((char *)s - offsetof(struct aircraft, turn));
    if (a->busy)
        return;
    if (!a->output.wanted) {
        end(a);
        return;
    }
    if (!a->snapshot)
        return;
    int rc = hz_snapshot_more(a->snapshot);
    if (rc == 0) {
        hz_bus_again(a->output.env->bus, &a->turn);
    } else if (rc > 0) {
        start_job(a);
    } else {
        hz_snapshot_unref(a->snapshot);
        a->snapshot = NULL;
        a->lost++;
        set_error(a, "out of memory");
    }
}

static int aircraft_start(struct hz_output *o)
{
    struct aircraft *a = of(o);
    a->all.picture = o->env->picture;
    a->turn.wake = on_turn;
    hz_bus_subscribe(o->env->bus, &a->turn);
    return 0;
}

static void aircraft_tick(struct hz_output *o)
{
    struct aircraft *a = of(o);
    if (a->snapshot || !o->wanted || (!a->opened && hz_output_must_wait(o)))
        return; /* the one before is not done: a disk is slow */
    if (hz_snapshot_get(&a->all, &hz_format_readsb, &a->snapshot) == 0)
        hz_bus_again(o->env->bus, &a->turn);
}

static bool aircraft_holds(const struct hz_output *o)
{
    return ((const struct aircraft *)o)->opened;
}

static void aircraft_leave(struct hz_output *o)
{
    hz_bus_again(o->env->bus, &of(o)->turn);
}

static void aircraft_describe(struct hz_output *o, cJSON *item)
{
    const struct aircraft *a = of(o);
    const char *state = !o->wanted   ? "closing"
                        : !a->opened ? "waiting"
                        : *a->error  ? "failing"
                                     : "writing";
    cJSON_AddStringToObject(item, "state", state);
    cJSON_AddStringToObject(item, "error", a->error);
    cJSON_AddNumberToObject(item, "written", (double)a->written);
    cJSON_AddNumberToObject(item, "lost", (double)a->lost);
    cJSON_AddNumberToObject(item, "missed", 0);
    cJSON_AddNumberToObject(item, "behind", 0);
}

static const struct hz_output_way way = {
    .size = sizeof(struct aircraft),
    .start = aircraft_start,
    .tick = aircraft_tick,
    .holds = aircraft_holds,
    .leave = aircraft_leave,
    .describe = aircraft_describe,
};

/* ---- the configuration ------------------------------------------------------------------ */

/* It shows the picture, which has all messages: a filter would promise something else. */
static void aircraft_check(const struct hz_check *c, void *item)
{
    static const char *const words[] = {"protocol", "channel", "receiver", "id",
                                        "bbox",     "min_snr", "every",    NULL};
    hz_output_check_path(c, item);
    for (const char *const *word = words; *word; word++) {
        if (hz_check_gave(c, *word))
            hz_check_error(c, *word,
                           "%s with type = aircraft-json, which has all aircraft: expected "
                           "no filter",
                           *word);
    }
}

static const struct hz_option options[] = {
    {.name = "path",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_path_output, path),
     .example = "/run/hertzd/aircraft",
     .help = "the folder, which is made where it is missing; on a disk of memory, as it is written "
             "each second"},
    {0},
};

const struct hz_output_kind hz_output_aircraft = {
    .kind = {.name = "aircraft-json",
             .title = "aircraft.json and the other files of readsb, for tar1090",
             .options = options,
             .size = sizeof(struct hz_conf_path_output),
             .check = aircraft_check},
    .target = folder_of,
    .way = &way,
};

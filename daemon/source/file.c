/* Source: a recording in a regular file, read by workers. */
#include "daemon/base/log.h"
#include "daemon/source/recording.h"
#include "daemon/source/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    struct hz_replay replay;
    struct hz_recording rec;
    int fd;
    size_t run;        /* the run that is read */
    uint64_t pos;      /* bytes of it read so far */
    bool over;         /* all runs are read */
    int64_t shift_ns;  /* with `loop`: offset of the recording's times in this pass */
    struct hz_job job; /* reads `want` bytes, and leaves what it got, or -errno */
    size_t want;
    ssize_t got;
};

/* The duration of the recording, gaps included. */
static int64_t length_ns(const struct hz_recording *rec)
{
    int64_t at = rec->start_utc_ns;
    for (size_t i = 0; i < rec->n_runs; i++) {
        const struct hz_run *run = &rec->runs[i];
        uint64_t samples = run->lost + run->bytes / hz_format_bytes(rec->format);
        if (run->utc_ns != INT64_MIN) {
            at = run->utc_ns;
            samples -= run->lost;
        }
        at += (int64_t)((double)samples / rec->rate_hz * 1e9);
    }
    return at - rec->start_utc_ns;
}

/* Advances to the next run; false: there is none. With `loop`, a recording of one run continues
 * without a gap. */
static bool next_run(struct file *f)
{
    f->pos = 0;
    if (f->run + 1 < f->rec.n_runs) {
        f->run++;
        return true;
    }
    if (!f->replay.src.conf->loop)
        return false;
    f->run = 0;
    f->shift_ns += length_ns(&f->rec);
    return true;
}

/* Whether the run must begin a new block, because it does not follow the one before. */
static bool breaks(const struct file *f)
{
    const struct hz_run *run = &f->rec.runs[f->run];
    bool first = f->run == 0 && (f->shift_ns == 0 || f->rec.n_runs == 1);
    return f->pos == 0 && !first && (run->lost > 0 || run->retuned || run->utc_ns != INT64_MIN);
}

static void begin_run(struct file *f)
{
    const struct hz_run *run = &f->rec.runs[f->run];
    struct hz_replay *r = &f->replay;
    bool retuned = run->retuned || (run->centre_hz != r->src.centre_hz);
    r->block->gap_before = run->lost;
    if (run->utc_ns != INT64_MIN || f->run == 0)
        r->block->utc_ns = (f->run == 0 ? f->rec.start_utc_ns : run->utc_ns) + f->shift_ns;
    r->src.start_utc_ns = r->block->utc_ns;
    r->src.centre_hz = run->centre_hz;
    r->epoch += retuned;
}

static void read_some(struct hz_job *job)
{
    struct file *f = job->owner;
    do
        f->got = pread(f->fd, f->replay.block->data + f->replay.filled, f->want,
                       (off_t)(f->rec.runs[f->run].offset + f->pos));
    while (f->got < 0 && errno == EINTR);
    if (f->got < 0)
        f->got = -errno;
}

static void on_read(struct hz_job *job)
{
    struct file *f = job->owner;
    if (f->got > 0)
        f->pos += (uint64_t)f->got;
    if (f->pos == f->rec.runs[f->run].bytes) {
        f->over = !next_run(f);
        f->replay.breaks = !f->over && breaks(f);
    }
    hz_replay_filled(&f->replay, f->got);
}

static void fill(struct hz_replay *r)
{
    struct file *f = (struct file *)r;
    if (f->over) {
        hz_replay_filled(r, 0);
        return;
    }
    if (breaks(f))
        begin_run(f);
    uint64_t left = f->rec.runs[f->run].bytes - f->pos;
    size_t room = r->block->cap - r->filled;
    f->want = left < room ? (size_t)left : room;
    f->job.work = read_some;
    f->job.finished = on_read;
    f->job.owner = f;
    f->job.rank = INT64_MAX; /* it takes little time, and the others wait for it */
    hz_jobs_submit(r->src.jobs, &f->job);
}

static void stop(struct hz_replay *r)
{
    (void)r; /* a read in flight ends soon */
}

static void destroy(struct hz_replay *r)
{
    struct file *f = (struct file *)r;
    if (f->fd >= 0)
        close(f->fd);
    hz_recording_done(&f->rec);
    free(f);
}

static const struct hz_replay_ops replay_ops = {.fill = fill, .stop = stop, .destroy = destroy};

static int start(struct file *f, char *err, size_t err_len)
{
    const struct hz_recording *rec = &f->rec;
    f->fd = open(rec->data_path, O_RDONLY | O_CLOEXEC);
    int rc = f->fd < 0 ? -errno : hz_replay_init(&f->replay, &replay_ops, rec->data_path, false);
    if (rc != 0)
        snprintf(err, err_len, "%s: %s", rec->data_path, strerror(-rc));
    else if (rec->warning[0])
        hz_log(LOG_WARNING, "%s: %s", rec->data_path, rec->warning);
    return rc;
}

static int open_file(struct hz_source **src, const struct hz_source *env, char *err, size_t err_len)
{
    struct file *f = calloc(1, sizeof *f);
    if (!f) {
        snprintf(err, err_len, "no memory");
        return -ENOMEM;
    }
    f->replay.src = *env;
    f->fd = -1;
    int rc = hz_recording_open((const struct hz_conf_file *)env->conf, &f->rec, err, err_len);
    if (rc != 0) {
        free(f);
        return rc;
    }
    hz_source_describe(&f->replay.src, &f->rec);
    rc = start(f, err, err_len);
    if (rc != 0) {
        destroy(&f->replay);
        return rc;
    }
    *src = &f->replay.src;
    return 0;
}

/* Only a regular file can be read at any place and at once; a FIFO or a device is a pipe. */
static const struct hz_source_ops *pipe_instead(const struct hz_conf_receiver *conf)
{
    struct stat st;
    const char *path = ((const struct hz_conf_file *)conf)->path;
    if (strcmp(path, "-") == 0)
        return fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode) ? &hz_source_pipe : NULL;
    bool pipe = stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
    return pipe ? &hz_source_pipe : NULL;
}

static bool comes_again(const struct hz_conf_receiver *conf)
{
    struct stat st;
    const char *path = ((const struct hz_conf_file *)conf)->path;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

const struct hz_source_ops hz_source_file = {
    .mark = "replayed",
    .instead = pipe_instead,
    .comes_again = comes_again,
    .open = open_file,
    .pull = hz_replay_pull,
    .close = hz_replay_close,
};

/* Source: a FIFO or standard input, read on the loop. To pause it, it is not read. */
#include "daemon/base/log.h"
#include "daemon/base/utc.h"
#include "daemon/source/recording.h"
#include "daemon/source/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct piped {
    struct hz_replay replay;
    struct hz_recording rec;
    uv_pipe_t pipe;
    bool pipe_open;
    int64_t start_utc_ns; /* time of sample 0 by the clock; 0: no samples yet */
};

/* A longer delay than the samples explain is a pause of the sender: rtl_fm sends nothing while its
 * squelch is closed. Shorter delays may come from the scheduler or a full pipe. */
static const int64_t PAUSE_NS = 500000000;

/* libuv reads straight into the block. */
static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct hz_replay *r = h->data;
    *buf = uv_buf_init((char *)r->block->data + r->filled, (unsigned)(r->block->cap - r->filled));
}

/* Formats with a header are refused: its contents are needed before the pipe can be read. */
static void report_head(const struct hz_replay *r, const uv_buf_t *buf, ssize_t got)
{
    bool first = r->delivered == 0 && r->filled == 0;
    if (first && got >= 12 && memcmp(buf->base + 8, "WAVE", 4) == 0)
        hz_log(LOG_WARNING,
               "%s: begins as a WAV does: its head is taken for samples, and %.10g samples per "
               "second of %s for what they are",
               r->label, r->src.rate_hz, hz_format_name(r->src.format));
}

static void on_read(uv_stream_t *s, ssize_t got, const uv_buf_t *buf)
{
    if (got == 0)
        return; /* this is libuv's EAGAIN */
    uv_read_stop(s);
    report_head(s->data, buf, got);
    hz_replay_filled(s->data, got == UV_EOF ? 0 : got);
}

static void fill(struct hz_replay *r)
{
    struct piped *p = (struct piped *)r;
    int rc = uv_read_start((uv_stream_t *)&p->pipe, on_alloc, on_read);
    if (rc != 0)
        hz_replay_filled(r, rc);
}

/* Samples of a pipe without a known start have the time of their arrival. */
static void stamp(struct hz_replay *r)
{
    struct piped *p = (struct piped *)r;
    if (!p->rec.clocked)
        return;
    double rate_hz = r->src.rate_hz;
    int64_t before = (int64_t)((double)r->delivered / rate_hz * 1e9);
    int64_t length = (int64_t)((double)r->block->n / rate_hz * 1e9);
    int64_t start = hz_utc_now() - before - length;
    if (p->start_utc_ns == 0 || start > p->start_utc_ns + PAUSE_NS) {
        p->start_utc_ns = start;
        r->block->utc_ns = start + before;
    }
}

static void on_pipe_closed(uv_handle_t *h)
{
    hz_replay_release(h->data);
}

static void stop(struct hz_replay *r)
{
    struct piped *p = (struct piped *)r;
    if (p->pipe_open)
        uv_close((uv_handle_t *)&p->pipe, on_pipe_closed);
    p->pipe_open = false;
    if (r->filling)
        hz_replay_filled(r, 0);
}

static void destroy(struct hz_replay *r)
{
    struct piped *p = (struct piped *)r;
    hz_recording_done(&p->rec);
    free(p);
}

static const struct hz_replay_ops replay_ops = {
    .fill = fill, .stop = stop, .destroy = destroy, .stamp = stamp};

/* Closes the pipe and returns -errno with one line in err. */
static int open_fd(struct piped *p, char *err, size_t err_len)
{
    bool standard_input = strcmp(p->rec.data_path, "-") == 0;
    int fd = standard_input ? dup(STDIN_FILENO)
                            : open(p->rec.data_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int rc = fd < 0 ? -errno : 0;
    uv_handle_type type = uv_guess_handle(fd);
    if (rc == 0 && (type == UV_FILE || type == UV_UNKNOWN_HANDLE))
        rc = UV_ENOTSUP; /* such as /dev/null, which cannot be waited for */
    if (rc != 0) {
        snprintf(err, err_len, "%s: %s", p->rec.data_path,
                 rc == UV_ENOTSUP ? "is neither a file nor a pipe" : strerror(-rc));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    rc = uv_pipe_init(p->replay.src.loop, &p->pipe, 0);
    p->pipe.data = &p->replay;
    p->pipe_open = true;
    hz_replay_hold(&p->replay);
    if (rc == 0)
        rc = uv_pipe_open(&p->pipe, fd);
    if (rc != 0) {
        snprintf(err, err_len, "%s: %s", p->rec.data_path, uv_strerror(rc));
        close(fd);
    }
    return rc;
}

static int open_pipe(struct hz_source **src, const struct hz_source *env, char *err, size_t err_len)
{
    struct piped *p = calloc(1, sizeof *p);
    if (!p) {
        snprintf(err, err_len, "no memory");
        return -ENOMEM;
    }
    p->replay.src = *env;
    int rc = hz_recording_open((const struct hz_conf_file *)env->conf, &p->rec, err, err_len);
    if (rc != 0) {
        free(p);
        return rc;
    }
    hz_source_describe(&p->replay.src, &p->rec);
    rc = hz_replay_init(&p->replay, &replay_ops, p->rec.data_path, true);
    if (rc != 0) {
        snprintf(err, err_len, "%s: %s", p->rec.data_path, strerror(-rc));
        destroy(&p->replay);
        return rc;
    }
    rc = open_fd(p, err, err_len);
    if (rc != 0) {
        hz_replay_close(&p->replay.src, NULL);
        return rc;
    }
    if (p->rec.warning[0])
        hz_log(LOG_WARNING, "%s: %s", p->rec.data_path, p->rec.warning);
    *src = &p->replay.src;
    return 0;
}

const struct hz_source_ops hz_source_pipe = {
    .open = open_pipe,
    .pull = hz_replay_pull,
    .close = hz_replay_close,
};

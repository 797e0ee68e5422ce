/* A recording in a regular file, read on libuv's file threads. */
#include "daemon/log.h"
#include "daemon/recording.h"
#include "daemon/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file {
    struct hz_replay replay;
    struct hz_recording rec;
    int fd;
    uint64_t pos; /* bytes of the recording read so far */
    uv_fs_t req;
};

static void on_read(uv_fs_t *req)
{
    struct file *f = req->data;
    ssize_t got = req->result;
    uv_fs_req_cleanup(req);
    if (got > 0)
        f->pos += (uint64_t)got;
    hz_replay_filled(&f->replay, got);
}

static void fill(struct hz_replay *r)
{
    struct file *f = (struct file *)r;
    if (f->pos == f->rec.bytes && r->src.conf->loop)
        f->pos = 0;
    uint64_t left = f->rec.bytes - f->pos;
    size_t room = r->block->cap - r->filled;
    if (left == 0) {
        hz_replay_filled(r, 0);
        return;
    }
    uv_buf_t buf =
        uv_buf_init((char *)r->block->data + r->filled, (unsigned)(left < room ? left : room));
    f->req.data = f;
    uv_fs_read(r->src.loop, &f->req, f->fd, &buf, 1, (int64_t)(f->rec.offset + f->pos), on_read);
}

static void stop(struct hz_replay *r)
{
    (void)r; /* a read in flight is short */
}

static void destroy(struct hz_replay *r)
{
    struct file *f = (struct file *)r;
    if (f->fd > STDIN_FILENO)
        close(f->fd);
    hz_recording_done(&f->rec);
    free(f);
}

static const struct hz_replay_ops replay_ops = {.fill = fill, .stop = stop, .destroy = destroy};

static int start(struct file *f, char *err, size_t err_len)
{
    const struct hz_recording *rec = &f->rec;
    bool standard_input = strcmp(rec->data_path, "-") == 0;
    f->fd = standard_input ? STDIN_FILENO : open(rec->data_path, O_RDONLY | O_CLOEXEC);
    int rc = f->fd < 0 ? -errno : hz_replay_init(&f->replay, &replay_ops, rec->data_path);
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
    int rc = hz_recording_open(env->conf, &f->rec, err, err_len);
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

const struct hz_source_ops hz_source_file = {
    .name = "file",
    .mark = "replayed",
    .open = open_file,
    .pull = hz_replay_pull,
    .close = hz_replay_close,
};

/* An output that appends the lines that a client gets to a file or device. A line that could be
 * written only in part is removed again, so the file contains whole lines. */
#include "daemon/output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    int fd;
    char path[];
};

static int fail(const struct file *f, int rc, char *err, size_t err_len)
{
    snprintf(err, err_len, "%s: %s", f->path, strerror(rc));
    return -rc;
}

static void *file_open(const struct hz_conf_output *section, char *err, size_t err_len)
{
    const struct hz_conf_path_output *conf = (const struct hz_conf_path_output *)section;
    struct file *f = malloc(sizeof *f + strlen(conf->path) + 1);
    if (!f) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    strcpy(f->path, conf->path);
    /* without O_NONBLOCK, opening a FIFO without a reader would block */
    f->fd = open(conf->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
    if (f->fd < 0) {
        fail(f, errno, err, err_len);
        free(f);
        return NULL;
    }
    return f;
}

static void take_back(const struct file *f, size_t written)
{
    struct stat st;
    if (written > 0 && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) &&
        ftruncate(f->fd, st.st_size - (off_t)written) < 0)
        return; /* the incomplete line could not be removed */
}

static int file_take(void *state, const struct hz_frame *frame, char *err, size_t err_len)
{
    struct file *f = state;
    ssize_t n;
    do
        n = write(f->fd, frame->data, frame->len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)frame->len)
        return 0;
    int rc = n < 0 ? errno : ENOSPC;
    take_back(f, n < 0 ? 0 : (size_t)n);
    return fail(f, rc, err, err_len);
}

static int file_close(void *state, char *err, size_t err_len)
{
    struct file *f = state;
    int rc = close(f->fd) < 0 ? fail(f, errno, err, err_len) : 0;
    free(f);
    return rc;
}

static const char *file_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_path_output *)section)->path;
}

static const struct hz_option options[] = {
    {.name = "path",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_path_output, path),
     .example = "/var/lib/hertzd/messages.jsonl",
     .help = "the file that lines are appended to"},
    {.name = "kind",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_path_output, output.kinds),
     .example = "message, gap",
     .help = "only lines of these kinds; default: all but audio and repeat"},
    {0},
};

const struct hz_output_kind hz_output_file = {
    .kind = {.name = "file",
             .title = "JSON lines in a file, as clients get them",
             .options = options,
             .size = sizeof(struct hz_conf_path_output),
             .check = hz_output_check_path},
    .target = file_target,
    .ops =
        {
            .lines = true,
            .open = file_open,
            .take = file_take,
            .close = file_close,
        },
};

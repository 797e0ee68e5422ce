#include "daemon/capture/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

static int fail(const struct hz_capture_file *f, int rc, char *err, size_t err_len)
{
    snprintf(err, err_len, "%s/%s: %s", f->folder->path, f->names.data, strerror(-rc));
    return rc;
}

static void path_of(const struct hz_capture_file *f, const char *name, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/%s", f->folder->path, name);
}

static void part_of(const struct hz_capture_file *f, const char *name, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/.%s" HZ_CAPTURE_PART, f->folder->path, name);
}

/* A new file that is locked while it is open, or -errno. */
static int open_new(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    flock(fd, LOCK_EX | LOCK_NB); /* so that it is not taken for the rest of a crash */
    return fd;
}

static bool is_free(const struct hz_capture_file *f)
{
    char data[PATH_BYTES], meta[PATH_BYTES];
    path_of(f, f->names.data, data);
    path_of(f, f->names.meta, meta);
    return access(data, F_OK) != 0 && access(meta, F_OK) != 0;
}

static int open_data(struct hz_capture_file *f, const char *pattern,
                     const struct hz_capture_words *words)
{
    int rc = -EEXIST;
    for (int i = 1; i <= HZ_CAPTURE_NUMBER_MAX && rc == -EEXIST; i++) {
        char part[PATH_BYTES];
        rc = hz_capture_name(pattern, words, i, f->names.data, f->names.meta);
        if (rc < 0)
            return rc;
        part_of(f, f->names.data, part);
        rc = is_free(f) ? open_new(part) : -EEXIST;
    }
    return rc;
}

int hz_capture_file_begin(struct hz_capture_file *f, struct hz_folder *folder, const char *pattern,
                          const struct hz_capture_words *words, uint64_t bytes, char *err,
                          size_t err_len)
{
    *f = (struct hz_capture_file){.folder = folder, .fd = -1};
    int rc = open_data(f, pattern, words);
    if (rc < 0)
        return fail(f, rc, err, err_len);
    f->fd = rc;
    rc = fallocate(f->fd, 0, 0, (off_t)bytes) < 0 ? -errno : 0;
    if (rc == 0 || rc == -EOPNOTSUPP || rc == -ENOSYS)
        return 0; /* a file system that cannot reserve says later that it is full */
    rc = fail(f, rc, err, err_len);
    hz_capture_file_abandon(f);
    return rc;
}

int hz_capture_file_write(struct hz_capture_file *f, const void *data, size_t bytes, char *err,
                          size_t err_len)
{
    const char *p = data;
    while (bytes > 0) {
        ssize_t n = write(f->fd, p, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(f, n < 0 ? -errno : -EIO, err, err_len);
        p += n;
        bytes -= (size_t)n;
        f->written += (uint64_t)n;
    }
    return 0;
}

/* Writes the metadata under its hidden name. Returns the file, still open, so that it stays locked;
 * or NULL with *rc set. */
static FILE *write_meta(struct hz_capture_file *f, struct hz_sigmf *about, int *rc)
{
    char part[PATH_BYTES];
    part_of(f, f->names.meta, part);
    int fd = open_new(part);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        *rc = fd < 0 ? fd : -errno;
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    errno = 0;
    hz_sigmf_write(out, about, f->names.data);
    if (fflush(out) == 0 && !ferror(out) && fsync(fd) == 0) {
        off_t at = ftello(out);
        f->names.bytes = f->written + (at > 0 ? (uint64_t)at : 0);
        return out;
    }
    *rc = errno ? -errno : -EIO;
    fclose(out);
    unlink(part);
    return NULL;
}

static int rename_part(const struct hz_capture_file *f, const char *name)
{
    char part[PATH_BYTES], path[PATH_BYTES];
    part_of(f, name, part);
    path_of(f, name, path);
    return rename(part, path) < 0 ? -errno : 0;
}

/* Makes sure that the new names are on the disk. Some file systems do not need it, and refuse. */
static void sync_folder(const struct hz_capture_file *f)
{
    int fd = open(f->folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static int name_both(const struct hz_capture_file *f)
{
    char path[PATH_BYTES];
    int rc = rename_part(f, f->names.data);
    if (rc < 0)
        return rc;
    rc = rename_part(f, f->names.meta);
    if (rc == 0)
        return 0;
    path_of(f, f->names.data, path);
    unlink(path);
    return rc;
}

int hz_capture_file_finish(struct hz_capture_file *f, struct hz_sigmf *about, char *err,
                           size_t err_len)
{
    /* what was reserved and not needed is given back */
    int rc = ftruncate(f->fd, (off_t)f->written) < 0 || fsync(f->fd) < 0 ? -errno : 0;
    FILE *meta = rc == 0 ? write_meta(f, about, &rc) : NULL;
    if (meta) {
        char part[PATH_BYTES];
        rc = name_both(f);
        if (rc < 0) {
            part_of(f, f->names.meta, part);
            unlink(part);
        }
        fclose(meta);
    }
    if (rc < 0) {
        rc = fail(f, rc, err, err_len);
        hz_capture_file_abandon(f);
        return rc;
    }
    sync_folder(f);
    close(f->fd);
    f->fd = -1;
    hz_folder_add(f->folder, &f->names);
    return 0;
}

void hz_capture_file_abandon(struct hz_capture_file *f)
{
    char part[PATH_BYTES];
    if (f->fd < 0)
        return;
    part_of(f, f->names.data, part);
    unlink(part);
    close(f->fd);
    f->fd = -1;
}

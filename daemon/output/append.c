#include "daemon/output/append.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MOST = 64 * 1024 /* bytes of a line, and so of a torn one */ };

/* Bytes of the file without a torn line at its end. -1: it does not hold lines. */
static off_t whole(int fd, off_t size, enum hz_torn torn)
{
    char tail[LINE_MOST];
    size_t n = size < LINE_MOST ? (size_t)size : LINE_MOST;
    ssize_t got = pread(fd, tail, n, size - (off_t)n);
    if (got != (ssize_t)n)
        return -1;
    const char *end = memrchr(tail, '\n', n);
    if (end)
        return size - (off_t)n + (end + 1 - tail);
    return torn == HZ_TORN_OURS && n < LINE_MOST ? 0 : -1;
}

/* 0 or -errno. */
static int cut_torn(const char *path, int fd, enum hz_torn torn)
{
    struct stat st;
    char last;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
        return 0;
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    if (reader < 0)
        return -errno;
    int rc = 0;
    if (pread(reader, &last, 1, st.st_size - 1) == 1 && last != '\n') {
        off_t size = whole(reader, st.st_size, torn);
        rc = size < 0 ? -EBADMSG : ftruncate(fd, size) < 0 ? -errno : 0;
    }
    close(reader);
    return rc;
}

int hz_append_open(const char *path, int flags, enum hz_torn torn, char *err, size_t err_len)
{
    /* without O_NONBLOCK, opening a FIFO without a reader would block */
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | flags, 0644);
    int rc = fd < 0 ? -errno : torn != HZ_TORN_LEAVE ? cut_torn(path, fd, torn) : 0;
    if (rc == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    snprintf(err, err_len, "%s: %s", path,
             rc == -EBADMSG ? "expected lines, but it does not end with one" : strerror(-rc));
    return rc;
}

int hz_append(int fd, const void *data, size_t n)
{
    struct stat st;
    ssize_t written;
    do
        written = write(fd, data, n);
    while (written < 0 && errno == EINTR);
    if (written == (ssize_t)n)
        return 0;
    int rc = written < 0 ? -errno : -ENOSPC;
    if (written > 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        ftruncate(fd, st.st_size - written) < 0)
        return -errno; /* the incomplete record could not be removed */
    return rc;
}

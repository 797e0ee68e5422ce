#include "ctl/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4200 };

static int fail(const char *what, int error, char *err, size_t err_len)
{
    const char *remedy = "";
    if (error == EACCES || error == EPERM)
        remedy = ": run it as root, as with sudo hertzctl config --save";
    else if (error == EROFS)
        remedy = ": make it writable for a moment, or put what hertzctl config prints where the "
                 "configuration comes from";
    snprintf(err, err_len, "%s: %s%s", what, strerror(error), remedy);
    return -error;
}

int hz_ctl_write_whole(int fd, const char *text, const struct stat *like)
{
    struct stat own;
    if (fstat(fd, &own) < 0)
        return -errno;
    const bool given = own.st_uid != like->st_uid || own.st_gid != like->st_gid;
    if ((given && fchown(fd, like->st_uid, like->st_gid) < 0) ||
        fchmod(fd, like->st_mode & 0777) < 0)
        return -errno;
    for (size_t left = strlen(text); left > 0;) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno != EINTR)
            return -errno;
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

/* Makes the name last, not only the contents. */
static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* The folder of `path`, made with the owner of `like` if it is missing. */
static int want_folder(char folder[PATH_SIZE], const char *path, const struct stat *like)
{
    snprintf(folder, PATH_SIZE, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = 0;
    if (mkdir(folder, 0755) < 0)
        return errno == EEXIST ? 0 : -1;
    if (geteuid() == like->st_uid)
        return 0;
    return chown(folder, like->st_uid, like->st_gid);
}

/* "/etc/hertzd/hertzd.conf.d/zz-live.conf" → "/etc/hertzd/hertzd.conf". */
static int configuration_of(const char *path, struct stat *st)
{
    char file[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    const int n = slash ? (int)(slash - path) - (int)strlen(".d") : 0;
    snprintf(file, sizeof file, "%.*s", n > 0 ? n : 0, path);
    return stat(file, st);
}

int hz_ctl_save(const char *path, const char *text, char *err, size_t err_len)
{
    char folder[PATH_SIZE], temporary[PATH_SIZE + 16];
    struct stat like;
    if (stat(path, &like) < 0 && configuration_of(path, &like) < 0)
        return fail(path, errno, err, err_len);
    if (want_folder(folder, path, &like) < 0)
        return fail(folder, errno, err, err_len);
    snprintf(temporary, sizeof temporary, "%s/.new-XXXXXX", folder);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return fail(folder, errno, err, err_len);
    int rc = hz_ctl_write_whole(fd, text, &like);
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && (rename(temporary, path) < 0 || sync_folder(folder) < 0))
        rc = -errno;
    if (rc == 0)
        return 0;
    unlink(temporary);
    return fail(path, -rc, err, err_len);
}

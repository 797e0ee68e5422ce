#include "daemon/output/series.h"

#include "daemon/output/append.h"
#include "daemon/output/series_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LOOK_S = 60, /* how often the limits are looked at, and a failed compression tried again */
    PARTS = 4,   /* of the quota: so much a file may have, so that the oldest can leave */
};

static int64_t seconds(int64_t now_ns)
{
    return now_ns / 1000000000;
}

static uint64_t bytes_most(const struct hz_series *s)
{
    uint64_t most = s->conf.rotate >= HZ_ROTATE_BYTES_MIN ? s->conf.rotate : UINT64_MAX;
    uint64_t part = s->conf.quota_bytes > 0 ? s->conf.quota_bytes / PARTS : UINT64_MAX;
    return part < most ? part : most;
}

int64_t hz_series_begins(const struct hz_series *s, int64_t now_ns)
{
    int64_t now = seconds(now_ns);
    int64_t span = s->conf.rotate == HZ_ROTATE_HOURLY  ? 3600
                   : s->conf.rotate == HZ_ROTATE_DAILY ? 86400
                                                       : 1;
    return now - now % span;
}

bool hz_series_is_over(const struct hz_series *s, const struct hz_series_file *f, uint64_t bytes,
                       int64_t now_ns)
{
    bool timed = s->conf.rotate < HZ_ROTATE_BYTES_MIN;
    return (timed && f->utc_s != hz_series_begins(s, now_ns)) || bytes >= bytes_most(s);
}

/* ---- the file that is being written ----------------------------------------------------- */

int hz_series_hold(struct hz_series *s, const struct hz_series_file *f, int flags, char *err,
                   size_t err_len)
{
    char path[HZ_SERIES_PATH];
    struct stat st;
    if (!hz_series_path(s, f, HZ_SERIES_WRITTEN, path)) {
        snprintf(err, err_len, "%.200s: the name is too long", s->conf.path);
        return -ENAMETOOLONG;
    }
    int fd = hz_append_open(path, flags | O_NOFOLLOW, s->conf.lines ? HZ_TORN_OURS : HZ_TORN_LEAVE,
                            err, err_len);
    if (fd < 0)
        return fd;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &st) != 0) {
        snprintf(err, err_len, "%s: another program writes it", path);
        close(fd);
        return -EBUSY;
    }
    s->fd = fd;
    s->file = *f;
    s->bytes = (uint64_t)st.st_size;
    return 0;
}

/* Whether a file of that name exists, in whatever state. */
static bool is_taken(const struct hz_series *s, const struct hz_series_file *f)
{
    char path[HZ_SERIES_PATH];
    struct stat st;
    for (int state = 0; state < HZ_SERIES_HALF; state++) {
        if (hz_series_path(s, f, (enum hz_series_state)state, path) && lstat(path, &st) == 0)
            return true;
    }
    return false;
}

static int begin(struct hz_series *s, int64_t now_ns, char *err, size_t err_len)
{
    struct hz_series_file f = {.utc_s = hz_series_begins(s, now_ns), .number = 1};
    size_t head = strlen(s->conf.head);
    while (is_taken(s, &f) && f.number < HZ_SERIES_NUMBER_MAX)
        f.number++;
    int rc = hz_series_hold(s, &f, O_EXCL, err, err_len);
    if (rc == 0 && head > 0 && (rc = hz_append(s->fd, s->conf.head, head)) == 0)
        s->bytes = head;
    if (rc < 0 && s->fd >= 0) {
        snprintf(err, err_len, "%s: %s", s->conf.path, strerror(-rc));
        hz_series_finish(s, err, err_len); /* it is empty, and leaves */
    }
    return rc;
}

int hz_series_finish(struct hz_series *s, char *err, size_t err_len)
{
    char from[HZ_SERIES_PATH], to[HZ_SERIES_PATH];
    bool packs = s->conf.pack != HZ_PACK_NONE, empty = s->bytes <= strlen(s->conf.head);
    struct hz_series_file f = s->file;
    hz_series_path(s, &f, HZ_SERIES_WRITTEN, from);
    hz_series_path(s, &f, packs ? HZ_SERIES_CLOSED : HZ_SERIES_DONE, to);
    int rc = empty || fdatasync(s->fd) == 0 ? 0 : -errno;
    if ((empty ? unlink(from) : rename(from, to)) != 0 && rc == 0)
        rc = -errno;
    close(s->fd); /* only now, so that nobody takes it for one that was left */
    s->fd = -1;
    s->left |= rc < 0;
    if (rc < 0)
        snprintf(err, err_len, "%s: %s", from, strerror(-rc));
    else if (!empty)
        hz_series_note(s, &f, packs ? HZ_SERIES_CLOSED : HZ_SERIES_DONE);
    return rc;
}

/* Somebody may have removed or renamed it. */
static bool is_gone(const struct hz_series *s)
{
    struct stat st;
    return fstat(s->fd, &st) != 0 || st.st_nlink == 0;
}

int hz_series_put(struct hz_series *s, const void *data, size_t n, int64_t now_ns, char *err,
                  size_t err_len)
{
    int rc = 0;
    if (!s->scanned)
        hz_series_scan(s, now_ns);
    if (s->fd >= 0 && hz_series_is_over(s, &s->file, s->bytes + n - 1, now_ns))
        hz_series_finish(s, err, err_len);
    if (s->fd < 0)
        rc = begin(s, now_ns, err, err_len);
    if (rc < 0)
        return rc;
    rc = hz_append(s->fd, data, n);
    if (rc == 0)
        s->bytes += n;
    else
        snprintf(err, err_len, "%s: %s", s->conf.path, strerror(-rc));
    return rc;
}

/* ---- compression ------------------------------------------------------------------------ */

/* The first file that waits for it is done with. */
static void packed(struct hz_series *s, enum hz_series_state state)
{
    struct hz_taped *first = s->closed;
    struct hz_series_file f;
    enum hz_series_state was;
    s->closed = first->next;
    s->closed_bytes -= first->bytes;
    if (hz_series_parse(s->conf.path, first->file, &f, &was))
        hz_series_note(s, &f, state);
    free(first);
}

static int pack(struct hz_series *s, char *err, size_t err_len)
{
    char from[HZ_SERIES_PATH], half[HZ_SERIES_PATH], to[HZ_SERIES_PATH];
    struct hz_series_file f;
    enum hz_series_state was, done = s->conf.pack == HZ_PACK_ZSTD ? HZ_SERIES_ZSTD : HZ_SERIES_GZIP;
    hz_series_parse(s->conf.path, s->closed->file, &f, &was);
    hz_series_path(s, &f, HZ_SERIES_CLOSED, from);
    if (s->conf.pack == HZ_PACK_NONE) { /* the section was another one before */
        hz_series_path(s, &f, HZ_SERIES_DONE, to);
        if (rename(from, to) == 0)
            packed(s, HZ_SERIES_DONE);
        return 0;
    }
    hz_series_half(s, &f, half);
    if (!s->packing && !(s->packing = hz_packing_new(s->conf.pack, from, half, err, err_len)))
        return -EIO;
    int rc = hz_packing_step(s->packing, err, err_len);
    if (rc > 0)
        return 0;
    hz_packing_free(s->packing);
    s->packing = NULL;
    hz_series_path(s, &f, done, to);
    if (rc == 0 && rename(half, to) != 0) {
        rc = -errno;
        snprintf(err, err_len, "%.150s: %s", to, strerror(-rc));
        unlink(half);
    }
    if (rc == 0) {
        unlink(from);
        packed(s, done);
    }
    return rc;
}

/* ---- the rest --------------------------------------------------------------------------- */

/* Deletes what is over the limits. Files that are not compressed yet, and the one that is being
 * written, take of the quota too. */
static int limit(struct hz_series *s, int64_t now_ns, char *err, size_t err_len)
{
    uint64_t others = s->closed_bytes + (s->fd >= 0 ? s->bytes : 0), quota = s->conf.quota_bytes;
    s->shelf.quota_bytes = quota == 0 ? 0 : quota > others ? quota - others : 1;
    struct hz_taped *over = hz_shelf_over(&s->shelf, now_ns);
    int rc = 0;
    for (struct hz_taped *next; over; over = next) {
        char path[HZ_SERIES_PATH];
        next = over->next;
        snprintf(path, sizeof path, "%.*s%s", (int)hz_series_folder(s->conf.path), s->conf.path,
                 over->file);
        if (unlink(path) != 0 && errno != ENOENT) {
            rc = -errno;
            snprintf(err, err_len, "%s: cannot be deleted: %s", path, strerror(errno));
        }
        free(over);
    }
    return rc;
}

/* Whether it is time to look at what changes slowly, or the clock was set. */
static bool is_look(const struct hz_series *s, int64_t now_ns)
{
    int64_t now = seconds(now_ns);
    return now >= s->look_s || now < s->look_s - LOOK_S;
}

bool hz_series_due(const struct hz_series *s, int64_t now_ns)
{
    bool over = s->fd >= 0 && hz_series_is_over(s, &s->file, s->bytes, now_ns);
    return !s->scanned || over || (s->closed && !*s->trouble) || is_look(s, now_ns);
}

int hz_series_work(struct hz_series *s, int64_t now_ns, char *err, size_t err_len)
{
    int rc = 0;
    bool look = is_look(s, now_ns);
    if (!s->scanned || (s->left && look))
        hz_series_scan(s, now_ns);
    if (s->fd >= 0 && is_gone(s)) {
        close(s->fd);
        s->fd = -1;
    }
    if (s->fd >= 0 && hz_series_is_over(s, &s->file, s->bytes, now_ns))
        rc = hz_series_finish(s, err, err_len);
    if (s->closed && (!*s->trouble || look)) {
        *s->trouble = '\0';
        pack(s, s->trouble, sizeof s->trouble);
    }
    if (look)
        s->look_s = seconds(now_ns) + LOOK_S;
    int limited = limit(s, now_ns, err, err_len);
    if (*s->trouble) /* until it is over: other records do not mend it */
        snprintf(err, err_len, "%s", s->trouble);
    return rc < 0 ? rc : *s->trouble ? -EIO : limited;
}

struct hz_series *hz_series_new(const struct hz_series_conf *conf, char *err, size_t err_len)
{
    struct stat st;
    struct hz_series *s = calloc(1, sizeof *s);
    size_t n = hz_series_folder(conf->path);
    char *folder = n > 0 ? strndup(conf->path, n) : strdup("./");
    bool good = false;
    if (!s || !folder)
        snprintf(err, err_len, "out of memory");
    else if (stat(folder, &st) != 0)
        snprintf(err, err_len, "%s: %s", folder, strerror(errno));
    else
        good = true;
    free(folder);
    if (!good) {
        free(s);
        return NULL;
    }
    s->conf = *conf;
    s->fd = -1;
    return s;
}

void hz_series_close(struct hz_series *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    hz_series_forget(s);
    free(s);
}

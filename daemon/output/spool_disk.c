#include "daemon/output/spool_disk.h"

#include "daemon/output/spool_record.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 32, PATH_BYTES = 4096, HELD = 2 * (HZ_SPOOL_HEAD + HZ_SPOOL_RECORD_MAX) };

struct segment {
    uint64_t first, n; /* number of its first record, how many it has */
    uint64_t bytes;
};

struct hz_spool_disk {
    const char *path; /* borrowed */
    int dir, lock, head_fd;
    int fd; /* of the last segment; -1: none is open */
    bool dirty;
    uint64_t max_bytes, segment_bytes;
    struct segment *segments; /* in order */
    size_t n, room;
    struct hz_spool_counts counts;
    uint64_t read_next; /* number of the next record to give */
    /* A piece of the segment `from` that is read: of held_size bytes, from byte `place` of the file
     * on; at byte held_at of it begins record `at`. */
    int read_fd;
    uint64_t from, place, at;
    uint8_t *held;
    size_t held_size, held_at, held_n;
    uint8_t *line; /* of one record that is written */
};

/* ---- files -------------------------------------------------------------------------------- */

static void name_of(uint64_t first, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "%016" PRIx64 ".spool", first);
}

static int open_file(const struct hz_spool_disk *d, const char *name, int flags)
{
    char path[PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/%s", d->path, name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, flags | O_CLOEXEC, 0640);
}

static int open_segment(const struct hz_spool_disk *d, uint64_t first, int flags)
{
    char name[NAME_BYTES];
    name_of(first, name);
    return open_file(d, name, flags | O_NOFOLLOW);
}

static void unlink_segment(const struct hz_spool_disk *d, uint64_t first)
{
    char name[NAME_BYTES];
    name_of(first, name);
    unlinkat(d->dir, name, 0);
}

/* The whole file; NULL: it cannot be read. */
static uint8_t *slurp(const struct hz_spool_disk *d, uint64_t first, size_t *size)
{
    struct stat st;
    int fd = open_segment(d, first, O_RDONLY);
    uint8_t *data = NULL;
    *size = 0;
    if (fd >= 0 && fstat(fd, &st) == 0 && (data = malloc((size_t)st.st_size + 1))) {
        ssize_t n = 1;
        while (n > 0 && *size < (size_t)st.st_size) {
            n = read(fd, data + *size, (size_t)st.st_size - *size);
            *size += n > 0 ? (size_t)n : 0;
        }
    }
    if (fd >= 0)
        close(fd);
    return data;
}

static bool add_segment(struct hz_spool_disk *d, struct segment s)
{
    if (d->n == d->room) {
        size_t room = d->room ? 2 * d->room : 16;
        struct segment *more = realloc(d->segments, room * sizeof *more);
        if (!more)
            return false;
        d->segments = more;
        d->room = room;
    }
    d->segments[d->n++] = s;
    d->counts.bytes += s.bytes;
    return true;
}

static void remove_first(struct hz_spool_disk *d)
{
    unlink_segment(d, d->segments[0].first);
    d->counts.bytes -= d->segments[0].bytes;
    memmove(d->segments, d->segments + 1, --d->n * sizeof *d->segments);
    if (d->n == 0 && d->fd >= 0) {
        close(d->fd);
        d->fd = -1;
    }
}

static void write_head(struct hz_spool_disk *d)
{
    uint8_t head[HZ_SPOOL_HEAD];
    hz_spool_record_write(head, d->counts.first, NULL, 0);
    if (d->head_fd >= 0 && pwrite(d->head_fd, head, sizeof head, 0) == (ssize_t)sizeof head)
        d->dirty = true;
}

static uint64_t read_head(const struct hz_spool_disk *d)
{
    uint8_t head[HZ_SPOOL_HEAD];
    uint64_t number;
    size_t n;
    if (d->head_fd < 0 || pread(d->head_fd, head, sizeof head, 0) != (ssize_t)sizeof head)
        return 0;
    memcpy(&number, head + 8, 8);
    number = le64toh(number);
    return hz_spool_record_read(head, sizeof head, number, &n) ? number : 0;
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Counts the whole records of a segment and cuts off what follows them. */
static bool recover(struct hz_spool_disk *d, uint64_t first)
{
    size_t size, at = 0, n;
    struct segment s = {.first = first};
    uint8_t *data = slurp(d, first, &size);
    if (!data)
        return false;
    while (hz_spool_record_read(data + at, size - at, first + s.n, &n)) {
        at += HZ_SPOOL_HEAD + n;
        s.n++;
    }
    free(data);
    s.bytes = at;
    if (s.n == 0) {
        unlink_segment(d, first);
        return true;
    }
    if (at < size) {
        int fd = open_segment(d, first, O_WRONLY);
        if (fd >= 0 && ftruncate(fd, (off_t)at) < 0)
            s.bytes = size; /* what is behind it will not be read */
        if (fd >= 0)
            close(fd);
    }
    return add_segment(d, s);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static bool scan(struct hz_spool_disk *d)
{
    uint64_t *found = NULL;
    size_t n = 0, room = 0;
    DIR *dir = fdopendir(dup(d->dir));
    if (!dir)
        return false;
    bool ok = true;
    for (struct dirent *e; ok && (e = readdir(dir));) {
        uint64_t first;
        int len = 0;
        if (sscanf(e->d_name, "%16" SCNx64 ".spool%n", &first, &len) != 1 || len != 22 ||
            e->d_name[len])
            continue;
        if (n == room) {
            room = room ? 2 * room : 64;
            uint64_t *more = realloc(found, room * sizeof *more);
            ok = more != NULL;
            found = ok ? more : found;
        }
        if (ok)
            found[n++] = first;
    }
    closedir(dir);
    if (n > 0)
        qsort(found, n, sizeof *found, by_number);
    for (size_t i = 0; ok && i < n; i++)
        ok = recover(d, found[i]);
    free(found);
    return ok;
}

static void place(struct hz_spool_disk *d)
{
    uint64_t head = read_head(d);
    struct hz_spool_counts *c = &d->counts;
    c->first = head > 0 ? head : 1;
    c->next = c->first;
    for (size_t i = 0; i < d->n; i++) {
        const struct segment *s = &d->segments[i];
        if (i == 0 && s->first > c->first)
            c->first = s->first;
        if (i > 0 && s->first > c->next) /* numbers are missing */
            c->damaged += s->first - c->next;
        if (s->first + s->n > c->next)
            c->next = s->first + s->n;
    }
    d->read_next = c->first;
    while (d->n > 0 && d->segments[0].first + d->segments[0].n <= c->first)
        remove_first(d);
}

struct hz_spool_disk *hz_spool_disk_open(const char *path, uint64_t max_bytes, char *err,
                                         size_t err_len)
{
    struct hz_spool_disk *d = calloc(1, sizeof *d);
    if (!d || !(d->line = malloc(HZ_SPOOL_HEAD + HZ_SPOOL_RECORD_MAX)) ||
        !(d->held = malloc(HELD))) {
        if (d)
            free(d->line);
        free(d);
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    d->dir = d->lock = d->head_fd = d->fd = d->read_fd = -1;
    d->path = path;
    d->max_bytes = max_bytes;
    d->segment_bytes = max_bytes / 8 < HZ_SPOOL_SEGMENT ? max_bytes / 8 : HZ_SPOOL_SEGMENT;
    if (mkdir(path, 0750) < 0 && errno != EEXIST) {
        snprintf(err, err_len, "spool %s: %s", path, strerror(errno));
    } else if ((d->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
               (d->lock = open_file(d, "lock", O_RDWR | O_CREAT)) < 0) {
        snprintf(err, err_len, "spool %s: %s", path, strerror(errno));
    } else if (flock(d->lock, LOCK_EX | LOCK_NB) < 0) {
        snprintf(err, err_len, "spool %s is in use by another hertzd, or another output", path);
    } else if ((d->head_fd = open_file(d, "head", O_RDWR | O_CREAT)) < 0 || !scan(d)) {
        snprintf(err, err_len, "spool %s: %s", path, strerror(errno));
    } else {
        place(d);
        return d;
    }
    hz_spool_disk_close(d);
    return NULL;
}

void hz_spool_disk_close(struct hz_spool_disk *d)
{
    if (!d)
        return;
    hz_spool_disk_sync(d);
    const int fds[] = {d->fd, d->read_fd, d->head_fd, d->lock, d->dir};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    free(d->segments);
    free(d->held);
    free(d->line);
    free(d);
}

/* ---- writing ------------------------------------------------------------------------------ */

void hz_spool_disk_sync(struct hz_spool_disk *d)
{
    if (!d->dirty)
        return;
    if (d->fd >= 0)
        fdatasync(d->fd);
    if (d->head_fd >= 0)
        fdatasync(d->head_fd);
    d->dirty = false;
}

/* Makes sure that a segment is open that takes n more bytes. */
static int make_room(struct hz_spool_disk *d, size_t n)
{
    struct segment *last = d->n > 0 ? &d->segments[d->n - 1] : NULL;
    if (d->fd >= 0 && last && last->bytes + n <= d->segment_bytes)
        return 0;
    if (d->fd >= 0) {
        hz_spool_disk_sync(d);
        close(d->fd);
    }
    d->fd = open_segment(d, d->counts.next, O_WRONLY | O_CREAT | O_TRUNC);
    if (d->fd < 0)
        return -errno;
    fsync(d->dir); /* that the file is there */
    if (add_segment(d, (struct segment){.first = d->counts.next}))
        return 0;
    close(d->fd);
    d->fd = -1;
    return -ENOMEM;
}

static void drop_oldest(struct hz_spool_disk *d)
{
    while (d->n > 1 && d->counts.bytes > d->max_bytes) {
        const struct segment *s = &d->segments[0];
        uint64_t end = s->first + s->n;
        if (end > d->counts.first) {
            d->counts.dropped += end - d->counts.first;
            d->counts.first = end;
            write_head(d);
        }
        remove_first(d);
    }
}

int hz_spool_disk_append(struct hz_spool_disk *d, const void *data, size_t n, char *err,
                         size_t err_len)
{
    if (n > HZ_SPOOL_RECORD_MAX) {
        snprintf(err, err_len, "a record of %zu bytes; expected %d at most", n,
                 HZ_SPOOL_RECORD_MAX);
        return -EMSGSIZE;
    }
    size_t size = HZ_SPOOL_HEAD + n;
    int rc = make_room(d, size);
    if (rc == 0) {
        struct segment *last = &d->segments[d->n - 1];
        hz_spool_record_write(d->line, d->counts.next, data, n);
        memcpy(d->line + HZ_SPOOL_HEAD, data, n);
        ssize_t done = pwrite(d->fd, d->line, size, (off_t)last->bytes);
        if (done == (ssize_t)size) {
            last->n++;
            last->bytes += size;
            d->counts.next++;
            d->counts.bytes += size;
            d->dirty = true;
            drop_oldest(d);
            return 0;
        }
        /* A part of it is overwritten by the next try, or cut off when it is opened again. */
        rc = done < 0 ? -errno : -ENOSPC;
    }
    snprintf(err, err_len, "spool: %s", strerror(-rc));
    return rc;
}

/* ---- reading ------------------------------------------------------------------------------ */

static const struct segment *segment_of(const struct hz_spool_disk *d, uint64_t number)
{
    for (size_t i = 0; i < d->n; i++) {
        if (number < d->segments[i].first + d->segments[i].n)
            return &d->segments[i];
    }
    return NULL;
}

/* Reads on where the held piece ends to be whole records; from its beginning where read_next is in
 * another segment. */
static bool hold(struct hz_spool_disk *d)
{
    const struct segment *s = segment_of(d, d->read_next);
    if (!s)
        return false;
    if (s->first > d->read_next)
        d->read_next = s->first;
    if (d->from != s->first || d->read_fd < 0) {
        if (d->read_fd >= 0)
            close(d->read_fd);
        d->read_fd = open_segment(d, s->first, O_RDONLY);
        d->from = d->at = s->first;
        d->place = 0;
    } else {
        d->place += d->held_at;
    }
    ssize_t n = d->read_fd < 0 ? -1 : pread(d->read_fd, d->held, HELD, (off_t)d->place);
    d->held_at = 0;
    d->held_size = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static void pass(struct hz_spool_disk *d)
{
    d->held_at += HZ_SPOOL_HEAD + d->held_n;
    d->at++;
}

void hz_spool_disk_step(struct hz_spool_disk *d)
{
    pass(d);
    d->read_next++;
}

uint64_t hz_spool_disk_read(struct hz_spool_disk *d, const uint8_t **data, size_t *n)
{
    if (d->read_next < d->counts.first) /* it was dropped meanwhile */
        d->read_next = d->counts.first;
    for (bool again = false; d->read_next < d->counts.next;) {
        *data = hz_spool_record_read(d->held + d->held_at, d->held_size - d->held_at, d->at, n);
        if (*data) {
            d->held_n = *n;
            if (d->at == d->read_next)
                return d->at;
            pass(d);
            again = false;
            continue;
        }
        const struct segment *s = segment_of(d, d->read_next);
        if (again && s && s->first == d->from) { /* what was written is not there any more */
            uint64_t end = s->first + s->n;
            d->counts.damaged += end - d->read_next;
            d->read_next = end;
        }
        again = hold(d) || !again;
        if (!again)
            return 0;
    }
    return 0;
}

void hz_spool_disk_release(struct hz_spool_disk *d, uint64_t number)
{
    if (number > d->counts.next)
        number = d->counts.next;
    if (number <= d->counts.first)
        return;
    d->counts.first = number;
    write_head(d);
    while (d->n > 0 && d->segments[0].first + d->segments[0].n <= number)
        remove_first(d);
}

struct hz_spool_counts hz_spool_disk_counts(const struct hz_spool_disk *d)
{
    return d->counts;
}

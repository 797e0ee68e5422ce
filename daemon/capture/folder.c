#include "daemon/capture/folder.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { META_MAX = 64 * 1024 * 1024, PATH_BYTES = 4096 };
static const char meta_end[] = ".sigmf-meta", data_end[] = ".sigmf-data";

int hz_folder_init(struct hz_folder *f, const char *path, const char *name, uint64_t quota)
{
    *f = (struct hz_folder){.path = strdup(path), .name = name, .quota = quota};
    return f->path ? 0 : -ENOMEM;
}

void hz_folder_done(struct hz_folder *f)
{
    free(f->path);
    free(f->list);
    *f = (struct hz_folder){0};
}

static void path_of(const struct hz_folder *f, const char *name, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/%s", f->path, name);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

/* ---- what is there ---- */

static int by_time(const void *a, const void *b)
{
    const struct hz_stored *x = a, *y = b;
    return (x->mtime_ns > y->mtime_ns) - (x->mtime_ns < y->mtime_ns);
}

void hz_folder_add(struct hz_folder *f, const struct hz_stored *s)
{
    if (f->n == f->cap) {
        size_t cap = f->cap > 0 ? 2 * f->cap : 16;
        struct hz_stored *more = realloc(f->list, cap * sizeof *more);
        if (!more)
            return; /* the next start finds it */
        f->list = more;
        f->cap = cap;
    }
    f->list[f->n++] = *s;
    f->bytes += s->bytes;
}

/* The metadata of a file; NULL: it is none. */
static cJSON *read_meta(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    bool good = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= META_MAX;
    char *text = good ? malloc((size_t)st.st_size + 1) : NULL;
    ssize_t n = text ? read(fd, text, (size_t)st.st_size) : -1;
    cJSON *root = n > 0 ? cJSON_ParseWithLength(text, (size_t)n) : NULL;
    free(text);
    if (fd >= 0)
        close(fd);
    return root;
}

enum owner { NOBODY, OTHER, OURS };

/* Whose metadata it is, which is or will be called `meta`; of this section: fills in the names. */
static enum owner owner_of(const struct hz_folder *f, const char *path, const char *meta,
                           struct hz_stored *s)
{
    cJSON *root = read_meta(path);
    const cJSON *global = cJSON_GetObjectItemCaseSensitive(root, "global");
    const char *name =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(global, "hertzd:capture"));
    const char *data =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(global, "core:dataset"));
    bool ours = name && strcmp(name, f->name) == 0 && strlen(meta) <= HZ_CAPTURE_NAME_MAX &&
                !(data && (strchr(data, '/') || strlen(data) > HZ_CAPTURE_NAME_MAX));
    if (ours) {
        int stem = (int)(strlen(meta) - strlen(meta_end));
        snprintf(s->meta, sizeof s->meta, "%s", meta);
        if (data)
            snprintf(s->data, sizeof s->data, "%s", data);
        else
            snprintf(s->data, sizeof s->data, "%.*s%s", stem, meta, data_end);
    }
    enum owner owner = !name ? NOBODY : ours ? OURS : OTHER;
    cJSON_Delete(root);
    return owner;
}

/* Size and time of both files. False: the samples are not there. */
static bool look_at(const struct hz_folder *f, struct hz_stored *s)
{
    char path[PATH_BYTES];
    struct stat data, meta;
    path_of(f, s->data, path);
    if (lstat(path, &data) != 0 || !S_ISREG(data.st_mode))
        return false;
    path_of(f, s->meta, path);
    s->bytes = (uint64_t)data.st_size + (lstat(path, &meta) == 0 ? (uint64_t)meta.st_size : 0);
    s->mtime_ns = (int64_t)data.st_mtim.tv_sec * 1000000000 + data.st_mtim.tv_nsec;
    return true;
}

static void take_meta(struct hz_folder *f, const char *path, const char *name)
{
    struct hz_stored s;
    if (owner_of(f, path, name, &s) != OURS)
        return;
    if (look_at(f, &s))
        hz_folder_add(f, &s);
    else
        unlink(path); /* its samples were deleted */
}

/* A temporary file that nobody writes: a crash has left it. Metadata is written whole before the
 * samples get their name, so with them it is a capture. That of another section is left to it. */
static void take_part(struct hz_folder *f, const char *path, const char *hidden)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    char name[HZ_CAPTURE_NAME_MAX + 1] = "", whole[PATH_BYTES];
    size_t n = strlen(hidden + 1) - strlen(HZ_CAPTURE_PART);
    if (n <= HZ_CAPTURE_NAME_MAX)
        snprintf(name, sizeof name, "%.*s", (int)n, hidden + 1);
    struct hz_stored s;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        path_of(f, name, whole);
        enum owner owner = ends_with(name, meta_end) ? owner_of(f, path, name, &s) : NOBODY;
        if (owner == OURS && look_at(f, &s) && rename(path, whole) == 0 && look_at(f, &s))
            hz_folder_add(f, &s);
        else if (owner != OTHER)
            unlink(path);
    }
    close(fd);
}

int hz_folder_read(struct hz_folder *f, char *err, size_t err_len)
{
    mkdir(f->path, 0777); /* an error is seen when it is opened */
    DIR *dir = opendir(f->path);
    if (!dir) {
        int rc = -errno;
        snprintf(err, err_len, "%s: %s", f->path, strerror(-rc));
        return rc;
    }
    const struct dirent *e;
    f->n = 0;
    f->bytes = 0;
    while ((e = readdir(dir))) {
        char path[PATH_BYTES];
        path_of(f, e->d_name, path);
        if (e->d_name[0] == '.' && ends_with(e->d_name, HZ_CAPTURE_PART))
            take_part(f, path, e->d_name);
        else if (e->d_name[0] != '.' && ends_with(e->d_name, meta_end))
            take_meta(f, path, e->d_name);
    }
    closedir(dir);
    if (f->n > 0)
        qsort(f->list, f->n, sizeof *f->list, by_time);
    f->known = true;
    return 0;
}

/* ---- room ---- */

/* The samples first: metadata without samples is cleared away with the next start. */
static int delete_oldest(struct hz_folder *f, char *err, size_t err_len)
{
    char path[PATH_BYTES];
    const struct hz_stored *s = &f->list[0];
    path_of(f, s->data, path);
    if (unlink(path) < 0 && errno != ENOENT) {
        int rc = -errno;
        snprintf(err, err_len, "%s cannot be deleted: %s", path, strerror(-rc));
        return rc;
    }
    path_of(f, s->meta, path);
    unlink(path);
    f->bytes -= s->bytes;
    f->deleted++;
    f->n--;
    memmove(f->list, f->list + 1, f->n * sizeof *f->list);
    return 0;
}

void hz_folder_trim(struct hz_folder *f)
{
    char err[256]; /* the next capture tells it */
    while (f->n > 1 && f->bytes > f->quota && delete_oldest(f, err, sizeof err) == 0)
        ;
}

int hz_folder_make_room(struct hz_folder *f, uint64_t bytes, char *err, size_t err_len)
{
    if (bytes > f->quota) {
        snprintf(err, err_len, "it takes up to %llu MiB, and the quota is %llu MiB",
                 (unsigned long long)((bytes >> 20) + 1), (unsigned long long)(f->quota >> 20));
        return -EDQUOT;
    }
    int rc = 0;
    while (rc == 0 && f->n > 0 && f->bytes + bytes > f->quota)
        rc = delete_oldest(f, err, err_len);
    return rc;
}

/* What of a series is on the disk. */
#include "daemon/output/series_own.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool join(const struct hz_series *s, const char *name, char path[HZ_SERIES_PATH])
{
    int n = snprintf(path, HZ_SERIES_PATH, "%.*s%s", (int)hz_series_folder(s->conf.path),
                     s->conf.path, name);
    return n > 0 && n < HZ_SERIES_PATH;
}

bool hz_series_path(const struct hz_series *s, const struct hz_series_file *f,
                    enum hz_series_state state, char path[HZ_SERIES_PATH])
{
    char name[HZ_SERIES_NAME_MAX + 1];
    return hz_series_name(s->conf.path, f, state, "", name) && join(s, name, path);
}

bool hz_series_half(const struct hz_series *s, const struct hz_series_file *f,
                    char path[HZ_SERIES_PATH])
{
    char name[HZ_SERIES_NAME_MAX + 1];
    return hz_series_name(s->conf.path, f, HZ_SERIES_HALF, hz_pack_ending(s->conf.pack), name) &&
           join(s, name, path);
}

/* The oldest first. */
static void wait_for_packing(struct hz_series *s, struct hz_taped *made)
{
    struct hz_taped **at = &s->closed;
    while (*at && (*at)->utc_ns <= made->utc_ns)
        at = &(*at)->next;
    if (at == &s->closed && s->packing) /* the first one is being compressed */
        at = &s->closed->next;
    made->next = *at;
    *at = made;
    s->closed_bytes += made->bytes;
}

void hz_series_note(struct hz_series *s, const struct hz_series_file *f, enum hz_series_state state)
{
    char name[HZ_SERIES_NAME_MAX + 1], path[HZ_SERIES_PATH];
    struct stat st;
    if (!hz_series_name(s->conf.path, f, state, "", name) || !join(s, name, path) ||
        lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    struct hz_taped about = {.utc_ns = f->utc_s * 1000000000 + f->number,
                             .bytes = (uint64_t)st.st_size};
    struct hz_taped *made = hz_taped_new(&about, name);
    if (made && state == HZ_SERIES_CLOSED)
        wait_for_packing(s, made);
    else if (made)
        hz_shelf_add(&s->shelf, made);
}

/* A file that was being written: ended, unless it is the one to go on with. */
static void take_up(struct hz_series *s, const struct hz_series_file *f, int64_t now_ns)
{
    char err[HZ_SERIES_TROUBLE];
    bool held = s->fd >= 0;
    const struct hz_series_file was = s->file;
    const uint64_t bytes = s->bytes;
    const int fd = s->fd;
    s->fd = -1;
    if (hz_series_hold(s, f, 0, err, sizeof err) == 0 &&
        (held || hz_series_is_over(s, f, s->bytes, now_ns)))
        hz_series_finish(s, err, sizeof err);
    if (!held)
        return;
    s->fd = fd;
    s->file = was;
    s->bytes = bytes;
}

static void take_file(struct hz_series *s, const char *name, int64_t now_ns)
{
    struct hz_series_file f;
    enum hz_series_state state;
    char path[HZ_SERIES_PATH], done[HZ_SERIES_PATH];
    struct stat st;
    if (!hz_series_parse(s->conf.path, name, &f, &state) || !join(s, name, path))
        return;
    if (state == HZ_SERIES_WRITTEN) {
        take_up(s, &f, now_ns);
    } else if (state == HZ_SERIES_HALF) {
        unlink(path);
    } else if (state == HZ_SERIES_CLOSED &&
               ((hz_series_path(s, &f, HZ_SERIES_ZSTD, done) && lstat(done, &st) == 0) ||
                (hz_series_path(s, &f, HZ_SERIES_GZIP, done) && lstat(done, &st) == 0))) {
        unlink(path); /* it was compressed */
    } else {
        hz_series_note(s, &f, state);
    }
}

void hz_series_forget(struct hz_series *s)
{
    hz_packing_free(s->packing);
    s->packing = NULL;
    for (struct hz_taped *next; s->closed; s->closed = next) {
        next = s->closed->next;
        free(s->closed);
    }
    s->closed_bytes = 0;
    hz_shelf_done(&s->shelf);
}

void hz_series_scan(struct hz_series *s, int64_t now_ns)
{
    char folder[HZ_SERIES_PATH];
    struct dirent **list = NULL;
    hz_series_forget(s);
    s->shelf.quota_bytes = s->conf.quota_bytes;
    s->shelf.keep_s = s->conf.keep_s;
    s->scanned = true;
    s->left = false;
    if (!join(s, "", folder))
        return;
    int n = scandir(*folder ? folder : ".", &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        take_file(s, list[i]->d_name, now_ns);
        free(list[i]);
    }
    free(list);
}

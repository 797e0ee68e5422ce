/* The recordings of a section on the disk. */
#include "daemon/output/shelf.h"
#include "daemon/output/tape.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JSON_MAX = 64 * 1024, PATH_BYTES = 4096, BELOW_BYTES = 1024, DEPTH_MAX = 8 };

struct scan {
    const char *root, *name;
    struct hz_taped *found;
    size_t n;
};

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

/* Deletes a temporary file, unless somebody writes it. */
static void clear_part(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlink(path);
    close(fd);
}

/* The recording that a .json tells of; NULL: it is not ours. */
static struct hz_taped *read_json(const struct scan *s, const char *path, const char *file)
{
    char *text = malloc(JSON_MAX);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd >= 0 && text ? read(fd, text, JSON_MAX) : -1;
    struct hz_taped *r = n > 0 ? hz_taped_parse(text, (size_t)n, s->name, file) : NULL;
    if (fd >= 0)
        close(fd);
    free(text);
    return r;
}

static void take_json(struct scan *s, const char *path, const char *below)
{
    char file[BELOW_BYTES], whole[PATH_BYTES];
    struct stat st;
    struct hz_taped *r = read_json(s, path, "");
    if (!r)
        return;
    int stem = (int)(strlen(below) - strlen(".json"));
    const char *ending = hz_taped_ending(r->opus);
    snprintf(file, sizeof file, "%.*s%s", stem, below, ending);
    snprintf(whole, sizeof whole, "%s/%s", s->root, file);
    struct hz_taped *named = hz_taped_new(r, file);
    free(r);
    if (lstat(whole, &st) != 0 || !S_ISREG(st.st_mode)) {
        unlink(path); /* a crash came between the two */
        free(named);
    } else if (named) {
        named->bytes = (uint64_t)st.st_size;
        named->next = s->found;
        s->found = named;
        s->n++;
    }
}

/* below: the folder's path below the root, "" for the root itself, else with a slash at its end. */
static void scan_folder(struct scan *s, const char *below, int depth)
{
    char path[PATH_BYTES], inner[BELOW_BYTES];
    snprintf(path, sizeof path, "%s/%s", s->root, below);
    DIR *dir = opendir(path);
    const struct dirent *e;
    while (dir && (e = readdir(dir))) {
        struct stat st;
        int n = snprintf(inner, sizeof inner - 1, "%s%s", below, e->d_name);
        snprintf(path, sizeof path, "%s/%s", s->root, inner);
        if (n >= (int)sizeof inner - 1 || lstat(path, &st) != 0)
            continue;
        bool hidden = e->d_name[0] == '.';
        if (S_ISDIR(st.st_mode) && !hidden && depth < DEPTH_MAX) {
            strcat(inner, "/");
            scan_folder(s, inner, depth + 1);
        } else if (S_ISREG(st.st_mode) && hidden && ends_with(e->d_name, HZ_TAPE_PART)) {
            clear_part(path);
        } else if (S_ISREG(st.st_mode) && !hidden && ends_with(e->d_name, ".json")) {
            take_json(s, path, inner);
        }
    }
    if (dir)
        closedir(dir);
}

struct hz_taped *hz_shelf_scan(const char *root, const char *name)
{
    struct scan s = {.root = root, .name = name};
    scan_folder(&s, "", 0);
    return s.found;
}

/* Removes the folders of a file that are empty, up to the root. */
static void remove_empty(char *path, size_t root)
{
    char *slash;
    while ((slash = strrchr(path, '/')) && slash > path + root) {
        *slash = '\0';
        if (rmdir(path) != 0)
            return;
    }
}

static int delete_one(const char *root, const struct hz_taped *r)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/%s", root, r->file), rc = 0;
    if (n >= (int)sizeof path - 8)
        return -ENAMETOOLONG;
    if (unlink(path) < 0 && errno != ENOENT)
        rc = -errno;
    if (rc == 0) {
        strcpy(path + n - strlen(hz_taped_ending(r->opus)), ".json");
        unlink(path);
        remove_empty(path, strlen(root));
    }
    return rc;
}

int hz_shelf_delete(const char *root, struct hz_taped *list, char *err, size_t err_len)
{
    int rc = 0;
    for (struct hz_taped *next; list; list = next) {
        next = list->next;
        int one = delete_one(root, list);
        if (one < 0) {
            rc = one;
            snprintf(err, err_len, "%s/%.100s: cannot be deleted: %s", root, list->file,
                     strerror(-one));
        }
        free(list);
    }
    return rc;
}

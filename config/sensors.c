#include "config/sensors.h"

#include "config/fail.h"
#include "config/reader.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

struct reading {
    struct hz_sensor_drafts *drafts;
    const char *file;
    hz_sensor_tell *tell;
    void *ctx;
    bool open; /* keys follow a heading that was good */
};

static void on_section(void *ctx, int line, const char *heading)
{
    static const char kind[] = "sensor";
    struct reading *r = ctx;
    r->open = false;
    if (!heading)
        return;
    heading += strspn(heading, " \t");
    const size_t n = strcspn(heading, " \t");
    if (n != sizeof kind - 1 || memcmp(heading, kind, n) != 0) {
        char text[120];
        snprintf(text, sizeof text, "[%.60s]: expected [sensor NAME] in a file of sensors",
                 heading);
        r->tell(r->ctx, r->file, line, text);
        return;
    }
    r->open = true;
    hz_sensor_drafts_section(r->drafts, r->file, line, heading + n + strspn(heading + n, " \t"));
}

static void on_key(void *ctx, int line, const char *key, const char *value)
{
    struct reading *r = ctx;
    if (r->open)
        hz_sensor_drafts_key(r->drafts, line, key, value);
}

static void on_error(void *ctx, int line, const char *what)
{
    struct reading *r = ctx;
    r->tell(r->ctx, r->file, line, what);
}

void hz_sensors_read(struct hz_sensor_drafts *d, const char *file, const char *text, size_t len,
                     hz_sensor_tell *tell, void *ctx)
{
    struct reading r = {.drafts = d, .file = file, .tell = tell, .ctx = ctx};
    const struct hz_ini_events events = {on_section, on_key, on_error};
    if (hz_ini_read(text, len, &events, &r) < 0)
        tell(ctx, file, 0, "out of memory");
}

void hz_sensors_read_shipped(struct hz_sensor_drafts *d, hz_sensor_tell *tell, void *ctx)
{
    for (const struct hz_sensors_file *f = hz_sensors_files; f->name; f++)
        hz_sensors_read(d, f->name, f->text, (size_t)(f->end - f->text), tell, ctx);
}

/* ---- files ------------------------------------------------------------------------------ */

/* 0, or -errno. */
static int read_file(struct hz_sensor_drafts *d, const char *path, hz_sensor_tell *tell, void *ctx)
{
    FILE *f = fopen(path, "re");
    char *text = f ? malloc(FILE_MAX + 1) : NULL;
    size_t len = 0;
    int rc = 0;
    if (text) {
        errno = 0;
        len = fread(text, 1, FILE_MAX + 1, f);
    }
    if (!text || ferror(f))
        rc = errno ? -errno : -EIO;
    else if (len > FILE_MAX)
        tell(ctx, path, 0, "is longer than 1 MiB: expected declarations of sensors");
    else
        hz_sensors_read(d, path, text, len, tell, ctx);
    if (f)
        fclose(f);
    free(text);
    return rc;
}

static void cannot_read(const char *path, int rc, hz_sensor_tell *tell, void *ctx)
{
    char text[120];
    snprintf(text, sizeof text, "cannot be read: %s", strerror(-rc));
    tell(ctx, path, 0, text);
}

static int is_conf(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && e->d_name[0] != '.' && strcmp(e->d_name + n - 5, ".conf") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

char *hz_sensors_folder(const char *conf_file)
{
    char *folder = NULL;
    const char *slash = strrchr(conf_file, '/');
    const int n = slash ? (int)(slash - conf_file) + 1 : 0;
    return asprintf(&folder, "%.*ssensors.d", n, conf_file) < 0 ? NULL : folder;
}

void hz_sensors_read_folder(struct hz_sensor_drafts *d, const char *folder, bool must,
                            hz_sensor_tell *tell, void *ctx)
{
    struct dirent **names = NULL;
    const int n = scandir(folder, &names, is_conf, by_bytes);
    int rc = n < 0 ? -errno : 0;
    if (rc == -ENOTDIR)
        rc = read_file(d, folder, tell, ctx);
    if (rc < 0 && (must || rc != -ENOENT))
        cannot_read(folder, rc, tell, ctx);
    for (int i = 0; i < n; i++) {
        char *path = NULL;
        rc = asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0 ? -ENOMEM : 0;
        if (rc == 0)
            rc = read_file(d, path, tell, ctx);
        if (rc < 0)
            cannot_read(path ? path : folder, rc, tell, ctx);
        free(path);
        free(names[i]);
    }
    free(names);
}

/* ---- sets ------------------------------------------------------------------------------- */

/* The first error of several. */
struct first {
    char *err;
    size_t len;
    int count;
};

static void keep_first(void *ctx, const char *file, int line, const char *text)
{
    struct first *f = ctx;
    if (f->count++ == 0)
        hz_fail(f->err, f->len, "%s:%d: %s", file, line, text);
}

/* What a set is made of. */
struct parts {
    bool shipped;
    const char *folder;
    bool must;
    const char *file, *text;
    size_t len;
};

static int make(struct hz_sensor_set **set, const struct parts *of, char *err, size_t err_len)
{
    struct first first = {err, err_len, 0};
    struct hz_sensor_drafts *d = hz_sensor_drafts_new(keep_first, &first);
    int rc = -ENOMEM;
    if (d) {
        if (of->shipped)
            hz_sensors_read_shipped(d, keep_first, &first);
        if (of->folder)
            hz_sensors_read_folder(d, of->folder, of->must, keep_first, &first);
        if (of->text)
            hz_sensors_read(d, of->file, of->text, of->len, keep_first, &first);
        rc = first.count > 0 ? -EINVAL : hz_sensor_drafts_compile(d, set);
    }
    hz_sensor_drafts_free(d);
    return rc == -ENOMEM ? hz_fail_as(rc, err, err_len, "out of memory") : rc;
}

int hz_sensor_set_builtin(struct hz_sensor_set **set, char *err, size_t err_len)
{
    return make(set, &(struct parts){.shipped = true}, err, err_len);
}

int hz_sensor_set_load(struct hz_sensor_set **set, const char *folder, bool must, char *err,
                       size_t err_len)
{
    const struct parts parts = {.shipped = true, .folder = folder, .must = must};
    return make(set, &parts, err, err_len);
}

int hz_sensor_set_with(struct hz_sensor_set **set, const char *file, const char *text, size_t len,
                       char *err, size_t err_len)
{
    return make(set, &(struct parts){true, NULL, false, file, text, len}, err, err_len);
}

int hz_sensor_set_of(struct hz_sensor_set **set, const char *file, const char *text, size_t len,
                     char *err, size_t err_len)
{
    return make(set, &(struct parts){false, NULL, false, file, text, len}, err, err_len);
}

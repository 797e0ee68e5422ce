#include "config/sensors.h"

#include "config/fail.h"
#include "config/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

static int make(struct hz_sensor_set **set, bool builtin, const char *file, const char *text,
                size_t len, char *err, size_t err_len)
{
    struct first first = {err, err_len, 0};
    struct hz_sensor_drafts *d = hz_sensor_drafts_new(keep_first, &first);
    int rc = -ENOMEM;
    if (d) {
        for (const struct hz_sensors_file *f = hz_sensors_files; builtin && f->name; f++)
            hz_sensors_read(d, f->name, f->text, (size_t)(f->end - f->text), keep_first, &first);
        if (text)
            hz_sensors_read(d, file, text, len, keep_first, &first);
        rc = first.count > 0 ? -EINVAL : hz_sensor_drafts_compile(d, set);
    }
    hz_sensor_drafts_free(d);
    return rc == -ENOMEM ? hz_fail_as(rc, err, err_len, "out of memory") : rc;
}

int hz_sensor_set_builtin(struct hz_sensor_set **set, char *err, size_t err_len)
{
    return make(set, true, NULL, NULL, 0, err, err_len);
}

int hz_sensor_set_with(struct hz_sensor_set **set, const char *file, const char *text, size_t len,
                       char *err, size_t err_len)
{
    return make(set, true, file, text, len, err, err_len);
}

int hz_sensor_set_of(struct hz_sensor_set **set, const char *file, const char *text, size_t len,
                     char *err, size_t err_len)
{
    return make(set, false, file, text, len, err, err_len);
}

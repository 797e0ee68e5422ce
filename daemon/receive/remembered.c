#include "daemon/receive/remembered.h"
#include "daemon/base/log.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 512, FILE_BYTES = 4096 };

static double number(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

/* The text of the file; 0 or -errno. */
static int read_file(const char *path, char *text, size_t size)
{
    FILE *in = fopen(path, "re");
    if (!in)
        return -errno;
    size_t n = fread(text, 1, size - 1, in);
    int rc = ferror(in) ? -EIO : 0;
    text[n] = '\0';
    fclose(in);
    return rc;
}

bool hz_remembered_load(const char *folder, const char *receiver, struct hz_remembered *m)
{
    char path[PATH_BYTES], text[FILE_BYTES];
    *m = (struct hz_remembered){.gain_db = NAN, .ppm = NAN, .ppm_sigma = NAN};
    if (!*folder)
        return false;
    snprintf(path, sizeof path, "%s/%s.tuning.json", folder, receiver);
    int rc = read_file(path, text, sizeof text);
    cJSON *o = rc == 0 ? cJSON_Parse(text) : NULL;
    const char *device = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "device"));
    if (device) {
        snprintf(m->device, sizeof m->device, "%s", device);
        m->gain_db = number(o, "gain_db");
        m->ppm = number(o, "ppm");
        m->ppm_sigma = number(o, "ppm_sigma");
        /* nobody but us writes the file, but a wrong value must not reach a device */
        if (!(fabs(m->ppm) <= 1000 && m->ppm_sigma > 0))
            m->ppm = m->ppm_sigma = NAN;
        if (!(fabs(m->gain_db) <= 100))
            m->gain_db = NAN;
    } else if (rc != -ENOENT) {
        hz_log(LOG_WARNING, "%s: %s: it is left alone, and found out again", path,
               rc ? strerror(-rc) : "not what hertzd writes");
    }
    cJSON_Delete(o);
    return device;
}

struct saving {
    uv_work_t job;
    int rc;
    char path[PATH_BYTES], text[FILE_BYTES];
};

static int write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "we");
    if (!out)
        return -errno;
    int rc = fputs(text, out) < 0 || fflush(out) != 0 || fsync(fileno(out)) != 0 ? -EIO : 0;
    return fclose(out) != 0 ? -EIO : rc;
}

static void work(uv_work_t *job)
{
    struct saving *s = job->data;
    char part[PATH_BYTES + 8];
    snprintf(part, sizeof part, "%s.part", s->path);
    s->rc = write_file(part, s->text);
    if (s->rc == 0 && rename(part, s->path) < 0)
        s->rc = -errno;
}

static void saved(uv_work_t *job, int status)
{
    struct saving *s = job->data;
    if (status == 0 && s->rc != 0)
        hz_log(LOG_WARNING, "%s cannot be written: %s: what was found out is lost at the end",
               s->path, strerror(-s->rc));
    free(s);
}

static void add(cJSON *o, const char *name, double v)
{
    if (isfinite(v))
        cJSON_AddNumberToObject(o, name, v);
}

void hz_remembered_save(uv_loop_t *loop, const char *folder, const char *receiver,
                        const struct hz_remembered *m)
{
    struct saving *s = *folder ? calloc(1, sizeof *s) : NULL;
    cJSON *o = s ? cJSON_CreateObject() : NULL;
    bool queued = false;
    if (o) {
        cJSON_AddStringToObject(o, "device", m->device);
        add(o, "gain_db", m->gain_db);
        add(o, "ppm", round(m->ppm * 100) / 100);
        add(o, "ppm_sigma", round(m->ppm_sigma * 100) / 100);
        snprintf(s->path, sizeof s->path, "%s/%s.tuning.json", folder, receiver);
        s->job.data = s;
        queued = cJSON_PrintPreallocated(o, s->text, sizeof s->text - 1, 1) &&
                 uv_queue_work(loop, &s->job, work, saved) == 0;
    }
    cJSON_Delete(o);
    if (!queued)
        free(s);
}

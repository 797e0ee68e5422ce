/* An output that appends records to a file or a device, as lines or in another format; or, with
 * `rotate =`, to a series of files. A record that could be written only in part is removed again,
 * so a file contains whole records. */
#include "daemon/base/utc.h"
#include "daemon/bus/coded.h"
#include "daemon/output/append.h"
#include "daemon/output/filter.h"
#include "daemon/output/link.h"
#include "daemon/output/output.h"
#include "daemon/output/series.h"
#include "daemon/output/series_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const packs[] = {"no", "zstd", "gzip", NULL};

struct conf {
    struct hz_conf_path_output path; /* must be the first member */
    char *format;
    uint64_t rotate; /* as in struct hz_series_conf */
    int pack;        /* enum hz_pack */
    uint64_t quota_bytes, keep_s;
};

struct file {
    const struct hz_form *form;
    struct hz_series *series; /* NULL: one file */
    int fd;                   /* of one file; -1 */
    char *path;               /* of the section */
    char room[HZ_CODED_MAX];
};

static const struct conf *conf_of(const struct hz_conf_output *section)
{
    return (const struct conf *)section;
}

static int fail(const struct file *f, int rc, char *err, size_t err_len)
{
    snprintf(err, err_len, "%s: %s", f->path, strerror(-rc));
    return rc;
}

static const char *head_of(const struct hz_form *form)
{
    return form->head ? form->head : "";
}

/* ---- on the loop ------------------------------------------------------------------------ */

/* One file; the head is written where it has nothing yet. */
static bool open_one(struct file *f, char *err, size_t err_len)
{
    const char *head = head_of(f->form);
    struct stat st;
    f->fd = hz_append_open(f->path, 0, f->form->binary ? HZ_TORN_LEAVE : HZ_TORN_CUT, err, err_len);
    if (f->fd < 0)
        return false;
    int rc = *head && fstat(f->fd, &st) == 0 && st.st_size == 0
                 ? hz_append(f->fd, head, strlen(head))
                 : 0;
    if (rc == 0)
        return true;
    fail(f, rc, err, err_len);
    close(f->fd);
    return false;
}

static bool open_series(struct file *f, const struct conf *conf, char *err, size_t err_len)
{
    const struct hz_series_conf series = {.path = f->path,
                                          .rotate = conf->rotate,
                                          .pack = (enum hz_pack)conf->pack,
                                          .quota_bytes = conf->quota_bytes,
                                          .keep_s = conf->keep_s,
                                          .head = head_of(f->form),
                                          .lines = !f->form->binary};
    f->series = hz_series_new(&series, err, err_len);
    return f->series;
}

static void *file_open(const struct hz_conf_output *section, char *err, size_t err_len)
{
    const struct conf *conf = conf_of(section);
    struct file *f = calloc(1, sizeof *f);
    if (!f || !(f->path = strdup(conf->path.path))) {
        snprintf(err, err_len, "out of memory");
        free(f);
        return NULL;
    }
    f->form = hz_form_find(conf->format);
    f->fd = -1;
    if (conf->rotate ? open_series(f, conf, err, err_len) : open_one(f, err, err_len))
        return f;
    free(f->path);
    free(f);
    return NULL;
}

static bool file_due(void *state)
{
    const struct file *f = state;
    return f->series && hz_series_due(f->series, hz_utc_now());
}

static const char *file_target(const struct hz_conf_output *section)
{
    return conf_of(section)->path.path;
}

/* ---- on a worker ------------------------------------------------------------------------ */

static int file_take(void *state, const struct hz_frame *frame, char *err, size_t err_len)
{
    struct file *f = state;
    struct hz_bytes out = {.p = f->room, .cap = sizeof f->room};
    hz_frame_code(frame, f->form, &out);
    if (out.full) {
        snprintf(err, err_len, "a record of more than %d bytes", HZ_CODED_MAX);
        return -EMSGSIZE;
    }
    if (out.n == 0)
        return 0; /* the format has no words for it */
    if (f->series)
        return hz_series_put(f->series, out.p, out.n, hz_utc_now(), err, err_len);
    int rc = hz_append(f->fd, out.p, out.n);
    return rc < 0 ? fail(f, rc, err, err_len) : 0;
}

static int file_drain(void *state, char *err, size_t err_len)
{
    struct file *f = state;
    return f->series ? hz_series_work(f->series, hz_utc_now(), err, err_len) : 0;
}

static int file_close(void *state, char *err, size_t err_len)
{
    struct file *f = state;
    int rc = f->fd >= 0 && close(f->fd) < 0 ? fail(f, -errno, err, err_len) : 0;
    hz_series_close(f->series);
    free(f->path);
    free(f);
    return rc;
}

/* ---- the configuration ------------------------------------------------------------------ */

/* hourly, daily, or bytes as in 100M. */
static int parse_rotate(const char *text, void *field)
{
    uint64_t *rotate = field;
    if (strcmp(text, "hourly") == 0 || strcmp(text, "daily") == 0) {
        *rotate = *text == 'h' ? HZ_ROTATE_HOURLY : HZ_ROTATE_DAILY;
        return 0;
    }
    return hz_parse_quota(text, rotate);
}

static void check_series(const struct hz_check *c, const struct conf *conf)
{
    static const char *const keys[] = {"compress", "quota", "keep", NULL};
    for (const char *const *key = keys; *key && !conf->rotate; key++) {
        if (hz_check_gave(c, *key))
            hz_check_error(c, *key, "%s without rotate: expected rotate = daily, hourly or a size",
                           *key);
    }
    const char *path = conf->path.path;
    if (conf->rotate && path[hz_series_folder(path)] == '\0')
        hz_check_error(c, "path",
                       "path = '%.200s' with rotate: expected FOLDER/NAME, as in "
                       "/var/lib/hertzd/messages.jsonl",
                       path);
    if (conf->rotate >= HZ_ROTATE_BYTES_MIN && conf->quota_bytes > 0 &&
        conf->rotate > conf->quota_bytes / 4)
        hz_check_error(c, "rotate",
                       "rotate is more than a quarter of the quota: the oldest file "
                       "could not leave in time");
}

static void file_check(const struct hz_check *c, void *item)
{
    struct conf *conf = item;
    hz_output_check_path(c, item);
    const struct hz_form *form = hz_output_check_format(c, &conf->path.output, conf->format);
    if (form)
        hz_link_check_takes(c, &conf->path.output, form);
    if (*conf->path.path)
        check_series(c, conf);
}

static const struct hz_option options[] = {
    {.name = "path",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct conf, path.path),
     .example = "/var/lib/hertzd/messages.jsonl",
     .help = "the file that records are appended to"},
    {.name = "format",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct conf, format),
     .fallback = "json",
     .help = "of the records: json, hertzd's own lines, or another that `hertzd formats` lists"},
    {.name = "kind",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct conf, path.output.kinds),
     .example = "message, gap",
     .help = "only records of these kinds; default: all but audio, repeat and burst; of other "
             "formats than json messages"},
    {.name = "rotate",
     .type = HZ_OPTION_PARSED,
     .at = offsetof(struct conf, rotate),
     .parse = parse_rotate,
     .size = sizeof(uint64_t),
     .expected = "hourly, daily, or a size of 1M to 1000T, as in 100M",
     .example = "daily",
     .help = "begins a new file each hour or day (UTC), or when it is so large; its name gets the "
             "time: messages_20261130T000000Z.jsonl; the one being written ends in .part"},
    {.name = "compress",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct conf, pack),
     .choices = packs,
     .fallback = "no",
     .help = "complete files: zstd (.zst) or gzip (.gz)"},
    HZ_KEY_QUOTA(struct conf, quota_bytes,
                 "what the files may take together: the oldest are deleted; a file is ended at a "
                 "quarter of it; default: no limit"),
    HZ_KEY_KEEP(struct conf, keep_s,
                "how long after its beginning a file is deleted: m, h or d; default: no limit"),
    {0},
};

const struct hz_output_kind hz_output_file = {
    .kind = {.name = "file",
             .title = "JSON lines or another format in files",
             .options = options,
             .size = sizeof(struct conf),
             .check = file_check},
    .target = file_target,
    .ops =
        {
            .lines = true,
            .open = file_open,
            .due = file_due,
            .take = file_take,
            .drain = file_drain,
            .close = file_close,
        },
};

#include "daemon/recording.h"

#include "config/filename.h"
#include "daemon/recording_parse.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIGMF_MAX = 16 << 20 }; /* bytes of metadata, annotations included */

static const double RATE_MIN = 1, RATE_MAX = 1e9;

struct error {
    const char *path; /* what the line is about */
    char *text;
    size_t size;
};

__attribute__((format(printf, 3, 4))) static int fail(const struct error *e, int rc,
                                                      const char *format, ...)
{
    int n = snprintf(e->text, e->size, "%s: ", e->path);
    if (n >= 0 && (size_t)n < e->size) {
        va_list args;
        va_start(args, format);
        vsnprintf(e->text + n, e->size - (size_t)n, format, args);
        va_end(args);
    }
    return rc;
}

/* Puts the path in front of a line that a parser left in e->text. */
static int fail_parse(const struct error *e)
{
    char line[512];
    snprintf(line, sizeof line, "%s", e->text);
    return fail(e, -EBADMSG, "%s", line);
}

void hz_told_init(struct hz_told *t)
{
    *t = (struct hz_told){
        .rate_hz = NAN, .centre_hz = NAN, .start_utc_ns = INT64_MIN, .bytes = UINT64_MAX};
}

/* The first `max` bytes of a file, in memory that the caller frees. */
static int read_head(const struct error *e, const char *path, size_t max, char **out, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(e, -errno, "cannot be opened: %s", strerror(errno));
    char *buf = malloc(max);
    ssize_t n = buf ? 0 : -1;
    for (*len = 0; buf && *len < max; *len += (size_t)n) {
        n = read(fd, buf + *len, max - *len);
        if (n < 0 && errno == EINTR)
            n = 0;
        else if (n <= 0)
            break;
    }
    int rc = n < 0 ? -errno : 0;
    close(fd);
    if (rc < 0) {
        free(buf);
        return fail(e, rc, "cannot be read: %s", strerror(-rc));
    }
    *out = buf;
    return 0;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Where SigMF's samples are: beside the metadata BASE.sigmf-meta as core:dataset says, else
 * BASE.sigmf-data, else (recordings that were only described later) BASE.cu8 and the like. */
static char *sigmf_data_path(const char *base, const struct hz_told *t)
{
    char *path = NULL;
    const char *slash = strrchr(base, '/');
    int folder = slash ? (int)(slash - base) + 1 : 0;
    if (*t->dataset)
        return asprintf(&path, "%.*s%s", folder, base, t->dataset) < 0 ? NULL : path;
    if (asprintf(&path, "%s.sigmf-data", base) < 0)
        return NULL;
    if (exists(path))
        return path;
    char *other = NULL;
    if (asprintf(&other, "%s.%s", base, hz_format_name(t->format)) < 0)
        return path;
    if (!exists(other)) {
        free(other);
        return path;
    }
    free(path);
    return other;
}

/* Reads the metadata that belongs to a path ending in .sigmf-meta or .sigmf-data. */
static int look_into_sigmf(const struct error *e, struct hz_recording *r, struct hz_told *t)
{
    char *base = NULL, *meta = NULL, *data, *json = NULL;
    int length = (int)(strrchr(e->path, '.') - e->path), rc = -ENOMEM;
    size_t len = 0;
    if (asprintf(&base, "%.*s", length, e->path) < 0)
        return fail(e, rc, "no memory");
    if (asprintf(&meta, "%s.sigmf-meta", base) < 0) {
        free(base);
        return fail(e, rc, "no memory");
    }
    const struct error of_meta = {meta, e->text, e->size};
    rc = read_head(&of_meta, meta, SIGMF_MAX, &json, &len);
    if (rc == 0 && len == SIGMF_MAX)
        rc = fail(&of_meta, -EBADMSG, "is 16 MiB or longer: expected SigMF metadata");
    else if (rc == 0 && hz_sigmf_parse(json, len, t, e->text, e->size) < 0)
        rc = fail_parse(&of_meta);
    if (rc == 0) {
        data = sigmf_data_path(base, t);
        free(r->data_path);
        r->data_path = data;
        if (!data)
            rc = fail(e, -ENOMEM, "no memory");
        else if (!exists(data))
            rc = fail(&of_meta, -ENOENT, "its samples are missing: expected them in %s", data);
    }
    free(json);
    free(meta);
    free(base);
    return rc;
}

static int look_into_wav(const struct error *e, struct hz_told *t)
{
    char *head = NULL;
    size_t len = 0;
    int rc = read_head(e, e->path, HZ_WAV_HEAD, &head, &len);
    if (rc < 0)
        return rc;
    rc = hz_wav_parse((const uint8_t *)head, len, t, e->text, e->size);
    free(head);
    return rc < 0 ? fail_parse(e) : 0;
}

/* What the options give goes over what anything else told. */
static void options(const struct hz_conf_receiver *asked, struct hz_told *t)
{
    if (asked->has_format) {
        t->has_format = true;
        t->format = asked->format;
    }
    if (asked->rate_hz > 0)
        t->rate_hz = asked->rate_hz;
    if (asked->centre_hz > 0)
        t->centre_hz = asked->centre_hz;
    if (asked->start_utc_ns != INT64_MIN)
        t->start_utc_ns = asked->start_utc_ns;
}

/* Checks what is known in the end, and takes it over. */
static int settle(const struct error *e, const struct hz_conf_receiver *asked,
                  struct hz_recording *r, const struct hz_told *t)
{
    if (!t->has_format)
        return fail(e, -EINVAL,
                    "format not known: give it with -t FORMAT or 'format =' (cu8, cs8, cs16, cf32, "
                    "wav), or name the file as in x_1090M_2400k.cu8");
    if (isnan(t->rate_hz))
        return fail(e, -EINVAL,
                    "rate not known: give it with -r RATE or 'rate =', or name the file as in "
                    "x_1090M_2400k.cu8");
    if (t->rate_hz < RATE_MIN || t->rate_hz > RATE_MAX)
        return fail(e, asked->rate_hz > 0 ? -EINVAL : -EBADMSG,
                    "rate of %g samples per second: expected %g to %g", t->rate_hz, RATE_MIN,
                    RATE_MAX);
    r->format = t->format;
    r->rate_hz = t->rate_hz;
    r->centre_hz = isnan(t->centre_hz) ? 0 : t->centre_hz;
    r->start_utc_ns = t->start_utc_ns == INT64_MIN ? 0 : t->start_utc_ns;
    r->offset = t->offset;
    r->bytes = UINT64_MAX;
    return 0;
}

/* How many bytes of whole samples a file of `size` bytes holds, and what is odd about it. */
static int measure(const struct error *e, struct hz_recording *r, const struct hz_told *t,
                   uint64_t size)
{
    uint64_t one = hz_format_bytes(r->format);
    uint64_t there = size > t->offset ? size - t->offset : 0;
    bool open_end = t->bytes == UINT64_MAX || (t->bytes == 0 && there > 0);
    uint64_t bytes = !open_end && t->bytes < there ? t->bytes : there;
    r->bytes = bytes - bytes % one;
    if (size == 0)
        return fail(e, -EBADMSG, "is empty: expected samples");
    if (r->bytes == 0)
        return fail(e, -EBADMSG, "holds no whole sample: expected at least %llu bytes of %s",
                    (unsigned long long)(t->offset + one), hz_format_name(r->format));
    if (!open_end && t->bytes > there)
        snprintf(r->warning, sizeof r->warning,
                 "cut short: %llu of %llu bytes of samples are there and used",
                 (unsigned long long)r->bytes, (unsigned long long)t->bytes);
    else if (t->bytes == 0)
        snprintf(r->warning, sizeof r->warning,
                 "its head says 0 bytes of samples: all %llu that are there are used",
                 (unsigned long long)r->bytes);
    else if (bytes % one)
        snprintf(r->warning, sizeof r->warning,
                 "the last %llu byte%s no whole sample of %s and not used",
                 (unsigned long long)(bytes % one), bytes % one == 1 ? " is" : "s are",
                 hz_format_name(r->format));
    return 0;
}

/* A pipe is not touched: what it delivers must be known from options or a FIFO's name. */
static int open_pipe(const struct error *e, const struct hz_conf_receiver *asked, bool wav,
                     struct hz_recording *r, struct hz_told *t)
{
    r->pipe = true;
    if (wav)
        return fail(e, -EINVAL,
                    "a WAV cannot be read from a pipe: give the format and rate of its samples");
    options(asked, t);
    return settle(e, asked, r, t);
}

static int open_file(const struct error *e, const struct hz_conf_receiver *asked, bool wav,
                     bool sigmf, struct hz_recording *r, struct hz_told *t)
{
    struct stat st;
    int rc = 0;
    if (wav)
        rc = look_into_wav(e, t);
    else if (sigmf)
        rc = look_into_sigmf(e, r, t);
    if (rc < 0)
        return rc;
    options(asked, t);
    const struct error of_data = {r->data_path, e->text, e->size};
    rc = settle(&of_data, asked, r, t);
    if (rc < 0)
        return rc;
    if (stat(r->data_path, &st) < 0)
        return fail(&of_data, -errno, "cannot be opened: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return fail(&of_data, -EBADMSG, "is not a file: expected samples");
    if (access(r->data_path, R_OK) < 0)
        return fail(&of_data, -errno, "cannot be read: %s", strerror(errno));
    return measure(&of_data, r, t, (uint64_t)st.st_size);
}

int hz_recording_open(const struct hz_conf_receiver *asked, struct hz_recording *r, char *err,
                      size_t err_len)
{
    const bool std_in = strcmp(asked->path, "-") == 0;
    const struct error e = {std_in ? "standard input" : asked->path, err, err_len};
    const struct hz_filename name = hz_filename_parse(asked->path);
    const bool wav = asked->wav || (name.wav && !asked->has_format);
    struct hz_told t;
    struct stat st = {0};
    int rc;
    *r = (struct hz_recording){.data_path = strdup(asked->path)};
    if (!r->data_path)
        return fail(&e, -ENOMEM, "no memory");
    hz_told_init(&t);
    t.audio = asked->audio;
    t.has_format = name.has_format || asked->audio;
    t.format = asked->audio ? HZ_S16 : name.format;
    t.rate_hz = name.rate_hz;
    t.centre_hz = name.centre_hz;
    if (!std_in && stat(asked->path, &st) < 0)
        rc = fail(&e, -errno, "cannot be opened: %s", strerror(errno));
    else if (!std_in && S_ISDIR(st.st_mode))
        rc = fail(&e, -EISDIR, "is a directory: expected a recording");
    else if (std_in || !S_ISREG(st.st_mode))
        rc = open_pipe(&e, asked, wav, r, &t);
    else if (st.st_size == 0)
        rc = fail(&e, -EBADMSG, "is empty: expected samples");
    else
        rc = open_file(&e, asked, wav, name.sigmf, r, &t);
    if (rc < 0)
        hz_recording_done(r);
    return rc;
}

void hz_recording_done(struct hz_recording *r)
{
    free(r->data_path);
    *r = (struct hz_recording){0};
}

#include "daemon/source/recording.h"

#include "config/filename.h"
#include "daemon/source/recording_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double RATE_MIN = 1, RATE_MAX = 1e9;

/* The rate of raw audio if it is unknown: that of multimon-ng, for which its manual also uses
 * rtl_fm. */
static const double RAW_AUDIO_HZ = 22050;

int hz_file_fail(const struct hz_file_error *e, int rc, const char *format, ...)
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

int hz_file_fail_parse(const struct hz_file_error *e)
{
    char line[512];
    snprintf(line, sizeof line, "%s", e->text);
    return hz_file_fail(e, -EBADMSG, "%s", line);
}

void hz_recording_meta_init(struct hz_recording_meta *t)
{
    *t = (struct hz_recording_meta){.rate_hz = NAN,
                                    .centre_hz = NAN,
                                    .start_utc_ns = INT64_MIN,
                                    .bytes = UINT64_MAX,
                                    .asked_utc_ns = INT64_MIN};
}

void hz_recording_meta_done(struct hz_recording_meta *t)
{
    free(t->captures);
    t->captures = NULL;
    t->n_captures = 0;
}

int hz_file_read(const struct hz_file_error *e, const char *path, uint64_t offset, size_t max,
                 char **out, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hz_file_fail(e, -errno, "cannot be opened: %s", strerror(errno));
    char *buf = malloc(max + 1);
    ssize_t n = buf ? 0 : -1;
    for (*len = 0; buf && *len < max; *len += (size_t)n) {
        n = pread(fd, buf + *len, max - *len, (off_t)(offset + *len));
        if (n < 0 && errno == EINTR)
            n = 0;
        else if (n <= 0)
            break;
    }
    int rc = n < 0 ? -errno : 0;
    close(fd);
    if (rc < 0) {
        free(buf);
        return hz_file_fail(e, rc, "cannot be read: %s", strerror(-rc));
    }
    *out = buf;
    return 0;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* The path of the samples of SigMF metadata BASE.sigmf-meta, in the same folder: core:dataset, else
 * BASE.sigmf-data, else BASE.cu8 and so on (for metadata that was added later). */
static char *sigmf_data_path(const char *base, const char *end, const struct hz_recording_meta *t)
{
    char *path = NULL;
    const char *slash = strrchr(base, '/');
    int folder = slash ? (int)(slash - base) + 1 : 0;
    if (*t->dataset)
        return asprintf(&path, "%.*s%s", folder, base, t->dataset) < 0 ? NULL : path;
    if (asprintf(&path, "%s%s", base, end) < 0)
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

/* Reads the metadata `meta` of the recording BASE and finds its samples. */
static int read_sigmf(const struct hz_file_error *e, const char *meta, const char *base,
                      const char *data_end, struct hz_recording *r, struct hz_recording_meta *t)
{
    const struct hz_file_error of_meta = {meta, e->text, e->size};
    char *json = NULL;
    size_t len = 0;
    int rc = hz_file_read(&of_meta, meta, 0, HZ_SIGMF_MAX, &json, &len);
    if (rc == 0 && len == HZ_SIGMF_MAX)
        rc = hz_file_fail(&of_meta, -EBADMSG, "is 16 MiB or longer: expected SigMF metadata");
    else if (rc == 0 && hz_sigmf_parse(json, len, t, e->text, e->size) < 0)
        rc = hz_file_fail_parse(&of_meta);
    free(json);
    if (rc < 0)
        return rc;
    free(r->data_path);
    r->data_path = sigmf_data_path(base, data_end, t);
    if (!r->data_path)
        return hz_file_fail(e, -ENOMEM, "no memory");
    if (!exists(r->data_path))
        return hz_file_fail(&of_meta, -ENOENT, "its samples are missing: expected them in %s",
                            r->data_path);
    return 0;
}

/* Opens a path that ends in .sigmf-meta or .sigmf-data, in lower or upper case. */
static int look_into_sigmf(const struct hz_file_error *e, struct hz_recording *r,
                           struct hz_recording_meta *t)
{
    char *base = NULL, *meta = NULL;
    const char *dot = strrchr(e->path, '.');
    bool capitals = dot[1] == 'S';
    int rc = -ENOMEM;
    if (asprintf(&base, "%.*s", (int)(dot - e->path), e->path) < 0)
        return hz_file_fail(e, rc, "no memory");
    if (asprintf(&meta, "%s%s", base, capitals ? ".SIGMF-META" : ".sigmf-meta") < 0)
        rc = hz_file_fail(e, rc, "no memory");
    else
        rc = read_sigmf(e, meta, base, capitals ? ".SIGMF-DATA" : ".sigmf-data", r, t);
    free(meta);
    free(base);
    return rc;
}

/* Corrects the size of a WAV's samples, a number of 32 bits. It overflows in files of over 4 GiB,
 * and some programs leave an old value when they are stopped. In both cases the bytes after the
 * samples are not a chunk. */
static int mend_wav_size(const struct hz_file_error *e, struct hz_recording *r,
                         struct hz_recording_meta *t, uint64_t size)
{
    char *next = NULL;
    size_t len = 0;
    uint64_t said = t->bytes, there = size > t->offset ? size - t->offset : 0;
    if (said == 0 || said >= there)
        return 0; /* the error is reported when the size is measured */
    t->bytes += t->bytes_32 ? (there - said) >> 32 << 32 : 0;
    uint64_t left = there - t->bytes, pad = t->bytes & 1;
    int rc = hz_file_read(e, r->data_path, t->offset + t->bytes + pad, 8, &next, &len);
    if (rc < 0)
        return rc;
    bool chunk = left <= pad || hz_wav_is_chunk((const uint8_t *)next, len, left - pad);
    free(next);
    if (!chunk && t->bytes_32)
        t->bytes = there;
    else if (!chunk)
        hz_recording_warn(r, "%llu bytes behind its samples are neither samples nor a chunk",
                          (unsigned long long)left);
    if (t->bytes != said)
        hz_recording_warn(r, "its head says %llu bytes of samples, but more follow: %llu are used",
                          (unsigned long long)said, (unsigned long long)t->bytes);
    return 0;
}

static int look_into_wav(const struct hz_file_error *e, struct hz_recording *r,
                         struct hz_recording_meta *t, uint64_t size)
{
    char *head = NULL;
    size_t len = 0;
    int rc = hz_file_read(e, r->data_path, 0, HZ_WAV_HEAD, &head, &len);
    if (rc < 0)
        return rc;
    rc = hz_wav_parse((const uint8_t *)head, len, t, e->text, e->size);
    free(head);
    return rc < 0 ? hz_file_fail_parse(e) : mend_wav_size(e, r, t, size);
}

static int look_into_sdriq(const struct hz_file_error *e, const struct hz_recording *r,
                           struct hz_recording_meta *t)
{
    char *head = NULL;
    size_t len = 0;
    int rc = hz_file_read(e, r->data_path, 0, HZ_SDRIQ_HEAD, &head, &len);
    if (rc < 0)
        return rc;
    rc = hz_sdriq_parse((const uint8_t *)head, len, t, e->text, e->size);
    free(head);
    return rc < 0 ? hz_file_fail_parse(e) : 0;
}

/* Options override all other sources. */
static void options(const struct hz_conf_file *asked, struct hz_recording_meta *t)
{
    if (asked->receiver.format.given) {
        t->has_format = true;
        t->format = asked->receiver.format.format;
    }
    if (asked->receiver.rate_hz > 0)
        t->rate_hz = asked->receiver.rate_hz;
    t->asked_centre_hz = asked->receiver.centre_hz;
    t->asked_utc_ns = asked->start_utc_ns;
}

/* Checks the result and stores it in *r. */
static int settle(const struct hz_file_error *e, const struct hz_conf_file *asked,
                  struct hz_recording *r, struct hz_recording_meta *t)
{
    if (!t->has_format)
        return hz_file_fail(e, -EINVAL,
                            "format not known: give it with -t FORMAT or 'format =' (cu8, cs8, "
                            "cs16, cf32, wav), or name the file as in x_1090M_2400k.cu8");
    if (isnan(t->rate_hz) && t->audio) {
        t->rate_hz = RAW_AUDIO_HZ;
        hz_recording_warn(r,
                          "the rate of the audio is not known: taken for %g samples per second; "
                          "-r gives it",
                          RAW_AUDIO_HZ);
    }
    if (isnan(t->rate_hz))
        return hz_file_fail(e, -EINVAL,
                            "rate not known: give it with -r RATE or 'rate =', or name the file as "
                            "in x_1090M_2400k.cu8");
    if (t->rate_hz < RATE_MIN || t->rate_hz > RATE_MAX)
        return hz_file_fail(e, asked->receiver.rate_hz > 0 ? -EINVAL : -EBADMSG,
                            "rate of %g samples per second: expected %g to %g", t->rate_hz,
                            RATE_MIN, RATE_MAX);
    r->format = t->format;
    r->rate_hz = t->rate_hz;
    if (*t->odd)
        hz_recording_warn(r, "%s", t->odd);
    return 0;
}

/* A pipe is not read: its properties must be known from options or from the name of a FIFO. */
static int open_pipe(const struct hz_file_error *e, const struct hz_conf_file *asked, bool wav,
                     struct hz_recording *r, struct hz_recording_meta *t)
{
    r->pipe = true;
    if (wav)
        return hz_file_fail(
            e, -EINVAL,
            "a WAV cannot be read from a pipe: give the format and rate of its samples");
    options(asked, t);
    int rc = settle(e, asked, r, t);
    int64_t start = t->asked_utc_ns != INT64_MIN ? t->asked_utc_ns : t->start_utc_ns;
    r->centre_hz = t->asked_centre_hz > 0 ? t->asked_centre_hz : t->centre_hz;
    r->centre_hz = isnan(r->centre_hz) ? 0 : r->centre_hz;
    r->clocked = start == INT64_MIN;
    r->start_utc_ns = r->clocked ? 0 : start;
    r->bytes = UINT64_MAX;
    return rc;
}

/* Warns of differences between the name and the header. */
static void compare(struct hz_recording *r, const struct hz_filename *name,
                    const struct hz_recording_meta *t)
{
    if (name->rate_hz > 0 && t->rate_hz > 0 && fabs(name->rate_hz - t->rate_hz) > 1e-6 * t->rate_hz)
        hz_recording_warn(r,
                          "its name says %.10g samples per second, its head %.10g: the latter is "
                          "taken",
                          name->rate_hz, t->rate_hz);
    if (name->centre_hz > 0 && t->centre_hz > 0 &&
        fabs(name->centre_hz - t->centre_hz) > 1e-6 * t->centre_hz)
        hz_recording_warn(r,
                          "its name says a centre of %.10g Hz, its head of %.10g: the latter is "
                          "taken",
                          name->centre_hz, t->centre_hz);
}

static int open_file(const struct hz_file_error *e, const struct hz_conf_file *asked, bool wav,
                     const struct hz_filename *name, uint64_t size, struct hz_recording *r,
                     struct hz_recording_meta *t)
{
    struct stat st;
    int rc = 0;
    bool raw = asked->receiver.format.given;
    if (wav)
        rc = look_into_wav(e, r, t, size);
    else if (name->sigmf)
        rc = look_into_sigmf(e, r, t);
    else if (name->archive)
        rc = hz_archive_look(e, r, t);
    else if (name->sdriq && !raw)
        rc = look_into_sdriq(e, r, t);
    if (rc < 0)
        return rc;
    if (name->local_time && t->start_utc_ns == name->start_utc_ns &&
        asked->start_utc_ns == INT64_MIN)
        hz_recording_warn(r, "the time in its name is in a zone that is not known: taken for UTC");
    if (wav && name->says_audio && !asked->receiver.format.audio)
        hz_recording_warn(r, "its name says that it is audio, and it is read as I and Q: -t audio "
                             "reads it as audio");
    compare(r, name, t);
    options(asked, t);
    const struct hz_file_error of_data = {r->data_path, e->text, e->size};
    rc = settle(&of_data, asked, r, t);
    if (rc < 0)
        return rc;
    if (stat(r->data_path, &st) < 0)
        return hz_file_fail(&of_data, -errno, "cannot be opened: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return hz_file_fail(&of_data, -EBADMSG, "is not a file: expected samples");
    if (access(r->data_path, R_OK) < 0)
        return hz_file_fail(&of_data, -errno, "cannot be read: %s", strerror(errno));
    if (st.st_size == 0)
        return hz_file_fail(&of_data, -EBADMSG, "is empty: expected samples");
    char line[256];
    rc = hz_runs_make(r, t, (uint64_t)st.st_size, line, sizeof line);
    return rc < 0 ? hz_file_fail(&of_data, rc, "%s", line) : 0;
}

/* Whether a file without a known suffix begins like a WAV. False if it cannot be read; the error is
 * reported later. */
static bool begins_as_wav(const char *path)
{
    char text[64], *head = NULL;
    size_t len = 0;
    const struct hz_file_error unheard = {path, text, sizeof text};
    if (hz_file_read(&unheard, path, 0, 12, &head, &len) < 0)
        return false;
    bool wav = len == 12 && memcmp(head + 8, "WAVE", 4) == 0;
    free(head);
    return wav;
}

/* Collects what is known before the file is read. */
static void begin(struct hz_recording_meta *t, const struct hz_conf_file *asked,
                  const struct hz_filename *name)
{
    hz_recording_meta_init(t);
    t->audio = asked->receiver.format.audio;
    t->has_format = name->has_format || asked->receiver.format.audio;
    t->format = name->format;
    if (asked->receiver.format.audio && !name->has_audio)
        t->format = HZ_S16;
    t->rate_hz = name->rate_hz;
    t->centre_hz = name->centre_hz;
    t->start_utc_ns = name->start_utc_ns;
}

int hz_recording_open(const struct hz_conf_file *asked, struct hz_recording *r, char *err,
                      size_t err_len)
{
    struct stat st = {0};
    bool std_in = strcmp(asked->path, "-") == 0;
    const struct hz_file_error e = {std_in ? "standard input" : asked->path, err, err_len};
    const char *path = asked->path;
    if (std_in && fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
        path = "/dev/stdin"; /* a file like any other, but for its name */
        std_in = false;
    }
    const struct hz_filename name = hz_filename_parse(asked->path);
    bool wav = asked->receiver.format.wav || (name.wav && !asked->receiver.format.given);
    struct hz_recording_meta t;
    int rc;
    *r = (struct hz_recording){.data_path = strdup(path)};
    if (!r->data_path)
        return hz_file_fail(&e, -ENOMEM, "no memory");
    bool named = name.has_format || name.sigmf || name.archive || name.sdriq;
    if (!asked->receiver.format.given && !named && stat(path, &st) == 0 && S_ISREG(st.st_mode))
        wav = wav || begins_as_wav(path);
    begin(&t, asked, &name);
    if (!std_in && stat(path, &st) < 0)
        rc = hz_file_fail(&e, -errno, "cannot be opened: %s", strerror(errno));
    else if (!std_in && S_ISDIR(st.st_mode))
        rc = hz_file_fail(&e, -EISDIR, "is a directory: expected a recording");
    else if (std_in || !S_ISREG(st.st_mode))
        rc = open_pipe(&e, asked, wav, r, &t);
    else if (st.st_size == 0)
        rc = hz_file_fail(&e, -EBADMSG, "is empty: expected samples");
    else
        rc = open_file(&e, asked, wav, &name, (uint64_t)st.st_size, r, &t);
    hz_recording_meta_done(&t);
    if (rc < 0)
        hz_recording_done(r);
    return rc;
}

void hz_recording_done(struct hz_recording *r)
{
    free(r->runs);
    free(r->data_path);
    *r = (struct hz_recording){0};
}

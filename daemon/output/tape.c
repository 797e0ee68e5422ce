#include "daemon/output/tape.h"

#include "daemon/base/ogg.h"
#include "daemon/base/wav.h"
#include "daemon/output/tape_name.h"
#include "dsp/opus.h"
#include "proto/out/field.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TAGS_ROOM = 1024, /* reserved in the head of a file: a message's fields take 300 bytes */
    TAGS_MAX = 32,
    TAGS_TEXT = TAGS_ROOM - 160, /* so that they fit with what libopus adds */
    JSON_MAX = 64 * 1024,
    TRIES = 1000, /* names of files that exist */
};

struct hz_tape {
    uint64_t transmission; /* its first sample, which identifies it */
    double freq_hz;
    char *base;    /* path without its ending */
    size_t root;   /* bytes of it that are the root, with its slash */
    char *part;    /* the temporary file */
    char *section; /* "": no .json */
    FILE *file;
    bool failed;
    struct hz_ogg *ogg;               /* NULL: WAV */
    uint8_t held[HZ_OPUS_PACKET_MAX]; /* the last packet, which may be the end */
    size_t held_len;
    uint64_t samples;
    uint32_t rate_hz;
    uint64_t written;      /* bytes */
    struct hz_taped about; /* at the end, where the name of its file would be; that stays empty */
};

static int fail(struct hz_tape *t, int rc, char *err, size_t err_len)
{
    t->failed = true;
    snprintf(err, err_len, "%s: %s", t->base, strerror(rc ? rc : EIO));
    return rc ? -rc : -EIO;
}

/* Makes the folders of a path behind its first `from` bytes. */
static void make_folders(char *path, size_t from)
{
    for (char *p = path + from; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(path, 0777); /* an error is seen when the file is opened */
        *p = '/';
    }
}

static int write_file(void *ctx, const void *data, size_t n)
{
    struct hz_tape *t = ctx;
    errno = 0;
    if (fwrite(data, 1, n, t->file) != n)
        return errno ? -errno : -EIO;
    t->written += n;
    return 0;
}

static int begin_file(struct hz_tape *t)
{
    static const char *const none[] = {NULL};
    const struct hz_ogg_out out = {write_file, t};
    uint8_t head[HZ_WAV_HEAD];
    if (t->ogg)
        return hz_ogg_head(t->ogg, t->rate_hz, none, TAGS_ROOM, &out);
    hz_wav_head(head, t->rate_hz, UINT32_MAX); /* what a crash leaves can be played */
    return write_file(t, head, sizeof head);
}

static void free_tape(struct hz_tape *t)
{
    if (t->file)
        fclose(t->file);
    hz_ogg_free(t->ogg);
    free(t->base);
    free(t->part);
    free(t->section);
    free(t);
}

/* Its texts. -ENOMEM, or -ENAMETOOLONG. */
static int name_tape(struct hz_tape *t, const struct hz_tape_where *where, const struct hz_frame *f)
{
    char name[HZ_TAPE_NAME_MAX + 1];
    const struct hz_tape_words words = {.channel = f->topic->channel,
                                        .receiver = f->topic->receiver,
                                        .freq_hz = f->rec.freq_hz,
                                        .utc_ns = f->rec.utc_ns};
    if (hz_tape_name(where->pattern, &words, name) < 0)
        return -ENAMETOOLONG;
    t->section = strdup(where->name);
    if (asprintf(&t->base, "%s/%s", where->root, name) < 0)
        t->base = NULL;
    const char *slash = t->base ? strrchr(t->base, '/') : NULL;
    if (!slash || asprintf(&t->part, "%.*s/.%s%s" HZ_TAPE_PART, (int)(slash - t->base), t->base,
                           slash + 1, hz_taped_ending(where->opus)) < 0)
        t->part = NULL;
    t->root = strlen(where->root) + 1;
    return t->section && t->base && t->part ? 0 : -ENOMEM;
}

/* The temporary file, which nobody else writes. 0 or -errno. */
static int open_part(struct hz_tape *t)
{
    make_folders(t->base, t->root);
    int fd = open(t->part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 || ftruncate(fd, 0) < 0 || !(t->file = fdopen(fd, "wb"))) {
        int rc = -errno;
        close(fd);
        return rc;
    }
    return 0;
}

struct hz_tape *hz_tape_new(const struct hz_tape_where *where, const struct hz_frame *f, char *err,
                            size_t err_len)
{
    struct hz_tape *t = calloc(1, sizeof *t);
    if (!t) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    snprintf(t->about.channel, sizeof t->about.channel, "%s", f->topic->channel);
    snprintf(t->about.receiver, sizeof t->about.receiver, "%s", f->topic->receiver);
    t->about.utc_ns = f->rec.utc_ns;
    t->about.opus = where->opus;
    t->transmission = f->rec.transmission;
    t->freq_hz = f->rec.freq_hz;
    t->rate_hz = f->rec.rate_hz;
    t->ogg = where->opus ? hz_ogg_new((uint32_t)f->rec.transmission) : NULL;
    int rc = where->opus && !t->ogg ? -ENOMEM : name_tape(t, where, f);
    if (rc == 0)
        rc = open_part(t);
    if (rc == 0 && (rc = begin_file(t)) < 0)
        unlink(t->part);
    if (rc == 0)
        return t;
    snprintf(err, err_len, "%s: %s", t->base ? t->base : where->root, strerror(-rc));
    free_tape(t);
    return NULL;
}

bool hz_tape_is_of_channel(const struct hz_tape *t, const struct hz_frame *f)
{
    return strcmp(t->about.channel, f->topic->channel) == 0 &&
           strcmp(t->about.receiver, f->topic->receiver) == 0;
}

bool hz_tape_is_of(const struct hz_tape *t, const struct hz_frame *f)
{
    uint64_t of = f->rec.kind == HZ_KIND_AUDIO ? f->rec.transmission : f->rec.sample;
    return of == t->transmission && hz_tape_is_of_channel(t, f);
}

/* Adds the packet that was held. ends: of the stream, or 0. */
static int add_held(struct hz_tape *t, uint64_t ends)
{
    int rc = t->held_len > 0 ? hz_ogg_add(t->ogg, t->held, t->held_len, ends) : 0;
    t->held_len = 0;
    return rc;
}

int hz_tape_add(struct hz_tape *t, const struct hz_frame *f, char *err, size_t err_len)
{
    const struct hz_ogg_out out = {write_file, t};
    int rc = 0;
    if (t->failed)
        return fail(t, EIO, err, err_len);
    if (t->ogg) {
        rc = add_held(t, 0);
        if (rc == 0)
            rc = hz_ogg_write(t->ogg, false, &out);
        memcpy(t->held, f->rec.opus, f->rec.opus_len);
        t->held_len = f->rec.opus_len;
    } else {
        rc = write_file(t, f->rec.raw, f->rec.raw_len);
    }
    t->samples += f->rec.raw_len / 2;
    return rc < 0 ? fail(t, -rc, err, err_len) : 0;
}

/* ---- the end ---------------------------------------------------------------------------- */

/* Tags in one piece of memory. */
struct tags {
    const char *list[TAGS_MAX + 1];
    size_t n, used;
    char text[TAGS_TEXT];
};

static void tag(struct tags *s, const char *name, size_t name_len, const char *value, size_t len)
{
    if (s->n == TAGS_MAX || s->used + name_len + len + 2 > sizeof s->text)
        return;
    char *p = s->text + s->used;
    for (size_t i = 0; i < name_len; i++)
        p[i] = (char)toupper((unsigned char)name[i]);
    p[name_len] = '=';
    memcpy(p + name_len + 1, value, len);
    p[name_len + 1 + len] = '\0';
    s->list[s->n++] = p;
    s->list[s->n] = NULL;
    s->used += name_len + len + 2;
}

static void tag_text(struct tags *s, const char *name, const char *value)
{
    tag(s, name, strlen(name), value, strlen(value));
}

static void tag_number(struct tags *s, const char *name, double value, int decimals)
{
    char text[40];
    if (value != value) /* not measured */
        return;
    snprintf(text, sizeof text, "%.*f", decimals, value);
    tag_text(s, name, text);
}

static void tag_message(struct tags *s, const struct hz_record *rec)
{
    struct hz_value name, value;
    tag_number(s, "rssi_dbfs", (double)rec->rssi_dbfs, 1);
    tag_number(s, "noise_dbfs", (double)rec->noise_dbfs, 1);
    tag_number(s, "snr_db", (double)rec->snr_db, 1);
    for (size_t i = 0; i < rec->n_fields; i++) {
        hz_record_field_at(rec, i, &name, &value);
        bool quoted = value.n >= 2 && value.p[0] == '"';
        tag(s, name.p, name.n, value.p + quoted, value.n - 2 * quoted);
    }
}

static int write_tags(struct hz_tape *t, const struct hz_frame *message)
{
    struct tags s = {0};
    char when[HZ_TIME_TEXT];
    const struct hz_ogg_out out = {write_file, t};
    hz_time_text(t->about.utc_ns, when);
    tag_text(&s, "title", t->about.channel);
    tag_text(&s, "date", when);
    tag_text(&s, "encoder", "hertzd " HZ_VERSION);
    tag_text(&s, "channel", t->about.channel);
    tag_text(&s, "receiver", t->about.receiver);
    tag_number(&s, "freq_hz", t->freq_hz, 0);
    if (message)
        tag_message(&s, &message->rec);
    uint64_t written = t->written;
    int rc = fseek(t->file, HZ_OGG_TAGS_AT, SEEK_SET) < 0 ? -errno : 0;
    if (rc == 0)
        rc = hz_ogg_tags(t->ogg, s.list, TAGS_ROOM, &out);
    t->written = written;
    return rc;
}

/* The last pages, and the head that tells all. */
static int complete(struct hz_tape *t, const struct hz_frame *message)
{
    const struct hz_ogg_out out = {write_file, t};
    uint8_t head[HZ_WAV_HEAD];
    if (t->failed)
        return -EIO;
    if (t->ogg) {
        int rc = add_held(t, t->samples * HZ_OPUS_CLOCK_HZ / t->rate_hz);
        if (rc == 0)
            rc = hz_ogg_write(t->ogg, true, &out);
        return rc == 0 ? write_tags(t, message) : rc;
    }
    hz_wav_head(head, t->rate_hz, (uint32_t)(t->samples * 2));
    int rc = fseek(t->file, 0, SEEK_SET) < 0 ? -errno : write_file(t, head, sizeof head);
    t->written -= sizeof head;
    return rc;
}

/* Renames without replacing. 0 or -errno; -EEXIST. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    struct stat st; /* a file system that cannot do it in one step */
    if (lstat(to, &st) == 0)
        return -EEXIST;
    return rename(from, to) < 0 ? -errno : 0;
}

/* Writes the .json and gives it its name. 0 or -errno; -EEXIST. */
static int put_json(struct hz_tape *t, const struct hz_frame *message, const char *path)
{
    char *text = malloc(JSON_MAX);
    size_t n = text ? hz_taped_print(&t->about, t->section, message, text, JSON_MAX) : 0;
    FILE *f = NULL;
    char *part = NULL;
    int rc = text ? -EMSGSIZE : -ENOMEM;
    if (n > 0 && asprintf(&part, "%s.json", t->part) < 0)
        part = NULL;
    if (part) {
        memcpy(part + strlen(t->part) - strlen(HZ_TAPE_PART), ".json" HZ_TAPE_PART,
               sizeof ".json" HZ_TAPE_PART);
        errno = 0;
        f = fopen(part, "wbe");
        bool good = f && fwrite(text, 1, n, f) == n;
        good = f && fclose(f) == 0 && good;
        rc = good ? rename_new(part, path) : errno ? -errno : -EIO;
        if (rc < 0)
            unlink(part);
    }
    free(part);
    free(text);
    return rc;
}

/* Gives the file its name, and the .json beside it. 0; -errno; -EEXIST: the name is taken. */
static int settle(struct hz_tape *t, const struct hz_frame *message, const char *path,
                  const char *json)
{
    int rc = *t->section ? put_json(t, message, json) : 0;
    if (rc < 0)
        return rc;
    rc = rename_new(t->part, path);
    if (rc < 0 && *t->section)
        unlink(json);
    return rc;
}

static int find_place(struct hz_tape *t, const struct hz_frame *message, struct hz_taped **made)
{
    int rc = -EEXIST;
    for (int i = 1; rc == -EEXIST && i <= TRIES; i++) {
        char number[16] = "", *path = NULL, *json = NULL;
        if (i > 1)
            snprintf(number, sizeof number, "_%d", i);
        if (asprintf(&path, "%s%s%s", t->base, number, hz_taped_ending(t->about.opus)) < 0)
            path = NULL;
        if (asprintf(&json, "%s%s.json", t->base, number) < 0)
            json = NULL;
        rc = path && json ? settle(t, message, path, json) : -ENOMEM;
        if (rc == 0 && *t->section)
            *made = hz_taped_new(&t->about, path + t->root);
        free(path);
        free(json);
    }
    return rc;
}

int hz_tape_end(struct hz_tape *t, const struct hz_frame *message, struct hz_taped **made,
                char *err, size_t err_len)
{
    *made = NULL;
    int rc = complete(t, message);
    errno = 0;
    if (fflush(t->file) != 0 && rc == 0)
        rc = errno ? -errno : -EIO;
    t->about.seconds = (double)t->samples / t->rate_hz;
    t->about.bytes = t->written;
    if (rc == 0)
        rc = find_place(t, message, made);
    if (rc < 0) {
        fail(t, -rc, err, err_len);
        unlink(t->part);
    }
    free_tape(t);
    return rc;
}

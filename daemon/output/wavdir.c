#include "daemon/output/wavdir.h"

#include "proto/out/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HEAD_BYTES = 44 };

/* A transmission that is being written; at most one for each channel. */
struct wav {
    struct wav *next;
    char channel[HZ_NAME_MAX + 1];
    uint64_t transmission; /* its first sample, which identifies it */
    FILE *file;
    char *path;
    uint32_t bytes, rate_hz;
};

struct hz_wavdir {
    char *path;
    struct wav *open;
};

struct hz_wavdir *hz_wavdir_new(const char *path, char *err, size_t err_len)
{
    struct stat st;
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        snprintf(err, err_len, "%s: %s", path, strerror(errno));
        return NULL;
    }
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        snprintf(err, err_len, "%s: expected a folder", path);
        return NULL;
    }
    struct hz_wavdir *w = calloc(1, sizeof *w);
    char *copy = strdup(path);
    if (!w || !copy) {
        free(w);
        free(copy);
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    w->path = copy;
    return w;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* The head of 16-bit mono PCM (RIFF, "Multimedia Programming Interface and Data Specifications").
 */
static size_t write_head(const struct wav *v)
{
    uint8_t head[HEAD_BYTES] = "RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0........\x02\0\x10\0data";
    put32(head + 4, v->bytes + HEAD_BYTES - 8);
    put32(head + 24, v->rate_hz);
    put32(head + 28, v->rate_hz * 2);
    put32(head + 40, v->bytes);
    return fwrite(head, 1, sizeof head, v->file);
}

static int fail(const struct wav *v, char *err, size_t err_len)
{
    int rc = errno ? errno : EIO;
    snprintf(err, err_len, "%s: %s", v->path, strerror(rc));
    return -rc;
}

/* Completes the file and frees its entry. */
static int finish(struct hz_wavdir *w, struct wav *v, char *err, size_t err_len)
{
    int rc = 0;
    struct wav **at = &w->open;
    while (*at != v)
        at = &(*at)->next;
    *at = v->next;
    errno = 0;
    if (v->file) {
        bool good = fseek(v->file, 0, SEEK_SET) == 0 && write_head(v) == HEAD_BYTES;
        good &= fclose(v->file) == 0;
        rc = good ? 0 : fail(v, err, err_len);
    }
    free(v->path);
    free(v);
    return rc;
}

/* 20261123T082611.123Z */
static void short_time(int64_t utc_ns, char *out, size_t size)
{
    char time[40] = "";
    struct hz_json j;
    hz_json_init(&j, time, sizeof time - 1);
    hz_json_time(&j, NULL, utc_ns); /* "2026-11-23T08:26:11.123456789Z", quotes included */
    size_t n = 0;
    for (size_t i = 1; i <= 23 && n + 2 < size; i++) {
        if (!strchr("-:", time[i]))
            out[n++] = time[i];
    }
    snprintf(out + n, size - n, "Z");
}

static struct wav *begin(struct hz_wavdir *w, const struct hz_frame *f)
{
    struct wav *v = calloc(1, sizeof *v);
    const char *channel = f->topic->channel;
    char when[40];
    if (!v)
        return NULL;
    short_time(f->rec.utc_ns, when, sizeof when);
    size_t len = strlen(w->path) + strlen(channel) + strlen(when) + 8;
    v->path = malloc(len);
    if (!v->path) {
        free(v);
        return NULL;
    }
    snprintf(v->path, len, "%s/%s_%s.wav", w->path, channel, when);
    snprintf(v->channel, sizeof v->channel, "%s", channel);
    v->transmission = f->rec.transmission;
    v->rate_hz = f->rec.rate_hz;
    v->next = w->open;
    w->open = v;
    v->file = fopen(v->path, "wb");
    return v;
}

int hz_wavdir_write(struct hz_wavdir *w, const struct hz_frame *f, char *err, size_t err_len)
{
    int rc = 0;
    struct wav *v = w->open;
    while (v && strcmp(v->channel, f->topic->channel) != 0)
        v = v->next;
    if (v && v->transmission != f->rec.transmission) {
        rc = finish(w, v, err, err_len);
        v = NULL;
    }
    errno = 0;
    if (v && !v->file) { /* the file could not be made */
        errno = EIO;
        return fail(v, err, err_len);
    }
    if (!v) {
        v = begin(w, f);
        if (!v) {
            snprintf(err, err_len, "out of memory");
            return -ENOMEM;
        }
        if (!v->file || write_head(v) != HEAD_BYTES)
            return fail(v, err, err_len);
    }
    v->bytes += (uint32_t)f->rec.raw_len;
    if (fwrite(f->rec.raw, 1, f->rec.raw_len, v->file) != f->rec.raw_len)
        return fail(v, err, err_len);
    return rc;
}

int hz_wavdir_end(struct hz_wavdir *w, const struct hz_frame *f, char *err, size_t err_len)
{
    struct wav *v = w->open;
    while (v && (strcmp(v->channel, f->topic->channel) != 0 || v->transmission != f->rec.sample))
        v = v->next;
    return v ? finish(w, v, err, err_len) : 0;
}

int hz_wavdir_close(struct hz_wavdir *w, char *err, size_t err_len)
{
    int rc = 0;
    if (!w)
        return 0;
    while (w->open) {
        int one = finish(w, w->open, err, err_len);
        rc = rc != 0 ? rc : one;
    }
    free(w->path);
    free(w);
    return rc;
}

/* GET /recordings: the newest recordings; GET /recordings/FILE: one of them, or a part of it. FILE
 * must be one that is listed, so no path can lead elsewhere. It is read on the threads that libuv
 * reserves for files, one piece at a time. */
#include "daemon/serve/http.h"
#include "daemon/serve/http_range.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 32 * 1024, PATH_BYTES = 4096, NAME_BYTES = 512 };

/* ---- the list --------------------------------------------------------------------------- */

/* The words channel and limit. False: refused. */
static bool read_query(struct hz_client *c, const struct hz_http_request *r, char *channel,
                       size_t size, size_t *limit)
{
    struct hz_http_text query = r->query;
    char name[32], value[64], *end;
    bool wrong;
    while (hz_http_query_next(&query, name, sizeof name, value, sizeof value, &wrong)) {
        if (strcmp(name, "channel") == 0 && strlen(value) < size) {
            strcpy(channel, value);
            continue;
        }
        long n = strtol(value, &end, 10);
        wrong = strcmp(name, "limit") != 0 || *end || n < 1 || n > HZ_RECORDINGS_MAX;
        if (wrong)
            break;
        *limit = (size_t)n;
    }
    if (wrong)
        hz_http_refuse(c, r, 400, NULL, "expected channel=NAME and limit=1 to 500");
    return !wrong;
}

void hz_http_recordings(struct hz_client *c, const struct hz_http_request *r)
{
    const struct hz_listen_env *env = &c->door->all->env;
    char channel[HZ_NAME_MAX + 1] = "";
    size_t limit = HZ_RECORDINGS_MAX;
    if (!read_query(c, r, channel, sizeof channel, &limit))
        return;
    cJSON *list = env->calls->recordings(env->calls_ctx, *channel ? channel : NULL, limit);
    char *text = list ? cJSON_PrintUnformatted(list) : NULL;
    const struct hz_http_answer a = {.type = "application/json"};
    cJSON_Delete(list);
    if (text)
        hz_http_respond(c, r, &a, text, strlen(text));
    else
        hz_http_respond_text(c, r, 500, "no memory");
    cJSON_free(text);
}

/* ---- a file ----------------------------------------------------------------------------- */

struct sending {
    uv_fs_t read;
    struct hz_client *client; /* NULL: it has gone */
    int fd;
    uint64_t at, end; /* bytes of the file that are left */
    bool reading;
    ssize_t have; /* bytes in piece that were read and not sent; below 0: an error */
    uv_buf_t buf;
    char piece[PIECE];
};

static void free_sending(struct sending *s)
{
    close(s->fd);
    free(s);
}

static void on_read(uv_fs_t *read)
{
    struct sending *s = read->data;
    s->reading = false;
    s->have = read->result > 0 ? (ssize_t)read->result : -EIO; /* 0: the file became shorter */
    uv_fs_req_cleanup(read);
    if (s->client)
        hz_client_wake(s->client);
    else
        free_sending(s);
}

static enum hz_http_next more(struct hz_client *c, void *own)
{
    struct sending *s = own;
    if (s->have < 0)
        return HZ_HTTP_CUT;
    if (s->have > 0) {
        hz_http_write(c, s->piece, (size_t)s->have);
        s->at += (uint64_t)s->have;
        s->have = 0;
    }
    if (s->at == s->end)
        return HZ_HTTP_END;
    if (s->reading)
        return HZ_HTTP_WAIT;
    uint64_t left = s->end - s->at;
    s->buf = uv_buf_init(s->piece, left < PIECE ? (unsigned int)left : PIECE);
    s->read.data = s;
    s->reading =
        uv_fs_read(c->io.handle.loop, &s->read, s->fd, &s->buf, 1, (int64_t)s->at, on_read) == 0;
    return s->reading ? HZ_HTTP_WAIT : HZ_HTTP_CUT;
}

static void done(void *own)
{
    struct sending *s = own;
    s->client = NULL;
    if (!s->reading)
        free_sending(s);
}

static const struct hz_http_body body = {.more = more, .done = done};

/* Percent-decodes a path. False: it is not well formed, or too long. */
static bool decode(struct hz_http_text path, char *out, size_t size)
{
    char word[NAME_BYTES + 8], name[8];
    bool wrong;
    if (path.n >= NAME_BYTES)
        return false;
    int n = snprintf(word, sizeof word, "f=%.*s", (int)path.n, path.p);
    struct hz_http_text query = {word, (size_t)n};
    return !memchr(path.p, '&', path.n) &&
           hz_http_query_next(&query, name, sizeof name, out, size, &wrong) && !wrong;
}

/* Opens a regular file; -1: it cannot be. */
static int open_file(const char *path, uint64_t *size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        *size = (uint64_t)st.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

static void send_file(struct hz_client *c, const struct hz_http_request *r, const char *path,
                      int fd, uint64_t size)
{
    char fields[200];
    uint64_t first, n;
    struct hz_http_text range = hz_http_field(r->head, "range");
    if (hz_http_field(r->head, "if-range").p) /* nothing tells versions apart: the whole */
        range.p = NULL;
    enum hz_http_range kind = hz_http_range(range, size, &first, &n);
    struct sending *s = kind == HZ_RANGE_NOT ? NULL : calloc(1, sizeof *s);
    if (!s) {
        close(fd);
        snprintf(fields, sizeof fields, "Content-Range: bytes */%llu\r\n",
                 (unsigned long long)size);
        if (kind == HZ_RANGE_NOT)
            hz_http_refuse(c, r, 416, fields, "the range lies behind the end of the recording");
        else
            hz_http_respond_text(c, r, 500, "no memory");
        return;
    }
    int len = snprintf(fields, sizeof fields, "Accept-Ranges: bytes\r\n");
    if (kind == HZ_RANGE_PART)
        snprintf(fields + len, sizeof fields - (size_t)len,
                 "Content-Range: bytes %llu-%llu/%llu\r\n", (unsigned long long)first,
                 (unsigned long long)(first + n - 1), (unsigned long long)size);
    s->client = c;
    s->fd = fd;
    s->at = first;
    s->end = first + n;
    const char *dot = strrchr(path, '.');
    struct hz_http_answer a = {.status = kind == HZ_RANGE_PART ? 206 : 200,
                               .type = dot && strcmp(dot, ".wav") == 0 ? "audio/wav" : "audio/ogg",
                               .fields = fields};
    hz_http_begin(c, r, &a, (int64_t)n, &body, s);
}

void hz_http_recording(struct hz_client *c, const struct hz_http_request *r)
{
    const struct hz_listen_env *env = &c->door->all->env;
    char file[NAME_BYTES], path[PATH_BYTES];
    uint64_t size;
    bool known = decode(r->rest, file, sizeof file) &&
                 env->calls->recording(env->calls_ctx, file, path, sizeof path);
    int fd = known ? open_file(path, &size) : -1;
    if (fd < 0)
        hz_http_refuse(c, r, 404, NULL, "no such recording; /recordings lists them");
    else
        send_file(c, r, path, fd, size);
}

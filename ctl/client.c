#include "ctl/client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 << 20, READ_BYTES = 65536, ANSWER_S = 10 };

static const char frame_head[] = "{\"jsonrpc\":\"2.0\",\"method\":\"frame\",\"params\":";

static int lost(struct hz_ctl_client *c, int error)
{
    if (error == EAGAIN || error == EWOULDBLOCK)
        snprintf(c->err, sizeof c->err, "hertzd did not answer within %d s", ANSWER_S);
    else
        snprintf(c->err, sizeof c->err, "the connection to hertzd was lost: %s", strerror(error));
    return -error;
}

static void wait_at_most(const struct hz_ctl_client *c, int seconds)
{
    struct timeval tv = {.tv_sec = seconds};
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

int hz_ctl_connect(struct hz_ctl_client *c, const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    *c = (struct hz_ctl_client){.fd = -1};
    if (strlen(path) >= sizeof addr.sun_path) {
        snprintf(c->err, sizeof c->err, "%.1900s: expected at most %zu characters for a socket",
                 path, sizeof addr.sun_path - 1);
        return -ENAMETOOLONG;
    }
    strcpy(addr.sun_path, path);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd >= 0)
        wait_at_most(c, ANSWER_S);
    if (c->fd >= 0 && connect(c->fd, (struct sockaddr *)&addr, sizeof addr) == 0)
        return 0;
    int error = errno;
    if (error == EACCES || error == EPERM)
        snprintf(c->err, sizeof c->err, "%s: permission denied; use sudo, or join the group hertzd",
                 path);
    else
        snprintf(c->err, sizeof c->err,
                 "no hertzd at %s (%s); start it with 'systemctl start hertzd' or 'hertzd demo', "
                 "or name its socket with --socket PATH",
                 path, strerror(error));
    return -error;
}

void hz_ctl_done(struct hz_ctl_client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    free(c->buf);
    *c = (struct hz_ctl_client){.fd = -1};
}

static int send_all(struct hz_ctl_client *c, const char *s, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(c->fd, s, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return lost(c, errno);
        s += sent;
        n -= (size_t)sent;
    }
    return 0;
}

/* Reads once, appending to the buffer. */
static int read_more(struct hz_ctl_client *c)
{
    if (c->len >= LINE_MAX_BYTES) {
        snprintf(c->err, sizeof c->err, "a line of more than 64 MiB came: expected an answer");
        return -EMSGSIZE;
    }
    if (c->cap - c->len < READ_BYTES) {
        size_t cap = c->cap * 2 + READ_BYTES;
        char *grown = realloc(c->buf, cap);
        if (!grown)
            return lost(c, ENOMEM);
        c->buf = grown;
        c->cap = cap;
    }
    ssize_t n;
    do
        n = read(c->fd, c->buf + c->len, c->cap - c->len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return lost(c, errno);
    if (n == 0) {
        snprintf(c->err, sizeof c->err, "hertzd closed the connection");
        return -EPIPE;
    }
    c->len += (size_t)n;
    return 0;
}

/* The next line, without its newline; zero-terminated, valid until the next call. */
static int next_line(struct hz_ctl_client *c, char **line, size_t *len)
{
    if (c->taken > 0)
        memmove(c->buf, c->buf + c->taken, c->len - c->taken);
    c->len -= c->taken;
    c->taken = 0;
    size_t seen = 0;
    for (;;) {
        char *end = c->len > seen ? memchr(c->buf + seen, '\n', c->len - seen) : NULL;
        if (end) {
            *end = 0;
            *line = c->buf;
            *len = (size_t)(end - c->buf);
            c->taken = *len + 1;
            return 0;
        }
        seen = c->len;
        int rc = read_more(c);
        if (rc < 0)
            return rc;
    }
}

static bool is_frame(const char *line, size_t len)
{
    return len > sizeof frame_head && memcmp(line, frame_head, sizeof frame_head - 1) == 0;
}

/* The result of an answer, taken out of its tree; or the error's text. */
static int take_result(struct hz_ctl_client *c, cJSON *answer, cJSON **result)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "message"));
    if (error) {
        snprintf(c->err, sizeof c->err, "%s", text ? text : "hertzd refused, and gave no reason");
        size_t n = strlen(c->err);
        while (n > 0 && c->err[n - 1] == '\n') /* a list of errors ends with one */
            c->err[--n] = 0;
        return -EPROTO;
    }
    *result = cJSON_DetachItemFromObjectCaseSensitive(answer, "result");
    if (!*result) {
        snprintf(c->err, sizeof c->err, "the answer is not JSON-RPC: is this hertzd's socket?");
        return -EBADMSG;
    }
    return 0;
}

int hz_ctl_call(struct hz_ctl_client *c, const char *method, cJSON *params, cJSON **result)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "jsonrpc", "2.0");
    cJSON_AddNumberToObject(request, "id", 1);
    cJSON_AddStringToObject(request, "method", method);
    if (params)
        cJSON_AddItemReferenceToObject(request, "params", params);
    char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    if (!text)
        return lost(c, ENOMEM);
    wait_at_most(c, ANSWER_S);
    int rc = send_all(c, text, strlen(text));
    if (rc == 0)
        rc = send_all(c, "\n", 1);
    free(text);
    char *line = NULL;
    size_t len = 0;
    while (rc == 0 && (rc = next_line(c, &line, &len)) == 0 && is_frame(line, len))
        ;
    if (rc < 0)
        return rc;
    cJSON *answer = cJSON_ParseWithLength(line, len);
    rc = take_result(c, answer, result);
    cJSON_Delete(answer);
    return rc;
}

int hz_ctl_next_frame(struct hz_ctl_client *c, const char **json, size_t *len)
{
    char *line = NULL;
    size_t n = 0;
    cJSON *none = NULL;
    wait_at_most(c, 0);
    int rc = next_line(c, &line, &n);
    if (rc < 0)
        return rc;
    if (!is_frame(line, n)) { /* its last words, as an error */
        cJSON *answer = cJSON_ParseWithLength(line, n);
        rc = take_result(c, answer, &none);
        cJSON_Delete(answer);
        cJSON_Delete(none);
        return rc < 0 ? rc : -EBADMSG;
    }
    *json = line + sizeof frame_head - 1;
    *len = n - sizeof frame_head; /* without the closing brace */
    return 0;
}

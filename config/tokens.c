#include "config/tokens.h"

#include "config/config.h"
#include "config/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 };

struct hz_tokens {
    int refs;
    size_t n;
    struct hz_token list[HZ_TOKENS_MAX];
};

/* A word of a line, not terminated. */
struct word {
    const char *p;
    size_t n;
};

static struct word next_word(struct word *line)
{
    while (line->n > 0 && (*line->p == ' ' || *line->p == '\t')) {
        line->p++;
        line->n--;
    }
    struct word w = {line->p, 0};
    while (w.n < line->n && w.p[w.n] != ' ' && w.p[w.n] != '\t')
        w.n++;
    line->p += w.n;
    line->n -= w.n;
    return w;
}

static bool is(struct word w, const char *text)
{
    return w.n == strlen(text) && memcmp(w.p, text, w.n) == 0;
}

/* What a Bearer token may have (RFC 6750, section 2.1). */
static bool is_token_text(struct word w)
{
    for (size_t i = 0; i < w.n; i++) {
        char c = w.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  (c && strchr("-._~+/=", c));
        if (!ok)
            return false;
    }
    return true;
}

/* One line that is not empty and no comment. */
static int parse_line(struct hz_tokens *t, struct word line, int number, char *err, size_t err_len)
{
    struct word role = next_word(&line), name = next_word(&line), text = next_word(&line);
    struct hz_token token = {.role = is(role, "read")      ? HZ_ROLE_READ
                                     : is(role, "control") ? HZ_ROLE_CONTROL
                                                           : HZ_ROLE_NONE};
    if (token.role == HZ_ROLE_NONE || text.n == 0 || next_word(&line).n > 0)
        return hz_fail_as(-EINVAL, err, err_len,
                          "line %d: expected ROLE NAME TOKEN with the role read or control",
                          number);
    if (name.n <= HZ_TOKEN_NAME_MAX)
        memcpy(token.name, name.p, name.n);
    if (name.n > HZ_TOKEN_NAME_MAX || strlen(token.name) != name.n || !hz_name_ok(token.name))
        return hz_fail_as(-EINVAL, err, err_len,
                          "line %d: NAME: expected 1 to %d letters, digits, - _ .", number,
                          HZ_TOKEN_NAME_MAX);
    if (text.n < HZ_TOKEN_MIN || text.n > HZ_TOKEN_MAX || !is_token_text(text))
        return hz_fail_as(
            -EINVAL, err, err_len,
            "line %d: TOKEN: expected %d to %d letters, digits, - . _ ~ + / =; `openssl "
            "rand -hex 16` makes one",
            number, HZ_TOKEN_MIN, HZ_TOKEN_MAX);
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->list[i].name, token.name) == 0)
            return hz_fail_as(-EINVAL, err, err_len, "line %d: another line has the same name",
                              number);
    }
    if (hz_tokens_find(t, text.p, text.n))
        return hz_fail_as(-EINVAL, err, err_len, "line %d: another line has the same token",
                          number);
    if (t->n == HZ_TOKENS_MAX)
        return hz_fail_as(-EINVAL, err, err_len, "line %d: more than %d tokens", number,
                          HZ_TOKENS_MAX);
    memcpy(token.text, text.p, text.n);
    t->list[t->n++] = token;
    explicit_bzero(&token, sizeof token);
    return 0;
}

int hz_tokens_parse(struct hz_tokens **tokens, const char *text, size_t n, char *err,
                    size_t err_len)
{
    const char *end = text + n;
    int rc = 0;
    struct hz_tokens *t = calloc(1, sizeof *t);
    if (!t)
        return hz_fail_as(-ENOMEM, err, err_len, "no memory");
    t->refs = 1;
    for (int number = 1; text < end && rc == 0; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        struct word line = {text, (size_t)((newline ? newline : end) - text)};
        text = newline ? newline + 1 : end;
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        struct word rest = line, first = next_word(&rest);
        if (first.n > 0 && *first.p != '#' && *first.p != ';')
            rc = parse_line(t, line, number, err, err_len);
    }
    if (rc == 0 && t->n == 0)
        rc = hz_fail_as(-EINVAL, err, err_len,
                        "there is no token in it: expected at least one line ROLE NAME TOKEN");
    if (rc < 0) {
        hz_tokens_unref(t);
        return rc;
    }
    *tokens = t;
    return 0;
}

/* Whether nobody but its owner has access, and the owner may be trusted with it. */
static int check_secret(const struct stat *st, char *err, size_t err_len)
{
    if (!S_ISREG(st->st_mode))
        return hz_fail_as(-EINVAL, err, err_len, "expected a regular file");
    if (st->st_mode & 077)
        return hz_fail_as(-EPERM, err, err_len,
                          "mode %04o: others may read or change it; expected 0600 (chmod 600)",
                          st->st_mode & 07777);
    if (st->st_uid != geteuid() && st->st_uid != 0 && geteuid() != 0)
        return hz_fail_as(-EPERM, err, err_len, "it belongs to user %u: expected hertzd's own, %u",
                          st->st_uid, geteuid());
    if (st->st_size > FILE_MAX)
        return hz_fail_as(-EFBIG, err, err_len, "%lld bytes: expected %d at most",
                          (long long)st->st_size, FILE_MAX);
    return 0;
}

static int read_all(int fd, char *text, size_t *n, char *err, size_t err_len)
{
    ssize_t got;
    for (*n = 0; *n < FILE_MAX; *n += (size_t)got) {
        got = read(fd, text + *n, FILE_MAX - *n);
        if (got < 0)
            return hz_fail_as(-errno, err, err_len, "%s", strerror(errno));
        if (got == 0)
            break;
    }
    return 0;
}

int hz_tokens_read(struct hz_tokens **tokens, const char *path, char *err, size_t err_len)
{
    struct stat st;
    size_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold it */
    if (fd < 0)
        return hz_fail_as(-errno, err, err_len, "%s%s", strerror(errno),
                          errno == EACCES ? "; it has to belong to the user that hertzd runs as"
                                          : "");
    char *text = malloc(FILE_MAX);
    int rc = !text                ? hz_fail_as(-ENOMEM, err, err_len, "no memory")
             : fstat(fd, &st) < 0 ? hz_fail_as(-errno, err, err_len, "%s", strerror(errno))
                                  : check_secret(&st, err, err_len);
    if (rc == 0)
        rc = read_all(fd, text, &n, err, err_len);
    if (rc == 0)
        rc = hz_tokens_parse(tokens, text, n, err, err_len);
    close(fd);
    if (text)
        explicit_bzero(text, FILE_MAX);
    free(text);
    return rc;
}

struct hz_tokens *hz_tokens_ref(struct hz_tokens *t)
{
    if (t)
        t->refs++;
    return t;
}

void hz_tokens_unref(struct hz_tokens *t)
{
    if (!t || --t->refs > 0)
        return;
    explicit_bzero(t, sizeof *t);
    free(t);
}

size_t hz_tokens_count(const struct hz_tokens *t)
{
    return t->n;
}

const struct hz_token *hz_tokens_find(const struct hz_tokens *t, const char *text, size_t n)
{
    char asked[HZ_TOKEN_MAX] = {0};
    const struct hz_token *found = NULL;
    if (n < HZ_TOKEN_MIN || n > HZ_TOKEN_MAX || memchr(text, 0, n))
        return NULL; /* by that it learns nothing but what it knows of its own text */
    memcpy(asked, text, n);
    for (size_t i = 0; i < t->n; i++) {
        volatile unsigned char differs = 0;
        for (size_t k = 0; k < HZ_TOKEN_MAX; k++)
            differs = (unsigned char)(differs | (asked[k] ^ t->list[i].text[k]));
        found = differs ? found : &t->list[i];
    }
    explicit_bzero(asked, sizeof asked);
    return found;
}

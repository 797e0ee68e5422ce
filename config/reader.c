#include "config/reader.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    HEADING_MAX = 48, /* libinih cuts a longer one silently */
    LINE_MAX = 4000,
};

struct reader {
    const char *at, *end;
    int line;
    const struct hz_ini_events *events;
    void *ctx;
};

static void complain(struct reader *r, const char *what)
{
    r->events->error(r->ctx, r->line, what);
}

static bool has_control(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

/* Tells of a heading itself, since libinih has no event for one. */
static void heading(struct reader *r, const char *s, size_t n)
{
    const char *close = memchr(s, ']', n);
    if (!close) {
        complain(r, "the heading is not closed: expected [KIND NAME]");
        r->events->section(r->ctx, r->line, NULL);
    } else if (close != s + n - 1) {
        complain(r, "text after the heading's ]: expected [KIND NAME] alone on its line");
        r->events->section(r->ctx, r->line, NULL);
    } else if (n - 2 > HEADING_MAX) {
        complain(r, "the heading is too long: expected [KIND NAME] with a name of at most 31 "
                    "characters");
        r->events->section(r->ctx, r->line, NULL);
    } else {
        char text[HEADING_MAX + 1];
        memcpy(text, s + 1, n - 2);
        text[n - 2] = 0;
        r->events->section(r->ctx, r->line, text);
    }
}

/* A ';' or '#' behind a blank: libinih would take the first for a comment and not the second. */
static bool has_inline_comment(const char *s, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if ((s[i] == ';' || s[i] == '#') && isblank((unsigned char)s[i - 1]))
            return true;
    }
    return false;
}

/* Whether the line, without blanks around it, is KEY = VALUE for libinih. */
static bool is_pair(struct reader *r, const char *s, size_t n)
{
    char what[128];
    if (n == 0 || s[0] == '#' || s[0] == ';')
        return false;
    if (has_control(s, n)) {
        complain(r, "a control character: expected plain text");
    } else if (n > LINE_MAX) {
        snprintf(what, sizeof what, "the line has %zu characters: expected at most %d", n,
                 LINE_MAX);
        complain(r, what);
    } else if (s[0] == '[') {
        heading(r, s, n);
    } else if (!memchr(s, '=', n)) {
        snprintf(what, sizeof what, "'%.*s' has no value: expected KEY = VALUE",
                 (int)(n < 60 ? n : 60), s);
        complain(r, what);
    } else if (s[0] == '=') {
        complain(r, "no key before '=': expected KEY = VALUE");
    } else if (has_inline_comment(s, n)) {
        complain(r, "a comment behind a value: expected it on a line of its own (a value cannot "
                    "hold '#' or ';' after a blank)");
    } else {
        return true;
    }
    return false;
}

/* Tells of a pair that is longer than libinih's line, by the same rules. */
static void long_pair(struct reader *r, const char *s, size_t n)
{
    char text[LINE_MAX + 1];
    memcpy(text, s, n);
    text[n] = 0;
    char *end = text + strcspn(text, "=:"), *value = end + 1;
    do
        *end-- = 0;
    while (end > text && isspace((unsigned char)*end));
    r->events->key(r->ctx, r->line, text, value + strspn(value, " \t"));
}

/* fgets for libinih: the next line cleaned, an empty one for whatever is not KEY = VALUE. */
static char *next_line(char *out, int size, void *stream)
{
    struct reader *r = stream;
    if (r->at == r->end)
        return NULL;
    const char *s = r->at;
    const char *end = memchr(s, '\n', (size_t)(r->end - s));
    r->at = end ? end + 1 : r->end;
    if (!end)
        end = r->end;
    r->line++;
    if (r->line == 1 && end - s >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
        s += 3;
    while (s < end && isspace((unsigned char)*s))
        s++;
    while (s < end && isspace((unsigned char)end[-1]))
        end--;
    size_t n = (size_t)(end - s);
    size_t room = (size_t)size - 3; /* libinih wants room for CR, LF and the zero */
    if (!is_pair(r, s, n)) {
        n = 0;
    } else if (n > room) {
        long_pair(r, s, n);
        n = 0;
    }
    memcpy(out, s, n);
    out[n] = '\n';
    out[n + 1] = 0;
    return out;
}

static int pair(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;
    (void)section; /* cut at 49 characters; ours is the one of heading() */
    r->events->key(r->ctx, r->line, name, value);
    return 1;
}

int hz_ini_read(const char *text, size_t len, const struct hz_ini_events *events, void *ctx)
{
    struct reader r = {.at = text, .end = text + len, .events = events, .ctx = ctx};
    int rc = ini_parse_stream(next_line, &r, pair, &r);
    return rc == -2 ? -ENOMEM : 0;
}

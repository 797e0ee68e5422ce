/* Words of an expression, and its errors. */
#include "proto/sensors/compile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hz_compile_error(struct hz_compiler *c, const char *format, ...)
{
    va_list args;
    if (hz_compile_failed(c))
        return;
    va_start(args, format);
    vsnprintf(c->error, sizeof c->error, format, args);
    va_end(args);
    c->word.token = HZ_TOKEN_END; /* nothing more is read */
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_name(char ch)
{
    return ch == '_' || is_digit(ch) || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* [letters] OFFSET:LENGTH. Returns its length in characters, 0: it is none. */
static size_t read_range(struct hz_compiler *c, const char *s)
{
    static const char letters[] = "srdBNL";
    static const unsigned flag[] = {HZ_RANGE_SIGNED, HZ_RANGE_REVERSED, HZ_RANGE_BCD,
                                    HZ_RANGE_BYTES,  HZ_RANGE_NIBBLES,  HZ_RANGE_LITTLE};
    struct hz_word *w = &c->word;
    const char *p = s;
    char *end;
    unsigned flags = 0;
    for (const char *l; *p && (l = strchr(letters, *p)); p++)
        flags |= flag[l - letters];
    if (!is_digit(*p))
        return 0;
    const unsigned long offset = strtoul(p, &end, 10);
    if (*end != ':' || !is_digit(end[1]))
        return 0;
    const unsigned long length = strtoul(end + 1, &end, 10);
    if (is_name(*end))
        return 0;
    w->token = HZ_TOKEN_RANGE;
    w->flags = flags;
    w->offset = offset < 100000 ? (unsigned)offset : 100000;
    w->length = length < 100000 ? (unsigned)length : 100000;
    return (size_t)(end - s);
}

static size_t read_number(struct hz_compiler *c, const char *s)
{
    struct hz_word *w = &c->word;
    const bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
    const bool binary = s[0] == '0' && (s[1] == 'b' || s[1] == 'B');
    char *end;
    errno = 0;
    w->token = HZ_TOKEN_NUMBER;
    w->fraction = false;
    unsigned long long v;
    if (binary)
        v = strtoull(s + 2, &end, 2);
    else
        v = strtoull(s, &end, hex ? 16 : 10);
    bool bad = errno != 0 || v > INT64_MAX || ((hex || binary) && end == s + 2);
    if (!hex && !binary && ((*end == '.' && is_digit(end[1])) || *end == 'e' || *end == 'E')) {
        w->real = strtod(s, &end); /* no locale is ever set */
        w->fraction = true;
        bad = false;
    }
    if (bad || is_name(*end)) {
        size_t n = (size_t)(end - s);
        while (is_name(s[n]))
            n++;
        hz_compile_error(c, "'%.*s' is no number: expected one as 12, 0x1f, 0b101, 0.25 or 1e-3",
                         (int)(n < 40 ? n : 40), s);
        return 0;
    }
    w->whole = (int64_t)v;
    return (size_t)(end - s);
}

static size_t read_sign(struct hz_compiler *c, const char *s)
{
    static const char *const pairs[] = {"==", "!=", "<=", ">=", "<<", ">>", "**", "//", ".."};
    c->word.token = HZ_TOKEN_SIGN;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (s[0] == pairs[i][0] && s[1] == pairs[i][1])
            return 2;
    }
    if (strchr("+-*/%&|^~<>(),=", *s))
        return 1;
    hz_compile_error(c, "'%.*s' cannot stand in an expression", *s & 0x80 ? 0 : 1, s);
    return 0;
}

void hz_words_next(struct hz_compiler *c)
{
    const char *s = c->word.at + c->word.n;
    size_t n;
    if (hz_compile_failed(c))
        return;
    while (*s == ' ' || *s == '\t')
        s++;
    c->word.at = s;
    c->word.n = 0;
    if (!*s) {
        c->word.token = HZ_TOKEN_END;
        return;
    }
    n = read_range(c, s);
    if (n == 0 && is_digit(*s)) {
        n = read_number(c, s);
    } else if (n == 0 && is_name(*s)) {
        c->word.token = HZ_TOKEN_NAME;
        while (is_name(s[n]))
            n++;
    } else if (n == 0 && *s == '"') {
        const char *close = strchr(s + 1, '"');
        c->word.token = HZ_TOKEN_TEXT;
        if (!close)
            hz_compile_error(c, "a text that is not closed: expected \"…\"");
        else
            n = (size_t)(close - s) + 1;
    } else if (n == 0) {
        n = read_sign(c, s);
    }
    c->word.n = n;
}

void hz_words_begin(struct hz_compiler *c, const char *text)
{
    c->text = text;
    c->word = (struct hz_word){.at = text};
    hz_words_next(c);
}

bool hz_word_is(const struct hz_compiler *c, const char *sign)
{
    return (c->word.token == HZ_TOKEN_SIGN || c->word.token == HZ_TOKEN_NAME) &&
           strlen(sign) == c->word.n && memcmp(c->word.at, sign, c->word.n) == 0;
}

const char *hz_word_name(const struct hz_compiler *c, char out[48])
{
    if (c->word.token == HZ_TOKEN_END)
        return "the end";
    snprintf(out, 48, "'%.*s'", (int)(c->word.n < 40 ? c->word.n : 40), c->word.at);
    return out;
}

bool hz_words_take(struct hz_compiler *c, const char *sign)
{
    char name[48];
    if (hz_compile_failed(c))
        return false;
    if (!hz_word_is(c, sign)) {
        hz_compile_error(c, "expected '%s' before %s", sign, hz_word_name(c, name));
        return false;
    }
    hz_words_next(c);
    return true;
}

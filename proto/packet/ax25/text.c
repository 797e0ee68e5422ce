#include "proto/packet/ax25/text.h"

#include <math.h>
#include <string.h>

struct hz_text hz_text_after(struct hz_text t, size_t n)
{
    n = n < t.n ? n : t.n;
    return (struct hz_text){t.s + n, t.n - n};
}

struct hz_text hz_text_first(struct hz_text t, size_t n)
{
    return (struct hz_text){t.s, n < t.n ? n : t.n};
}

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

struct hz_text hz_text_trim(struct hz_text t)
{
    while (t.n > 0 && is_blank(t.s[0]))
        t = hz_text_after(t, 1);
    while (t.n > 0 && is_blank(t.s[t.n - 1]))
        t.n--;
    return t;
}

struct hz_text hz_text_split(struct hz_text *t, char c)
{
    const char *at = t->n ? memchr(t->s, c, t->n) : NULL;
    struct hz_text head = hz_text_first(*t, at ? (size_t)(at - t->s) : t->n);
    *t = hz_text_after(*t, head.n + 1);
    return head;
}

bool hz_text_starts(struct hz_text t, const char *prefix)
{
    size_t n = strlen(prefix);
    return t.n >= n && memcmp(t.s, prefix, n) == 0;
}

bool hz_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool hz_is_alnum(char c)
{
    return hz_is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool hz_text_number(const char *s, size_t n, unsigned base, unsigned *v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        unsigned d = hz_is_digit(c)         ? (unsigned)(c - '0')
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                            : 16;
        if (d >= base)
            return false;
        sum = sum * base + d;
    }
    *v = sum;
    return true;
}

double hz_text_decimal(struct hz_text t)
{
    bool minus = t.n > 0 && t.s[0] == '-', digits = false;
    double v = 0, place = 0; /* place: of the next digit behind the point, 0 before it */
    for (size_t i = minus || (t.n > 0 && t.s[0] == '+'); i < t.n; i++) {
        if (t.s[i] == '.' && place == 0) {
            place = 0.1;
            continue;
        }
        if (!hz_is_digit(t.s[i]) || t.n > 16)
            return NAN;
        digits = true;
        v = place == 0 ? v * 10 + (t.s[i] - '0') : v + (t.s[i] - '0') * place;
        place /= 10;
    }
    return !digits ? NAN : minus ? -v : v;
}

bool hz_text_base91(const char *s, size_t n, unsigned *v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '!' || s[i] > '{')
            return false;
        sum = sum * 91 + (unsigned)(s[i] - '!');
    }
    *v = sum;
    return true;
}

void hz_text_json(struct hz_json *j, const char *key, struct hz_text t)
{
    t = hz_text_first(t, HZ_TEXT_MAX);
    if (hz_json_is_utf8(t.s, t.n)) {
        hz_json_strn(j, key, t.s, t.n);
        return;
    }
    char utf8[2 * HZ_TEXT_MAX];
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if (c >= 0x80)
            utf8[n++] = (char)(0xc0 | c >> 6);
        utf8[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
    }
    hz_json_strn(j, key, utf8, n);
}

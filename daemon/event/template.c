#include "daemon/event/template.h"

#include "config/fail.h"
#include "proto/out/json.h"

#include <ctype.h>
#include <string.h>

enum { VALUE_MAX = 1024 };

/* A {NAME} or {NAME:ESCAPE} at p. */
struct place {
    char name[HZ_TEMPLATE_NAME_MAX + 1];
    const char *escape; /* not terminated */
    size_t escape_len;  /* 0: by the place */
    size_t len;         /* of all of it */
};

static bool find_place(const char *p, struct place *place)
{
    size_t n = 0;
    if (*p != '{' || isdigit((unsigned char)p[1]))
        return false;
    while (isalnum((unsigned char)p[1 + n]) || p[1 + n] == '_')
        n++;
    if (n == 0 || n > HZ_TEMPLATE_NAME_MAX)
        return false;
    memcpy(place->name, p + 1, n);
    place->name[n] = '\0';
    const char *end = p + 1 + n;
    place->escape = end + (*end == ':');
    place->escape_len = 0;
    while (*end == ':' && islower((unsigned char)place->escape[place->escape_len]))
        place->escape_len++;
    if (*end == ':' && place->escape_len == 0)
        return false;
    end = place->escape + place->escape_len;
    place->len = (size_t)(end - p) + 1;
    return *end == '}';
}

static bool is(const struct place *place, const char *escape)
{
    return place->escape_len == strlen(escape) &&
           memcmp(place->escape, escape, place->escape_len) == 0;
}

int hz_template_check(const char *text, char *err, size_t err_len)
{
    struct place at;
    if (strlen(text) > HZ_TEMPLATE_MAX)
        return hz_fail(err, err_len, "it is longer than %d bytes", HZ_TEMPLATE_MAX);
    for (const char *p = text; *p; p++) {
        if (p[0] == '{' && p[1] == '{')
            p++;
        else if (find_place(p, &at) && at.escape_len > 0 && !is(&at, "json") && !is(&at, "url") &&
                 !is(&at, "raw"))
            return hz_fail(err, err_len, "'%.*s': expected {%s:json}, {%s:url} or {%s:raw}",
                           (int)(at.len < 60 ? at.len : 60), p, at.name, at.name, at.name);
    }
    return 0;
}

/* Adds bytes only if all of them fit: an escape or a character is never cut. */
static bool add(char *out, size_t size, size_t *n, const char *bytes, size_t len)
{
    if (*n + len + 1 > size)
        return false;
    memcpy(out + *n, bytes, len);
    *n += len;
    return true;
}

static size_t utf8_length(unsigned char first)
{
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The escaped form of the character at p, of n bytes: at most 12 bytes. */
static size_t escaped(const char *p, size_t n, enum hz_escape escape, char out[16])
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned char c = (unsigned char)*p;
    size_t len = 0;
    if (escape == HZ_ESCAPE_URL) {
        for (size_t i = 0; i < n; i++) {
            c = (unsigned char)p[i];
            if (isalnum(c) || strchr("-._~", c)) {
                out[len++] = (char)c;
                continue;
            }
            out[len++] = '%';
            out[len++] = hex[c >> 4];
            out[len++] = hex[c & 15];
        }
        return len;
    }
    if (escape == HZ_ESCAPE_JSON && (c < 0x20 || c == '"' || c == '\\')) {
        struct hz_json j;
        char text[16];
        hz_json_init(&j, text, sizeof text);
        hz_json_strn(&j, NULL, p, 1);
        len = j.len - 2;
        memcpy(out, text + 1, len); /* without its quotes */
        return len;
    }
    if (escape == HZ_ESCAPE_HEADER && (c < 0x20 || c == 0x7f))
        p = " ";
    memcpy(out, p, n);
    return n;
}

static bool add_value(char *out, size_t size, size_t *n, const char *value, enum hz_escape escape)
{
    size_t left = strlen(value);
    while (left > 0) {
        char form[16];
        size_t len = utf8_length((unsigned char)*value);
        len = len < left ? len : left;
        size_t form_len = escaped(value, len, escape, form);
        if (!add(out, size, n, form, form_len))
            return false;
        value += len;
        left -= len;
    }
    return true;
}

static enum hz_escape escape_of(const struct place *at, enum hz_escape usual)
{
    return is(at, "json")  ? HZ_ESCAPE_JSON
           : is(at, "url") ? HZ_ESCAPE_URL
           /* a header's own text can never hold the end of its line */
           : is(at, "raw") && usual != HZ_ESCAPE_HEADER ? HZ_ESCAPE_RAW
                                                        : usual;
}

size_t hz_template_fill(const char *text, enum hz_escape usual, hz_template_value *value, void *ctx,
                        char *out, size_t size)
{
    size_t n = 0;
    struct place at;
    bool room = true;
    while (*text && room) {
        if (text[0] == '{' && text[1] == '{') {
            room = add(out, size, &n, "{", 1);
            text += 2;
        } else if (find_place(text, &at)) {
            char filled[VALUE_MAX];
            value(ctx, at.name, filled, sizeof filled);
            room = add_value(out, size, &n, filled, escape_of(&at, usual));
            text += at.len;
        } else {
            size_t len = utf8_length((unsigned char)*text), whole = strnlen(text, len);
            room = add(out, size, &n, text, whole);
            text += whole;
        }
    }
    out[n] = '\0';
    return n;
}

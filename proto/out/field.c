#include "proto/out/field.h"

#include <math.h>

static size_t mark(const struct hz_record *r, size_t i)
{
    uint32_t at; /* marks lie behind the text, so they are not aligned */
    memcpy(&at, r->marks + i * sizeof at, sizeof at);
    return at;
}

/* The value of field i, whose name has name_len bytes: between `NAME":` and the comma and the quote
 * before the next name. */
static struct hz_value value_of(const struct hz_record *r, size_t i, size_t name_len)
{
    size_t at = mark(r, i) + name_len + 2;
    return (struct hz_value){r->json + at, mark(r, i + 1) - 2 - at};
}

bool hz_record_field(const struct hz_record *r, const char *name, struct hz_value *value)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < r->n_fields; i++) {
        const char *p = r->json + mark(r, i);
        /* a shorter name ends with a quote, which is in no name */
        if (*p == *name && strncmp(p, name, n) == 0 && p[n] == '"') {
            *value = value_of(r, i, n);
            return true;
        }
    }
    return false;
}

void hz_record_field_at(const struct hz_record *r, size_t i, struct hz_value *name,
                        struct hz_value *value)
{
    const char *p = r->json + mark(r, i);
    *name = (struct hz_value){p, strcspn(p, "\"")};
    *value = value_of(r, i, name->n);
}

static size_t index_of(const struct hz_record *r, const char *name)
{
    struct hz_value own, value;
    for (size_t i = 0; i < r->n_fields; i++) {
        hz_record_field_at(r, i, &own, &value);
        if (hz_value_is(own, name))
            return i;
    }
    return r->n_fields;
}

bool hz_record_drop(struct hz_record *r, const char *name, char *text, size_t size,
                    struct hz_marks *marks)
{
    size_t i = index_of(r, name);
    if (i == r->n_fields || r->n_fields < 2 || r->json_len > size)
        return false;
    /* from its quote to the next name's; of the last one, from the comma before it */
    bool last = i + 1 == r->n_fields;
    size_t from = mark(r, i) - 1 - last, to = mark(r, i + 1) - 1 - last;
    marks->n = 0;
    for (size_t k = 0; k <= r->n_fields; k++) {
        if (k != i)
            hz_marks_add(marks, mark(r, k) - (k > i ? to - from : 0));
    }
    memcpy(text, r->json, from);
    memcpy(text + from, r->json + to, r->json_len - to);
    r->json = text;
    r->json_len -= to - from;
    r->n_fields--;
    r->marks = (const uint8_t *)marks->at;
    return true;
}

/* ---- reading values ---- */

bool hz_value_number(struct hz_value v, double *number)
{
    uint64_t digits = 0;
    int decimals = 0;
    bool negative = v.n > 0 && v.p[0] == '-', point = false;
    size_t i = negative ? 1 : 0;
    if (i == v.n)
        return false;
    for (; i < v.n; i++) {
        if (v.p[i] == '.' && !point) {
            point = true;
        } else if (v.p[i] >= '0' && v.p[i] <= '9') {
            digits = digits * 10 + (uint64_t)(v.p[i] - '0');
            decimals += point;
        } else {
            return false;
        }
    }
    double d = (double)digits / pow(10, decimals);
    *number = negative ? -d : d;
    return true;
}

/* The character of the escape sequence at p, of n bytes: as hz_json_strn writes them. */
static char unescape(const char *p, size_t n, size_t *used)
{
    static const char hex[] = "0123456789abcdef";
    *used = 2;
    if (n >= 6 && p[1] == 'u') {
        *used = 6;
        return (char)((strchr(hex, p[4]) - hex) * 16 + (strchr(hex, p[5]) - hex));
    }
    return p[1] == 'n' ? '\n' : p[1] == 'r' ? '\r' : p[1] == 't' ? '\t' : p[1];
}

static size_t utf8_bytes(char first)
{
    unsigned char c = (unsigned char)first;
    return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

bool hz_value_string(struct hz_value v, char *text, size_t size)
{
    size_t len = 0;
    text[0] = '\0';
    if (v.n < 2 || v.p[0] != '"')
        return false;
    for (size_t i = 1, used; i + 1 < v.n; i += used) {
        size_t bytes = 1;
        char c = v.p[i];
        if (c == '\\') {
            c = unescape(v.p + i, v.n - 1 - i, &used);
        } else {
            used = bytes = utf8_bytes(c);
        }
        if (len + bytes + 1 > size)
            break;
        if (bytes == 1)
            text[len] = c;
        else
            memcpy(text + len, v.p + i, bytes);
        len += bytes;
    }
    text[len] = '\0';
    return true;
}

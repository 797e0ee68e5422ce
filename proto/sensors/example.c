/* Whether a sensor reads an example as was declared. */
#include "proto/sensors/set.h"

#include "proto/sensors/fail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 8192 };

struct member {
    const char *name, *value;
    size_t n_name, n_value;
};

static const char *blanks(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* Behind the value at s; NULL: it is none. */
static const char *value_end(const char *s)
{
    int depth = 0;
    bool quoted = false;
    const char *begin = s;
    for (; *s; s++) {
        if (quoted) {
            if (*s == '\\' && s[1])
                s++;
            else if (*s == '"')
                quoted = false;
        } else if (*s == '"') {
            quoted = true;
        } else if (*s == '[' || *s == '{') {
            depth++;
        } else if (depth > 0 && (*s == ']' || *s == '}')) {
            depth--;
        } else if (depth == 0 && strchr(",}] \t\r\n", *s)) {
            break;
        }
    }
    return quoted || depth > 0 || s == begin ? NULL : s;
}

/* The next member of an object; *at begins behind its brace. 1, 0: there is none, -1: no JSON. */
static int next_member(const char **at, struct member *m)
{
    const char *s = blanks(*at);
    if (*s == ',')
        s = blanks(s + 1);
    if (*s == '}')
        return *blanks(s + 1) ? -1 : 0;
    const char *end = *s == '"' ? strchr(s + 1, '"') : NULL; /* names have no quotes in them */
    if (!end)
        return -1;
    m->name = s + 1;
    m->n_name = (size_t)(end - s) - 1;
    s = blanks(end + 1);
    if (*s != ':')
        return -1;
    s = blanks(s + 1);
    end = value_end(s);
    if (!end)
        return -1;
    m->value = s;
    m->n_value = (size_t)(end - s);
    *at = end;
    return 1;
}

/* Texts but for blanks outside of quotes. */
static bool same_text(const struct member *a, const struct member *b)
{
    size_t i = 0, j = 0;
    bool quoted = false;
    for (;; i++, j++) {
        while (!quoted && i < a->n_value && strchr(" \t", a->value[i]))
            i++;
        while (!quoted && j < b->n_value && strchr(" \t", b->value[j]))
            j++;
        if (i >= a->n_value || j >= b->n_value)
            return i >= a->n_value && j >= b->n_value;
        if (a->value[i] != b->value[j])
            return false;
        quoted ^= a->value[i] == '"' && (i == 0 || a->value[i - 1] != '\\');
    }
}

static bool number(const struct member *m, double *v)
{
    char text[64], *end;
    if (m->n_value >= sizeof text || !strchr("-0123456789", *m->value))
        return false;
    memcpy(text, m->value, m->n_value);
    text[m->n_value] = 0;
    *v = strtod(text, &end);
    return *end == 0;
}

static bool same(const struct member *a, const struct member *b)
{
    double x, y;
    if (number(a, &x) && number(b, &y))
        return fabs(x - y) <= 1e-5 + 1e-9 * fabs(y); /* fields have five places */
    return same_text(a, b);
}

static bool find(const char *object, const struct member *like, struct member *m)
{
    const char *at = object + 1;
    while (next_member(&at, m) == 1) {
        if (m->n_name == like->n_name && memcmp(m->name, like->name, m->n_name) == 0)
            return true;
    }
    return false;
}

/* Every member of `these` is in `those` with the same value. */
static bool all_in(const char *these, const char *those, bool declared, char *err, size_t err_len)
{
    const char *at = these + 1;
    struct member m, other;
    int rc;
    while ((rc = next_member(&at, &m)) == 1) {
        const int n = (int)(m.n_name < 60 ? m.n_name : 60),
                  v = (int)(m.n_value < 60 ? m.n_value : 60);
        const bool there = find(those, &m, &other);
        if (!there && declared)
            return hz_sensor_fail(err, err_len, "%.*s is absent: expected %.*s", n, m.name, v,
                                  m.value);
        if (!there && (m.n_name != 5 || memcmp(m.name, "model", 5) != 0))
            return hz_sensor_fail(err, err_len, "%.*s is %.*s: the example has no such field", n,
                                  m.name, v, m.value);
        if (there && declared && !same(&m, &other))
            return hz_sensor_fail(err, err_len, "%.*s is %.*s: expected %.*s", n, m.name,
                                  (int)(other.n_value < 60 ? other.n_value : 60), other.value, v,
                                  m.value);
    }
    if (rc < 0)
        return hz_sensor_fail(err, err_len, "expected BITS -> {\"FIELD\": VALUE, …}");
    return true;
}

bool hz_sensor_example_passes(const struct hz_sensor *s, size_t i, char *err, size_t err_len)
{
    const struct hz_sensor_example *e = &s->examples[i];
    uint8_t symbol[HZ_SENSOR_SYMBOLS_MAX];
    char text[TEXT_MAX + 1];
    struct hz_verdict v;
    struct hz_json json;
    if (*e->fields != '{')
        return hz_sensor_fail(err, err_len, "expected BITS -> {\"FIELD\": VALUE, …}");
    if (e->data.n < (size_t)s->data_min || e->data.n > (size_t)s->data_max)
        return hz_sensor_fail(err, err_len,
                              "it has %zu bits: expected as many as bits = %d%s declares",
                              e->data.n, s->data_min, s->data_max > s->data_min ? ".. " : "");
    const size_t n = hz_sensor_symbols(s, e->data.bit, e->data.n, 0, symbol);
    hz_sensor_judge(s, symbol, n, &v);
    if (!v.passed)
        return hz_sensor_fail(err, err_len, "a check does not hold");
    hz_json_init(&json, text, TEXT_MAX);
    hz_json_open(&json, NULL);
    hz_sensor_fields(s, symbol, n, &json);
    hz_json_close(&json);
    text[json.len] = 0;
    if (json.full)
        return hz_sensor_fail(err, err_len, "its fields are too long");
    return all_in(e->fields, text, true, err, err_len) &&
           all_in(text, e->fields, false, err, err_len) &&
           (v.plausible ||
            hz_sensor_fail(err, err_len, "a field is outside what `plausible` says"));
}

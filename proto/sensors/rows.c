#include "proto/sensors/rows.h"

#include "proto/sensors/fail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads one item at *s, which is behind its end then, and appends what it holds. */
typedef bool read_item(const char **s, void *out, size_t max, size_t *n, char *err, size_t err_len);

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int word_length(const char *s)
{
    const size_t n = strcspn(s, " \t()");
    return n < 32 ? (int)n : 32;
}

/* The N of ")xN", at the ')'. */
static bool read_times(const char **s, size_t *times, char *err, size_t err_len)
{
    char *end;
    if (**s != ')')
        return hz_sensor_fail(err, err_len, "a '(' that is not closed: expected (…)xN");
    if ((*s)[1] != 'x' || !((*s)[2] >= '0' && (*s)[2] <= '9'))
        return hz_sensor_fail(err, err_len, "expected how often behind ')': (…)xN");
    *times = strtoul(*s + 2, &end, 10);
    *s = end;
    if (*times < 1 || *times > 4096)
        return hz_sensor_fail(err, err_len, "(…)x%zu: expected 1 to 4096 times", *times);
    return true;
}

/* Items between blanks, and groups of them that repeat. */
static bool read_row(const char *s, read_item *item, void *out, size_t size, size_t max, size_t *n,
                     char *err, size_t err_len)
{
    size_t begin = 0, times = 1;
    bool open = false;
    *n = 0;
    for (;;) {
        while (is_blank(*s))
            s++;
        if (!*s)
            break;
        if (*s == '(') {
            if (open)
                return hz_sensor_fail(err, err_len,
                                      "a '(' within brackets: expected (…)xN without others");
            open = true;
            begin = *n;
            s++;
        } else if (*s == ')') {
            if (!open)
                return hz_sensor_fail(err, err_len, "a ')' without its '(': expected (…)xN");
            if (!read_times(&s, &times, err, err_len))
                return false;
            const size_t length = *n - begin;
            if (length * times > max - begin)
                return hz_sensor_fail(err, err_len, "longer than %zu: expected less", max);
            for (size_t i = 1; i < times; i++, *n += length)
                memcpy((char *)out + *n * size, (char *)out + begin * size, length * size);
            open = false;
        } else if (!item(&s, out, max, n, err, err_len)) {
            return false;
        }
    }
    if (open)
        return hz_sensor_fail(err, err_len, "a '(' that is not closed: expected (…)xN");
    return true;
}

static bool span_item(const char **s, void *out, size_t max, size_t *n, char *err, size_t err_len)
{
    char *end;
    const char *word = *s;
    if (*word != '+' && *word != '-')
        return hz_sensor_fail(err, err_len,
                              "'%.*s': expected a duration in microseconds with its sign, + for on "
                              "and - for off",
                              word_length(word), word);
    const float us = strtof(word, &end); /* no locale is ever set */
    if (end == word || (*end && !is_blank(*end) && *end != ')' && *end != '('))
        return hz_sensor_fail(err, err_len, "'%.*s' is no duration: expected microseconds, as +500",
                              word_length(word), word);
    if (!(fabsf(us) >= 1 && fabsf(us) <= 1e7f))
        return hz_sensor_fail(err, err_len, "'%.*s': expected 1 to 10000000 microseconds",
                              word_length(word), word);
    if (*n == max)
        return hz_sensor_fail(err, err_len, "more than %zu durations: expected fewer", max);
    ((float *)out)[(*n)++] = us;
    *s = end;
    return true;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hex digits up to a blank or bracket, '_' between them allowed; as many of their bits as `keep`.
 */
static bool hex_bits(const char **s, uint8_t *bit, size_t max, size_t *n, size_t keep, char *err,
                     size_t err_len)
{
    const char *word = *s;
    const size_t begin = *n;
    for (; **s && !is_blank(**s) && **s != '(' && **s != ')'; ++*s) {
        const int v = digit(**s);
        if (**s == '_')
            continue;
        if (v < 0)
            return hz_sensor_fail(err, err_len, "'%.*s' is no hex: expected 0 to 9 and a to f",
                                  word_length(word), word);
        for (int i = 3; i >= 0 && *n - begin < keep; i--) {
            if (*n == max)
                return hz_sensor_fail(err, err_len, "more than %zu bits: expected fewer", max);
            bit[(*n)++] = v >> i & 1;
        }
    }
    return true;
}

static bool bit_item(const char **s, void *out, size_t max, size_t *n, char *err, size_t err_len)
{
    const char *word = *s;
    uint8_t *bit = out;
    if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
        *s += 2;
        return hex_bits(s, bit, max, n, SIZE_MAX, err, err_len);
    }
    if (word[0] == '{') {
        char *end;
        const unsigned long count = strtoul(word + 1, &end, 10);
        const size_t begin = *n;
        if (*end != '}' || end == word + 1)
            return hz_sensor_fail(err, err_len, "'%.*s': expected {BITS}HEX, as {36}8381eef2d",
                                  word_length(word), word);
        *s = end + 1;
        while (is_blank(**s)) /* the digits may stand in groups */
            ++*s;
        while (**s && **s != '(' && **s != ')' && *n - begin < count) {
            if (!hex_bits(s, bit, max, n, count - (*n - begin), err, err_len))
                return false;
            while (is_blank(**s))
                ++*s;
        }
        if (*n - begin != count)
            return hz_sensor_fail(err, err_len, "{%lu}: only %zu bits behind it", count,
                                  *n - begin);
        return true;
    }
    for (; **s == '0' || **s == '1' || **s == '_'; ++*s) {
        if (**s == '_')
            continue;
        if (*n == max)
            return hz_sensor_fail(err, err_len, "more than %zu bits: expected fewer", max);
        bit[(*n)++] = **s == '1';
    }
    if (**s && !is_blank(**s) && **s != '(' && **s != ')')
        return hz_sensor_fail(err, err_len, "'%.*s': expected bits as 0101, 0x2DD4 or {12}2dd",
                              word_length(word), word);
    return true;
}

static bool byte_item(const char **s, void *out, size_t max, size_t *n, char *err, size_t err_len)
{
    const size_t begin = *n;
    const char *word = *s;
    if (!hex_bits(s, out, max, n, SIZE_MAX, err, err_len))
        return false;
    if ((*n - begin) % 8 != 0)
        return hz_sensor_fail(err, err_len, "'%.*s': expected whole bytes, two digits each",
                              word_length(word), word);
    return true;
}

bool hz_row_spans(const char *text, float *us, size_t max, size_t *n, char *err, size_t err_len)
{
    return read_row(text, span_item, us, sizeof *us, max, n, err, err_len);
}

bool hz_row_bits(const char *text, uint8_t *bit, size_t max, size_t *n, char *err, size_t err_len)
{
    return read_row(text, bit_item, bit, 1, max, n, err, err_len);
}

bool hz_row_bytes(const char *text, uint8_t *bit, size_t max, size_t *n, char *err, size_t err_len)
{
    return read_row(text, byte_item, bit, 1, max, n, err, err_len);
}

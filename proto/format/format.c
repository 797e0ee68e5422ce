#include "proto/format/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void hz_bytes_add(struct hz_bytes *b, const void *data, size_t n)
{
    if (b->cap - b->n < n) {
        b->full = true;
        return;
    }
    memcpy(b->p + b->n, data, n);
    b->n += n;
}

void hz_bytes_byte(struct hz_bytes *b, unsigned value)
{
    const unsigned char byte = (unsigned char)value;
    hz_bytes_add(b, &byte, 1);
}

void hz_bytes_text(struct hz_bytes *b, const char *text)
{
    hz_bytes_add(b, text, strlen(text));
}

void hz_bytes_print(struct hz_bytes *b, const char *format, ...)
{
    char text[401];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        b->full = true;
    else
        hz_bytes_add(b, text, (size_t)n);
}

void hz_bytes_object(struct hz_bytes *b, const struct hz_json *j)
{
    b->full |= j->full;
    hz_bytes_add(b, j->buf, j->len);
    hz_bytes_byte(b, '\n');
}

void hz_bytes_hex(struct hz_bytes *b, const uint8_t *data, size_t n, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        hz_bytes_byte(b, (unsigned)digits[data[i] >> 4]);
        hz_bytes_byte(b, (unsigned)digits[data[i] & 15]);
    }
}

bool hz_form_number(const struct hz_form_in *in, const char *name, double *number)
{
    struct hz_value v;
    return hz_record_field(in->rec, name, &v) && hz_value_number(v, number);
}

bool hz_form_text(const struct hz_form_in *in, const char *name, char *text, size_t size)
{
    struct hz_value v;
    *text = '\0';
    return hz_record_field(in->rec, name, &v) && hz_value_string(v, text, size);
}

bool hz_form_is(const struct hz_form_in *in, const char *name, const char *json)
{
    struct hz_value v;
    return hz_record_field(in->rec, name, &v) && hz_value_is(v, json);
}

void hz_form_member(struct hz_json *j, const char *as, size_t as_len, struct hz_value value)
{
    if (j->len > 0 && j->buf[j->len - 1] != '{')
        hz_json_raw(j, ",", 1);
    hz_json_raw(j, "\"", 1);
    hz_json_raw(j, as, as_len);
    hz_json_raw(j, "\":", 2);
    hz_json_raw(j, value.p, value.n);
}

bool hz_form_copy(const struct hz_form_in *in, const char *name, struct hz_json *j, const char *as)
{
    struct hz_value v;
    if (!hz_record_field(in->rec, name, &v))
        return false;
    hz_form_member(j, as, strlen(as), v);
    return true;
}

void hz_form_copy_all(const struct hz_form_in *in, const char *const *names, struct hz_json *j)
{
    for (; *names; names++)
        hz_form_copy(in, *names, j, *names);
}

const char *hz_form_station(const struct hz_form_in *in)
{
    return in->station && *in->station ? in->station : in->receiver;
}

void hz_form_app(struct hz_json *j)
{
    hz_json_open(j, "app");
    hz_json_str(j, "name", "hertzd");
    hz_json_str(j, "ver", HZ_VERSION);
    hz_json_close(j);
}

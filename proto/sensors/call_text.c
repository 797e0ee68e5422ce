/* Functions whose result is a text. */
#include "proto/sensors/bitmath.h"
#include "proto/sensors/code.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct hz_sensor_value absent = {.kind = HZ_ABSENT};

static char *new_text(struct hz_run *r, size_t n, struct hz_sensor_value *v)
{
    if (n > sizeof r->text - r->text_used)
        return NULL;
    char *text = r->text + r->text_used;
    r->text_used += n;
    *v = (struct hz_sensor_value){.kind = HZ_TEXT, .n = (uint16_t)n, .text = text};
    return text;
}

/* The k-th last hex digit of bits, or of the number i. */
static unsigned nibble(struct hz_sensor_value v, int64_t i, size_t k)
{
    unsigned digit = 0;
    if (v.kind != HZ_BITS)
        return k < 16 ? (unsigned)((uint64_t)i >> 4 * k & 15) : 0;
    for (size_t b = 0; b < 4 && 4 * k + b < v.n; b++)
        digit |= (unsigned)v.bit[v.n - 1 - 4 * k - b] << b;
    return digit;
}

static struct hz_sensor_value hex(struct hz_run *r, const struct hz_ins *ins,
                                  struct hz_sensor_value v)
{
    const char *digits = ins->a == HZ_CALL_HEX ? "0123456789abcdef" : "0123456789ABCDEF";
    const size_t full = v.kind == HZ_BITS ? (v.n + 3u) / 4 : 16;
    struct hz_sensor_value out;
    int64_t i = 0;
    if (v.kind != HZ_BITS && !hz_value_whole(v, &i))
        return absent;
    size_t n = full;
    while (ins->c > 0 && n > (size_t)ins->c && nibble(v, i, n - 1) == 0)
        n--;
    n = n > (size_t)ins->c ? n : (size_t)ins->c;
    char *text = new_text(r, n, &out);
    for (size_t k = 0; text && k < n; k++)
        text[n - 1 - k] = digits[nibble(v, i, k)];
    return text ? out : absent;
}

static struct hz_sensor_value join(struct hz_run *r, const struct hz_sensor_value *v)
{
    struct hz_sensor_value out;
    if (v[0].kind != HZ_TEXT || v[1].kind != HZ_TEXT)
        return absent;
    char *text = new_text(r, (size_t)v[0].n + v[1].n, &out);
    if (!text)
        return absent;
    memcpy(text, v[0].text, v[0].n);
    memcpy(text + v[0].n, v[1].text, v[1].n);
    return out;
}

static struct hz_sensor_value chr(struct hz_run *r, struct hz_sensor_value v)
{
    struct hz_sensor_value out;
    int64_t i;
    char *text = hz_value_whole(v, &i) && i >= 0 && i < 256 ? new_text(r, 1, &out) : NULL;
    if (!text)
        return absent;
    *text = (char)i;
    return out;
}

/* A character for each group of bits. */
static struct hz_sensor_value letters(struct hz_run *r, const struct hz_ins *ins,
                                      struct hz_sensor_value v)
{
    const size_t size = ins->a == HZ_CALL_ASCII ? 8 : ins->a == HZ_CALL_BIN ? 1 : 2;
    const char *word = ins->a == HZ_CALL_TRI  ? r->code->texts[ins->c]
                       : ins->a == HZ_CALL_B4 ? "1234"
                                              : "01";
    struct hz_sensor_value out;
    char *text = new_text(r, v.n / size, &out);
    for (size_t i = 0; text && i < v.n / size; i++) {
        const uint64_t c = hz_bits_number(v.bit + i * size, size);
        text[i] = size == 8 ? (char)c : word[c];
    }
    return text ? out : absent;
}

/* One value by its directive, "02d"; bytes written, or 0. */
static size_t print(char *out, size_t room, const char *directive, size_t n,
                    struct hz_sensor_value v)
{
    char form[24];
    const char letter = directive[n - 1];
    int64_t i = 0;
    double d = 0;
    int wrote = 0;
    if (letter == 's') {
        if (v.kind != HZ_TEXT || v.n >= room)
            return 0;
        memcpy(out, v.text, v.n);
        return v.n;
    }
    v = hz_value_to_number(v);
    if (letter == 'f') {
        if (!hz_value_real(v, &d))
            return 0;
        snprintf(form, sizeof form, "%%%.*s", (int)n, directive);
        wrote = snprintf(out, room, form, d); /* no locale is ever set */
    } else {
        if (!hz_value_whole(hz_value_real(v, &d) && v.kind == HZ_REAL
                                ? (struct hz_sensor_value){.kind = HZ_REAL, .d = trunc(d)}
                                : v,
                            &i))
            return 0;
        if (letter == 'c')
            wrote = snprintf(out, room, "%c", i > 31 && i < 127 ? (char)i : '?');
        else {
            snprintf(form, sizeof form, "%%%.*sll%c", (int)(n - 1), directive, letter);
            wrote = snprintf(out, room, form, (long long)i);
        }
    }
    return wrote > 0 && (size_t)wrote < room ? (size_t)wrote : 0;
}

static struct hz_sensor_value format(struct hz_run *r, const struct hz_ins *ins,
                                     const struct hz_sensor_value *v)
{
    char out[256];
    size_t n = 0, used = 0;
    struct hz_sensor_value text;
    for (const char *s = r->code->texts[ins->c]; *s; s++) {
        if (n + 1 >= sizeof out)
            return absent;
        if (*s != '%' || s[1] == '%') {
            s += *s == '%';
            out[n++] = *s;
            continue;
        }
        const size_t length = strspn(s + 1, "0123456789.") + 1;
        const bool empty = v[used].kind == HZ_TEXT && v[used].n == 0;
        const size_t wrote =
            used < ins->b ? print(out + n, sizeof out - n, s + 1, length, v[used]) : 0;
        if (wrote == 0 && !empty)
            return absent;
        used++;
        n += wrote;
        s += length;
    }
    char *kept = new_text(r, n, &text);
    if (!kept)
        return absent;
    memcpy(kept, out, n);
    return text;
}

struct hz_sensor_value hz_run_text(struct hz_run *r, const struct hz_ins *ins,
                                   const struct hz_sensor_value *v)
{
    switch (ins->a) {
    case HZ_CALL_FORMAT:
        return format(r, ins, v);
    case HZ_CALL_HEX:
    case HZ_CALL_HEX_UPPER:
        return hex(r, ins, *v);
    case HZ_CALL_CHR:
        return chr(r, *v);
    case HZ_CALL_JOIN:
        return join(r, v);
    default:
        return letters(r, ins, *v);
    }
}

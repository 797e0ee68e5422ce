/* Parser for headers of tar entries (POSIX.1-1988 ustar, with the GNU and pax extensions for long
 * names and sizes), as far as SigMF archives need them. */
#include "daemon/source/recording_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_SIZE = 100,
    SIZE_AT = 124,
    SUM_AT = 148,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345
};

/* A number: octal digits, or binary and big-endian if the highest bit is set (GNU). */
static uint64_t number(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    if (p[0] & 0x80) {
        for (size_t i = n > 8 ? n - 8 : 0; i < n; i++)
            v = v << 8 | p[i];
        return v;
    }
    for (size_t i = 0; i < n && p[i]; i++) {
        if (p[i] >= '0' && p[i] <= '7')
            v = v << 3 | (uint64_t)(p[i] - '0');
    }
    return v;
}

int hz_tar_head(const uint8_t block[HZ_TAR_BLOCK], struct hz_tar_entry *e)
{
    uint64_t sum = 0;
    bool zero = true;
    for (size_t i = 0; i < HZ_TAR_BLOCK; i++) {
        sum += i >= SUM_AT && i < SUM_AT + 8 ? ' ' : block[i];
        zero = zero && block[i] == 0;
    }
    *e = (struct hz_tar_entry){.type = (char)block[TYPE_AT]};
    if (zero)
        return 0;
    if (sum != number(block + SUM_AT, 8))
        return -EINVAL;
    bool ustar = memcmp(block + MAGIC_AT, "ustar", 6) == 0; /* the GNU format has no prefix */
    int prefix = ustar ? (int)strnlen((const char *)block + PREFIX_AT, 155) : 0;
    snprintf(e->name, sizeof e->name, "%.*s%s%.*s", prefix, (const char *)block + PREFIX_AT,
             prefix > 0 ? "/" : "", NAME_SIZE, (const char *)block);
    e->size = number(block + SIZE_AT, 12);
    if (e->type == 0)
        e->type = '0'; /* before POSIX */
    return e->size > INT64_MAX / 2 ? -EINVAL : 1;
}

/* Parses one "LENGTH KEY=VALUE\n" of a pax header. */
static void pax(const char *text, size_t len, struct hz_tar_entry *next)
{
    const char *end = text + len, *key = memchr(text, ' ', len);
    const char *value = key ? memchr(key, '=', (size_t)(end - key)) : NULL;
    if (!value)
        return;
    key++;
    value++;
    int n = (int)(end - value) - 1; /* without the end of the line */
    if (n > 0 && strncmp(key, "path=", 5) == 0)
        snprintf(next->name, sizeof next->name, "%.*s", n, value);
    else if (n > 0 && n < 20 && strncmp(key, "size=", 5) == 0)
        next->size = strtoull(value, NULL, 10);
}

void hz_tar_more(char type, const char *text, size_t len, struct hz_tar_entry *next)
{
    if (type == 'L') {
        snprintf(next->name, sizeof next->name, "%.*s", (int)(len < 255 ? len : 255), text);
        return;
    }
    while (type == 'x' && len > 0) {
        size_t line = 0;
        for (size_t i = 0; i < len && text[i] >= '0' && text[i] <= '9' && line < len; i++)
            line = line * 10 + (size_t)(text[i] - '0');
        if (line == 0 || line > len)
            return;
        pax(text, line, next);
        text += line;
        len -= line;
    }
}

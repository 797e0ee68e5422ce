/* What readers of text share. */
#include "proto/reader/reader.h"

#include <string.h>

size_t hz_line_of_take(struct hz_line_of *l, char *text, size_t size, const uint8_t *p, size_t n,
                       bool cr, bool *complete)
{
    const uint8_t *end = memchr(p, '\n', n);
    const uint8_t *ret = cr ? memchr(p, '\r', end ? (size_t)(end - p) : n) : NULL;
    if (ret)
        end = ret;
    size_t len = end ? (size_t)(end - p) : n, room = size - l->n;
    *complete = end != NULL;
    l->too_long |= len > room;
    memcpy(text + l->n, p, len < room ? len : room);
    l->n += len < room ? len : room;
    return len + *complete;
}

int hz_hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

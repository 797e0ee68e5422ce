#include "daemon/serve/http_range.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_MAX = 18 };

/* A number at the front of the text, which is moved past it. False: there is none, or it is too
 * long. */
static bool take_number(struct hz_http_text *t, uint64_t *v)
{
    size_t n = 0;
    *v = 0;
    for (; n < t->n && isdigit((unsigned char)t->p[n]); n++) {
        if (n == DIGITS_MAX)
            return false;
        *v = *v * 10 + (uint64_t)(t->p[n] - '0');
    }
    t->p += n;
    t->n -= n;
    return n > 0;
}

enum hz_http_range hz_http_range(struct hz_http_text range, uint64_t size, uint64_t *first,
                                 uint64_t *n)
{
    static const char unit[] = "bytes=";
    size_t len = strlen(unit);
    uint64_t from = 0, to = 0;
    *first = 0;
    *n = size;
    if (!range.p || range.n < len || strncasecmp(range.p, unit, len) != 0)
        return HZ_RANGE_WHOLE;
    struct hz_http_text t = {range.p + len, range.n - len};
    bool has_from = take_number(&t, &from);
    if (t.n == 0 || *t.p != '-')
        return HZ_RANGE_WHOLE;
    t.p++;
    t.n--;
    bool has_to = take_number(&t, &to);
    if (t.n > 0 || !(has_from || has_to) || (has_from && has_to && to < from))
        return HZ_RANGE_WHOLE;
    if (!has_from) { /* the last bytes */
        if (to == 0 || size == 0)
            return HZ_RANGE_NOT;
        *n = to < size ? to : size;
        *first = size - *n;
        return HZ_RANGE_PART;
    }
    if (from >= size)
        return HZ_RANGE_NOT;
    *first = from;
    *n = (has_to && to < size ? to + 1 : size) - from;
    return HZ_RANGE_PART;
}
